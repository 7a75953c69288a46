"""Curation over a real database of either kind."""
