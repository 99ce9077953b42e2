"""Pieces of several places of one source: one that refuses costs no other, and is told."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import TypeVar

from leastwise.model.scope import CoverageStatus
from leastwise.providers.fetching import Piece

from .failure import RestFailed
from .objects import UNLICENSED, refused

_Place = TypeVar("_Place")


def from_each(
    places: Sequence[_Place], pieces: Callable[[_Place], Iterator[Piece]], called: Callable[[_Place], str], name: str,
    needed: str, notes: list[str],
) -> Iterator[Piece]:  # fmt: skip
    """The pieces of every place, one after the other.

    Args:
        places: what is asked.
        pieces: of one of them; raises RestFailed.
        called: how notes call one.
        name: of the source.
        needed: the permissions that a denial wants.
        notes: are told what refuses.

    Raises:
        InputError: all refuse, or nothing more can be asked.
    """
    failed = 0
    for place in places:
        try:
            yield from pieces(place)
        except RestFailed as error:
            failed += 1
            if error.ending or error.spent or failed == len(places):
                raise refused(name, error, needed) from None
            why = {CoverageStatus.DENIED: f"; {needed} is needed", CoverageStatus.UNLICENSED: f"; {UNLICENSED}"}
            notes.append(f"{called(place)} is not taken in: {error}{why.get(error.status, '')}")
