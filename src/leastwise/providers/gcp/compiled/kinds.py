"""Codes of what members name, as the array `member.kind_of` has them."""

from __future__ import annotations

from ..language.members import Kind

KINDS = tuple(Kind)
"""The kind of each code."""
DELETED = -1
"""The code of one who was deleted."""
NOBODY_KNOWN = frozenset({"everyone", "every_google_account"})
"""What the tables call those who are nobody in particular."""
