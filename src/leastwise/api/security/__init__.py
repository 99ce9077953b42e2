"""Who asks, whether he may, and what browsers are told to forbid."""
