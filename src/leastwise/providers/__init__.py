"""Floor 3: one folder a vendor; siblings that never see each other."""
