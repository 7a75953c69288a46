"""Tests of payments against a real database and an emulated Goody."""
