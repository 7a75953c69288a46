"""Tests of whole programs over real HTTP."""
