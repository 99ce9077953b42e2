"""Two estates held against each other: what one principal gained and lost, and what was not read of them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from hashlib import blake2b
from typing import Any, Protocol

from leastwise.model.comparison import Change

from .effective import Effective, Part

_SHOWN = 3


class Side(Protocol):
    """One of two estates."""

    @property
    def unread(self) -> Mapping[str, Sequence[str]]:
        """What was not read, by what it is."""

    @property
    def effective(self) -> Any:
        """What somebody may do, by id."""

    def who(self, id: str) -> tuple[str, str, str, bool] | None:
        """Name, kind and account of somebody, and whether they are one in particular; None where nothing names them."""


def change_of(before: Side, now: Side, id: str, among: Part | None = None) -> Change | None:
    """What somebody gained and lost, all of it `among`; None for nothing."""
    return change_between(before, now, before.effective(id), now.effective(id), among)


def change_between(
    before: Side, now: Side, earlier: Effective, later: Effective, among: Part | None = None
) -> Change | None:
    """The same from what somebody may do in either estate."""
    id = later.who
    told = now.who(id) or before.who(id)
    assert told is not None
    presence = "both" if before.who(id) and now.who(id) else "new" if now.who(id) else "removed"
    gained, lost = later.minus(earlier, among), earlier.minus(later, among)
    if presence == "both" and not gained and not lost:
        return None
    name, kind, account, inside = told
    return Change(id, name, kind, account, inside, presence, gained, lost)


def unseen(before: Side, now: Side) -> tuple[str, ...]:
    """What neither estate has read, and is taken to be unchanged; and what only one has."""
    lines = []
    for what in now.unread:
        earlier, later = set(before.unread[what]), set(now.unread[what])
        if earlier & later:
            lines.append(f"{_counted(what, earlier & later)}: not read before nor now; taken to be unchanged")
        if earlier ^ later:
            lines.append(f"{_counted(what, earlier ^ later)}: read in one of both only; it may have changed access")
    return tuple(lines)


def _counted(what: str, names: Iterable[str]) -> str:
    listed = sorted(names)
    more = f" and {len(listed) - _SHOWN} more" if len(listed) > _SHOWN else ""
    return f"{what} {', '.join(listed[:_SHOWN])}{more}".strip()


def number_of(text: str) -> int:
    """A number of a text, of 64 bits: equal for equal texts, and else not."""
    return int.from_bytes(blake2b(text.encode(), digest_size=8).digest(), "little")
