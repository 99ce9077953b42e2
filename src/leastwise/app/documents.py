"""The documents of one layer that give principals what they have: their own, their bundles', their groups'."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property, lru_cache
from typing import Any

import pyarrow.compute as pc

from leastwise.providers.base import ScopeTables

_KEPT = 256
"""Principals of whom it is kept what is attached to them."""
READS: Mapping[str, Sequence[str]] = {
    "attachments": ("account", "layer", "kind", "target", "policy", "document"),
    "documents": ("text",),
    "memberships": ("member", "group", "kind"),
    "policies": ("id", "account", "name", "kind", "default", "created", "updated"),
    "principals": ("id", "name", "native", "kind", "account", "created"),
}


@dataclass(frozen=True, slots=True)
class Document:
    """A document that is attached to a target: the principal itself, or a group of its.

    Args:
        own: it lies on the target, and is no bundle.
        holders: how many have it, each target in each layer; 1 for a document of its own.
        sure: everybody who has it is known.
        text: None where it was not read.
        account: the account of the bundle; None where the vendor made it.
        since: when it was made or last changed, where that is known.
    """

    target: str
    policy: str
    name: str
    kind: str
    own: bool
    holders: int
    sure: bool
    text: bytes | None
    account: str | None
    since: datetime | None

    @property
    def editable(self) -> bool:
        """Whether changing it changes nobody else: it is its target's own, or a customer's bundle that only it has."""
        return self.own or (self.account is not None and self.holders == 1 and self.sure)


class Documents:
    """What is attached to whom.

    Args:
        scopes: of the provider, with the columns of `READS`.
        layer: of the documents.
        told: whether it was read who has a bundle, by its account, kind, id and name.

    Attributes:
        attached: by policy the targets that have it, each with the layer.
    """

    def __init__(self, scopes: Sequence[ScopeTables], layer: str, told: Callable[[str, str, str, str], bool]) -> None:
        self._told = told
        self._rows: dict[str, list[tuple[int, dict[str, Any]]]] = {}
        self._columns: list[Any] = []
        self._texts: dict[tuple[int, int], bytes | None] = {}
        self._listed = lru_cache(maxsize=_KEPT)(self._attached)
        self.attached: dict[str, set[tuple[str, str]]] = {}
        self.bundles: dict[str, dict[str, Any]] = {}
        self._groups: dict[str, list[str]] = {}
        self.principals: dict[str, dict[str, Any]] = {}
        for scope in scopes:
            if scope.tables:
                self._add(scope, layer)

    def _add(self, scope: ScopeTables, layer: str) -> None:
        tables = scope.tables
        place = len(self._columns)
        self._columns.append(tables["documents"]["text"])
        self.bundles |= {row["id"]: row for row in tables["policies"].to_pylist() if row["default"]}
        rows = tables["attachments"].select(["target", "layer", "policy"]).to_pylist()
        for row in rows:
            self.attached.setdefault(row["policy"], set()).add((row["target"], row["layer"]))
        mine = tables["attachments"].filter(pc.equal(pc.cast(tables["attachments"]["layer"], "string"), layer))
        for row in mine.to_pylist():
            self._rows.setdefault(row["target"], []).append((place, row))
        for row in tables["memberships"].to_pylist():
            self._groups.setdefault(row["member"], []).append(row["group"])
        self.principals |= {row["id"]: row for row in tables["principals"].to_pylist()}

    @cached_property
    def names(self) -> Mapping[str, str]:
        """Names of principals and of bundles of customers by their ids; the vendor's own are not among them."""
        bundles = [row for row in self.bundles.values() if row["account"] is not None]
        return {row["id"]: row["name"] for row in (*bundles, *self.principals.values())}

    def alone(self, principal: str) -> bool:
        """Whether nobody else of that kind has a principal's name."""
        return self._called[self._name(principal)] < 2

    @cached_property
    def _called(self) -> Counter[tuple[str, str]]:
        return Counter(map(self._name, self.principals))

    def _name(self, principal: str) -> tuple[str, str]:
        row = self.principals.get(principal, {"name": "", "native": ""})
        return row["name"], row["native"]

    def of(self, principal: str) -> list[Document]:
        """What is attached to somebody and his groups: his own first, then bundles of his alone, then all others."""
        return list(self._listed(principal))

    def _attached(self, principal: str) -> tuple[Document, ...]:
        found = self.on(principal)
        for group in sorted(set(self._groups.get(principal, ()))):
            found += self.on(group)
        order = {True: 0, False: 1}
        # An attachment that is told twice is one.
        return tuple(
            sorted(
                dict.fromkeys(found),
                key=lambda one: (one.target != principal, order[one.own], order[one.editable], one.target, one.policy),
            )
        )

    def members(self, group: str) -> list[str]:
        """Who is in a group, sorted."""
        return sorted(who for who, groups in self._groups.items() if group in groups)

    def on(self, target: str) -> list[Document]:
        """What is attached to somebody or a group itself."""
        return [self._document(place, row) for place, row in self._rows.get(target, ())]

    def _document(self, place: int, row: Mapping[str, Any]) -> Document:
        bundle = self.bundles.get(row["policy"])
        own = bundle is None and row["kind"] == "inline"
        number = row["document"]
        return Document(
            row["target"],
            row["policy"],
            bundle["name"] if bundle else row["policy"],
            row["kind"],
            own,
            1 if own else len(self.attached[row["policy"]]),
            bundle is None or bundle["account"] is None or self._known(bundle),
            None if number is None else self._text(place, number),
            bundle["account"] if bundle else None,
            (bundle["updated"] or bundle["created"]) if bundle else None,
        )

    def _text(self, place: int, number: int) -> bytes | None:
        """A document, the same for all who have it: then what it gives is found again at once."""
        if (place, number) not in self._texts:
            self._texts[place, number] = self._columns[place][number].as_py()
        return self._texts[place, number]

    def _known(self, bundle: Mapping[str, Any]) -> bool:
        return self._told(bundle["account"], bundle["kind"], bundle["id"], bundle["name"])

    def all_told(self, group: str) -> bool:
        """Whether it was read who is in a group."""
        row = self.principals[group]
        return self._told(row["account"] or "", row["native"], group, row["name"])
