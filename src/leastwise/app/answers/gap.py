"""The permissions gap: of everybody, of one principal, by whom and over time; and what somebody did."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from leastwise.errors import NotFoundError, UsageError
from leastwise.model.decision import Circumstances
from leastwise.model.gap import Gap, GrantUse

from ..gap import GapOf, accounts_of, grant_values, listed, summary_values
from ..gaps import Gaps, together
from ..least import least_values
from ..trend import BYS, Trend, by_whom, upon
from .told import Told


@dataclass(frozen=True, slots=True)
class Chosen:
    """Which principals a list is about; what is empty does not narrow. Raises UsageError for a share that is none."""

    accounts: Sequence[str] = ()
    kinds: Sequence[str] = ()
    unused_share: float | None = None

    def __post_init__(self) -> None:
        if self.unused_share is not None and not 0 <= self.unused_share <= 1:
            raise UsageError(f"--unused-share: {self.unused_share:g} does not lie from 0 to 1")


def everyone(found: Gaps, chosen: Chosen, limit: int, start: int = 0) -> Told[int]:
    """Everybody's gap in numbers, the highest creep index first; made of so many principals in all."""
    every, exact = found.everyone()
    summaries, lacking = [one.summary for one in every], found.lacking(every)
    # A cloud and its directory may both have grants of one principal: its id alone does not tell whose these are.
    whose = {id(one.summary): one.provider for one in every}
    kept = listed(summaries, chosen.accounts, chosen.kinds, chosen.unused_share)
    body = {
        **found.header(),
        "items": [summary_values(one, whose[id(one)]) for one in kept[start : start + limit]],
        "next": None,
        "total": len(kept),
        "accounts": list(accounts_of(summaries, lacking)),
        "creep": next(iter(accounts_of(summaries, lacking, whole=True)), {}).get("creep"),
        "exact": exact,
    }
    return Told(body, len(every))


def by(found: Gaps, what: str, limit: int) -> dict[str, Any]:
    """The creep index by account, organization or group. Raises UsageError for another word."""
    if what not in BYS:
        raise UsageError(f"--by: {what!r} is none of {', '.join(BYS)}")
    every, exact = found.everyone()
    return _by(found, by_whom(found, every, what), limit, exact=exact)


def of_resources(found: Gaps, resources: Sequence[str], limit: int) -> dict[str, Any]:
    """The creep index of resources. Raises as `trend.upon`."""
    return _by(found, upon(found, resources), limit, exact=False)


def _by(found: Gaps, items: list[dict[str, Any]], limit: int, *, exact: bool) -> dict[str, Any]:
    return {**found.header(), "items": items[:limit], "next": None, "total": len(items), "exact": exact}


def trend(made: Trend, until: datetime | None, limit: int, principal: str | None = None) -> dict[str, Any]:
    """The creep index at each day with snapshots, of all or of one principal. Raises as `Trend.points`."""
    return {"items": made.points(made.times(until, limit), principal), "next": None}


@dataclass(frozen=True, slots=True)
class Said:
    """What each provider says of one principal that knows it."""

    each: Sequence[tuple[GapOf, Told[Any]]]


def of_each(found: Gaps, ask: Callable[[GapOf], Told[Any]]) -> Told[Said]:
    """What every provider says of one principal that knows it, and does not refuse the question. Raises UsageError."""
    said = found.asked(ask)
    return Told(together(found.header(), [told.body for _, told in said]), Said(said))


def one(found: GapOf, principal: str, given: Circumstances) -> Told[Gap]:
    """The gap of one principal. Raises UsageError, NotFoundError."""
    gap = found.of(principal, found.asking.given(given))
    return Told(found.gap_values(gap), gap)


@dataclass(frozen=True, slots=True)
class Needed:
    """The gap of a principal, and what is used of each of its grants."""

    gap: Gap
    grants: Sequence[GrantUse]


def needed(found: GapOf, principal: str, given: Circumstances) -> Told[Needed]:
    """Which grants of a principal are needed. Raises UsageError, NotFoundError."""
    gap = found.of(principal, found.asking.given(given))
    grants = found.grants(gap)
    body = {
        "principal": gap.principal,
        "provider": found.asking.provider,
        "account": gap.account,
        **found.header(),
        "items": [grant_values(one) for one in grants],
        "next": None,
        "missing": list(gap.missing),
    }
    return Told(body, Needed(gap, grants))


def least(found: GapOf, principal: str) -> Told[None]:
    """The least that would do for what a principal called. Raises UsageError, NotFoundError."""
    return Told(least_values(found, principal), None)


def used(found: GapOf, principal: str) -> Told[None]:
    """What a principal did. Raises UsageError, NotFoundError."""
    return Told(found.usage_values(principal), None)


def of_page(
    open_gaps: Callable[[], Gaps], id: str, by_service: Callable[[list[dict[str, Any]]], list[dict[str, Any]]]
) -> dict[str, Any]:
    """`creep`, `counts` and `services` of an identity, and `use_missing`: why nothing is told of them."""
    try:
        mine = open_gaps().about(id)
        body = of_each(mine, lambda one_gap: one(one_gap, id, Circumstances())).body
    except (UsageError, NotFoundError) as error:
        return {"creep": None, "counts": None, "services": [], "use_missing": str(error)}
    return {
        "creep": body["creep"], "counts": body["counts"], "services": by_service(body["items"]), "use_missing": "",
    }  # fmt: skip
