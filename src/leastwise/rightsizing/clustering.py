"""Those who share one grant, in groups that use the same: what a grant of their own for each group would spare."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass

Use = tuple[str, str]
"""A permission, and the bucket that it was used on."""
SPARING = 0.25
"""Groups become one where that gives them no more than this share beyond what they use."""


@dataclass(frozen=True, slots=True)
class Cluster:
    """Those of a group, sorted, and what any of them uses."""

    members: tuple[str, ...]
    uses: frozenset[Use]


def clustered(uses: Mapping[str, Collection[Use]], parts: int | None = None) -> list[Cluster]:
    """Groups of those who use the same, the largest first.

    Two groups become one again and again, those first by which least is given that is not used, until it would be too
    much, or until there are so many groups as are wanted.

    Args:
        uses: by name what each uses; who uses nothing is in no group.
        parts: how many groups are wanted; None for as many as the use shows.
    """
    same: dict[frozenset[Use], list[str]] = {}
    for name in sorted(uses):
        if uses[name]:
            same.setdefault(frozenset(uses[name]), []).append(name)
    groups = [_Group(tuple(names), each, len(names) * len(each)) for each, names in same.items()]
    while len(groups) > (parts or 1):
        pairs = ((one, other) for at, one in enumerate(groups) for other in groups[at + 1 :])
        one, other = min(pairs, key=lambda pair: (_beyond(*pair), pair[0].members, pair[1].members))
        if parts is None and _beyond(one, other) > SPARING:
            break
        groups = [each for each in groups if each is not one and each is not other]
        together = tuple(sorted(one.members + other.members))
        groups.append(_Group(together, one.uses | other.uses, one.needed + other.needed))
    groups.sort(key=lambda each: (-len(each.members), each.members))
    return [Cluster(each.members, each.uses) for each in groups]


@dataclass(frozen=True, slots=True)
class _Group:
    """A group; `needed` counts what each of its members uses."""

    members: tuple[str, ...]
    uses: frozenset[Use]
    needed: int


def _beyond(one: _Group, other: _Group) -> float:
    """The share of what two groups as one would be given that those in it do not use."""
    given = (len(one.members) + len(other.members)) * len(one.uses | other.uses)
    return 1.0 - (one.needed + other.needed) / given
