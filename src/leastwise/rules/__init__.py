"""Floor 2: the schema of rule files, their loader, and the rule files themselves."""
