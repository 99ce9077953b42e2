"""Which statement of a new document is which of the old one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from .located import listed, same, sign_of

_MOST = 40_000
"""So many pairs are held against each other; beyond, only equal ones are found."""


def paired(old: Sequence[Any], new: Sequence[Any]) -> dict[int, int]:
    """The elements that stay or change, old number by new one; both keep their order, and the likeness in all is the
    greatest.
    """
    if len(old) * len(new) > _MOST:
        return _equal(old, new)
    best = [[0.0] * (len(new) + 1) for _ in range(len(old) + 1)]
    alike = [[likeness(one, other) for other in new] for one in old]
    for i in range(len(old) - 1, -1, -1):
        for j in range(len(new) - 1, -1, -1):
            pair = alike[i][j] + best[i + 1][j + 1] if alike[i][j] else 0.0
            best[i][j] = max(best[i + 1][j], best[i][j + 1], pair)
    found: dict[int, int] = {}
    i = j = 0
    while i < len(old) and j < len(new):
        if alike[i][j] and best[i][j] == alike[i][j] + best[i + 1][j + 1]:
            found[j] = i
            i, j = i + 1, j + 1
        elif best[i][j] == best[i + 1][j]:
            i += 1
        else:
            j += 1
    return found


def _equal(old: Sequence[Any], new: Sequence[Any]) -> dict[int, int]:
    found: dict[int, int] = {}
    at = 0
    signs = [sign_of(one) for one in old]
    where: dict[str, list[int]] = {}
    for number, sign in enumerate(signs):
        where.setdefault(sign, []).append(number)
    for number, one in enumerate(new):
        later = next((i for i in where.get(sign_of(one), ()) if i >= at), None)
        if later is not None:
            found[number] = later
            at = later + 1
    return found


def likeness(one: Any, other: Any) -> float:
    """How much two elements have in common; 0 for nothing, or for two that are named and have other names.

    Of two that share only what nearly all share (the effect) nothing is made one, unless they are built alike.
    """
    if same(one, other):
        return 100.0
    if not isinstance(one, Mapping) or not isinstance(other, Mapping):
        return 0.0
    score = 0.0
    alike = one.keys() == other.keys()
    for key in one.keys() & other.keys():
        named = key.lower() in _NAMES
        if same(one[key], other[key]):
            score += 30.0 if named else 2.0
            alike = alike or named or key.lower() != "effect"
        elif named:
            return 0.0
        else:
            shared = _shared(listed(one[key]), listed(other[key]))
            score += shared
            alike = alike or shared > 0
    return score if alike else 0.0


_NAMES = ("sid", "name", "role")


def _shared(some: Sequence[Any], others: Sequence[Any]) -> float:
    """Which part of two lists is in both, a text with `*` at its end being all that begins so."""
    mine, its = {sign_of(one) for one in some}, {sign_of(one) for one in others}
    wide = tuple(one[:-1] for one in (*some, *others) if isinstance(one, str) and one.endswith("*") and len(one) > 1)
    covered = (
        {sign_of(one) for one in (*some, *others) if isinstance(one, str) and one.startswith(wide)} if wide else set()
    )
    return (len(mine & its) + 0.5 * len((mine ^ its) & covered)) / len(mine | its)
