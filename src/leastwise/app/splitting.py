"""A grant that several workloads share, split: a smaller one for each group of those that use the same."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from leastwise.errors import UsageError
from leastwise.model.plan import SHOWN, Held, Kept, Recommendation, Shown, Why
from leastwise.rightsizing.clustering import Cluster, Use, clustered

from .proving import narrower
from .recommended import shown_values

if TYPE_CHECKING:
    from .rightsizing import Rightsizing

UNTOLD = ""
"""Calls of which the log does not tell the workload."""
_TOLD = SHOWN - {Why.SEASONAL}
"""The reasons of which the rows of the window tell the workload."""


@dataclass(frozen=True, slots=True)
class Part:
    """A grant for some of those who share one now.

    Args:
        members: the workloads, as the log tells them; `UNTOLD` stands for calls of which it does not.
        kept: what they use, and what stays for all.
        calls: of theirs in the window.
        document: what they would be given; None where they need nothing.
        narrower: everything that it gives is given now.
    """

    members: tuple[str, ...]
    kept: tuple[Kept, ...]
    calls: int
    document: bytes | None
    narrower: Shown


@dataclass(frozen=True, slots=True)
class Split:
    """A principal's grant in parts.

    Args:
        whole: the smallest grant for all of them together.
        enough: the parts together give all that this gives; None where there are none.
        blocked: why nothing is proposed; empty where something is.
    """

    whole: Recommendation
    parts: tuple[Part, ...]
    enough: Shown | None = None
    blocked: str = ""


def split_of(maker: Rightsizing, named: str, parts: int | None = None) -> Split:
    """A grant for each group of workloads that use the same, of what one principal holds.

    Args:
        maker: makes the recommendation for all of them together.
        named: an id or unique name.
        parts: how many groups are wanted; None for as many as the use shows.

    Raises:
        UsageError: more parts are wanted than there are workloads.
        NotFoundError: see `Rightsizing.of`.
    """
    whole = maker.of(named)
    if not whole.documents:
        return Split(whole, (), blocked=whole.blocked or "it has no documents that can be split")
    uses, calls = _by_workload(maker, whole.principal)
    if parts is not None and parts > len(uses):
        raise UsageError(f"--split: {parts} parts are wanted, and the log tells {len(uses)} workloads")
    clusters = clustered(uses, parts)
    if len(clusters) < 2:
        return Split(whole, (), blocked=_alone(uses))
    made = tuple(_part(maker, whole, one, calls) for one in clusters)
    documents = tuple(Held(f"part {at}", one.document) for at, one in enumerate(made, 1) if one.document is not None)
    return Split(whole, made, narrower(maker.terms, whole.smaller, documents))


def _alone(uses: Mapping[str, Any]) -> str:
    if not uses:
        return "nothing was used in the window"
    if len(uses) == 1:
        return "the log tells one workload only"
    return f"its {len(uses)} workloads use the same"


def _by_workload(maker: Rightsizing, principal: str) -> tuple[dict[str, set[Use]], dict[str, int]]:
    """What each workload used in the window, and how many calls that were."""
    uses: dict[str, set[Use]] = {}
    calls: dict[str, int] = {}
    for row in maker.found.facts.uses.rows(principal):
        done = row["count"] + row["unknown"]
        if done:
            uses.setdefault(row["workload"], set()).add((row["permission"], row["bucket"]))
            calls[row["workload"]] = calls.get(row["workload"], 0) + done
    return uses, calls


def _part(maker: Rightsizing, whole: Recommendation, one: Cluster, calls: Mapping[str, int]) -> Part:
    kept = tuple(_of(whole.kept, one))
    cuts = maker.terms.cut(whole.documents, maker.needed(kept))
    left = [each.document for each in cuts if each.document is not None]
    document = maker.terms.merged(left) if left else None
    held = () if document is None else (Held("part", document),)
    shown = narrower(maker.terms, held, whole.documents)
    return Part(one.members, kept, sum(calls[each] for each in one.members), document, shown)


def _of(kept: Iterable[Kept], one: Cluster) -> Iterator[Kept]:
    """What stays for a group: what it used, where it used it; and what stays for another reason than a use."""
    where: dict[str, set[str]] = {}
    for permission, bucket in one.uses:
        where.setdefault(permission, set()).add(bucket)
    for each in kept:
        if each.why not in _TOLD or not each.calls:
            # Nothing tells whose it is: it stays for all.
            yield each
        elif each.permission in where:
            buckets = tuple(bucket for bucket in each.resources if bucket in where[each.permission])
            if buckets or not each.resources:
                yield replace(each, resources=buckets)


# --- as plain values


def split_values(one: Split) -> dict[str, Any]:
    """A split as the JSON interface has it."""
    return {
        "principal": one.whole.principal, "provider": one.whole.provider, "account": one.whole.account,
        "blocked": one.blocked, "owner": one.whole.owner,
        "enough": None if one.enough is None else shown_values(one.enough),
        "whole": sorted({each.permission for each in one.whole.kept}),
        "items": [_part_values(each) for each in one.parts], "next": None,
    }  # fmt: skip


def _part_values(one: Part) -> dict[str, Any]:
    return {
        "members": list(one.members), "calls": one.calls, "narrower": shown_values(one.narrower),
        "permissions": sorted({each.permission for each in one.kept}),
        "document": None if one.document is None else json.loads(one.document),
    }  # fmt: skip
