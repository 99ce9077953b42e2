"""How Entra ID decides: the reference, slow and obvious."""
