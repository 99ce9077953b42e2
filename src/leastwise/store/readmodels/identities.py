"""The read model of identities."""

from __future__ import annotations

from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from leastwise.engine.columns import repeated, table
from leastwise.model.tables import IDENTITIES_VIEW

from .bound import denied as denied_by_rules
from .columns import (
    Bools,
    Ints,
    constant,
    count,
    distinct,
    flags,
    ints,
    lists,
    lookup,
    mark,
    owner_by_tag,
    says,
    take,
    text,
    times,
    truths,
    unlist,
    words,
)
from .edges import Reach
from .facts import Facts
from .trusts import is_external

_ADMIN_WORDS = ["no", "unknown", "limited", "conditional", "yes"]
_NO, _UNKNOWN, _LIMITED, _CONDITIONAL, _YES = range(5)

_KEYLESS = (
    "group",
    "service_linked",
    "identity_center_role",
    "cross_account",
    "federated",
    "device",
    "provider_service",
    "deleted",
)
"""Kinds that cannot hold an access key, so that none read means none."""

_SHOWN = ("id", "name", "kind", "native", "path", "created", "console", "mfa", "mfa_hardware", "enabled")


def identities_view(provider: str, facts: Facts, edges: Reach) -> pa.Table:
    """One row per principal, in the order of the principals table."""
    principals = facts.principals
    rows = principals.num_rows
    granted = edges.principal >= 0
    identity = granted & says(edges.layer, "identity", "allow", "application")
    given = identity | (granted & says(edges.layer, "device"))
    counted = given & ~says(edges.kind, "unread")
    inline = identity & says(edges.kind, "inline") & says(edges.via, "")
    deputy = _deputies(facts)
    admin_edges = np.flatnonzero(identity & edges.wide & _making(facts, edges, identity))
    last_used, last_known = _last_use(facts)
    groups = facts.memberships
    member = facts.member
    belongs = np.flatnonzero((member >= 0) & ~says(groups["kind"], "administrative_unit", "privileged_group"))
    return table(
        IDENTITIES_VIEW,
        {
            "provider": repeated(provider, rows),
            "account": principals["account"],
            **{name: principals[name] for name in _SHOWN},
            "last_used": last_used,
            "last_used_known": pa.array(last_known),
            "active_keys": _active_keys(facts),
            "admin": words(_ADMIN_WORDS, _admin(facts, edges, identity, deputy)),
            "admin_via": _admin_via(facts, edges, admin_edges, deputy),
            "external": _external(facts),
            "groups": lists(rows, member[belongs], take(groups["group"], belongs)),
            "grants": pa.array(count(rows, edges.principal[counted])),
            "inline": pa.array(count(rows, edges.principal[inline])),
            "wildcard": _wildcard(facts, edges, given, deputy),
            "privileged": _privileged(facts, edges, given | (granted & says(edges.layer, "eligible"))),
            "owners": principals["owners"],
            "boundary": principals["boundary"],
            "subjects": _subjects(facts),
            "owner": owner_by_tag(principals["tags"]),
            "mail": principals["mail"],
            "tags": principals["tags"],
            "source": principals["source"],
        },
    )


def _admin(facts: Facts, edges: Reach, identity: Bools, deputy: Ints) -> Ints:
    """Whether each principal is an administrator: a position in `_ADMIN_WORDS`; see decision 0002.

    A permissions boundary, and a Deny anywhere among the grants, stand against what is granted
    (https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic.html).
    """
    rows, said = facts.principals.num_rows, facts.flags
    who, document = edges.principal, edges.document
    open_, limited, unsure = _bounded(facts, edges)
    identity = identity & edges.wide
    whole, barred = said.admin[document] == 1, denied_by_rules(facts, edges)
    full = identity & whole & ~edges.conditioned
    under = identity & (said.conditional[document] | (whole & edges.conditioned))

    def some(mask: Bools) -> Bools:
        return mark(rows, who[mask])

    denied = some(identity & (said.denies[document] | barred))
    union = _union(facts, edges, identity)[:rows]
    state = np.full(rows, _NO)
    # From the weakest to the strongest: a later line overrules an earlier one.
    state[some(identity & (said.admin[document] == -1)) | some((full | under) & unsure)] = _UNKNOWN
    state[some((full | under) & limited) | some(identity & said.nearly[document]) | union] = _LIMITED
    held = some(under & open_)
    state[held] = np.where(denied[held] | (state[held] == _LIMITED), _LIMITED, _CONDITIONAL)
    held = some(full & open_)
    state[held] = np.where(denied[held], _LIMITED, _YES)
    kind = facts.principals["kind"]
    state[says(kind, "external")] = _UNKNOWN
    state[says(kind, "root")] = _YES
    agents = np.flatnonzero(says(kind, "agent"))
    state[agents] = np.where(deputy[agents] >= 0, state[deputy[agents]], _UNKNOWN)
    return state.astype(np.int64)


def _union(facts: Facts, edges: Reach, identity: Bools) -> Bools:
    """Which principals hold everything but IAM by one grant, and IAM by another; a last row for none."""
    rows, said, document = facts.principals.num_rows + 1, facts.flags, edges.document
    rest, iam = (mark(rows, edges.principal[identity & held[document]]) for held in (said.rest, said.iam))
    return rest & iam


def _making(facts: Facts, edges: Reach, identity: Bools) -> Bools:
    """Which grants make an administrator, alone or together."""
    said, document = facts.flags, edges.document
    alone = (said.admin == 1) | said.conditional | said.nearly
    union = _union(facts, edges, identity)
    making: Bools = alone[document] | ((said.rest | said.iam)[document] & union[edges.principal])
    return making


def _bounded(facts: Facts, edges: Reach) -> tuple[Bools, Bools, Bools]:
    """Of each grant: that no boundary limits it, that one does, that it cannot be told.

    A principal's own boundary limits all its grants, that of a permission set those which come by the set. One that
    allows everything, and denies nothing that makes an administrator, limits nothing. One whose document is not known
    may (https://docs.aws.amazon.com/IAM/latest/UserGuide/access_policies_boundaries.html).
    """
    rows, document = facts.principals.num_rows, edges.document
    bounding = says(edges.layer, "boundary") & (edges.principal >= 0)
    harmless = (facts.flags.admin[document] == 1) & ~facts.flags.denies[document]
    unread = facts.flags.admin[document] == -1
    sets = lookup(edges.via, distinct(edges.via))
    own = says(edges.via, "")
    key = edges.principal * (int(sets.max(initial=0)) + 1) + sets

    def hit(mask: Bools) -> Bools:
        named = mark(rows + 1, edges.principal[bounding & own & mask])[edges.principal]
        carried = bounding & ~own & mask
        return named | (np.isin(key, key[carried]) if carried.any() else carried)

    stated = np.append(flags(pc.is_valid(facts.principals["boundary"])), False)
    missing = stated & ~mark(rows + 1, edges.principal[bounding & own])
    limited = hit(~harmless & ~unread)
    unsure = ~limited & (hit(unread) | missing[edges.principal])
    return ~limited & ~unsure, limited, unsure


def _deputies(facts: Facts) -> Ints:
    """Row of the role that each agent runs as, -1 where none is known.

    https://docs.aws.amazon.com/bedrock/latest/userguide/agents-permissions.html
    """
    subject, role = facts.subject, facts.object
    runs = (subject >= 0) & says(facts.runs_as["kind"], "executes_as")
    found = np.full(facts.principals.num_rows, -1, dtype=np.int64)
    found[subject[runs]] = role[runs]
    return found


def _admin_via(facts: Facts, edges: Reach, admin: Ints, deputy: Ints) -> pa.Array:
    rows, kind = facts.principals.num_rows, facts.principals["kind"]
    via, policy = text(take(edges.via, admin)), text(take(edges.policy, admin))
    place = text(take(edges.resource, admin))
    policy = pc.if_else(pc.equal(place, ""), policy, pc.binary_join_element_wise(policy, place, " on "))
    chain = pc.if_else(pc.equal(via, ""), policy, pc.binary_join_element_wise(via, policy, " → "))
    roots = np.flatnonzero(says(kind, "root"))
    held = np.append(mark(rows, edges.principal[admin]), False)
    agents = np.flatnonzero(says(kind, "agent") & held[deputy])
    role = text(take(facts.principals["id"], deputy[agents]))
    values = pa.concat_arrays([chain, constant("root", len(roots)), role])
    return lists(rows, np.concatenate([edges.principal[admin], roots, agents]), values)


def _wildcard(facts: Facts, edges: Reach, given: Bools, deputy: Ints) -> pa.Array:
    """True by one grant that is, false if all are known not to be, else null; an agent has what its role has."""
    rows, who = facts.principals.num_rows, edges.principal[given]
    said = np.where(edges.wide, facts.flags.wildcard[edges.document], 0)[given]
    found = mark(rows, who[said == 1])
    state = np.where(found, 1, np.where(mark(rows, who[said == -1]), -1, 0))
    kind = facts.principals["kind"]
    state[says(kind, "external") & (state == 0)] = -1
    agents = np.flatnonzero(says(kind, "agent"))
    state[agents] = np.where(deputy[agents] >= 0, state[deputy[agents]], -1)
    return pa.array(state == 1, mask=state == -1)


def _privileged(facts: Facts, edges: Reach, given: Bools) -> pa.Array:
    """True by one grant that is, false if all are known not to be, else null."""
    rows, who = facts.principals.num_rows, edges.principal[given]
    said = np.append(truths(facts.documents["privileged"]), -1)[edges.document[given]]
    found = mark(rows, who[said == 1])
    return pa.array(found, mask=~found & mark(rows, who[said == -1]))


def _last_use(facts: Facts) -> tuple[pa.Array, Bools]:
    """Newest use of each principal and its credentials, and whether every source of it was asked."""
    principals, credentials = facts.principals, facts.credentials
    newest = times(principals["last_used"]).copy()
    holder = facts.holder
    held = holder >= 0
    np.maximum.at(newest, holder[held], times(credentials["last_used"])[held])
    signing = says(credentials["kind"], "access_key", "password")
    silent = held & signing & ~flags(credentials["last_used_known"])
    known = flags(principals["last_used_known"]) & ~mark(principals.num_rows, holder[silent])
    never = newest == np.iinfo(np.int64).min
    stamps: Any = pa.array(newest, pa.int64(), mask=never)
    return stamps.cast(pa.timestamp("us", tz="UTC")), known


def _active_keys(facts: Facts) -> pa.Array:
    """Number of active access keys; null where keys were not read.

    A principal without any key may be one whose keys were not read.
    """
    principals, credentials = facts.principals, facts.credentials
    rows = principals.num_rows
    key = says(credentials["kind"], "access_key", "service_account_key", "uploaded_key")
    holder = facts.holder
    key &= holder >= 0
    active = truths(credentials["active"])
    held, unsure = mark(rows, holder[key]), mark(rows, holder[key & (active == -1)])
    keyless = says(principals["kind"], *_KEYLESS) | (ints(principals["trust"]) >= 0)
    read = held | keyless | flags(principals["keys_known"])
    return pa.array(count(rows, holder[key & (active == 1)]), mask=~read | unsure)


def _external(facts: Facts) -> pa.Array:
    """Whom another account or a provider may become; null for roles whose trust policy was not read."""
    principals, trusts = facts.principals, facts.trusts
    row = facts.truster
    opened = row[is_external(trusts) & (row >= 0)]
    outside = mark(principals.num_rows, opened) | says(principals["kind"], "external")
    outside |= says(principals["directory"], "foreign")
    trust = ints(principals["trust"])
    unread = np.append(flags(pc.is_valid(facts.documents["unsupported"])), False)[trust]
    unread |= (trust < 0) & says(principals["native"], "role")
    unread |= says(principals["directory"], "unknown")
    return pa.array(outside, mask=unread & ~outside)


def _subjects(facts: Facts) -> pa.Array:
    """Who may become each principal: the subject patterns of a federated trust, else its subject."""
    principals, trusts = facts.principals, facts.trusts
    row = facts.truster
    row = np.where(says(trusts["effect"], "Allow"), row, -1)
    parent, pattern = unlist(trusts["patterns"])
    bare = np.flatnonzero(~mark(trusts.num_rows, parent))
    trust = np.concatenate([parent, bare])
    value = pa.concat_arrays([pattern, text(take(trusts["subject"], bare))])
    order = np.argsort(trust, kind="stable")
    order = order[row[trust[order]] >= 0]
    return lists(principals.num_rows, row[trust[order]], take(value, order))
