"""What a call tells of usage: a fact for each permission and resource bucket, the role assignments that allowed it.

An operation of the Activity Log begins, may be accepted, and ends, in a record each: the end is the call. The others
are uses without a record of their own for the case that it was lost, sure ones where they name what authorised them.
"""

from __future__ import annotations

import re
from collections.abc import Hashable, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from leastwise.model.usage import Fact, packed
from leastwise.providers.guids import guid
from leastwise.providers.logs.nested import part, remembered, text
from leastwise.providers.logs.nested import written as object_in

from .outcomes import LINKED, Outcome, authorised, begun, ended, error_of
from .permissions import Resolved, of_activity, of_resource_log, written
from .record import Record
from .resources import Touched, of_id, service_of

_LINKED = re.compile(r"perform action\(?s?\)? '([^']+)' on (?:the )?linked scope\(?s?\)? '([^']+)'")


@dataclass(frozen=True, slots=True)
class Told:
    """The parts of an event's row that follow from what was asked and how it ended; `why` it tells no permission."""

    what: str
    permission: str = ""
    outcome: str = "allowed"
    error: str = ""
    facts: str = ""
    why: str = ""


def told(record: Record, place: Touched) -> Told:
    """What a call on something tells of usage."""
    outcome = ended(record)
    resolved = resolve(record)
    own = list(_checked(record, place, outcome)) or list(_needed(record, resolved, place, outcome))
    facts = list(dict.fromkeys([*own, *_linked(record)]))
    first = facts[0] if facts else None
    same = first is not None and facts == [Fact("call", first.permission, place.bucket, place.target, outcome)]
    what = "call" if facts and resolved.what == "unknown" else resolved.what
    return Told(
        what, first.permission if first else "", outcome, error_of(record), "" if same or not facts else packed(facts),
        "" if facts else resolved.why,
    )  # fmt: skip


def form_of(record: Record) -> Hashable:
    """What calls must agree in to tell the same of usage but for what they touched; None where more decides."""
    if record.activity:
        if record.status == "failed" or record.checks:
            return None
        return record.log, record.operation, record.action, record.status, record.code, authorised(record)
    checks = tuple((one.get("action"), one.get("result")) for one in record.checks)
    by_address = record.properties.get("isAddressAuthorized") is False
    told = record.properties.get("metricResponseType"), by_address, checks
    return remembered((record.log, record.operation, service_of(record), record.status, record.code, *told))


def resolve(record: Record) -> Resolved:
    """What the operation of a record needs."""
    if record.activity:
        return of_activity(record.operation, record.action)
    return of_resource_log(record.log, service_of(record) if record.log != "AuditEvent" else "", record.operation)


def grants(record: Record) -> str:
    """The names of the role assignments that allowed a call, sorted, with blanks between them."""
    if record.activity:
        return _named(record.evidence.get("roleAssignmentId"))
    found = {_named(one.get("roleAssignmentId")) for one in record.checks if _granted(one)}
    return " ".join(sorted(found - {""}))


def _named(id: object) -> str:
    return _name_of(id) if isinstance(id, str) else ""


@lru_cache(maxsize=1 << 14)
def _name_of(id: str) -> str:
    last = id.strip().rstrip("/").rpartition("/")[2]
    return guid(last) or last.lower().replace(" ", "%20")


def _granted(check: Mapping[str, Any]) -> bool:
    return str(check.get("result") or "").lower() == "granted"


def _checked(record: Record, place: Touched, outcome: Outcome) -> Iterator[Fact]:
    """What the record says was checked, action by action: granted if one assignment granted it."""
    results: dict[str, bool] = {}
    for one in record.checks:
        action = one.get("action")
        if isinstance(action, str) and action and str(one.get("result") or "").lower() in ("granted", "denied"):
            name = written(action, data=True)
            results[name] = results.get(name, False) or _granted(one)
    for name, granted in results.items():
        ends = ("allowed" if outcome == "allowed" else "failed") if granted else "denied"
        yield Fact("call", name, place.bucket, place.target, ends)


def _needed(record: Record, resolved: Resolved, place: Touched, outcome: Outcome) -> Iterator[Fact]:
    """What the operation is known to need, and what it may."""
    own = "call"
    if begun(record):
        own = "implied" if authorised(record) else "possible"
    for how, names in ((own, resolved.needs), ("implied", resolved.implied), ("possible", resolved.possible)):
        for name in names:
            yield Fact(how, name, place.bucket, place.target, outcome)


def _linked(record: Record) -> Iterator[Fact]:
    """The permission on something that the request names, for want of which the call was refused."""
    if not record.activity or error_of(record).lower() not in LINKED:
        return
    status = object_in(record.properties.get("statusMessage"))
    message = text(part(status, "error") or status, "message")
    for action, scope in _LINKED.findall(message):
        name = of_activity(action, "").needs
        place = of_id(scope)
        if name:
            yield Fact("call", name[0], place.bucket, place.target, "denied")
