"""What updating a catalogue shares: the sources in force as parts, and what a newer file may lack."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from leastwise.errors import InputError

from .base import CatalogPart
from .packed import Published

_LEAST_SHARE = 0.9
"""Of what is bundled. A vendor retires few things; what has less was cut off, or lacks a part."""


def parts_of(facts: Published[Any]) -> list[CatalogPart]:
    """The sources of a catalogue in force: the first, which the counts are of, then what stands beside it."""
    return [
        CatalogPart(
            "facts" if not at else f"facts, {source.name.partition(' ')[0]}", source.name, source.version,
            source.licence, source.date, source.compiled, facts.place, facts.counts if not at else {},
        )
        for at, source in enumerate(facts.sources)
    ]  # fmt: skip


def hold_to(named: object, found: Mapping[str, int], known: Mapping[str, int]) -> None:
    """Raises InputError where a file, so named, has too few things of a kind beside those that are known."""
    for what, count in found.items():
        if count < known[what] * _LEAST_SHARE:
            raise InputError(named, f"knows {count} {what}, the bundled catalogue {known[what]}; is it whole?")
