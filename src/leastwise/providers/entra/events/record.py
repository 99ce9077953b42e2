"""One record of a log of the directory or of Microsoft 365, whichever form it was delivered in."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, Literal

import msgspec

AUDIT, SIGN_IN, GRAPH, UNIFIED = "AuditLogs", "SignInLogs", "MicrosoftGraphActivityLogs", "UnifiedAuditLog"
"""Names of logs: categories of diagnostic settings; the unified audit log has none."""
NON_INTERACTIVE, OF_SERVICES, OF_IDENTITIES = (
    "NonInteractiveUserSignInLogs", "ServicePrincipalSignInLogs", "ManagedIdentitySignInLogs",
)  # fmt: skip
SIGN_INS = (SIGN_IN, NON_INTERACTIVE, OF_SERVICES, OF_IDENTITIES)
Body = Mapping[str, Any]
Outcome = Literal["allowed", "denied", "failed", "unknown"]
_NONE: Body = MappingProxyType({})


class Actor(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """Who is named by a record; texts are empty where it is silent.

    - `id`: the object id; `app`: the application's id; `name`: an address, or whatever else a name is.
    - `kind`: user, guest, service_principal, managed_identity, application, or empty where that is not told.
    - `home`: the tenant where it signed in, if that is not the log's.
    """

    id: str = ""
    app: str = ""
    name: str = ""
    kind: str = ""
    home: str = ""


class Target(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """An object that a record is about: its type in lower case, and which properties became what, as it was logged."""

    id: str = ""
    type: str = ""
    name: str = ""
    changed: tuple[tuple[str, str, str], ...] = ()


class Call(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """A request to Graph. Claims of the token are None where the record does not have them."""

    method: str
    address: str
    status: int
    roles: tuple[str, ...] | None = None
    scopes: tuple[str, ...] | None = None
    wids: tuple[str, ...] = ()
    delegated: bool = False


class Record(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """A record.

    - `log`: one of the names above. `id`: the vendor's, or made of what every form tells. `time`: microseconds.
    - `tenant`: in whose directory it was done; empty where the form does not tell.
    - `operation`: the activity or operation as it was logged; `service`: what logged it.
    - `by`: who did it; `through`: the application it was done with, where that is another.
    - `touched`: what was signed in to, of sign-ins; `targets`: of others.
    """

    log: str
    id: str
    time: int
    tenant: str
    operation: str
    service: str = ""
    by: Actor = Actor()
    through: Actor = Actor()
    outcome: Outcome = "unknown"
    error: str = ""
    ip: str = ""
    agent: str = ""
    mfa: bool | None = None
    workload: str = ""
    targets: tuple[Target, ...] = ()
    details: Body = _NONE
    call: Call | None = None
