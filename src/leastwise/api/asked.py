"""What most endpoints are asked: of which estate, which page, in which form."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import astuple, dataclass, replace
from enum import StrEnum
from functools import cached_property
from typing import Annotated, Any

from fastapi import Depends, Query

from leastwise.app.answers.gap import trend
from leastwise.app.answers.graph import Graphed, graphed
from leastwise.app.answers.seen import Seeing
from leastwise.app.asking import Asking, open_access
from leastwise.app.cursors import fingerprint
from leastwise.app.duties import Sight
from leastwise.app.each import open_each, open_for, open_knowing, parted
from leastwise.app.estate import OpenEstate, open_estate
from leastwise.app.gaps import Gaps
from leastwise.app.listing import Listing
from leastwise.app.memory import Memory
from leastwise.app.moments import moment
from leastwise.app.posture import Judged, judged
from leastwise.app.serving import Opened
from leastwise.app.trend import Trend
from leastwise.app.wiring import Workspace

from .given import GivenEstate, GivenServer, GivenWorkspace


class Form(StrEnum):
    """In which form a list is sent."""

    JSON = "json"
    CSV = "csv"
    XLSX = "xlsx"


At = Annotated[
    str | None,
    Query(description="Ask the estate of that time (ISO 8601, UTC; a date is its end).", examples=["2026-11-01"]),
]
Snapshot = Annotated[str | None, Query(description="Ask that snapshot alone.")]


@dataclass(frozen=True)
class EstateAsked:
    """The estate that a request is put to.

    Args:
        workspace: where it lies.
        opened: the estate, and what tells it from others.
        memory: what was worked out before.
        at: its time, where one is asked for. snapshot: the snapshot that is asked alone.
    """

    workspace: Workspace
    opened: Opened
    memory: Memory
    at: str | None
    snapshot: str | None

    @cached_property
    def estate(self) -> OpenEstate:
        """The estate as lists see it; which parts of estate.yaml are used is told of this request alone."""
        return self.opened.estate.afresh()

    @cached_property
    def _logged(self) -> tuple[object, ...]:
        """What tells the estate with its logs from another."""
        return self.opened.key, fingerprint([astuple(one) for one in self.workspace.lake.spans()])

    def judged(self) -> Judged:
        """What the rules say of the estate, worked out once for the same estate and logs."""
        held = self.memory.get(("judged", *self._logged), lambda: judged(self.opened.estate.afresh()))
        return replace(held, estate=held.estate.afresh(held.estate.overlays.used))

    @property
    def listing(self) -> Listing:
        """The lists of the estate."""
        return self.memory.get(("listing", self.opened.key), lambda: Listing.open(self.opened.estate.afresh()))

    def seen(self, sight: Sight) -> Seeing:
        """The estate as somebody sees it."""
        return Seeing(self.opened.estate.afresh(), sight)

    @cached_property
    def whole(self) -> Asking:
        """The estate as all its providers answer of it. Raises as `open_each`."""
        return self.memory.get(("whole", self.opened.key), self._whole)

    def _whole(self) -> Asking:
        first, *others = open_each(self.workspace, moment(self.at, "at", True), self.snapshot, apart=True)
        return replace(first, beside=tuple(others))

    def graphed(self, *outside: str) -> Graphed:
        """The estate with its graph; `outside` are texts that may name somebody outside. Raises as `graph.graphed`."""
        held = self.memory.get(("graph", self.opened.key), lambda: graphed(self.workspace, self.whole))
        if all(one in held.graph.numbers or ":" not in one for one in outside):
            return held
        return graphed(self.workspace, self.whole, *outside)

    def about(self, *about: str | None, parts: bool = False) -> Asking:
        """The estate as that provider answers of it whose words a question is in. Raises as `open_access`."""
        found = open_access(self.workspace, moment(self.at, "at", True), self.snapshot, about=about)
        if not parts:
            return found
        first, *others = parted(self.workspace, [found])
        return replace(first, beside=tuple(others))

    def knowing(self, who: str) -> Asking:
        """The estate as those providers answer of it that know somebody. Raises as `open_knowing`."""
        return open_knowing(self.workspace, who, moment(self.at, "at", True), self.snapshot)

    def of_some(self, who: Sequence[str]) -> Asking:
        """The estate as that provider answers of it whose principals are named. Raises as `open_for`."""
        return open_for(self.workspace, who, moment(self.at, "at", True), self.snapshot)

    def trend(self, window: str | None, limit: int, principal: str | None) -> dict[str, Any]:
        """The creep index over time. Raises as `Trend.points`."""
        every = fingerprint([one.id for one in self.workspace.index.list()])
        key = ("trend", *self._logged, every, window, limit, principal)
        return self.memory.get(
            key, lambda: trend(Trend(self.workspace, window), moment(self.at, "at", True), limit, principal)
        )

    def gaps(self, window: str | None) -> Gaps:
        """The permissions gap of all providers. Raises UsageError."""
        key = ("gaps", *self._logged, window)
        return self.memory.get(key, lambda: Gaps.opened(self.workspace, self.whole.every, window))


def _asked(
    given: GivenServer, workspace: GivenWorkspace, opened: GivenEstate, at: At = None, snapshot: Snapshot = None
) -> EstateAsked:
    if at is not None or snapshot is not None:
        estate = open_estate(workspace, moment(at, "at", True), snapshot)
        opened = Opened(f"{opened.key}|{at}|{snapshot}", estate)
    return EstateAsked(workspace, opened, given.memory, at, snapshot)


GivenAsked = Annotated[EstateAsked, Depends(_asked)]

PAGE, MOST = 50, 1000
"""Rows of a page where no number is given, and at most."""


@dataclass(frozen=True, slots=True)
class Page:
    """Which page of a list, in which order, with which columns, in which form."""

    sort: str | None
    limit: int
    cursor: str | None
    fields: tuple[str, ...]
    form: Form


def _page(
    sort: Annotated[
        str | None, Query(description="Column to sort by; `-COLUMN` for descending. Nulls come last.", max_length=80)
    ] = None,
    limit: Annotated[int, Query(ge=1, le=MOST, description="Rows of a page.")] = PAGE,
    cursor: Annotated[str | None, Query(description="`next` of the page before.", max_length=200)] = None,
    fields: Annotated[
        str | None, Query(description="Only these keys of each row, as in `id,name`.", max_length=2000)
    ] = None,
    format: Annotated[
        Form, Query(description="`csv` and `xlsx` send every row and need the right `export`.")
    ] = Form.JSON,
) -> Page:
    chosen = tuple(part.strip() for part in (fields or "").split(",") if part.strip())
    return Page(sort, limit, cursor, chosen, format)


GivenPage = Annotated[Page, Depends(_page)]
