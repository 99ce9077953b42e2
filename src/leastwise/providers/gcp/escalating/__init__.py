"""Who can become whom: what Google Cloud adds to an estate so that escalation rules can be asked of it."""
