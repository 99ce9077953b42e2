"""How Azure decides one request: the reference, one principal, one operation, one resource at a time."""
