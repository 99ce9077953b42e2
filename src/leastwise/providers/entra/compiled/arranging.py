"""An estate as the reference has it → arrays; `held` reads them."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa

from leastwise.engine.arrays import Array, Arrays
from leastwise.engine.sparse import rows_of, texts_of
from leastwise.providers.bulk.keeping import put_lookup, put_rows, put_texts

from ..evaluate.estate import Estate, Member
from ..evaluate.federation import written
from ..language.access_policies import AccessPolicy
from ..language.assignments import ALWAYS, Assignment, Span
from ..language.directory import Object
from ..language.ids import TENANT
from ..language.roles import Role
from .instants import micros
from .lines import LINES, OUTSIDE

_NEVER_ENDS, _NO_BEGIN = np.iinfo(np.int64).max, np.iinfo(np.int64).min
_KINDS = {"user": "human", "group": "group", "servicePrincipal": "workload", "device": "device"}
_TIMED = tuple[str, str, bool, Span]
"""Member, group, whether as an owner, and while that is so."""


@dataclass(frozen=True, slots=True)
class Pairs:
    """Memberships beside those of an estate.

    Args:
        ids: of groups and members.
        groups: of each membership the group, by its place among the ids.
        members: who is in it, likewise.
    """

    ids: Sequence[str]
    groups: Array
    members: Array


NO_PAIRS = Pairs((), np.zeros(0, np.int64), np.zeros(0, np.int64))


def arranged(estate: Estate, tenant: str = "", account: str = "", pairs: Pairs = NO_PAIRS) -> Arrays:
    """The arrays of a tenant.

    Args:
        estate: the tenant.
        tenant: its id.
        account: of its principals, as lists name it.
        pairs: memberships besides, of groups and members that the estate has.
    """
    arrays: dict[str, Array] = {}
    ids = sorted(set(_ids(estate)))
    numbers = {id: number for number, id in enumerate(ids)}
    _put_members(arrays, estate, ids, account)
    _put_belonging(arrays, estate, numbers, pairs)
    for name, given in (("assignment", estate.assignments), ("offer", estate.eligible)):
        _put_assignments(arrays, name, given, numbers)
    _put_apps(arrays, estate, numbers)
    return Arrays(arrays, _facts(estate, tenant))


def _ids(estate: Estate) -> Iterator[str]:
    """Everybody and everything that is named."""
    yield from LINES
    yield from estate.objects
    for rows in (estate.groups, estate.owners):
        for id, members in rows.items():
            yield id
            yield from (one.id for one in members)
    yield from estate.units
    for unit, inside in estate.unit_members.items():
        yield unit
        yield from inside
    for one in (*estate.assignments, *estate.eligible):
        yield one.principal
    for enrolled in estate.enrolments:
        yield from (enrolled.principal, enrolled.group)
    for role in estate.app_roles:
        yield from (role.principal, role.resource)
    for grant in estate.delegations:
        yield from (grant.client, grant.resource, *([grant.user] if grant.user else []))
    yield from estate.untold
    for trusted in estate.trusted:
        yield from (trusted.application, written(trusted))


# --- members ----------------------------------------------------------------------------------------------------------


def _put_members(arrays: dict[str, Array], estate: Estate, ids: Sequence[str], account: str) -> None:
    put_texts(arrays, "member.id", texts_of(ids))
    put_lookup(arrays, "member.id", ids)
    put_texts(arrays, "place.id", texts_of([TENANT, *ids]))
    arrays["place.end"] = np.append([len(ids) + 1], np.arange(2, len(ids) + 2)).astype(np.int32)
    outside = {written(one) for one in estate.trusted}
    objects = [LINES.get(id) or estate.object(id) for id in ids]
    known = [id in estate.objects for id in ids]
    kinds, natives = [], []
    for one in objects:
        line = one.id in LINES
        kinds.append("everyone" if line else "external" if one.id in outside else _KINDS.get(one.kind, "unknown"))
        natives.append(one.id if line else OUTSIDE if one.id in outside else one.kind or "directory_object")
    names = [one.name or one.id for one in objects]
    told = [account if read else "" for read in known]
    for name, words in (("kind", kinds), ("native", natives), ("name", names), ("account", told)):
        put_coded(arrays, f"member.{name}", words)
    put_coded(arrays, "member.title", [one.name for one in objects])
    put_coded(arrays, "member.app", [one.app for one in objects])
    put_coded(arrays, "member.shape", list(_shapes(objects, known)))
    put_coded(arrays, "member.standing", list(map(_standing, objects, known)))


def shape_of(one: Object, known: bool) -> str:
    """What is known of an object besides its id, name and app id, as a text."""
    return json.dumps({
        "known": known, "kind": one.kind, "enabled": one.enabled, "guest": one.guest, "assignable": one.assignable,
        "subtypes": dict(sorted(one.subtypes.items())), "wants_assignment": one.wants_assignment, "locked": one.locked,
        "owner": one.owner, "app_roles": None if one.app_roles is None else dict(one.app_roles),
        "scopes": None if one.scopes is None else sorted(one.scopes),
    })  # fmt: skip


def _shapes(objects: Sequence[Object], known: Sequence[bool]) -> Iterator[str]:
    """The shape of each; those of the many that offer nothing are written once."""
    made: dict[object, str] = {}
    for one, read in zip(objects, known, strict=True):
        if one.app_roles is not None or one.scopes is not None:
            yield shape_of(one, read)
            continue
        key = (
            *(read, one.kind, one.enabled, one.guest, one.assignable, one.wants_assignment, one.owner, one.locked),
            frozenset(one.subtypes.items()),
        )
        if key not in made:
            made[key] = shape_of(one, read)
        yield made[key]


def _standing(one: Object, known: bool) -> str:
    """What tells principals apart that are given alike, as a text."""
    return f"{known} {one.kind} {one.enabled} {one.guest} {one.wants_assignment}"


def put_coded(arrays: dict[str, Array], name: str, words: Sequence[str]) -> None:
    """A column of texts that repeat, as codes of texts."""
    coded = pa.array(words, pa.string()).dictionary_encode()
    put_texts(arrays, f"{name}.texts", texts_of(coded.dictionary.to_pylist()))
    arrays[name] = coded.indices.to_numpy(zero_copy_only=False).astype(np.int32)


# --- who is where -----------------------------------------------------------------------------------------------------


def _put_belonging(arrays: dict[str, Array], estate: Estate, numbers: Mapping[str, int], beside: Pairs) -> None:
    timed: list[_TIMED] = [(one.principal, one.group, one.owner, one.span) for one in estate.enrolments]
    groups, owners = _plain(estate.groups, False, timed), _plain(estate.owners, True, timed)
    units = [(unit, one) for unit, inside in estate.unit_members.items() for one in sorted(inside)]
    for name, pairs in (("group", groups), ("object", owners), ("unit", units)):
        whole = np.fromiter((numbers[one] for one, _ in pairs), np.int64, len(pairs))
        part = np.fromiter((numbers[one] for _, one in pairs), np.int64, len(pairs))
        if name == "group" and len(beside.groups):
            places = np.fromiter((numbers.get(one, -1) for one in beside.ids), np.int64, len(beside.ids))
            whole, part = np.append(whole, places[beside.groups]), np.append(part, places[beside.members])
        put_pairs(arrays, name, whole, part, len(numbers))
    for name, some in (("group", estate.groups), ("unit", estate.unit_members)):
        arrays[f"{name}.read"] = flags((numbers[one] for one in some), len(numbers))
    put_timed(arrays, timed, numbers)


def put_pairs(arrays: dict[str, Array], name: str, whole: Array, part: Array, count: int) -> None:
    """What is in what (or owns it), both ways."""
    keys = np.sort(whole.astype(np.int64) * count + part)
    # Sorted and thinned out: a table of hashes is read all over the memory, the slower the larger it is.
    keys = keys[np.append([True], keys[1:] != keys[:-1])] if len(keys) else keys
    whole, part = np.divmod(keys, max(count, 1))
    put_rows(arrays, f"{name}.inside", rows_of(whole, part.astype(np.int32), count))
    put_rows(arrays, f"{name}.around", rows_of(part, whole.astype(np.int32), count))


def flags(numbers: Iterable[int], count: int) -> Array:
    """A mask of some members."""
    found = np.zeros(count, np.bool_)
    found[list(numbers)] = True
    return found


def _plain(rows: Mapping[str, Sequence[Member]], owner: bool, timed: list[_TIMED]) -> list[tuple[str, str]]:
    """The pairs that always hold; the others are added to those that are timed."""
    found = []
    for id, members in rows.items():
        for one in members:
            if one.span == ALWAYS:
                found.append((id, one.id))
            else:
                timed.append((one.id, id, owner, one.span))
    return found


def put_timed(arrays: dict[str, Array], timed: Sequence[_TIMED], numbers: Mapping[str, int]) -> None:
    """Memberships and ownerships that begin or end, or that PIM for groups gives."""
    member = np.array([numbers[one[0]] for one in timed], np.int32)
    group = np.array([numbers[one[1]] for one in timed], np.int32)
    arrays["timed.member"], arrays["timed.group"] = member, group
    arrays["timed.owner"] = np.array([one[2] for one in timed], np.bool_)
    _put_spans(arrays, "timed", [one[3] for one in timed])
    own = np.arange(len(timed), dtype=np.int32)
    put_rows(arrays, "member.timed", rows_of(member, own, len(numbers)))
    put_rows(arrays, "group.timed", rows_of(group, own, len(numbers)))


def _put_spans(arrays: dict[str, Array], name: str, spans: Sequence[Span]) -> None:
    since = [_NO_BEGIN if one.since is None else micros(one.since) for one in spans]
    until = [_NEVER_ENDS if one.until is None else micros(one.until) for one in spans]
    arrays[f"{name}.since"], arrays[f"{name}.until"] = np.array(since, np.int64), np.array(until, np.int64)


# --- what is given ----------------------------------------------------------------------------------------------------


def _put_assignments(
    arrays: dict[str, Array], name: str, given: Sequence[Assignment], numbers: Mapping[str, int]
) -> None:
    who = np.array([numbers[one.principal] for one in given], np.int32)
    arrays[f"{name}.principal"] = who
    arrays[f"{name}.activated"] = np.array([one.activated for one in given], np.bool_)
    put_coded(arrays, f"{name}.role", [one.role for one in given])
    put_coded(arrays, f"{name}.place", [f"{one.place.at.name}\x1f{one.place.id}" for one in given])
    put_texts(arrays, f"{name}.id", texts_of([one.id for one in given]))
    _put_spans(arrays, name, [one.span for one in given])
    own = np.arange(len(given), dtype=np.int32)
    put_rows(arrays, f"member.{name}s", rows_of(who, own, len(numbers)))
    places = len(arrays[f"{name}.place.texts.starts"]) - 1
    put_rows(arrays, f"place.{name}s", rows_of(arrays[f"{name}.place"], own, places))


def _put_apps(arrays: dict[str, Array], estate: Estate, numbers: Mapping[str, int]) -> None:
    def column(ids: Iterable[str]) -> Array:
        return np.array([numbers.get(one, -1) if one else -1 for one in ids], np.int32)

    roles, grants, trusted = estate.app_roles, estate.delegations, estate.trusted
    arrays["app_role.principal"] = column(one.principal for one in roles)
    arrays["app_role.resource"] = column(one.resource for one in roles)
    put_coded(arrays, "app_role.role", [one.role for one in roles])
    for name in ("client", "resource", "user"):
        arrays[f"delegation.{name}"] = column(getattr(one, name) for one in grants)
    put_coded(arrays, "delegation.scopes", [" ".join(sorted(one.scopes)) for one in grants])
    arrays["trusted.untold"] = flags((numbers[one] for one in estate.untold), len(numbers))
    arrays["trusted.application"] = column(one.application for one in trusted)
    told = [json.dumps([one.issuer, one.subject, one.expression, one.audiences]) for one in trusted]
    put_texts(arrays, "trusted.told", texts_of(told))
    for name in ("app_role.principal", "app_role.resource", "delegation.client", "trusted.application"):
        own = np.arange(len(arrays[name]), dtype=np.int32)
        put_rows(arrays, f"by.{name}", rows_of(arrays[name], own, len(numbers)))


# --- facts ------------------------------------------------------------------------------------------------------------


def _facts(estate: Estate, tenant: str) -> dict[str, Any]:
    policy = estate.policy
    return {
        "tenant": tenant,
        "roles": [_role(one) for one in estate.roles.values()],
        "units": [[one.id, one.name, one.restricted] for one in estate.units.values()],
        "policy": None if policy is None else [
            policy.guest_role, policy.invites, sorted(policy.off), None if policy.consent is None else [*policy.consent]
        ],
        "all_groups": estate.all_groups,
        "people_told": sorted(estate.people_told),
        "unread": [*estate.unread],
        "access_policies": [_access_policy(one) for one in estate.access_policies],
    }  # fmt: skip


def _access_policy(one: AccessPolicy) -> list[Any]:
    return [one.name, [*one.asks], sorted(one.users), sorted(one.services), sorted(one.without), one.others]


def _role(one: Role) -> list[Any]:
    entries = [
        [[str(each) for each in entry.actions], [str(each) for each in entry.left_out], entry.condition]
        for entry in one.entries
    ]
    return [one.key, one.title, entries, [*one.inherits], one.custom, one.enabled, one.template, one.told]
