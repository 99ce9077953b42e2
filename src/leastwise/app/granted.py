"""What grants of an estate give to whom, as its facts tell it: by layers, holders and bundles."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from leastwise.model.snapshot import Manifest

from .estate import OpenEstate


@dataclass
class Granted:
    """The grants of some snapshots of an estate that say to whom they give something."""

    estate: OpenEstate
    manifests: Sequence[Manifest]

    def any(self, layer: str) -> bool:
        """Whether there is one of a layer at all."""
        return any(
            layer in self.estate.tables.read(one, "attachments", ["layer"])["layer"].unique().to_pylist()
            for one in self.manifests
        )

    def given(self, holders: Collection[str], layers: Sequence[str]) -> Iterator[dict[str, Any]]:
        """What some layers give to some: rows of attachments, one for each holder and bundle."""
        for manifest in self.manifests:
            rows = self._attached(manifest, layers)
            documents = pa.array(sorted({one["document"] for one in rows}), pa.int32())
            if not len(documents):
                continue
            said: dict[int, list[dict[str, Any]]] = {}
            for one in self._statements(manifest, documents):
                said.setdefault(one["document"], []).append(one)
            for row in rows:
                for one in said.get(row["document"], ()):
                    for holder in one["principals"] or ():
                        if holder in holders:
                            yield from (
                                {**row, "provider": manifest.scope.provider, "holder": holder, "bundle": bundle,
                                 "conditions": one["condition"]}
                                for bundle in one["actions"] or ()
                            )  # fmt: skip

    def _attached(self, manifest: Manifest, layers: Sequence[str]) -> list[dict[str, Any]]:
        columns = ["layer", "target", "document", "direct", "until", "requires", "condition"]
        table = self.estate.tables.read(manifest, "attachments", columns)
        wanted = pc.is_in(table["layer"].cast(pa.string()), value_set=pa.array(layers))
        found: list[dict[str, Any]] = table.filter(pc.and_(wanted, pc.is_valid(table["document"]))).to_pylist()
        return found

    def _statements(self, manifest: Manifest, documents: pa.Array) -> list[dict[str, Any]]:
        table = self.estate.tables.read(manifest, "statements", ["document", "actions", "principals", "condition"])
        found: list[dict[str, Any]] = table.filter(pc.is_in(table["document"], value_set=documents)).to_pylist()
        return found

    @cached_property
    def _policies(self) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = self.estate.facts("policies", ["id", "name", "kind"]).to_pylist()
        return found

    @cached_property
    def bundles(self) -> dict[tuple[str, str], str]:
        """Names of bundles by provider and id."""
        return {(one["provider"], one["id"]): one["name"] for one in self._policies if one["name"]}

    @cached_property
    def kinds(self) -> dict[tuple[str, str], str]:
        """Kinds of bundles by provider and id."""
        return {(one["provider"], one["id"]): one["kind"] for one in self._policies}
