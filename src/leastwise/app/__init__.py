"""Floor 5: use cases, one verb a file. The only floor that knows store and providers together."""
