"""The facts of one snapshot with the look-ups that every read model needs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from leastwise.engine.columns import encoded

from .columns import Bools, Ints, flags, flat, lookups, says, truths

_UNUSED = {"documents": ("text", "actions")}
"""Large columns that no read model is made of."""

GIVEN = ("allow", "eligible", "application", "delegated", "ownership")
"""Layers of documents whose statements say to whom they give something."""
BINDING = (*GIVEN, "deny")
"""Layers of documents whose statements say for whom they are."""

_NAMING = {
    "holder": ("credentials", "principal"),
    "member": ("memberships", "member"),
    "truster": ("trusts", "principal"),
    "target": ("attachments", "target"),
    "group": ("memberships", "group"),
    "subject": ("runs_as", "subject"),
    "object": ("runs_as", "object"),
    "asker": ("requests", "principal"),
}
"""Columns of facts that name a principal."""


@dataclass(frozen=True, slots=True)
class Documents:
    """What each distinct document says, as arrays; a last row stands for every document that is not known.

    `admin` and `wildcard` are 1, 0 or -1 (cannot be told); the others are true only where it is known. `denies` is a
    Deny that takes something away from an administrator; the rest are the columns `admin_…` of documents.
    """

    admin: Ints
    wildcard: Ints
    conditional: Bools
    nearly: Bools
    rest: Bools
    iam: Bools
    denies: Bools

    @classmethod
    def of(cls, table: pa.Table) -> Documents:
        """Read the documents table; a row index of -1 then means the document that is not known."""
        unreadable = flags(pc.is_valid(table["unsupported"]))

        def told(name: str) -> Ints:
            return np.append(np.where(unreadable, -1, truths(table[name])), -1)

        def known(name: str) -> Bools:
            return np.append(flags(table[name]) & ~unreadable, False)

        return cls(
            told("admin"), told("wildcard"), known("admin_conditional"), known("admin_nearly"), known("admin_rest"),
            known("admin_iam"), known("denies_admin"),
        )  # fmt: skip


@dataclass(frozen=True, slots=True)
class Facts:
    """The fact tables that read models are made of, each of one chunk, and the documents' flags.

    The columns of `_NAMING` are given as rows in principals too, -1 where there is none of that id.
    """

    principals: pa.Table
    credentials: pa.Table
    resources: pa.Table
    documents: pa.Table
    policies: pa.Table
    attachments: pa.Table
    memberships: pa.Table
    trusts: pa.Table
    assignments: pa.Table
    runs_as: pa.Table
    scopes: pa.Table
    statements: pa.Table
    requests: pa.Table
    flags: Documents
    holder: Ints
    member: Ints
    truster: Ints
    target: Ints
    group: Ints
    subject: Ints
    object: Ints
    asker: Ints

    @classmethod
    def of(cls, tables: Mapping[str, pa.Table]) -> Facts:
        """Take the tables of a snapshot.

        Raises:
            KeyError: a fact table is missing.
        """
        names = (
            "principals",
            "credentials",
            "resources",
            "documents",
            "policies",
            "attachments",
            "memberships",
            "trusts",
            "assignments",
            "runs_as",
            "scopes",
            "requests",
        )
        taken = {}
        for name in names:
            unused = [column for column in _UNUSED.get(name, ()) if column in tables[name].column_names]
            taken[name] = _whole(tables[name].drop_columns(unused))
        binding = says(taken["attachments"]["layer"], *BINDING).any()
        # Of a vendor whose statements bind nobody, there are a great many that nobody reads here.
        taken["statements"] = _whole(tables["statements"] if binding else tables["statements"].slice(0, 0))
        taken["principals"] = _with_coded_kind(taken["principals"])
        named = [taken[name][column] for name, column in _NAMING.values()]
        rows = dict(zip(_NAMING, lookups(named, taken["principals"]["id"]), strict=True))
        return cls(**taken, flags=Documents.of(taken["documents"]), **rows)


def _whole(table: pa.Table) -> pa.Table:
    """The table with each column in one chunk."""
    columns = [flat(column) for column in table.columns]
    return pa.Table.from_arrays(columns, schema=table.schema)


def _with_coded_kind(principals: pa.Table) -> pa.Table:
    """Kinds are few words, which many rows of other tables repeat."""
    index = principals.schema.get_field_index("kind")
    column = encoded(principals.column(index))
    return principals.set_column(index, principals.schema.field(index).with_type(column.type), column)
