"""What stands in front of Flask: ready answers for repeated questions about the catalog, and a count of requests."""
