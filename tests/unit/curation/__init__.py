"""Tests of curation that need neither a database nor a network."""
