"""Tests of matching statements with what is expected: values in, values out."""
