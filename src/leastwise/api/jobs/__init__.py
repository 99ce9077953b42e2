"""Jobs of a server: one thread that takes them one by one, and the process that does the work of each."""
