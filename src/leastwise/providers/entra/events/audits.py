"""Records of the directory's audit log.

https://learn.microsoft.com/graph/api/resources/directoryaudit
https://learn.microsoft.com/entra/identity/monitoring-health/concept-audit-logs
"""

from __future__ import annotations

from leastwise.providers.logs.nested import Object, items, part, text
from leastwise.providers.logs.tabular import address, word
from leastwise.providers.logs.wrapped import UnreadableRecordError

from .forms import pairs
from .identity import made_id, tenant_of, when
from .record import AUDIT, Actor, Outcome, Record, Target

_REFUSED = ("authorization", "insufficient", "accessdenied", "access denied", "unauthorized", "forbidden", "blocked",
            "not authorized", "privileges")  # fmt: skip
_RESULTS: dict[str, Outcome] = {"success": "allowed", "failure": "unknown", "timeout": "unknown"}


def record(inner: Object, outer: Object) -> Record:
    """The record of its properties and its envelope, names in lower case. Raises UnreadableRecordError."""
    operation = word(inner, "activitydisplayname") or word(outer, "operationname") or word(inner, "operationname")
    if not operation.strip():
        raise UnreadableRecordError("names no operation")
    time = when((inner, ("activitydatetime", "timegenerated")), (outer, ("time", "timegenerated", "p_event_time")))
    details = pairs(inner, "additionaldetails")
    by, through, ip = _initiated(inner, details)
    targets = tuple(map(_target, items(inner, "targetresources")))
    outcome, error = _ended(inner, outer)
    tenant = tenant_of(inner, outer) or details.get("tid", "").lower()
    correlation = word(inner, "correlationid") or word(outer, "correlationid")
    return Record(
        log=AUDIT,
        id=word(inner, "id") or made_id(time, operation.strip().lower(), correlation, by.id, by.name, *targets),
        time=time,
        tenant=tenant,
        operation=operation,
        service=word(inner, "loggedbyservice") or word(inner, "category") or word(outer, "category"),
        by=by,
        through=through,
        outcome=outcome,
        error=error,
        ip=address(ip or word(outer, "calleripaddress") or details.get("ipaddr", "")),
        agent=word(inner, "useragent") or details.get("user-agent", ""),
        targets=targets,
        details=details,
    )


def _initiated(inner: Object, details: dict[str, str]) -> tuple[Actor, Actor, str]:
    """Who began it, through which application, and from where."""
    begun = part(inner, "initiatedby")
    user, app = part(begun, "user"), part(begun, "app")
    through = Actor(id=text(app, "serviceprincipalid"), app=text(app, "appid"), name=text(app, "displayname"),
                    kind="service_principal")  # fmt: skip
    if user.get("id") or user.get("userprincipalname"):
        name = text(user, "userprincipalname")
        guest = text(user, "usertype").lower() == "guest" or "#ext#" in name.lower()
        person = Actor(
            id=text(user, "id"), name=name, kind="guest" if guest else "user", home=text(user, "hometenantid"),
        )  # fmt: skip
        return (
            person,
            through if through.id or through.app else Actor(app=details.get("client-app-id", "")),
            text(user, "ipaddress"),
        )
    if any(app.values()):
        managed = text(app, "serviceprincipaltype").lower() == "managedidentity"
        kind = "managed_identity" if managed else "service_principal"
        return Actor(id=through.id, app=through.app, name=through.name, kind=kind), Actor(), ""
    return Actor(id=details.get("oid", "")), Actor(), ""


def _target(one: Object) -> Target:
    changed = tuple(
        (word(each, "displayname"), _plain(each.get("oldvalue")), _plain(each.get("newvalue")))
        for each in items(one, "modifiedproperties")
    )
    name = text(one, "userprincipalname") or text(one, "displayname")
    return Target(id=text(one, "id").lower(), type=text(one, "type").lower(), name=name, changed=changed)


def _plain(value: object) -> str:
    """A value as it is compared: without the marks of a text of JSON."""
    told = value if isinstance(value, str) else "" if value is None else str(value)
    return told.strip().strip('"[]').strip().strip('"')


def _ended(inner: Object, outer: Object) -> tuple[Outcome, str]:
    told = (word(inner, "result") or word(outer, "resultsignature")).lower()
    reason = word(inner, "resultreason") or word(inner, "resultdescription") or word(outer, "resultdescription")
    outcome = _RESULTS.get(told, "unknown")
    if outcome == "allowed":
        return outcome, ""
    if told == "failure" and any(one in reason.lower() for one in _REFUSED):
        return "denied", reason
    return outcome, reason if reason and reason.lower() != "none" else told
