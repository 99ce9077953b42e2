"""The estate as arrays: what a question about many principals reads."""
