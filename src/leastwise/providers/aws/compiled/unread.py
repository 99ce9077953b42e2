"""Known resources of which it was not read whom they let in, and what of two subjects that may tell apart."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

import numpy as np
from pyroaring import BitMap

from leastwise.engine.arrays import Array

from .access import AwsAccess
from .actions import actions
from .estate import CompiledEstate
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
            named = ", ".join(ids[:_MOST_NAMED]) + (", …" if len(ids) > _MOST_NAMED else "")
            about = f"{what} of {len(ids)} resource{'s' if len(ids) > 1 else ''}"
            lines.append(f"{about} ({named}): not read; may {verb} one of the two")
    return known, tuple(lines)


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
    estate = access.estate
    for number in unread_roles(estate).tolist():
        yield estate.principal_ids[number], estate.word("principal.account", number) or ""


def _named(access: AwsAccess, numbers: Array) -> Iterable[tuple[str, str]]:
    accounts = access.estate.words("thing.account", numbers)
    ids = access.estate.texts("thing.id").many(numbers)
    return ((id, account or "") for id, account in zip(ids, accounts, strict=True))
