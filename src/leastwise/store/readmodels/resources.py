"""The read model of resources: who outside may reach them, by policy or access list."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from leastwise.engine.columns import table
from leastwise.model.tables import RESOURCES_VIEW

from .columns import (
    Bools,
    Ints,
    constant,
    flags,
    flat,
    ints,
    join,
    lists,
    lookup,
    mark,
    owner_by_tag,
    take,
    unlist,
    words,
)
from .facts import Facts

_PUBLIC_WORDS = ["no", "unknown", "blocked", "conditional", "yes"]
_NO, _UNKNOWN, _BLOCKED, _CONDITIONAL, _YES = range(5)
_SAME = ("account", "id", "kind", "name", "region", "created", "principal", "tags", "source")


@dataclass(frozen=True, slots=True)
class _Openings:
    """What the resource policies say: (resource, document) pairs, and of each document how open it is and why.

    `openness` is 2 for everyone, 1 for everyone under a condition, 0 else, -1 if it cannot be told.
    """

    resource: Ints
    document: Ints
    openness: Ints
    reason: pa.Array


def resources_view(provider: str, facts: Facts) -> pa.Table:
    """One row per resource, in the order of the resources table."""
    resources = facts.resources
    rows = resources.num_rows
    openings = _openings(facts)
    owned = mark(rows, openings.resource)
    public, reason = _public(resources, openings)
    known = flags(resources["policy_known"])
    return table(
        RESOURCES_VIEW,
        {
            "provider": constant(provider, rows),
            **{name: resources[name] for name in _SAME},
            "policy": pa.array(owned, mask=~owned & ~known),
            "public": words(_PUBLIC_WORDS, public),
            "public_reason": reason,
            "shared_with": _shared_with(facts, openings),
            "owner": owner_by_tag(resources["tags"]),
        },
    )


def _openings(facts: Facts) -> _Openings:
    resources, attachments, documents = facts.resources, facts.attachments, facts.documents
    own = ints(resources["policy"])
    has = np.flatnonzero(own >= 0)
    laid = np.flatnonzero(flags(pc.equal(attachments["layer"], "resource")))
    target = lookup(take(attachments["target"], laid), resources["id"])
    resource = np.concatenate([has, target[target >= 0]])
    document = np.concatenate([own[has], ints(attachments["document"])[laid][target >= 0]])
    pairs = np.unique(np.stack([resource, document], axis=1), axis=0)
    used = mark(documents.num_rows, pairs[:, 1][pairs[:, 1] >= 0])
    statement, openness = _open_statements(facts, used)
    return _Openings(pairs[:, 0], pairs[:, 1], openness, _reasons(facts, statement))


def _open_statements(facts: Facts, used: Bools) -> tuple[Ints, Ints]:
    """Row of the widest statement of each document (-1: none) and its openness, over documents on resources.

    One more entry at the end stands for the document that is not known.
    """
    statements, documents = facts.statements, facts.documents
    parent, principal = unlist(statements["principals"])
    anyone = flags(pc.is_in(principal, value_set=pa.array(["*=*", "AWS=*"])))
    wide = mark(statements.num_rows, parent[anyone])
    excepted, _ = unlist(statements["not_principals"])
    wide |= mark(statements.num_rows, excepted)
    wide &= flags(pc.equal(statements["effect"], "Allow"))
    owner = ints(statements["document"])
    rows = np.flatnonzero(wide & used[owner]) if len(owner) else np.zeros(0, dtype=np.int64)
    text = take(statements["condition"], rows)
    level = np.where(flags(pc.is_null(text)) | flags(pc.is_in(text, value_set=pa.array(["", "{}"]))), 2, 1)
    order = np.lexsort((-rows, level))
    chosen = np.full(documents.num_rows + 1, -1, dtype=np.int64)
    openness = np.append(np.where(flags(pc.is_valid(documents["unsupported"])), -1, 0), -1)
    chosen[owner[rows[order]]] = rows[order]
    openness[owner[rows[order]]] = level[order]
    return chosen, openness


def _reasons(facts: Facts, statement: Ints) -> pa.Array:
    """In words which statement of each document lets everyone in; empty where none does."""
    sid = take(facts.statements["sid"], statement)
    position = take(facts.statements["position"], statement).cast(pa.string())
    name = pc.coalesce(sid, pc.binary_join_element_wise("number", position, " "))
    said = pc.binary_join_element_wise("policy statement", name, "allows everyone", " ")
    return flat(pc.fill_null(said, ""))


def _public(resources: pa.Table, openings: _Openings) -> tuple[Ints, pa.Array]:
    """How public each resource is (a position in `_PUBLIC_WORDS`), and why."""
    rows = resources.num_rows
    openness = openings.openness[openings.document]
    order = np.lexsort((-openings.document, openness))
    widest = np.full(rows, -2, dtype=np.int64)
    deciding = np.full(rows, len(openings.reason) - 1, dtype=np.int64)
    widest[openings.resource[order]] = openness[order]
    deciding[openings.resource[order]] = openings.document[order]
    unsure = mark(rows, openings.resource[openness == -1])
    unsure |= (widest == -2) & ~flags(resources["policy_known"])
    block = resources["public_block"]
    policy_blocked = flags(pc.is_in(block, value_set=pa.array(["policy", "all"])))
    unsure &= ~policy_blocked  # whatever the policy says, it cannot make the resource public
    list_blocked = flags(pc.is_in(block, value_set=pa.array(["acl", "all"])))
    listed = flags(pc.is_in(resources["acl_public"], value_set=pa.array(["read", "write", "full"])))
    by_policy = np.where(policy_blocked & (widest > 0), _BLOCKED, np.choose(np.maximum(widest, 0), [_NO, 3, 4]))
    by_list = np.where(listed, np.where(list_blocked, _BLOCKED, _YES), _NO)
    state = np.maximum(by_policy, by_list)
    state = np.where(unsure & (state < _CONDITIONAL), _UNKNOWN, state)
    policy_text = openings.reason.take(pa.array(np.where(widest > 0, deciding, len(openings.reason) - 1)))
    return state.astype(np.int64), _because(resources, policy_text, widest == 1, listed, state)


def _because(resources: pa.Table, policy_text: pa.Array, conditional: Bools, listed: Bools, state: Ints) -> pa.Array:
    """The reason of each row: the statement, the access list, and what blocks them."""
    under = pc.if_else(pa.array(conditional), " under a condition", "")
    by_policy = pc.binary_join_element_wise(policy_text, under, "")
    acl = pc.binary_join_element_wise("access list grants everyone", pc.fill_null(resources["acl_public"], ""), " ")
    by_list = pc.if_else(pa.array(listed), acl, "")
    both = pc.and_(pc.not_equal(by_policy, ""), pa.array(listed))
    reason = pc.binary_join_element_wise(by_policy, pc.if_else(both, "; ", ""), by_list, "")
    block = pc.fill_null(resources["public_block"], "")
    shut = pc.binary_join_element_wise("; public access is blocked (", block, ")", "")
    return pc.binary_join_element_wise(reason, pc.if_else(pa.array(state == _BLOCKED), shut, ""), "")


_FOREIGN = r"^AWS=(?P<arn>(?:arn:[^:]*:[^:]*:[^:]*:)?(?P<account>[0-9]{12})(?P<rest>:.*)?)$"


def _shared_with(facts: Facts, openings: _Openings) -> pa.Array:
    """Other accounts, and principals of other accounts, that an Allow of each resource's policies names."""
    statements, resources = facts.statements, facts.resources
    allow = flags(pc.equal(statements["effect"], "Allow"))
    parent, named = unlist(statements["principals"])
    kept = np.flatnonzero(allow[parent]) if len(parent) else np.zeros(0, dtype=np.int64)
    parts = pc.extract_regex(take(named, kept), _FOREIGN)
    matched = np.flatnonzero(flags(pc.is_valid(parts)))
    parts = flat(parts).take(pa.array(matched))
    account, arn, rest = (pc.struct_field(parts, name) for name in ("account", "arn", "rest"))
    whole = pc.is_in(pc.fill_null(rest, ""), value_set=pa.array(["", ":root"]))
    shown = pc.if_else(whole, account, arn)
    document = ints(statements["document"])[parent[kept[matched]]]
    pair, entry = join(openings.document, document)
    owner = openings.resource[pair]
    other = flags(pc.not_equal(take(account, entry), take(resources["account"], owner)))
    return lists(resources.num_rows, owner[other], take(shown, entry[other]))
