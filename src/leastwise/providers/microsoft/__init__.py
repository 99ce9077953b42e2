"""What Microsoft's clouds and its directory share: signing in, calling Graph, what is collected of it."""
