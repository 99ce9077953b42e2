"""Floor 4: posture rules over read models; behaviour later."""
