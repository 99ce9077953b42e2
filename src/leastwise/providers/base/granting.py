"""Grants of an estate that is changed in thought: bundles given to principals at places, whosever they are."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

from .draft import Draft


class MisfitError(ValueError):
    """A change that does not apply.

    Args:
        cause: why.
        key: of the change, which it is about; empty for all of it.
    """

    def __init__(self, cause: str, key: str = "") -> None:
        super().__init__(cause)
        self.key = key


@dataclass(frozen=True, slots=True)
class Grant:
    """A bundle that a principal has somewhere.

    Args:
        bundle: its id.
        principal: the id of whom it is given to.
        on: where, by the id that tables have.
        condition: as canonical JSON; empty where there is none.
        eligible: it is to be had on request.
        behalf: on whose behalf the principal acts by it; empty for everybody, and where it acts for itself.
        since: when it begins, where that is told.
        until: when it ends, where that is told.
        activated: it came of an eligible one.
        id: its own, where it has one.
    """

    bundle: str
    principal: str
    on: str
    condition: str = ""
    eligible: bool = False
    behalf: str = ""
    since: datetime | None = None
    until: datetime | None = None
    activated: bool = False
    id: str = ""

    @property
    def key(self) -> tuple[str, str, str, str, bool, str]:
        """What tells it apart from others."""
        return self.bundle, self.principal, self.on, self.condition, self.eligible, self.behalf

    def values(self) -> dict[str, Any]:
        """What tells it apart, and its end, as a what-if file writes it."""
        told: dict[str, Any] = {"bundle": self.bundle, "principal": self.principal, "on": self.on}
        if self.condition:
            told["condition"] = json.loads(self.condition)
        if self.eligible:
            told["eligible"] = True
        if self.behalf:
            told["for"] = self.behalf
        if self.until is not None:
            told["until"] = self.until.isoformat()
        return told


@dataclass(frozen=True, slots=True)
class Standing:
    """The grants of one place itself.

    Args:
        grants: those that were read.
        unread: why others may be there; empty where all were read.
    """

    grants: Sequence[Grant]
    unread: str = ""


class Granting(Protocol):
    """How a provider's grants are found and changed in the tables of an estate.

    All but `spelled` raise MisfitError.
    """

    layers: Mapping[str, str]
    """The layers whose documents lie at places, with the name of the only one that a place has of each; empty where it
    can have several."""

    def spelled(self, text: str) -> tuple[str, ...]:
        """The ids that a text may mean as a principal's."""

    def bundle(self, draft: Draft, text: str) -> str:
        """The id of a bundle, of the estate or of the vendor, by its id or unique name."""

    def place(self, draft: Draft, text: str) -> str:
        """The id of a scope or resource by its id or unique name; an empty text is what holds everything."""

    def standing(self, draft: Draft, on: str) -> Standing:
        """The grants of a place itself."""

    def give(self, draft: Draft, grant: Grant, source: str) -> None:
        """Add a grant, without asking whether it is there."""

    def take(self, draft: Draft, grant: Grant) -> None:
        """Take a grant away that stands."""

    def own(self, draft: Draft, text: str) -> str:
        """The id that a bundle of the customer's own has, or would have, that is named so."""

    def definition(self, draft: Draft, id: str) -> bytes | None:
        """The document of such a bundle; None where there is none."""

    def define(self, draft: Draft, id: str, document: bytes, source: str) -> None:
        """Put it, whether there is one or not."""

    def drop(self, draft: Draft, id: str) -> None:
        """Take such a bundle away."""

    def called(self, draft: Draft, layer: str, on: str, text: str) -> str:
        """The whole name of a document that lies at a place."""

    def laid(self, draft: Draft, layer: str, on: str, policy: str) -> bytes | None:
        """Such a document; None where there is none."""

    def lay(self, draft: Draft, layer: str, on: str, policy: str, document: bytes, source: str) -> None:
        """Put one, whether there is one or not."""

    def lift(self, draft: Draft, layer: str, on: str, policy: str) -> None:
        """Take one away."""


class WithoutLayers:
    """Of a provider whose places have no documents that can be changed: nobody asks for one, as `layers` has none."""

    layers: Mapping[str, str] = {}

    def called(self, draft: Draft, layer: str, on: str, text: str) -> str:
        """The same."""
        return text

    def laid(self, draft: Draft, layer: str, on: str, policy: str) -> bytes | None:
        """None."""
        return None

    def lay(self, draft: Draft, layer: str, on: str, policy: str, document: bytes, source: str) -> None:
        """Nothing."""

    def lift(self, draft: Draft, layer: str, on: str, policy: str) -> None:
        """Nothing."""


def only(draft: Draft, table: str, text: str, ids: Collection[str] = (), kinds: Collection[str] = ()) -> str:
    """The id of the row of a table, of some kinds, that a text is the id or unique name of; empty where there is none.

    `ids` are what the text may be as an id, where that is not itself. Raises MisfitError where several have the name.
    """
    for column, values in (("id", ids or (text,)), ("name", (text,))):
        rows = (row for _, row in draft.spoken(table, column, values))
        found = sorted({row["id"] for row in rows if not kinds or row["kind"] in kinds})
        if len(found) > 1:
            raise MisfitError(f"{text}: is the name of {len(found)} {table}: {', '.join(found[:5])}")
        if found:
            return str(found[0])
    return ""


def object_of(document: bytes) -> dict[str, Any]:
    """The object that a document is. Raises MisfitError."""
    try:
        found = json.loads(document)
    except ValueError as error:
        raise MisfitError(f"is no JSON: {error}") from None
    if not isinstance(found, dict):
        raise MisfitError("is no object")
    return found


def drop_unless_given(draft: Draft, id: str, kinds: Collection[str], member: str) -> None:
    """Take a bundle away everywhere, unless the document of an attachment of some kinds names it in a member.

    Raises MisfitError.
    """
    held = [
        row["target"]
        for place, row in draft.spoken("attachments", "kind", kinds)
        if row["document"] is not None and json.loads(draft.text(place, row["document"])).get(member) == id
    ]
    if held:
        raise MisfitError(f"{id}: is assigned {len(held)} times, on {held[0]} first: unassign it before")
    for place in draft.places:
        draft.take(place, "policies", None, id=id)
