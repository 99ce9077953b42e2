"""The read model of grants."""

from __future__ import annotations

from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from leastwise.engine.columns import coded, repeated, table
from leastwise.model.tables import GRANTS_VIEW

from .columns import flags, flat, ints, lookup, says, take, text
from .edges import Reach
from .facts import BINDING, Facts

_FROM_DOCUMENT = (
    "unsupported", "admin", "rewrites_iam", "wildcard", "wildcard_actions", "wildcard_resources", "conditional",
    "privileged",
)  # fmt: skip


_OF_ALL = ("admin", "rewrites_iam", "wildcard", "wildcard_resources")
"""What a document says of all that an account has: where it is given on one resource only, it is not so."""


def _where(edges: Reach, documents: pa.Table) -> dict[str, Any]:
    """Of what is bound to a place, the columns that depend on it; nothing where no row is."""
    bound = says(edges.layer, *BINDING)
    if not bound.any():
        return {}
    narrow = pa.array(bound & ~edges.wide)
    found: dict[str, Any] = {name: pc.if_else(narrow, False, take(documents[name], edges.document)) for name in _OF_ALL}
    found["wildcard_resources"] = pc.if_else(pa.array(bound), pa.array(edges.wide), found["wildcard_resources"])
    told = take(documents["conditional"], edges.document)
    found["conditional"] = pc.if_else(pa.array(bound & ~says(edges.layer, "deny")), pa.array(edges.conditioned), told)
    found["admin"] = pc.and_kleene(found["admin"], pa.array(~edges.conditioned))
    return found


_GIVING = ("identity", "device", "resource", "allow", "application", "delegated", "ownership")
"""Layers that give something, for good where nothing else is told."""


_STATES = ("standing", "ending", "activated", "eligible", "")


def _state(facts: Facts, edges: Reach) -> pa.Array:
    """How lasting a grant is: eligible, activated, until its end, or standing; empty for what gives nothing."""
    state = np.zeros(len(edges.document), dtype=np.int32)
    bound = np.flatnonzero(edges.attachment >= 0)
    at = edges.attachment[bound]
    state[bound[flags(pc.is_valid(take(facts.attachments["until"], at)))]] = _STATES.index("ending")
    state[bound[says(take(facts.attachments["kind"], at), "activated_assignment")]] = _STATES.index("activated")
    state[~says(edges.layer, *_GIVING)] = _STATES.index("")
    state[says(edges.layer, "eligible")] = _STATES.index("eligible")
    return coded(state, _STATES)


def _scope_kind(facts: Facts, edges: Reach) -> pa.Array:
    """The kind of the scope that something is granted on; a resource where it is none."""
    places = flat(edges.resource)
    kinds = text(take(facts.scopes["kind"], lookup(places.dictionary, facts.scopes["id"])))
    told = pc.if_else(pc.equal(places.dictionary, ""), "", pc.fill_null(kinds, "resource"))
    return coded(ints(places.indices), told)


def grants_view(provider: str, facts: Facts, edges: Reach) -> pa.Table:
    """One row per policy in force on a principal, a resource or a scope."""
    documents, rows = facts.documents, edges.document
    said = {name: take(documents[name], rows) for name in _FROM_DOCUMENT} | _where(edges, documents)
    return table(
        GRANTS_VIEW,
        {
            "provider": repeated(provider, len(rows)),
            "account": edges.account,
            "principal": edges.target,
            "principal_kind": edges.target_kind,
            "via": edges.via,
            "layer": edges.layer,
            "kind": edges.kind,
            "policy": edges.policy,
            "document": coded(rows, flat(documents["hash"])),
            **said,
            "resource": edges.resource,
            "scope_kind": _scope_kind(facts, edges),
            "until": take(facts.attachments["until"], edges.attachment),
            "requires": take(facts.attachments["requires"], edges.attachment),
            "state": _state(facts, edges),
            "source": edges.source,
        },
    )
