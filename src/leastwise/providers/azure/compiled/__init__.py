"""Questions to many at once: an estate of Azure as arrays, and the port `Access` on it.

What a role, a condition or a deny assignment means is found out by `evaluate`; here it is only asked once for all whom
it treats alike.
"""

FORMAT = 5
"""Of the arrays; raised when what is compiled changes."""
