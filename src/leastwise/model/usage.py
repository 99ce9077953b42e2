"""What one call tells of usage: a fact for each permission and resource bucket, and how facts stand in a text."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

USED = ("allowed", "failed")
"""Outcomes of calls that were authorised."""
BETWEEN, END = "\t", "\n"
"""What stands between the parts of a fact in a text, and between facts."""


class Fact(NamedTuple):
    """One permission that a call needed, on one bucket.

    `how` is `call`, `implied` or `possible`; `bucket` and `target` (the account that holds the resource) are empty
    where the log does not tell; `outcome` is `allowed`, `denied`, `failed` or `unknown`.
    """

    how: str
    permission: str
    bucket: str
    target: str
    outcome: str


def packed(facts: Iterable[Fact]) -> str:
    """Facts as a text, one a line; blanks that would end a part or a line become spaces."""
    return END.join(BETWEEN.join(" ".join(part.split()) if part else "" for part in one) for one in facts)


def unpacked(text: str) -> list[Fact]:
    """The facts of a text; ValueError when it is none that `packed` wrote."""
    if not text:
        return []
    found = []
    for line in text.split(END):
        parts = line.split(BETWEEN)
        if len(parts) != len(Fact._fields):
            raise ValueError(f"not facts of a call: {line[:80]!r}")
        found.append(Fact(*parts))
    return found
