"""Unit tests of the event streams."""
