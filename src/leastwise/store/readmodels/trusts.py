"""The read model of trusts."""

from __future__ import annotations

from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from leastwise.engine.columns import repeated, table
from leastwise.model.tables import TRUSTS_VIEW

from .columns import Bools, flags, says, take, text
from .facts import Facts

_SAME = (
    "subject_kind",
    "subject",
    "subject_account",
    "patterns",
    "audiences",
    "external_id",
    "limited",
    "conditional",
    "organizations",
    "reach",
)


def is_external(trusts: pa.Table) -> Bools:
    """Which trusts let in a subject from outside the account."""
    elsewhere = pc.not_equal(text(trusts["subject_account"]), text(trusts["account"]))
    return _open(trusts) & (flags(elsewhere) | says(trusts["subject_kind"], "anyone", "oidc", "saml"))


def _open(trusts: pa.Table) -> Bools:
    """Which trusts let anybody in: those that allow, and do not name a provider that is not there."""
    return says(trusts["effect"], "Allow") & ~flags(trusts["dead"])


def trusts_view(provider: str, facts: Facts, admin: Any) -> pa.Table:
    """One row per subject that an Allow lets in."""
    allowed = _open(facts.trusts)
    trusts, row = facts.trusts, facts.truster
    if not allowed.all():
        trusts, row = trusts.filter(pa.array(allowed)), row[allowed]
    return table(
        TRUSTS_VIEW,
        {
            "provider": repeated(provider, trusts.num_rows),
            "account": trusts["account"],
            "principal": trusts["principal"],
            "principal_name": pc.coalesce(text(take(facts.principals["name"], row)), text(trusts["principal"])),
            "principal_kind": pc.fill_null(take(facts.principals["kind"], row), "unknown"),
            "principal_admin": pc.fill_null(take(admin, row), "unknown"),
            **{name: trusts[name] for name in _SAME},
            "source": pc.fill_null(take(facts.principals["source"], row), ""),
        },
    )
