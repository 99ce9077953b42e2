"""Test suites: cases to the evaluator."""
