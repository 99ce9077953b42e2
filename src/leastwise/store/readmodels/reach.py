"""Which policies are in force on which principal: directly, by a group, a certificate or an assignment."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from leastwise.engine.columns import CODED, encoded, repeated

from .bound import bound, held
from .columns import Ints, constant, distinct, flags, flat, ints, join, lookup, says, take, text
from .edges import Reach, kinds_of, plain_places
from .facts import GIVEN, Facts

_GUARDING = ("scp", "rcp", "deny", "principal_access_boundary", "access_policy", "organization_policy")
"""Layers of documents that lie on scopes."""
_OF_DIRECTORIES = ("identity_center_group", "directory_group", "privileged_group", "administrative_unit")
"""Memberships in what holds no policies of its own."""


def reach(facts: Facts) -> Reach:
    """Every policy in force, groups, certificates and assignments expanded to their principals."""
    parts = [_direct(facts), _carried(facts), _unread(facts), _assigned(facts), bound(facts)]
    texts = ("target", "target_kind", "account", "via", "layer", "kind", "policy", "source", "resource")
    joined = {
        name: pa.chunked_array([c for part in parts for c in encoded(getattr(part, name)).chunks], CODED)
        for name in texts
    }
    for name in ("layer", "kind", "via"):  # asked again and again
        joined[name] = pa.chunked_array([flat(joined[name])])
    return Reach(
        principal=np.concatenate([part.principal for part in parts]),
        document=np.concatenate([part.document for part in parts]),
        wide=np.concatenate([part.wide for part in parts]),
        conditioned=np.concatenate([part.conditioned for part in parts]),
        attachment=np.concatenate([part.attachment for part in parts]),
        **joined,
    )


def _direct(facts: Facts) -> Reach:
    """Attachments as they stand; permission sets are left to their assignments."""
    attachments = facts.attachments
    bundles = pa.concat_arrays([text(facts.assignments["bundle"]), _permission_sets(facts)])
    bound_to_members = says(attachments["layer"], *GIVEN)
    # What names whom it is for has its rows by them: a row of its scope would tell it twice.
    bound_to_members[held(facts, "principals", "deny").attachment] = True
    kept = np.flatnonzero((lookup(attachments["target"], bundles) < 0) & ~bound_to_members)
    rows = facts.target[kept]
    layer = take(attachments["layer"], kept)
    return Reach(
        principal=rows,
        target=take(attachments["target"], kept),
        target_kind=kinds_of(facts, rows, {"resource": says(layer, "resource"), "scope": says(layer, *_GUARDING)}),
        account=take(attachments["account"], kept),
        via=encoded(repeated("", len(kept))),
        layer=layer,
        kind=take(attachments["kind"], kept),
        policy=take(attachments["policy"], kept),
        document=ints(attachments["document"])[kept],
        source=take(attachments["source"], kept),
        **plain_places(len(kept)),
    )


def _permission_sets(facts: Facts) -> pa.Array:
    policies, attachments = facts.policies, facts.attachments
    listed = take(policies["id"], np.flatnonzero(says(policies["kind"], "permission_set")))
    foreign = take(
        attachments["target"], np.flatnonzero(says(attachments["kind"], "permission_set") & (facts.target < 0))
    )
    return pa.concat_arrays([text(listed), text(foreign)])


def _carried(facts: Facts) -> Reach:
    """Attachments on a group or a certificate, once for each member or holder."""
    credentials = facts.credentials
    certificates = np.flatnonzero(says(credentials["kind"], "certificate"))
    members = _stack(facts.memberships["member"], take(credentials["principal"], certificates))
    known_rows = np.concatenate([facts.member, facts.holder[certificates]])
    carriers = _stack(facts.memberships["group"], take(credentials["id"], certificates))
    attachments = facts.attachments
    given = np.flatnonzero(says(attachments["layer"], "identity", "device"))
    known = distinct(carriers)
    carrier, attached = join(lookup(carriers, known), lookup(take(attachments["target"], given), known))
    rows, attached = known_rows[carrier], given[attached]
    return Reach(
        principal=rows,
        target=take(members, carrier),
        target_kind=kinds_of(facts, rows, {}),
        account=take(attachments["account"], attached),
        via=take(carriers, carrier),
        layer=take(attachments["layer"], attached),
        kind=take(attachments["kind"], attached),
        policy=take(attachments["policy"], attached),
        document=ints(attachments["document"])[attached],
        source=take(attachments["source"], attached),
        **plain_places(len(rows)),
    )


def _unread(facts: Facts) -> Reach:
    """A row for each membership in a group that was not read: its policies act on the member, whatever they say.

    An export may leave groups out (https://docs.aws.amazon.com/IAM/latest/APIReference/API_GetAccountAuthorizationDetails.html,
    `Filter`). Groups of a directory hold no policies of their own: what is assigned to them is known without them.
    """
    memberships = facts.memberships
    own = ~says(memberships["kind"], *_OF_DIRECTORIES)
    kept = np.flatnonzero(own & (facts.group < 0))
    rows = facts.member[kept]
    groups, total = take(memberships["group"], kept), len(kept)
    return Reach(
        principal=rows,
        target=take(memberships["member"], kept),
        target_kind=kinds_of(facts, rows, {}),
        account=pc.fill_null(take(facts.principals["account"], rows), ""),
        via=groups,
        layer=encoded(repeated("identity", total)),
        kind=encoded(repeated("unread", total)),
        policy=encoded(repeated("policies of the group", total)),
        document=np.full(total, -1, dtype=np.int64),
        source=take(memberships["source"], kept),
        **plain_places(total),
    )


def _stack(first: Any, second: Any) -> pa.DictionaryArray:
    """Two text columns as one, coded."""
    return flat(pa.chunked_array([*encoded(first).chunks, *encoded(second).chunks], CODED))


@dataclass(frozen=True, slots=True)
class _Bundle:
    """The policies of permission sets: one row a policy."""

    bundle: pa.Array
    layer: pa.Array
    policy: pa.Array
    document: Ints


def _bundles(facts: Facts) -> _Bundle:
    """Policies of each permission set: what is attached to it, else its own document, else one unknown row."""
    wanted = distinct(facts.assignments["bundle"])
    policies, attachments = facts.policies, facts.attachments
    attached = np.flatnonzero(lookup(attachments["target"], wanted) >= 0)
    told = text(take(attachments["target"], attached))
    alone = (lookup(policies["id"], wanted) >= 0) & (lookup(policies["id"], told) < 0)
    own = np.flatnonzero(alone & flags(policies["default"]))
    bundle = pa.concat_arrays([text(take(policies["id"], own)), told])
    bare = wanted.filter(pc.invert(pc.is_in(wanted, value_set=bundle)))
    given = text(take(attachments["layer"], attached))
    return _Bundle(
        pa.concat_arrays([bundle, bare]),
        pa.concat_arrays([constant("identity", len(own)), given, constant("identity", len(bare))]),
        pa.concat_arrays([text(take(policies["name"], own)), text(take(attachments["policy"], attached)), bare]),
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
    names = text(assignments["principal"])
    group, member = join(lookup(names, names.unique()), lookup(facts.memberships["group"], names.unique()))
    subject = pa.concat_arrays([names, text(take(facts.memberships["member"], member))])
    assignment = np.concatenate([np.arange(len(names), dtype=np.int64), group])
    known = distinct(assignments["bundle"])
    owner, policy = join(lookup(assignments["bundle"], known)[assignment], lookup(bundles.bundle, known))
    assignment = assignment[owner]
    rows = lookup(subject, facts.principals["id"])[owner]
    group_named = says(take(assignments["principal_kind"], assignment), "group") & (owner < len(names))
    total = len(owner)
    return Reach(
        principal=rows,
        target=take(subject, owner),
        target_kind=kinds_of(facts, rows, {"group": group_named, "human": ~group_named}),
        account=take(assignments["account"], assignment),
        via=take(assignments["bundle"], assignment),
        layer=take(bundles.layer, policy),
        kind=encoded(repeated("permission_set", total)),
        policy=take(bundles.policy, policy),
        document=bundles.document[policy],
        source=take(assignments["source"], assignment),
        **plain_places(total),
    )
