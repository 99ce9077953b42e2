"""The fewest bundles for some principals, by what they use or by what they are granted."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from leastwise.errors import UsageError
from leastwise.rightsizing.mining import Mined, mined

from .likely import Foreseeing

USED, GRANTED = BY = ("used", "granted")
_MOST = 2_000_000
"""So many pairs of principal and permission are looked at."""


@dataclass(frozen=True, slots=True)
class Bundled:
    """Bundles for some principals.

    Args:
        members: those who are given some.
        idle: those who have nothing to be given.
        unread: those of whom not everything was read that gives them something; they are left out.
        pairs: of a principal and a permission.
    """

    found: Mined
    by: str
    members: tuple[str, ...]
    idle: tuple[str, ...]
    unread: tuple[str, ...]
    pairs: int


def bundles_of(seen: Foreseeing, members: Sequence[str], by: str = USED) -> Bundled:
    """The fewest bundles that give each of some principals exactly what it used in the window, or what it is granted.

    Args:
        seen: of their estate, asked about them.
        members: their ids.
        by: one of `BY`.

    Raises:
        UsageError: `by` is none of these; of none of them everything was read; or there is more than can be looked at.
    """
    if by not in BY:
        raise UsageError(f"--by: {by!r} is none of {', '.join(BY)}")
    unread = tuple(one for one in members if not seen.knows(one))
    if len(unread) == len(members):
        raise UsageError(f"bundles mine: {unread[0]}: not everything that gives it something was read")
    has = {one: seen.used_by(one) if by == USED else seen.granted_to(one) for one in members if one not in unread}
    pairs = sum(map(len, has.values()))
    if pairs > _MOST:
        raise UsageError(f"bundles mine: {pairs} permissions of {len(has)} principals are more than {_MOST}")
    idle = tuple(one for one, each in has.items() if not each)
    return Bundled(mined(has), by, tuple(one for one, each in has.items() if each), idle, unread, pairs)


def bundled_values(one: Bundled) -> dict[str, Any]:
    """Bundles as the JSON interface has them."""
    items = [
        {"bundle": f"bundle-{number}", "permissions": list(each.permissions), "members": list(each.members)}
        for number, each in enumerate(one.found.bundles, 1)
    ]
    return {
        "by": one.by, "members": list(one.members), "idle": list(one.idle), "unread": list(one.unread),
        "pairs": one.pairs,
        "at_least": one.found.at_least, "exact": one.found.exact, "items": items, "next": None,
    }  # fmt: skip
