"""Leastwise: who can do what in your clouds, what they use, and the smallest change that closes the gap."""

__version__ = "0.1.0"
