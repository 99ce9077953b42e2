"""How Google Cloud decides one request: eligible under boundaries, not denied, and granted; each a formula."""
