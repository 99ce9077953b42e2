"""Records of the activity logs of Microsoft Graph: one for each request.

https://learn.microsoft.com/graph/microsoft-graph-activity-logs-overview
https://learn.microsoft.com/azure/azure-monitor/reference/tables/microsoftgraphactivitylogs
"""

from __future__ import annotations

from leastwise.providers.logs.nested import Object
from leastwise.providers.logs.tabular import address, word
from leastwise.providers.logs.wrapped import UnreadableRecordError

from .forms import words
from .identity import issuer_of, made_id, tenant_of, when
from .record import GRAPH, Actor, Call, Outcome, Record

_SERVICE = "Microsoft Graph"


def record(inner: Object, outer: Object) -> Record:
    """The record of its properties and its envelope, names in lower case. Raises UnreadableRecordError."""
    method, uri = word(inner, "requestmethod").strip().upper(), word(inner, "requesturi").strip()
    if not method or not uri:
        raise UnreadableRecordError("names no request")
    time = when((inner, ("timegenerated",)), (outer, ("time",)))
    code = word(inner, "responsestatuscode") or word(outer, "resultsignature")
    status = int(code) if code.isdecimal() and len(code) < 4 else 0
    app = Actor(
        id=word(inner, "serviceprincipalid"), app=word(inner, "appid"), kind="service_principal",
        home=issuer_of(word(inner, "identityprovider")),
    )  # fmt: skip
    user = word(inner, "userid")
    delegated = bool(user) or word(inner, "c_idtyp").lower() == "user"
    person = Actor(id=user or (word(inner, "userprincipalobjectid") if delegated else ""), kind="user")
    tenant = tenant_of(inner, outer)
    return Record(
        log=GRAPH,
        id=word(inner, "requestid") or made_id(time, method, uri, app.app, user, status),
        time=time,
        tenant=tenant,
        operation=f"{method} {uri}",
        service=_SERVICE,
        by=person if delegated else app,
        through=app if delegated else Actor(),
        outcome=outcome_of(status),
        error=str(status) if status >= 400 else "",
        ip=address(word(inner, "ipaddress") or word(outer, "calleripaddress")),
        agent=word(inner, "useragent"),
        call=Call(
            method=method,
            address=uri,
            status=status,
            roles=words(inner.get("roles")),
            scopes=words(inner.get("scopes")),
            wids=tuple(one.lower() for one in words(inner.get("wids")) or ()),
            delegated=delegated,
        ),
    )


def outcome_of(status: int) -> Outcome:
    """How a request ended. What is not there, is there already, or has changed, was looked for after authorising.

    https://learn.microsoft.com/graph/errors
    """
    if 0 < status < 400:
        return "allowed"
    if status == 403:
        return "denied"
    return "failed" if status in (404, 409, 410, 412) else "unknown"
