"""Stand-ins for vendors' APIs, on loopback."""
