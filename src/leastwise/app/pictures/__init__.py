"""Paths as pictures: formats that other programs read, and a page to look at."""
