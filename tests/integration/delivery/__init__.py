"""Deliveries to webhook endpoints, over real sockets and databases."""
