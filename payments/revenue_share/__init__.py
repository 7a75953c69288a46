"""Revenue share: the terms agreed on, what each order earns by them, and what became of it.

Terms, division and computation are pure; the accountant brings orders and ledger together; reports only read.
"""
