"""Brightwater Parcel, the demo company: who and what it has, written as lists, and how vendors would export it."""
