"""Records of the unified audit log of Microsoft 365.

Those of the directory name the activities of its own audit log, with a full stop after them; those of Exchange,
SharePoint, Teams and others name operations of these, of which roles of their own decide.

https://learn.microsoft.com/office/office-365-management-api/office-365-management-activity-api-schema
https://learn.microsoft.com/purview/audit-log-activities
https://learn.microsoft.com/azure/azure-monitor/reference/tables/officeactivity
"""

from __future__ import annotations

from leastwise.providers.guids import guid
from leastwise.providers.logs.nested import Object, items, part
from leastwise.providers.logs.tabular import address, first, word
from leastwise.providers.logs.wrapped import UnreadableRecordError

from .forms import pairs
from .identity import made_id, when
from .record import UNIFIED, Actor, Outcome, Record, Target

DIRECTORY = "AzureActiveDirectory"
"""The workload of the directory."""
_WORKLOADS = {"1": "Exchange", "2": "Exchange", "3": "Exchange", "4": "SharePoint", "6": "SharePoint",
              "8": DIRECTORY, "9": DIRECTORY, "14": "SharePoint", "15": DIRECTORY, "25": "MicrosoftTeams",
              "50": "Exchange"}  # fmt: skip
"""By the type of a record, where it names none."""
_KINDS = {
    "0": "user", "2": "user", "10": "guest", "5": "service_principal", "6": "service_principal",
    "regular": "user", "admin": "user", "guest": "guest", "application": "service_principal",
    "serviceprincipal": "service_principal", "3": "service", "4": "service", "7": "service", "8": "service",
    "dcadmin": "service", "system": "service", "custompolicy": "service", "systempolicy": "service",
}  # fmt: skip
_RESULTS: dict[str, Outcome] = {
    "success": "allowed", "succeeded": "allowed", "true": "allowed", "partiallysucceeded": "allowed",
}  # fmt: skip
_USER, _PROGRAM = "user_", "serviceprincipal_"
_NONE = frozenset(("", "notavailable", "not available", "unknown", "n/a"))


def record(value: Object) -> Record:
    """The record of an object with names in lower case. Raises UnreadableRecordError."""
    operation = word(value, "operation")
    if not operation.strip():
        raise UnreadableRecordError("names no operation")
    time = when((value, ("creationtime", "creationdate", "timegenerated", "start_time")))
    workload = word(value, "workload") or word(value, "officeworkload")
    workload = workload or _WORKLOADS.get(word(value, "recordtype"), "")
    by = _actor(value)
    app = first(value, "applicationid", "clientappid", "appid") or word(part(value, "appaccesscontext"), "clientappid")
    through = Actor(app=app if isinstance(app, str) and guid(app) else "", kind="application")
    # An application by itself is named by its id, where people have addresses.
    alone = bool(through.app) and not by.id and (by.kind == "service_principal" or not by.name)
    outcome, error = _ended(value, operation)
    told = value.get("objectid")
    extended = pairs(value, "extendedproperties", "name")
    return Record(
        log=UNIFIED,
        id=word(value, "id") or word(value, "officeid") or made_id(time, operation.lower(), by.id, by.name, told),
        time=time,
        tenant=word(value, "organizationid").lower(),
        operation=operation,
        service=workload or "Microsoft 365",
        by=Actor(app=through.app, kind="service_principal") if alone else by,
        through=Actor() if alone else through,
        outcome=outcome,
        error=error,
        ip=address(str(first(value, "clientip", "clientipaddress", "client_ipaddress", "actoripaddress") or "")),
        agent=word(value, "useragent") or extended.get("useragent", "") or word(value, "clientinfostring"),
        targets=_targets(value),
        details=extended | pairs(value, "parameters", "name"),
    )  # fmt: skip


def _actor(value: Object) -> Actor:
    """Who did it: the directory's records list every name of the actor."""
    kind, name = _KINDS.get(word(value, "usertype").lower(), ""), word(value, "userid").strip()
    id = ""
    for one in items(value, "actor"):
        text, type = word(one, "id").strip(), word(one, "type")
        low = text.lower()
        if low.startswith((_USER, _PROGRAM)):
            id, kind = low.partition("_")[2], "user" if low.startswith(_USER) else "service_principal"
        elif type == "0" and not id:
            id = text
        elif type == "5" and "@" in text:
            name = text
    low = name.lower()
    if not id and low.startswith((_USER, _PROGRAM)):
        id, kind = low.partition("_")[2], "user" if low.startswith(_USER) else "service_principal"
    if not id and guid(word(value, "userkey")):
        id = word(value, "userkey")
    if kind == "user" and "#ext#" in low:
        kind = "guest"
    return Actor(id=id, name="" if low in _NONE or low.startswith((_USER, _PROGRAM)) else name, kind=kind)


def _targets(value: Object) -> tuple[Target, ...]:
    changed = tuple(
        (word(one, "name"), _plain(one.get("oldvalue")), _plain(one.get("newvalue")))
        for one in items(value, "modifiedproperties")
    )
    id = type = name = ""
    for one in items(value, "target"):
        text = word(one, "id").strip()
        head, _, tail = text.partition("_")
        if tail and guid(tail):
            id, type = tail.lower(), head.lower()
        elif "@" in text:
            name = text
    named = word(value, "objectid")
    parameters = pairs(value, "parameters", "name")
    shown = name or parameters.get("identity", "") or word(value, "mailboxownerupn") or named
    return (Target(id=id, type=type, name=shown, changed=changed),)


def _plain(value: object) -> str:
    told = value if isinstance(value, str) else "" if value is None else str(value)
    return " ".join(told.split()).strip('"[] ')


def _ended(value: Object, operation: str) -> tuple[Outcome, str]:
    code, told = word(value, "errornumber"), word(value, "resultstatus").lower()
    low = operation.strip().rstrip(".").lower()
    if low == "userloginfailed":
        return "denied", code or word(value, "logonerror") or told
    if code not in ("", "0"):
        return "unknown", code
    # Records of what was done in SharePoint and Teams have no result: there what failed is not told.
    outcome = _RESULTS.get(told, "unknown") if told else "allowed"
    return outcome, "" if outcome == "allowed" else told
