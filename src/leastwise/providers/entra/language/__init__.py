"""What Entra's objects and permissions say, without deciding anything."""
