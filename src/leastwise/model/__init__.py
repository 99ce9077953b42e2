"""Floor 1: neutral values and table schemas. Standard library only, no I/O, nothing else of ours."""
