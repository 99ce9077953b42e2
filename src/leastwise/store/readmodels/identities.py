"""The read model of identities."""

from __future__ import annotations

from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from leastwise.engine.columns import table
from leastwise.model.tables import IDENTITIES_VIEW

from .columns import (
    Bools,
    Ints,
    constant,
    count,
    flags,
    flat,
    ints,
    lists,
    mark,
    owner_by_tag,
    take,
    times,
    truths,
    unlist,
    words,
)
from .facts import Facts
from .reach import Reach
from .trusts import is_external

_ADMIN_WORDS = ["no", "unknown", "limited", "yes"]
_NO, _UNKNOWN, _LIMITED, _YES = range(4)

_KEYLESS = (
    "group",
    "service_linked",
    "identity_center_role",
    "cross_account",
    "federated",
    "device",
    "provider_service",
)
"""Kinds that cannot hold an access key, so that none read means none."""

_SHOWN = ("id", "name", "kind", "native", "path", "created", "console", "mfa", "mfa_hardware", "enabled")


def identities_view(provider: str, facts: Facts, edges: Reach) -> pa.Table:
    """One row per principal, in the order of the principals table."""
    principals = facts.principals
    rows = principals.num_rows
    granted = edges.principal >= 0
    identity = granted & flags(pc.equal(edges.layer, "identity"))
    given = np.flatnonzero(identity | (granted & flags(pc.equal(edges.layer, "device"))))
    inline = identity & flags(pc.equal(edges.kind, "inline")) & flags(pc.equal(edges.via, ""))
    admin_edges = np.flatnonzero(identity & (facts.flags.admin[edges.document] == 1))
    root = flags(pc.equal(principals["kind"], "root"))
    last_used, last_known = _last_use(facts)
    groups = facts.memberships
    member = facts.member
    belongs = np.flatnonzero(member >= 0)
    return table(
        IDENTITIES_VIEW,
        {
            "provider": constant(provider, rows),
            "account": principals["account"],
            **{name: principals[name] for name in _SHOWN},
            "last_used": last_used,
            "last_used_known": pa.array(last_known),
            "active_keys": _active_keys(facts),
            "admin": words(_ADMIN_WORDS, _admin(facts, edges, identity, root)),
            "admin_via": _admin_via(edges, admin_edges, root),
            "external": pa.array(_external(facts)),
            "groups": lists(rows, member[belongs], take(groups["group"], belongs)),
            "grants": pa.array(count(rows, edges.principal[given])),
            "inline": pa.array(count(rows, edges.principal[inline])),
            "wildcard": _wildcard(rows, edges.principal[given], facts.flags.wildcard[edges.document[given]]),
            "boundary": principals["boundary"],
            "subjects": _subjects(facts),
            "owner": owner_by_tag(principals["tags"]),
            "mail": principals["mail"],
            "tags": principals["tags"],
            "source": principals["source"],
        },
    )


def _admin(facts: Facts, edges: Reach, identity: Bools, root: Bools) -> Ints:
    """Whether each principal is an administrator: a position in `_ADMIN_WORDS`."""
    rows = facts.principals.num_rows
    who, state = edges.principal[identity], facts.flags.admin[edges.document[identity]]
    yes = mark(rows, who[state == 1])
    unsure = mark(rows, who[state == -1])
    denied = mark(rows, who[facts.flags.denies[edges.document[identity]]])
    bounding = flags(pc.equal(edges.layer, "boundary")) & (edges.principal >= 0)
    harmless = bounding & (facts.flags.admin[edges.document] == 1)
    bounded = flags(pc.is_valid(facts.principals["boundary"])) | mark(rows, edges.principal[bounding])
    bounded &= ~mark(rows, edges.principal[harmless])
    state = np.where(yes, np.where(bounded | denied, _LIMITED, _YES), np.where(unsure, _UNKNOWN, _NO))
    return np.where(root, _YES, state).astype(np.int64)


def _admin_via(edges: Reach, admin: Ints, root: Bools) -> pa.Array:
    via, policy = take(edges.via, admin), take(edges.policy, admin)
    chain = pc.if_else(pc.equal(via, ""), policy, pc.binary_join_element_wise(via, policy, " → "))
    roots = np.flatnonzero(root)
    values = pa.concat_arrays([flat(chain), constant("root", len(roots))])
    return lists(len(root), np.concatenate([edges.principal[admin], roots]), values)


def _wildcard(rows: int, who: Ints, state: Ints) -> pa.Array:
    """True by one grant that is, false if all are known not to be, else null."""
    found = mark(rows, who[state == 1])
    return pa.array(found, mask=~found & mark(rows, who[state == -1]))


def _last_use(facts: Facts) -> tuple[pa.Array, Bools]:
    """Newest use of each principal and its credentials, and whether every source of it was asked."""
    principals, credentials = facts.principals, facts.credentials
    newest = times(principals["last_used"]).copy()
    holder = facts.holder
    held = holder >= 0
    np.maximum.at(newest, holder[held], times(credentials["last_used"])[held])
    signing = flags(pc.is_in(credentials["kind"], value_set=pa.array(["access_key", "password"])))
    silent = held & signing & ~flags(credentials["last_used_known"])
    known = flags(principals["last_used_known"]) & ~mark(principals.num_rows, holder[silent])
    never = newest == np.iinfo(np.int64).min
    stamps: Any = pa.array(newest, pa.int64(), mask=never)
    return stamps.cast(pa.timestamp("us", tz="UTC")), known


def _active_keys(facts: Facts) -> pa.Array:
    """Number of active access keys; null where keys were not read.

    A principal without any key may be one whose keys were not read. What tells whether it can sign in with a password
    (the credential report, the account's own listing) also lists keys, so a known `console` means that they were.
    """
    principals, credentials = facts.principals, facts.credentials
    rows = principals.num_rows
    key = flags(pc.equal(credentials["kind"], "access_key"))
    holder = facts.holder
    key &= holder >= 0
    active = truths(credentials["active"])
    held, unsure = mark(rows, holder[key]), mark(rows, holder[key & (active == -1)])
    keyless = flags(pc.is_in(principals["kind"], value_set=pa.array(_KEYLESS))) | (ints(principals["trust"]) >= 0)
    read = held | keyless | flags(pc.is_valid(principals["console"]))
    return pa.array(count(rows, holder[key & (active == 1)]), mask=~read | unsure)


def _external(facts: Facts) -> Bools:
    principals, trusts = facts.principals, facts.trusts
    row = facts.truster
    opened = row[is_external(trusts) & (row >= 0)]
    return mark(principals.num_rows, opened) | flags(pc.equal(principals["kind"], "external"))


def _subjects(facts: Facts) -> pa.Array:
    """Who may become each principal: the subject patterns of a federated trust, else its subject."""
    principals, trusts = facts.principals, facts.trusts
    row = facts.truster
    row = np.where(flags(pc.equal(trusts["effect"], "Allow")), row, -1)
    parent, pattern = unlist(trusts["patterns"])
    bare = np.flatnonzero(~mark(trusts.num_rows, parent))
    trust = np.concatenate([parent, bare])
    value = pa.concat_arrays([pattern, flat(take(trusts["subject"], bare))])
    order = np.argsort(trust, kind="stable")
    order = order[row[trust[order]] >= 0]
    return lists(principals.num_rows, row[trust[order]], take(value, order))
