"""How grants on AWS are made smaller: documents, what runs by the clock, and how long documents may be.

https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html
"""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping, Sequence
from functools import cache, lru_cache

from leastwise.providers.base.shrinking import Limit, Shrinking

from .cutting import contains, cut, denies, parts, unchanged
from .places import clocks, meant, places
from .sets import several
from .splitting import split
from .telling import described, sentence

_OWN = {"user": 2_048, "role": 10_240, "group": 5_120}
"""Characters of all inline policies of one, blanks not counted."""
_BUNDLE = 6_144
"""Characters of a managed policy, blanks not counted."""
_BUNDLES = 10
"""Managed policies of one, unless the account has more on request."""


_BLANKS = bytes(letter for letter in range(256) if chr(letter).isspace())


def _length(document: bytes) -> int:
    return len(document.translate(None, _BLANKS))


def _limit(native: str) -> Limit:
    return Limit(_OWN.get(native, 0), _BUNDLE, _length, _BUNDLES)


def _split(document: bytes, limit: Limit) -> Sequence[bytes]:
    return split(document, limit.bundle, limit.length)


def _called(principal: str, name: str) -> str:
    parts = principal.split(":")
    return f"arn:{parts[1]}:iam::{parts[4]}:policy/{name}"


@cache
def _eventless() -> Collection[str]:
    from .. import catalog
    from ..observing.facts import no_operations

    return no_operations(catalog.current())


def _level(permission: str) -> str:
    from .. import catalog

    known = catalog.action(permission)
    return f"{permission.partition(':')[0]}:{known.level if known is not None else ''}"


@lru_cache(maxsize=4)
def _managed(partition: str) -> Mapping[str, bytes]:
    from ..catalog.managed import managed_policies

    return {id: text for id, text in managed_policies(partition).items() if not denies(text)}


def _bundles(principal: str) -> Mapping[str, bytes]:
    return _managed(principal.split(":")[1])


def _general(bundle: str) -> bool:
    return ":policy/service-role/" not in bundle


def _fixed(principal: str) -> str:
    if ":role/aws-service-role/" in principal:
        return "a service-linked role: the service changes it"
    if ":role/aws-reserved/" in principal:
        return "made by Identity Center: its permission set is what to change"
    return ""


def _merged(documents: Sequence[bytes]) -> bytes:
    """One document with the statements of several; of equal ones the first."""
    found: list[object] = []
    sids: set[str] = set()
    bodies = [json.loads(document) for document in documents]
    versions = {body.get("Version", "2008-10-17") for body in bodies}
    if len(versions) > 1:
        raise ValueError(f"documents of the versions {' and '.join(sorted(versions))} cannot be one")
    for body in bodies:
        listed = body["Statement"]
        for one in listed if isinstance(listed, list) else [listed]:
            sid = one.get("Sid")
            if sid and sid in sids:
                one = {key: value for key, value in one.items() if key != "Sid"}
            if one not in found:
                found.append(one)
                sids |= {sid} if sid else set()
    return json.dumps({"Version": versions.pop(), "Statement": found}).encode()


SHRINKING = Shrinking(
    layer="identity",
    reads={
        "principals": ("id", "account", "native"),
        "resources": ("id", "name", "kind", "details"),
        "runs_as": ("subject", "object", "kind"),
        "scopes": ("id", "kind", "management"),
        "assignments": ("bundle", "principal", "principal_kind", "account"),
        "coverage": ("service", "call", "status", "detail"),
    },
    eventless=_eventless,
    meant=meant,
    places=places,
    cut=cut,
    parts=parts,
    contains=contains,
    unchanged=unchanged,
    described=described,
    sentence=sentence,
    level=_level,
    bundles=_bundles,
    general=_general,
    merged=_merged,
    split=_split,
    called=_called,
    clocks=clocks,
    fixed=_fixed,
    limit=_limit,
    group="group",
    several=several,
    natives=frozenset(_OWN),
)
