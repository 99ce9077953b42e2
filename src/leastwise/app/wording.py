"""Numbers of things in sentences."""

from __future__ import annotations


def number_of(count: int, one: str, many: str = "") -> str:
    """`1 key`, `2 keys`; `many` where that is not the word with an s."""
    return f"{count} {one if count == 1 else many or f'{one}s'}"
