"""Scenarios: what happens to an order by itself, step by step, on the emulator's clock."""
