"""AWS managed policies that an export names without their documents, as `--filter LocalManagedPolicy` makes it."""

from __future__ import annotations

import numpy as np
import pyarrow as pa

from leastwise.engine.columns import texts_at
from leastwise.providers.rows import Facts

from ..catalog import catalog_date, managed_policy
from .documents import Documents

_AWS_OWNED = ":iam::aws:policy/"


def fill_managed(facts: Facts, documents: Documents) -> None:
    """Give such attachments the document of the catalogue, and say so in policies and coverage.

    AWS may have changed a policy since the catalogue's date, so the coverage record names that date. A policy that the
    catalogue does not know keeps its null document: what depends on it stays UNKNOWN.
    """
    table = facts.attachments.to_table()
    unknown = np.flatnonzero(table["document"].is_null().to_numpy())
    if not len(unknown):
        return
    taken: dict[str, int | None] = {}
    filled: dict[int, int] = {}
    for index, arn in zip(unknown.tolist(), texts_at(table["policy"], unknown).to_pylist(), strict=True):
        if _AWS_OWNED not in arn:
            continue
        if arn not in taken:
            taken[arn] = _add(arn, facts, documents)
        row = taken[arn]
        if row is not None:
            filled[index] = row
    facts.attachments.replace(_with_documents(table, filled) if filled else table)
    known = sum(row is not None for row in taken.values())
    if known:
        detail = f"{known} documents not in the export, taken from the catalogue of {catalog_date()}"
        facts.coverage.add(service="iam", call="AWS managed policies", status="ok", detail=detail, affects="")
    if known < len(taken):
        missing = ", ".join(sorted(arn for arn, row in taken.items() if row is None)[:5])
        detail = f"{len(taken) - known} documents in neither export nor catalogue: {missing}"
        affects = "what their holders may do"
        facts.coverage.add(
            service="iam", call="AWS managed policies", status="not_tried", detail=detail, affects=affects
        )


def _add(arn: str, facts: Facts, documents: Documents) -> int | None:
    found = managed_policy(arn)
    if found is None:
        return None
    row = documents.intern(found.document)
    facts.policies.add(
        id=arn,
        account=None,
        name=arn.rpartition("/")[2],
        kind="managed_aws",
        version=found.version,
        default=True,
        document=row,
        updated=found.updated,
        source=f"catalogue of {catalog_date()}",
    )
    return row


def _with_documents(attachments: pa.Table, filled: dict[int, int]) -> pa.Table:
    """The attachments with these rows (index → document) given their document."""
    at = attachments.schema.get_field_index("document")
    column = attachments.column(at)
    documents = column.fill_null(-1).to_numpy().copy()
    documents[list(filled)] = list(filled.values())
    return attachments.set_column(
        at, attachments.schema.field(at), pa.array(documents, column.type, mask=documents < 0)
    )
