"""Tests of the pure part of revenue share."""
