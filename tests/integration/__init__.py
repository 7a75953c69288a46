"""Tests of parts that touch a database, HTTP or files."""
