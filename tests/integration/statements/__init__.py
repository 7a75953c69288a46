"""Tests of importing and reconciling statements, over real databases."""
