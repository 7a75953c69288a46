"""Tests of the pure parts of payments: lifecycle, submission states, modes."""
