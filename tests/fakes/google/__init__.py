"""Google Cloud on this machine: the shapes of its APIs, a world to ask about, a server that answers."""
