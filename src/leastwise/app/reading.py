"""Tables of a snapshot in today's schema: as stored, translated again from raw, or laid together with a directory's."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pyarrow as pa

from leastwise.engine.columns import plain
from leastwise.model.scope import Collected
from leastwise.model.snapshot import Manifest
from leastwise.model.tables import SCHEMA_VERSION, VIEW_TABLES
from leastwise.store.readmodels import build

from .directories import laid_together
from .wiring import Workspace

_VIEWS = frozenset(spec.name for spec in VIEW_TABLES)


class Tables:
    """Reads tables of snapshots; one written under another schema is translated once and kept while this lives.

    Read models are laid together with what the snapshots of `estate` tell that are of the provider's directories.
    """

    def __init__(self, workspace: Workspace, estate: Sequence[Manifest] = ()) -> None:
        self._workspace = workspace
        self._again: dict[str, Mapping[str, pa.Table]] = {}
        self._estate = tuple(estate)
        self._laid: dict[str, Mapping[str, pa.Table]] = {}

    def read(self, manifest: Manifest, name: str, columns: Sequence[str] | None = None) -> pa.Table:
        """A fact or view table. Raises StoreError, IntegrityError, and InputError when raw cannot be translated."""
        again = self._other(manifest, name)
        if again is None:
            return self._workspace.store.open(manifest).table(name, columns)
        return again[name].select(list(columns)) if columns is not None else again[name]

    def rows(self, manifest: Manifest, name: str, rows: pa.Array) -> pa.Table:
        """The rows of a table at these positions (int64), in that order; raises as `read` does."""
        again = self._other(manifest, name)
        return self._workspace.store.open(manifest).rows(name, rows) if again is None else again[name].take(rows)

    def directories(self, manifest: Manifest) -> list[Manifest]:
        """The snapshots of the estate that tell of a snapshot's people."""
        names = self._workspace.provider(manifest.scope.provider).directories if self._estate else ()
        return [one for one in self._estate if one.scope.provider in names]

    def _other(self, manifest: Manifest, name: str) -> Mapping[str, pa.Table] | None:
        """The tables that a table is to be read from; None where it is read as it is stored."""
        if name not in _VIEWS or not self.directories(manifest):
            return self._translated(manifest)
        if manifest.id not in self._laid:
            self._laid[manifest.id] = laid_together(manifest, self.directories(manifest), self._fact)
        return self._laid[manifest.id]

    def _fact(self, manifest: Manifest, name: str) -> pa.Table:
        again = self._translated(manifest)
        return plain(self._workspace.store.open(manifest).table(name, None) if again is None else again[name])

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
