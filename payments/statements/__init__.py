"""Statements of what really moved: CSV as it comes, read exactly, stored once."""
