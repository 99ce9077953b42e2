"""Floor 2: pure state machines of access requests, reviews and change plans."""
