"""HTTP APIs that answer with JSON: one session for every provider. Knows no vendor."""
