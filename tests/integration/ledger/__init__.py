"""Tests of the ledger: what is written, and what the databases refuse."""
