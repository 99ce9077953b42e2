"""Whom a record counts for: the object id, which roles and permissions are given to.

Where a record tells only the application's id, the use counts for `application:ID`; where it tells an address, for
that; an id of which it is not told what it is of counts for `caller:ID`. Whom these mean is known by the directory,
when usage is read (`observing`). What a service does by itself counts for nobody.

https://learn.microsoft.com/graph/api/resources/auditactivityinitiator
https://learn.microsoft.com/office/office-365-management-api/office-365-management-activity-api-schema#user-type
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from leastwise.providers.entra.log_names import APPLICATION, CALLER
from leastwise.providers.guids import guid

from .record import Actor, Record

_MAIL = re.compile(r"[^\s@<>/\[\]\\|]+@[^\s@<>/\[\]\\|]+\.[^\s@<>/\[\]\\|]+")
_BLANK = re.compile(r"[0-]+")
"""Ids that stand for nobody."""
_PEOPLE = ("user", "guest")


@dataclass(frozen=True, slots=True)
class Who:
    """Whom a record counts for. Texts are empty where the log does not say.

    - `id`: as above; empty for nobody, `why` says why then. `owner`: the tenant of the principal.
    - `kind`: user, guest, service_principal, managed_identity, application, principal, service or unknown.
    """

    id: str = ""
    kind: str = "unknown"
    owner: str = ""
    why: str = ""


def who(record: Record) -> Who:
    """Who did it."""
    return of_actor(record.by, record.tenant)


def of_actor(by: Actor, tenant: str) -> Who:
    """Whom the record's words for somebody mean."""
    owner = (by.home or tenant).lower()
    id = by.id.strip().lower()
    if id and not _BLANK.fullmatch(id):
        return Who(id, by.kind or "principal", owner)
    name = by.name.strip()
    # Some services write an address that is none, for an application that they do not name.
    address = _MAIL.fullmatch(name) and not name.lower().startswith("app@")
    if address and by.kind not in ("service_principal", "managed_identity", "application"):
        return Who(name.lower(), by.kind or "user", owner)
    app = guid(by.app) or by.app.strip().lower()
    if app and not _BLANK.fullmatch(app):
        return Who(f"{APPLICATION}{app}", "application", owner)
    if found := guid(name):
        return Who(f"{CALLER}{found}", "principal", owner)
    if by.kind == "service" or (name and by.kind not in _PEOPLE):
        return Who(kind="service", owner=owner, why=f"a service did it itself ({name or 'it names nobody'})")
    if name:
        return Who(kind=by.kind or "unknown", owner=owner, why=f"it names somebody by {name!r}, which is no id")
    return Who(owner=owner, why="the record names nobody")
