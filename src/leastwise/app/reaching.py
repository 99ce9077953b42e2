"""Whom the groups and bundles of an estate reach, and of which of them that was read."""

from __future__ import annotations

from collections import Counter
from functools import cached_property
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from leastwise.model.dormancy import Nouns, Told

from .estate import OpenEstate

_BUNDLE = ("provider", "scope", "id", "name", "account", "kind", "created")


class Reaching:
    """What is in whose hands, as the facts of an estate tell it."""

    def __init__(self, estate: OpenEstate) -> None:
        self._estate = estate

    @cached_property
    def nouns(self) -> dict[str, Nouns]:
        """The words of each provider that tells them."""
        providers = self._estate.workspace.providers()
        return {name: one.nouns() for name, one in providers.items() if one.nouns is not None}

    def told(self, scope: str, noun: str, id: str, name: str) -> bool:
        """Whether it was read whom a group or bundle of a scope reaches."""
        return any(known(noun, id, name) for known in self._told.get(scope, ()))

    @cached_property
    def _told(self) -> dict[str, list[Told]]:
        """By the id of a scope: of a cloud and its directory that may be the same."""
        found: dict[str, list[Told]] = {}
        for entry in self._estate.estate.entries:
            words = self.nouns.get(entry.scope.provider)
            if entry.manifest is not None and words is not None:
                found.setdefault(entry.scope.id, []).append(words.told(entry.manifest.coverage))
        return found

    @cached_property
    def principals(self) -> pa.Table:
        """Every principal: provider, scope, id, name, account, native, created."""
        return self._estate.facts("principals", ("id", "name", "account", "native", "created"))

    @cached_property
    def members(self) -> Counter[str]:
        """How many members each group has, by its id; none for a group without."""
        return self._counted(("memberships", "group"))

    def _counted(self, *columns: tuple[str, str]) -> Counter[str]:
        """How often each value stands in some columns of facts, each named with its table."""
        found: Counter[str] = Counter()
        for table, column in columns:
            for one in self._estate.facts(table, (column,))[column].value_counts().to_pylist():
                if one["values"] is not None:
                    found[one["values"]] += one["counts"]
        return found

    @cached_property
    def bundles(self) -> pa.Table:
        """Every bundle, once, as it is now: provider, scope, id, name, account, kind, created.

        One that only carries other bundles has no document of its own, and stands in the attachments alone.
        """
        policies = self._estate.facts("policies", (*_BUNDLE[2:], "default"))
        known = policies.filter(policies["default"]).select(list(_BUNDLE))
        kinds = sorted({kind for words in self.nouns.values() for kind in words.carriers})
        made = self._estate.facts("attachments", ("kind", "target", "account"))
        carried = pc.and_(
            pc.is_in(made["kind"], value_set=pa.array(kinds, pa.string())),
            pc.invert(pc.is_in(made["target"], value_set=known["id"].combine_chunks())),
        )
        rows: dict[str, dict[str, Any]] = {}
        for row in made.filter(carried).select(["provider", "scope", "target", "account", "kind"]).to_pylist():
            name = row["target"].rpartition("/")[2]
            told = {"id": row["target"], "name": name, "account": row["account"], "created": None}
            rows.setdefault(row["target"], {name: row.get(name) for name in ("provider", "scope", "kind")} | told)
        extra = pa.Table.from_pylist(list(rows.values()), schema=known.schema)
        return pa.concat_tables([known, extra])

    @cached_property
    def names(self) -> dict[str, str]:
        """The names of all bundles, by id."""
        told = self._estate.facts("policies", ("id", "name"))
        return dict(zip(told["id"].to_pylist(), told["name"].to_pylist(), strict=True))

    @cached_property
    def attached(self) -> Counter[str]:
        """How often each bundle is attached, assigned, given or set as a boundary, by its id; none for a loose one."""
        found = self._counted(("attachments", "policy"), ("assignments", "bundle"), ("principals", "boundary"))
        given = self._estate.view("grants", ("policy",))["policy"]
        return found + Counter({one["values"]: one["counts"] for one in given.value_counts().to_pylist()})
