"""Tables of a snapshot in today's schema: as stored, or translated again from its raw documents."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pyarrow as pa

from leastwise.engine.columns import plain
from leastwise.model.scope import Collected
from leastwise.model.snapshot import Manifest
from leastwise.model.tables import SCHEMA_VERSION
from leastwise.store.readmodels import build

from .wiring import Workspace


class Tables:
    """Reads tables of snapshots; one written under another schema is translated once and kept while this lives."""

    def __init__(self, workspace: Workspace) -> None:
        self._workspace = workspace
        self._again: dict[str, Mapping[str, pa.Table]] = {}

    def read(self, manifest: Manifest, name: str, columns: Sequence[str] | None = None) -> pa.Table:
        """A fact or view table. Raises StoreError, IntegrityError, and InputError when raw cannot be translated."""
        again = self._translated(manifest)
        if again is None:
            return self._workspace.store.open(manifest).table(name, columns)
        return again[name].select(list(columns)) if columns is not None else again[name]

    def rows(self, manifest: Manifest, name: str, rows: pa.Array) -> pa.Table:
        """The rows of a table at these positions (int64), in that order; raises as `read` does."""
        again = self._translated(manifest)
        return self._workspace.store.open(manifest).rows(name, rows) if again is None else again[name].take(rows)

    def _translated(self, manifest: Manifest) -> Mapping[str, pa.Table] | None:
        """Tables in today's schema of a snapshot stored in another; None when it is stored in today's."""
        if manifest.schema_version == SCHEMA_VERSION:
            return None
        if manifest.id not in self._again:
            self._again[manifest.id] = self._translate(manifest)
        return self._again[manifest.id]

    def _translate(self, manifest: Manifest) -> Mapping[str, pa.Table]:
        documents = tuple(self._workspace.store.open(manifest).raw_documents())
        collected = Collected(manifest.scope, manifest.time, documents, manifest.coverage)
        provider = manifest.scope.provider
        tables = dict(self._workspace.provider(provider).translate(collected))
        tables |= build(provider, manifest.scope.id, tables)
        return {name: plain(table) for name, table in tables.items()}
