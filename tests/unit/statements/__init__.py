"""Tests of reading statements: texts in, lines out."""
