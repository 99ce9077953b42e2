"""Records of sign-ins: of people, with or without their doing, of service principals, of managed identities.

https://learn.microsoft.com/graph/api/resources/signin
https://learn.microsoft.com/entra/identity/monitoring-health/concept-sign-ins
https://learn.microsoft.com/entra/identity-platform/reference-error-codes
"""

from __future__ import annotations

from leastwise.providers.logs.nested import Object, part, text
from leastwise.providers.logs.tabular import address, word

from .identity import made_id, tenant_of, when
from .record import OF_IDENTITIES, OF_SERVICES, Actor, Outcome, Record, Target

OPERATION = "Sign-in activity"
_GUESTS = frozenset(("b2bcollaboration", "guest"))
_FOREIGN = frozenset(("b2bdirectconnect", "serviceprovider", "microsoftsupport"))
_INTERRUPTED = frozenset((
    "16000", "16001", "16003", "50055", "50058", "50072", "50074", "50076", "50078", "50079", "50097", "50125",
    "50127", "50129", "50140", "50143", "50158", "50199", "51006", "52004", "65001", "81010", "81012", "81014",
    "9002341",
))  # fmt: skip
"""Codes by which a sign-in waits for more: whoever it is had been recognised, or nothing was decided."""


def record(inner: Object, outer: Object, log: str) -> Record:
    """The record of its properties and its envelope, names in lower case. Raises UnreadableRecordError."""
    time = when((inner, ("createddatetime", "timegenerated")), (outer, ("time", "p_event_time")))
    outcome, error = _ended(inner, outer)
    by = _program(inner, log) if log in (OF_SERVICES, OF_IDENTITIES) else _person(inner, outer)
    client = Actor(app=word(inner, "appid"), kind="application", name=word(inner, "appdisplayname"))
    resource = Target(
        id=word(inner, "resourceserviceprincipalid").lower(), type="serviceprincipal",
        name=_api(inner) or word(inner, "resourcedisplayname"),
    )  # fmt: skip
    required = word(inner, "authenticationrequirement").lower()
    return Record(
        log=log,
        id=word(inner, "id") or made_id(time, log, by.id, by.name, by.app, client.app, resource.name, error),
        time=time,
        tenant=tenant_of(inner, outer),
        operation=OPERATION,
        service="Microsoft Entra ID",
        by=by,
        through=client if log not in (OF_SERVICES, OF_IDENTITIES) and client.app else Actor(),
        outcome=outcome,
        error=error,
        ip=address(word(inner, "ipaddress") or word(outer, "calleripaddress")),
        agent=word(inner, "useragent"),
        mfa=None if not required or outcome != "allowed" else required == "multifactorauthentication",
        workload=_attached(inner),
        targets=(resource,),
    )


def _api(inner: Object) -> str:
    """The application that it was signed in to; in a workspace the resource's id stands under another name."""
    found = word(inner, "resourceidentity") or word(inner, "resourceid")
    return "" if found.startswith("/") else found.lower()


def _person(inner: Object, outer: Object) -> Actor:
    name = word(inner, "userprincipalname") or word(outer, "identity")
    crossing = word(inner, "crosstenantaccesstype").lower()
    guest = word(inner, "usertype").lower() in _GUESTS or crossing in _GUESTS or "#ext#" in name.lower()
    home = word(inner, "hometenantid").lower() if crossing in _FOREIGN else ""
    return Actor(id=word(inner, "userid"), name=name, kind="guest" if guest else "user", home=home)


def _program(inner: Object, log: str) -> Actor:
    kind = "managed_identity" if log == OF_IDENTITIES else "service_principal"
    return Actor(
        id=word(inner, "serviceprincipalid"), app=word(inner, "appid"), name=word(inner, "serviceprincipalname"),
        kind=kind,
    )  # fmt: skip


def _attached(inner: Object) -> str:
    """The resource that a managed identity was attached to; in what identities federate with, the subject's issuer."""
    return text(part(inner, "managedserviceidentity"), "associatedresourceid").lower()


def _ended(inner: Object, outer: Object) -> tuple[Outcome, str]:
    told = part(inner, "status")
    code = word(told, "errorcode") or word(inner, "resulttype") or word(outer, "resulttype") or word(inner, "errorcode")
    code = code.strip()
    if code in ("0", "Success", "success"):
        return "allowed", ""
    if not code:
        success = word(inner, "conditionalaccessstatus").lower() == "success"
        return ("allowed", "") if success else ("unknown", "")
    return ("unknown" if code in _INTERRUPTED else "denied"), code
