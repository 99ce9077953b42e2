"""The read model of credentials."""

from __future__ import annotations

from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from leastwise.engine.columns import repeated, table
from leastwise.model.tables import CREDENTIALS_VIEW

from .columns import Ints, count, distinct, distinct_pairs, lookup, take, text
from .facts import Facts

_SAME = (
    "account",
    "id",
    "kind",
    "principal",
    "active",
    "created",
    "last_used",
    "last_used_known",
    "last_used_service",
    "expires",
    "hardware",
    "source",
)


def credentials_view(provider: str, facts: Facts, admin: Any) -> pa.Table:
    """One row per credential and holder, in the order of the credentials table."""
    credentials, principals = facts.credentials, facts.principals
    row = facts.holder
    return table(
        CREDENTIALS_VIEW,
        {
            "provider": repeated(provider, credentials.num_rows),
            **{name: credentials[name] for name in _SAME},
            "principal_name": pc.coalesce(text(take(principals["name"], row)), text(credentials["principal"])),
            "principal_kind": pc.fill_null(take(principals["kind"], row), "unknown"),
            "holders": pa.array(_holders(credentials)),
            "holder_admin": pc.fill_null(take(admin, row), "unknown"),
        },
    )


def _holders(credentials: pa.Table) -> Ints:
    """Number of distinct principals that hold a credential of the same kind and id."""
    names = pc.binary_join_element_wise(text(credentials["kind"]), text(credentials["id"]), " ")
    code = lookup(names, names.unique())
    holder = lookup(credentials["principal"], distinct(credentials["principal"]))
    shared, _ = distinct_pairs(code, holder)
    counts: Ints = count(int(code.max()) + 1 if len(code) else 0, shared)
    return counts[code] if len(code) else np.zeros(0, dtype=np.int64)
