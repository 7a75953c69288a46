"""Faults on order: what a real network and a real server do to a request."""
