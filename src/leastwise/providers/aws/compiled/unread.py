"""What was not read: of known resources whom they let in, between two subjects, and in both of two estates."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

import numpy as np
from pyroaring import BitMap

from leastwise.engine.arrays import Array

from .access import AwsAccess
from .actions import actions
from .estate import NONE, CompiledEstate
from .giving import COUNT, COUNT_UNKNOWN, by_grants
from .policied import can_have_policy

_MOST_NAMED = 3
"""Resources of one kind of gap that are named."""


def unread_roles(estate: CompiledEstate) -> Array:
    """Numbers of the roles of which the trust policy was not read or cannot be evaluated."""
    words = estate.texts("principal.native.texts").all()
    roles = estate.arrays["principal.native"] == (words.index("role") if "role" in words else -2)
    trust, bad = estate.arrays["principal.trust"], np.append(estate.arrays["doc_bad"], False)
    return np.flatnonzero(roles & ((trust < 0) | bad[np.maximum(trust, 0)]))


def unread_things(estate: CompiledEstate) -> Array:
    """Mask of the resources of which a policy was not read, was not asked for, or cannot be evaluated."""
    arrays = estate.arrays
    documents, bad = arrays["laid.doc"], np.append(arrays["doc_bad"], False)
    unread = (documents < 0) | bad[np.maximum(documents, 0)]
    mask: Array = ~arrays["thing.asked"]
    mask[np.unique(np.searchsorted(arrays["laid.starts"], np.flatnonzero(unread), side="right") - 1)] = True
    return mask


class Subject(NamedTuple):
    """Whom an unread document of a resource may let in: ids and accounts, and the permissions its own side gives."""

    ids: frozenset[str]
    accounts: frozenset[str]
    permissions: BitMap


def unread_between(access: AwsAccess, first: Subject, second: Subject) -> tuple[set[str], tuple[str, ...]]:
    """Known resources of which something was not read that may let in one of two and not the other; a line a kind."""
    kinds: list[tuple[str, str, Iterable[tuple[str, str]]]] = [
        ("policies", "name", _documents(access)),
        ("trust policies", "name", _trusts(access)),
        ("grants", "be for", _grants(access)),
    ]
    if first.accounts != second.accounts:
        kinds.append(("access lists", "name the account of", _lists(access)))
    known: set[str] = set()
    lines: list[str] = []
    for what, verb, listed in kinds:
        trust = what == "trust policies"
        ids = sorted(
            id for id, account in listed if any(_reaches(one, id, account, trust=trust) for one in (first, second))
        )
        if ids:
            known.update(ids)
            lines.append(f"{what} of {_counted(ids, 'resource')}: not read; may {verb} one of the two")
    return known, tuple(lines)


def unread_resources(access: AwsAccess) -> tuple[str, ...]:
    """What was not read of known resources and may let in some principals alone; a line for each kind."""
    found = (("policies", _documents), ("trust policies", _trusts), ("grants", _grants))
    told = ((what, sorted(id for id, _ in listed(access))) for what, listed in found)
    return tuple(f"{what} of {_counted(ids, 'resource')}: not read; may name some of them" for what, ids in told if ids)


def unread_in_both(before: AwsAccess, now: AwsAccess) -> tuple[str, ...]:
    """What neither of two estates has read; a line for each kind."""
    lines: list[str] = []
    for what, noun, told in (
        ("policies", "user or role", _held),
        ("permissions boundaries", "user or role", _bound),
        ("policies", "resource", _documents),
        ("trust policies", "role", _trusts),
        ("grants", "key", _grants),
        ("access lists", "bucket", _lists),
    ):
        ids = sorted({id for id, _ in told(before)} & {id for id, _ in told(now)})
        if ids:
            lines.append(f"{what} of {_counted(ids, noun)}: not read before nor now; taken to be unchanged")
    guardrails = [set(_guardrails(one)) for one in (before, now)]
    lines += [f"{gap}: before and now; taken to be unchanged" for gap in sorted(guardrails[0] & guardrails[1])]
    return tuple(lines)


def _counted(ids: Sequence[str], noun: str) -> str:
    named = ", ".join(ids[:_MOST_NAMED]) + (", …" if len(ids) > _MOST_NAMED else "")
    if len(ids) == 1:
        return f"1 {noun} ({named})"
    plural = "users and roles" if noun == "user or role" else f"{noun}s"
    return f"{len(ids)} {plural} ({named})"


def _held(access: AwsAccess) -> Iterator[tuple[str, str]]:
    """Users and roles of which an own policy was not read, and their accounts."""
    yield from _principals(access, np.flatnonzero(access.estate.arrays["principal.unread"]))


def _bound(access: AwsAccess) -> Iterator[tuple[str, str]]:
    """Users and roles of which the boundary was not read, and their accounts."""
    bad = np.append(access.estate.arrays["doc_bad"], False)
    boundary = access.estate.arrays["principal.boundary"]
    yield from _principals(access, np.flatnonzero((boundary < NONE) | ((boundary >= 0) & bad[np.maximum(boundary, 0)])))


def _guardrails(access: AwsAccess) -> Iterator[str]:
    """The clauses about guardrails that were not read, above accounts with users, roles or resources."""
    names = {*access.estate.texts("principal.account.texts").all(), *access.estate.texts("thing.account.texts").all()}
    for account in sorted(names):
        for kind in ("scp", "rcp"):
            yield from access.guardrails.levels(kind, account)[1]


def _reaches(subject: Subject, id: str, account: str, *, trust: bool) -> bool:
    """Whether the resource's own side can be what decides: it is of the same account, or the subject's side lets it."""
    if not account or account in subject.accounts:
        return True
    service = "sts" if trust else id.split(":")[2]
    rows = actions().rows(service)
    return not rows or subject.permissions.range_cardinality(rows.start, rows.stop) > 0


def _documents(access: AwsAccess) -> Iterator[tuple[str, str]]:
    """Resources with a policy that was not read, and their accounts."""
    found = _named(access, np.flatnonzero(unread_things(access.estate)))
    yield from (one for one in found if can_have_policy(one[0]))


def _lists(access: AwsAccess) -> Iterator[tuple[str, str]]:
    """Buckets of which access lists may count: those of objects are never collected."""
    bits = np.asarray(access.estate.arrays["thing.lists"])
    yield from _named(access, np.flatnonzero(bits & (COUNT | COUNT_UNKNOWN)))


def _grants(access: AwsAccess) -> Iterator[tuple[str, str]]:
    """Keys of which the grants were not read."""
    coverage = access.estate.arrays.facts["coverage"]
    if any(map(_failed, coverage.values())):
        kinds = access.estate.texts("thing.kind.texts").all()
        codes = [code for code, one in enumerate(kinds) if one == "kms:key"]
        for id, account in _named(access, np.flatnonzero(np.isin(access.estate.arrays["thing.kind"], codes))):
            if any(by_grants(coverage.get(account, ()), id, "kms:Decrypt")):
                yield id, account


def _failed(rows: Sequence[Sequence[str]]) -> bool:
    return any(call == "ListGrants" and status not in ("ok", "unlicensed") for _, call, status, *_ in rows)


def _trusts(access: AwsAccess) -> Iterator[tuple[str, str]]:
    """Roles with a trust policy that was not read, and their accounts."""
    yield from _principals(access, unread_roles(access.estate))


def _principals(access: AwsAccess, numbers: Array) -> Iterable[tuple[str, str]]:
    accounts = access.estate.words("principal.account", numbers)
    ids = access.estate.principal_ids.many(numbers)
    return ((id, account or "") for id, account in zip(ids, accounts, strict=True))


def _named(access: AwsAccess, numbers: Array) -> Iterable[tuple[str, str]]:
    accounts = access.estate.words("thing.account", numbers)
    ids = access.estate.texts("thing.id").many(numbers)
    return ((id, account or "") for id, account in zip(ids, accounts, strict=True))
