"""Unit tests of the gate."""
