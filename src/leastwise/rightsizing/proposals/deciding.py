"""What is done about proposals: opened, updated, closed, or left alone with the reason."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass

from leastwise.model.proposal import MERGED, Posted, Proposal

from .marker import Marker, marker_of

OPENED, UPDATED, UNCHANGED, CLOSED = "open", "update", "unchanged", "close"
REFUSED, OVER, LANDED, DECLINED, LEFT = "refused", "over the limit", "merged", "declined", "left"
DOES = frozenset((OPENED, UPDATED, CLOSED))
"""What changes something on the host."""


@dataclass(frozen=True, slots=True)
class Ours:
    """A proposal of ours as it stands on the host, with what its first line says."""

    posted: Posted
    marker: Marker


@dataclass(frozen=True, slots=True)
class Verdict:
    """What is done about a proposal, and why; `posted` where it is there already."""

    does: str
    why: str = ""
    posted: Posted | None = None


def ours(found: Iterable[Posted]) -> list[Ours]:
    """Those that are ours, the oldest first: of their kind, and with a marker."""
    each = [Ours(one, marker) for one in found if (marker := marker_of(one.body)) is not None]
    return sorted((one for one in each if one.marker.kind == one.posted.kind), key=lambda one: one.posted.number)


def said_before(wanted: Proposal, earlier: Iterable[Posted]) -> Verdict | None:
    """Whether a proposal of the same plans was merged, or closed by somebody; None where it was not."""
    plans = set(wanted.plans)
    for one in sorted(ours(earlier), key=lambda each: -each.posted.number):
        if one.marker.key != wanted.key or not plans <= set(one.marker.plans):
            continue
        if one.posted.state == MERGED:
            return Verdict(LANDED, "it waits for being applied and collected", one.posted)
        if not one.marker.closed:
            return Verdict(DECLINED, "somebody closed it; another plan may be proposed again", one.posted)
    return None


def doubled(found: Sequence[Ours]) -> tuple[dict[str, Ours], list[tuple[Ours, Ours]]]:
    """The oldest of each key, and the others, each with the one that it repeats."""
    first: dict[str, Ours] = {}
    again = []
    for one in found:
        known = first.setdefault(one.marker.key, one)
        if known is not one:
            again.append((one, known))
    return first, again


def gone(
    found: Mapping[str, Ours], wanted: Collection[str], standing: Callable[[str], str | None]
) -> list[tuple[Ours, list[tuple[str, str]]]]:
    """Those that are no longer wanted: each plan with why.

    Args:
        found: by key.
        wanted: keys that are.
        standing: why a plan is no longer wanted; empty where it is, None where it is not known here.
    """
    closed = []
    for key, one in found.items():
        if key in wanted:
            continue
        whys = [(plan, standing(plan)) for plan in one.marker.plans]
        told = [(plan, why) for plan, why in whys if why]
        if len(told) == len(whys):
            closed.append((one, told))
    return closed


def same_text(one: str, other: str) -> bool:
    """Whether two texts are one, whatever a host does to the ends of lines."""
    return _plain(one) == _plain(other)


def _plain(text: str) -> str:
    return "\n".join(line.rstrip() for line in text.replace("\r\n", "\n").strip().split("\n"))
