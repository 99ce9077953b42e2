"""Collection by declaration: calls as data, a journal, a runner, coverage. Knows no vendor."""
