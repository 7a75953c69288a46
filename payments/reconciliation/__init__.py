"""What was expected beside what came: matching (pure), what does not agree, and the watch over the balance.

The core takes values and returns values: `matching.match(…)`. What surrounds it reads the ledger and the statements'
lines, keeps what was found, and posts what came.
"""
