"""What a call tells of usage: a fact for each permission and resource bucket, and what its row says.

Denied calls wanted a permission, others used it (`outcomes`); calls that are in no table may have used the permission
that they are called like; what a call needs besides its own permission counts only if it went through (`implied`).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import msgspec

from leastwise.model.usage import USED, Fact, packed
from leastwise.providers.aws.catalog import current

from .implied import implied, passes, writes
from .outcomes import Outcome, judged, outcome
from .permissions import Resolved
from .plans import plan_of
from .principals import part
from .record import Record
from .resources import Touched, bucket_of, looks_at_answer, touched
from .tables import bundled


@dataclass(frozen=True, slots=True)
class Told:
    """The parts of an event's row that follow from what was asked and how it ended; as in `model.tables.usage`."""

    permission: str = ""
    resource: str = ""
    bucket: str = ""
    target: str = ""
    outcome: str = "allowed"
    facts: str = ""


def told(record: Record, resolved: Resolved, caller: str) -> Told:
    """What a call tells of usage. `caller` is the account of who called.

    A function of the record's source, name, type, region, account, error, message, request, answer and `resources`.
    """
    ended: Outcome = outcome(record.error)
    if resolved.kind not in ("call", "free", "unknown"):
        return Told(outcome=ended)
    accounts = _accounts(record)
    first: Touched | None = None
    facts: list[Fact] = []
    for one in judged(record.error, record.message, resolved.needed(record)):
        found = touched(record, one.permission, caller)
        if one.resource and not found:
            found = _named(one.resource)
        first = first or next(iter(found), None)
        facts += _facts("call", one.permission, found, one.outcome, accounts)
        if one.outcome == "denied":
            ended = "denied"
    permission = facts[0].permission if facts else ""
    certain = {one.permission.lower() for one in facts}
    for name in _perhaps(resolved):
        for one in judged(record.error, record.message, (name,)):
            if one.permission.lower() in certain:
                continue  # the message of a denial has named it
            found = touched(record, one.permission, caller)
            first = first or next(iter(found), None)
            facts += _facts("possible", one.permission, found, one.outcome, accounts)
    facts += _besides(record, resolved, ended)
    facts = list(dict.fromkeys(facts))
    first = first or Touched("", "")
    target = _target(first, accounts)
    alone = len(facts) == 1 and facts[0] == Fact("call", permission, first.bucket, target, ended)
    text = "" if alone or not facts else packed(facts)
    return Told(permission, first.arn, first.bucket, target, ended, text)


def asks_nothing(resolved: Resolved) -> bool:
    """Whether a call of this kind that went through tells the same whatever was asked: it takes no resource, its
    parameters change nothing, and it hands no role to anybody.
    """
    if resolved.kind not in ("call", "free", "unknown"):
        return True
    needs = (*resolved.permissions, *_perhaps(resolved))
    return not (
        resolved.when
        or resolved.dependent
        or passes(resolved)
        or writes(resolved)
        or any(plan_of(name, bundled(), current()).takes for name in needs)
    )


def hangs_on_answer(record: Record, resolved: Resolved, caller: str) -> bool:
    """Whether what a call tells may depend on its answer: the request and the record's own list name no resource."""
    if resolved.kind not in ("call", "free", "unknown"):
        return False
    return any(looks_at_answer(record, one, caller) for one in (*resolved.needed(record), *_perhaps(resolved)))


def _perhaps(resolved: Resolved) -> tuple[str, ...]:
    """Permissions that the call may have needed: none of them is to be called unused."""
    if resolved.kind == "free":
        return resolved.permissions
    if resolved.kind == "unknown":
        return (resolved.presumed,) if resolved.presumed else ()
    return resolved.possible


def _besides(record: Record, resolved: Resolved, ended: Outcome) -> Iterator[Fact]:
    """What the call needed besides. Only one that went through proves it; one that failed may have stopped before."""
    if ended not in USED or resolved.kind != "call":
        return
    for one in implied(record, resolved):
        how = "implied" if one.sure and ended == "allowed" else "possible"
        bucket = bucket_of(one.resource) if one.resource else ""
        target = part(one.resource, 4) if one.resource else ""
        if one.named and record.account:
            bucket, target = f"iam:{record.account}:{one.named}", record.account
        yield Fact(how, one.permission, bucket, target, ended)


def _facts(
    how: str, permission: str, found: tuple[Touched, ...], ended: str, accounts: dict[str, str]
) -> Iterator[Fact]:
    for one in found or (Touched("", ""),):
        yield Fact(how, permission, one.bucket, _target(one, accounts), ended)


def _named(resource: str) -> tuple[Touched, ...]:
    """What the message of a denial names: an ARN, or a pattern of ARNs."""
    if not resource.startswith("arn:"):
        return ()
    return (Touched("" if "*" in resource else resource, bucket_of(resource)),)


def _target(one: Touched, accounts: dict[str, str]) -> str:
    if one.arn:
        return part(one.arn, 4) or accounts.get(one.arn, "")
    if one.bucket.startswith("arn:"):
        return part(one.bucket, 4)
    account = one.bucket.split(":", 2)[1:2]
    return account[0] if account and len(account[0]) == 12 and account[0].isdecimal() else ""


def _accounts(record: Record) -> dict[str, str]:
    """The accounts that the record's own list of resources names, by ARN: ARNs of S3 have none."""
    if len(record.resources) < 8:
        return {}
    try:
        entries = msgspec.json.decode(record.resources)
    except (msgspec.DecodeError, UnicodeError, RecursionError):
        return {}
    found = {}
    for one in entries if isinstance(entries, list) else ():
        if isinstance(one, dict):
            arn, account = one.get("ARN") or one.get("arn"), one.get("accountId")
            if isinstance(arn, str) and isinstance(account, str):
                found[arn] = account
    return found
