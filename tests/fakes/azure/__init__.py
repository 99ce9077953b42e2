"""Azure on loopback: Resource Manager, Microsoft Graph, the directory's tokens and the machine's, over TLS."""
