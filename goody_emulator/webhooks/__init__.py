"""Webhooks, sent the way Svix sends them."""
