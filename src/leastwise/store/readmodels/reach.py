"""Which policies are in force on which principal: directly, by a group, a certificate or an assignment."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from .columns import Ints, constant, flags, flat, ints, join, lookup, take
from .facts import Facts


@dataclass(frozen=True, slots=True)
class Reach:
    """One row per policy in force on a principal, or on a resource or scope.

    `principal` is the row in principals, -1 for a resource, a scope or a principal that is not in the snapshot;
    `target` its id in any case. A `document` of -1 is one that is not known; a row of kind `unread` stands for policies
    of which not even the names are known.
    """

    principal: Ints
    target: pa.ChunkedArray
    target_kind: pa.ChunkedArray
    account: pa.ChunkedArray
    via: pa.ChunkedArray
    layer: pa.ChunkedArray
    kind: pa.ChunkedArray
    policy: pa.ChunkedArray
    document: Ints
    source: pa.ChunkedArray


def reach(facts: Facts) -> Reach:
    """Every policy in force, groups, certificates and assignments expanded to their principals."""
    parts = [_direct(facts), _carried(facts), _unread(facts), _assigned(facts)]
    texts = ("target", "target_kind", "account", "via", "layer", "kind", "policy", "source")
    joined = {
        name: pa.chunked_array([c for part in parts for c in getattr(part, name).chunks], pa.string()) for name in texts
    }
    return Reach(
        principal=np.concatenate([part.principal for part in parts]),
        document=np.concatenate([part.document for part in parts]),
        **joined,
    )


def _direct(facts: Facts) -> Reach:
    """Attachments as they stand; permission sets are left to their assignments."""
    attachments = facts.attachments
    bundles = pa.chunked_array([flat(facts.assignments["bundle"]), _permission_sets(facts)], pa.string())
    kept = np.flatnonzero(lookup(attachments["target"], bundles.unique()) < 0)
    rows = lookup(attachments["target"], facts.principals["id"])[kept]
    layer = take(attachments["layer"], kept)
    other = pc.if_else(
        pc.equal(layer, "resource"),
        "resource",
        pc.if_else(pc.is_in(layer, value_set=pa.array(["scp", "rcp"])), "scope", "unknown"),
    )
    return Reach(
        principal=rows,
        target=take(attachments["target"], kept),
        target_kind=pc.coalesce(take(facts.principals["kind"], rows), other),
        account=take(attachments["account"], kept),
        via=pa.chunked_array([constant("", len(kept))]),
        layer=layer,
        kind=take(attachments["kind"], kept),
        policy=take(attachments["policy"], kept),
        document=ints(attachments["document"])[kept],
        source=take(attachments["source"], kept),
    )


def _permission_sets(facts: Facts) -> pa.Array:
    policies, attachments = facts.policies, facts.attachments
    listed = policies["id"].filter(pc.equal(policies["kind"], "permission_set"))
    given = attachments["target"].filter(pc.equal(attachments["kind"], "permission_set"))
    foreign = given.filter(pa.array(lookup(given, facts.principals["id"]) < 0))
    return pa.concat_arrays([flat(listed), flat(foreign)])


def _carried(facts: Facts) -> Reach:
    """Attachments on a group or a certificate, once for each member or holder."""
    credentials = facts.credentials
    certificates = np.flatnonzero(flags(pc.equal(credentials["kind"], "certificate")))
    members = pa.concat_arrays([flat(facts.memberships["member"]), flat(take(credentials["principal"], certificates))])
    known_rows = np.concatenate([facts.member, facts.holder[certificates]])
    carriers = pa.concat_arrays([flat(facts.memberships["group"]), flat(take(credentials["id"], certificates))])
    attachments = facts.attachments
    giving = pc.is_in(attachments["layer"], value_set=pa.array(["identity", "device"]))
    given = np.flatnonzero(flags(giving))
    known = carriers.unique()
    carrier, attached = join(lookup(carriers, known), lookup(take(attachments["target"], given), known))
    rows, attached = known_rows[carrier], given[attached]
    return Reach(
        principal=rows,
        target=take(members, carrier),
        target_kind=pc.fill_null(take(facts.principals["kind"], rows), "unknown"),
        account=take(attachments["account"], attached),
        via=take(carriers, carrier),
        layer=take(attachments["layer"], attached),
        kind=take(attachments["kind"], attached),
        policy=take(attachments["policy"], attached),
        document=ints(attachments["document"])[attached],
        source=take(attachments["source"], attached),
    )


def _unread(facts: Facts) -> Reach:
    """A row for each membership in a group that was not read: its policies act on the member, whatever they say.

    An export may leave groups out (https://docs.aws.amazon.com/IAM/latest/APIReference/API_GetAccountAuthorizationDetails.html,
    `Filter`). Groups of a directory hold no policies of their own: what is assigned to them is known without them.
    """
    memberships = facts.memberships
    own = ~flags(pc.equal(memberships["kind"], "identity_center_group"))
    kept = np.flatnonzero(own & (lookup(memberships["group"], facts.principals["id"]) < 0))
    rows = lookup(memberships["member"], facts.principals["id"])[kept]
    groups, total = take(memberships["group"], kept), len(kept)
    return Reach(
        principal=rows,
        target=take(memberships["member"], kept),
        target_kind=pc.fill_null(take(facts.principals["kind"], rows), "unknown"),
        account=pc.fill_null(take(facts.principals["account"], rows), ""),
        via=groups,
        layer=pa.chunked_array([constant("identity", total)]),
        kind=pa.chunked_array([constant("unread", total)]),
        policy=pa.chunked_array([constant("policies of the group", total)]),
        document=np.full(total, -1, dtype=np.int64),
        source=take(memberships["source"], kept),
    )


@dataclass(frozen=True, slots=True)
class _Bundle:
    """The policies of permission sets: one row a policy."""

    bundle: pa.Array
    layer: pa.Array
    policy: pa.Array
    document: Ints


def _bundles(facts: Facts) -> _Bundle:
    """Policies of each permission set: what is attached to it, else its own document, else one unknown row."""
    wanted = flat(facts.assignments["bundle"]).unique()
    policies, attachments = facts.policies, facts.attachments
    attached = np.flatnonzero(lookup(attachments["target"], wanted) >= 0)
    told = take(attachments["target"], attached)
    alone = (lookup(policies["id"], wanted) >= 0) & (lookup(policies["id"], told) < 0)
    own = np.flatnonzero(alone & flags(policies["default"]))
    bundle = pa.concat_arrays([flat(take(policies["id"], own)), flat(told)])
    bare = wanted.filter(pc.invert(pc.is_in(wanted, value_set=bundle)))
    given = flat(take(attachments["layer"], attached))
    return _Bundle(
        pa.concat_arrays([bundle, bare]),
        pa.concat_arrays([constant("identity", len(own)), given, constant("identity", len(bare))]),
        pa.concat_arrays([flat(take(policies["name"], own)), flat(take(attachments["policy"], attached)), bare]),
        np.concatenate(
            [
                ints(policies["document"])[own],
                ints(attachments["document"])[attached],
                np.full(len(bare), -1, dtype=np.int64),
            ]
        ),
    )


def _assigned(facts: Facts) -> Reach:
    """Identity Center assignments, once for the user or group named and once for each member of a group."""
    assignments, bundles = facts.assignments, _bundles(facts)
    names = flat(assignments["principal"])
    group, member = join(lookup(names, names.unique()), lookup(facts.memberships["group"], names.unique()))
    subject = pa.concat_arrays([names, flat(take(facts.memberships["member"], member))])
    assignment = np.concatenate([np.arange(len(names), dtype=np.int64), group])
    known = flat(assignments["bundle"]).unique()
    owner, policy = join(lookup(assignments["bundle"], known)[assignment], lookup(bundles.bundle, known))
    assignment = assignment[owner]
    rows = lookup(subject, facts.principals["id"])[owner]
    is_group = pc.equal(take(assignments["principal_kind"], assignment), "group")
    named = pa.array(owner < len(names))
    guessed = pc.if_else(pc.and_(is_group, pc.fill_null(named, False)), "group", "human")
    total = len(owner)
    return Reach(
        principal=rows,
        target=take(subject, owner),
        target_kind=pc.coalesce(take(facts.principals["kind"], rows), guessed),
        account=take(assignments["account"], assignment),
        via=take(assignments["bundle"], assignment),
        layer=take(bundles.layer, policy),
        kind=pa.chunked_array([constant("permission_set", total)]),
        policy=take(bundles.policy, policy),
        document=bundles.document[policy],
        source=take(assignments["source"], assignment),
    )
