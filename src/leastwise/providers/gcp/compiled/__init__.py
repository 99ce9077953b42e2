"""The estate as arrays: what a question about many principals reads."""

FORMAT = 4
"""Raised when the arrays change their meaning; kept ones of another format are then made again."""
