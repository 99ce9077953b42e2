"""Attachments and memberships of one section of account authorization details, gathered as numbers.

A hundred thousand principals have several hundred thousand of them, which name the same few texts again and again.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from leastwise.engine.columns import coded, repeated, table
from leastwise.model.tables import ATTACHMENTS, MEMBERSHIPS
from leastwise.providers.rows import Facts

from .documents import Documents
from .entities import Attached, Boundary, Inline

_LAYERS = ("identity", "boundary", "trust")
_KINDS = ("managed_aws", "managed_customer", "inline", "trust")
_INLINE, _TRUST = 2, 3


class Named(NamedTuple):
    """Entities of a slice: their ids, and where each was read."""

    ids: pa.Array
    sources: pa.Array


class _Texts:
    """Texts, gathered as Arrow columns: as Python values they would hold three times as much."""

    def __init__(self) -> None:
        self._parts: list[pa.Array] = [pa.array([], pa.string())]
        self.count = 0

    def add(self, texts: list[str] | pa.Array) -> None:
        self._parts.append(texts if isinstance(texts, pa.Array) else pa.array(texts, pa.string()))
        self.count += len(texts)

    def all(self) -> pa.Array:
        if len(self._parts) > 1:
            self._parts = [pa.concat_arrays(self._parts)]
        return self._parts[0]

    def numbered(self) -> tuple[npt.NDArray[np.int64], pa.Array]:
        """For each text the position of its like among the distinct ones, and these in the order of their first."""
        found = self.all().dictionary_encode()
        return found.indices.to_numpy().astype(np.int64), found.dictionary


class Attachments:
    """Attachments of one section of a file, in the order of the table: managed, inline, boundaries, trusts.

    They are gathered as numbers: each target, source and policy is one text, however many attachments name it.
    """

    def __init__(self, facts: Facts, documents: Documents, account: str, default_version: dict[str, int]) -> None:
        self._facts, self._documents, self._account = facts, documents, account
        self._default_version = default_version
        self._targets, self._sources = _Texts(), _Texts()
        self._managed_of: list[int] = []
        self._managed = _Texts()
        self._inline_of: list[int] = []
        self._inline: list[Inline] = []
        self._bounded: list[int] = []
        self._boundaries: list[str] = []
        self._trusting: list[int] = []
        self._trusts: list[int] = []

    def add(
        self,
        targets: Named,
        managed: list[list[Attached]],
        inline: list[list[Inline]],
        boundaries: Sequence[Boundary | None] = (),
        trusts: Sequence[int | None] = (),
    ) -> None:
        """Those of a slice of principals; a managed policy without its document keeps a null document."""
        first = self._targets.count
        self._targets.add(targets.ids)
        self._sources.add(targets.sources)
        self._managed_of += map(len, managed)
        self._managed.add([one.PolicyArn for found in managed for one in found])
        self._inline_of += map(len, inline)
        self._inline += [one for found in inline for one in found]
        for row, limit in enumerate(boundaries, first):
            if limit and limit.PermissionsBoundaryArn:
                self._bounded.append(row)
                self._boundaries.append(limit.PermissionsBoundaryArn)
        self._trusting += [row for row, document in enumerate(trusts, first) if document is not None]
        self._trusts += [document for document in trusts if document is not None]

    def finish(self) -> None:
        """Intern the inline policies, now that the section's other documents have their rows, and add all rows."""
        attached = self._managed.count
        self._managed.add(self._boundaries)
        named, distinct = self._managed.numbered()
        names, default = distinct.to_pylist(), self._default_version.get
        documents = _ints([default(name, -1) for name in names])[named]
        owned = _ints([":iam::aws:" not in name for name in names])[named]
        interned, trusts = self._interned(), _ints(self._trusts)
        inline, trust = np.arange(len(names), len(names) + len(interned)), len(names) + len(interned)
        words = [distinct, pa.array([*(one.PolicyName for one in self._inline), "trust"], pa.string())]
        rows = np.arange(self._targets.count)
        parts = (
            (np.repeat(rows, _ints(self._managed_of)), named[:attached], documents[:attached], owned[:attached], 0),
            (np.repeat(rows, _ints(self._inline_of)), inline, interned, np.full(len(inline), _INLINE), 0),
            (_ints(self._bounded), named[attached:], documents[attached:], owned[attached:], 1),
            (_ints(self._trusting), np.full(len(trusts), trust), trusts, np.full(len(trusts), _TRUST), 2),
        )
        holder, policy, document, kind = (np.concatenate([part[at] for part in parts]) for at in range(4))
        if not len(holder):
            return
        layer = np.repeat([part[4] for part in parts], [len(part[1]) for part in parts])
        columns = {
            "account": repeated(self._account, len(holder)),
            "layer": coded(layer, _LAYERS),
            "kind": coded(kind, _KINDS),
            "target": coded(holder, self._targets.all()),
            "policy": coded(policy, pa.concat_arrays(words)),
            "document": pa.array(document.astype(np.int32), mask=document < 0),
            "condition": pa.nulls(len(holder), pa.string()),
            "until": pa.nulls(len(holder), pa.timestamp("us", tz="UTC")),
            "requires": pa.nulls(len(holder), pa.string()),
            "direct": pa.repeat(pa.scalar(False, pa.bool_()), len(holder)),
            "source": coded(holder, self._sources.all()),
        }
        self._facts.attachments.append(table(ATTACHMENTS, columns))

    def _interned(self) -> npt.NDArray[np.int64]:
        """The rows of the inline policies."""
        return _ints(self._documents.intern_all([one.PolicyDocument for one in self._inline]))


def _ints(values: list[int]) -> npt.NDArray[np.int64]:
    return np.array(values, dtype=np.int64)


class Memberships:
    """Which users are in which groups."""

    def __init__(self) -> None:
        self._members, self._sources = _Texts(), _Texts()
        self._groups_of: list[int] = []
        self._named = _Texts()

    def add(self, members: Named, groups: list[list[str]]) -> None:
        """Those of a slice of users, by the names of their groups."""
        self._members.add(members.ids)
        self._sources.add(members.sources)
        self._groups_of += map(len, groups)
        self._named.add([name for found in groups for name in found])

    def finish(self, facts: Facts, id_of: Callable[[str], str]) -> None:
        """Add all rows; `id_of` tells the id of a group by its name."""
        if not self._named.count:
            return
        named, groups = self._named.numbered()
        ids = [id_of(name) for name in groups.to_pylist()]
        member = np.repeat(np.arange(self._members.count), _ints(self._groups_of))
        columns = {
            "member": coded(member, self._members.all()),
            "group": coded(named, ids),
            "kind": repeated("iam_group", len(member)),
            "until": pa.nulls(len(member), pa.timestamp("us", tz="UTC")),
            "source": coded(member, self._sources.all()),
        }
        facts.memberships.append(table(MEMBERSHIPS, columns))

    def lost(self, facts: Facts, account: str, known: Collection[str]) -> None:
        """Add what a group gives that nobody told of: something in force that was not read."""
        named, groups = self._named.numbered()
        names = {number: name for number, name in enumerate(groups.to_pylist()) if name not in known}
        if not names:
            return
        holder = np.repeat(np.arange(self._members.count), _ints(self._groups_of)).tolist()
        members, sources = self._members.all(), self._sources.all()
        for row, number in zip(holder, named.tolist(), strict=True):
            if number in names:
                facts.attachments.add(
                    account=account, layer="identity", kind="unread", target=members[row].as_py(),
                    policy=f"group {names[number]}", source=sources[row].as_py(),
                )  # fmt: skip
