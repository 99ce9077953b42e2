"""Who can become whom: gates that principals go through, found by rules from what the engine says."""
