"""Floor 2: neutral evaluation over columns. Knows no vendor."""
