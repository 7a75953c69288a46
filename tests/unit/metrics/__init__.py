"""Metrics, without a database."""
