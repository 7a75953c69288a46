"""Tests of the emulator, from outside: they start the real program and speak HTTP with it."""
