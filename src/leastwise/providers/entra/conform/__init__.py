"""Test cases of others' format, run."""
