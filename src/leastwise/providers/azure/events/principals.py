"""Who made a call, out of the claims of its token: the object id, which assignments name.

An assignment's evidence may name a group, and so tells nobody. Of applications the claims tell the service principal's
object id beside the application's. Where they tell the latter alone, the use counts for `application:ID`; where a
record tells its caller alone, which may be either, for `caller:ID`, or for the address. Whom these mean is known by the
directory, when usage is read (`observing/aliases.py`).

https://learn.microsoft.com/azure/azure-monitor/platform/activity-log-schema#property-descriptions (caller, claims)
https://learn.microsoft.com/entra/identity-platform/access-token-claims-reference
https://learn.microsoft.com/azure/storage/blobs/monitor-blob-storage-reference (identity)
"""

from __future__ import annotations

import re
from collections.abc import Hashable, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from leastwise.providers.azure.log_names import APPLICATION, CALLER
from leastwise.providers.guids import guid
from leastwise.providers.logs.nested import remembered

from .record import Record

Native = Literal["user", "guest", "service_principal", "managed_identity", "application", "principal", "service",
                 "account_key", "shared_access_signature", "anonymous", "unknown"]  # fmt: skip
"""`service` is Azure itself; `application` one of which only the application's id is told."""
MICROSOFT, XMLSOAP = "http://schemas.microsoft.com/", "http://schemas.xmlsoap.org/ws/2005/05/identity/claims/"
_OBJECT = (f"{MICROSOFT}identity/claims/objectidentifier", "oid", "objectId")
_TENANT = (f"{MICROSOFT}identity/claims/tenantid", "tid", "tenantId")
_APP = ("appid", "azp", "appId")
_NAME = (f"{XMLSOAP}upn", "upn", f"{XMLSOAP}emailaddress", "unique_name")
_FOREIGN = (f"{MICROSOFT}identity/claims/identityprovider", "idp")
_METHODS = (f"{MICROSOFT}claims/authnmethodsreferences", "amr")
_SCOPE = (f"{MICROSOFT}identity/claims/scope", "scp")
_READ = (*_OBJECT, *_TENANT, *_APP, *_NAME, *_FOREIGN, *_METHODS, *_SCOPE, "xms_mirid", "xms_az_rid", "idtyp", "acct")
"""All claims that are read."""
_MAIL = re.compile(r"[^\s@<>/\[\]]+@[^\s@<>/\[\]]+")
_KEYS: Mapping[str, tuple[Native, str]] = {
    "accountkey": ("account_key", "signed with a key of the account, which is nobody's own"),
    "sas": ("shared_access_signature", "signed with a shared access signature, which is nobody's own"),
    "saskey": ("shared_access_signature", "signed with a shared access signature, which is nobody's own"),
    "accountsas": ("shared_access_signature", "signed with a shared access signature, which is nobody's own"),
    "servicesas": ("shared_access_signature", "signed with a shared access signature, which is nobody's own"),
    "delegationsas": ("shared_access_signature", "signed with a shared access signature, which is nobody's own"),
    "anonymous": ("anonymous", "the caller did not sign in"),
}  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Who:
    """Who made a call. Texts are empty where the log does not say.

    - `id`: whom the call counts for: an object id, or as above; empty for nobody. `owner`: the tenant of the token.
    - `workload`: the resource that a managed identity was attached to (`xms_az_rid`).
    - `mfa`: whether a second factor was given; None where that is not told. `why`: why the call counts for nobody.
    """

    kind: Native
    id: str = ""
    owner: str = ""
    workload: str = ""
    mfa: bool | None = None
    why: str = ""


def caller_of(record: Record) -> Hashable:
    """All that decides who made a call; None where that cannot be remembered."""
    return remembered((*map(record.claims.get, _READ), record.identity.get("type"), record.caller, bool(record.claims)))


def who(record: Record) -> Who:
    """Who made the call."""
    if record.claims and (found := of_claims(record.claims)) is not None:
        return found
    signed = str(record.identity.get("type") or "").replace(" ", "").lower()
    if signed in _KEYS:
        kind, why = _KEYS[signed]
        return Who(kind=kind, why=why)
    return _of_caller(record.caller.strip(), bool(record.claims))


def of_claims(claims: Mapping[str, Any]) -> Who | None:
    """Whom the claims of a token name; None when they name nobody by an id."""
    id, app, name = _first(claims, _OBJECT), _first(claims, _APP), _first(claims, _NAME).strip()
    owner = _first(claims, _TENANT).lower()
    mine = guid(id) or id.lower()
    if not mine and _MAIL.fullmatch(name):
        mine = name.lower()
    if not mine:
        mine = f"{APPLICATION}{guid(app) or app.lower()}"
        return Who(kind="application", id=mine, owner=owner) if app and not name else None
    kind = _native(claims, app, name)
    methods = _first(claims, _METHODS).lower()
    human = kind in ("user", "guest")
    return Who(
        kind=kind, id=mine, owner=owner, workload=_first(claims, ("xms_az_rid",)).lower() if not human else "",
        mfa=("mfa" in methods) if human and methods else None,
    )  # fmt: skip


def _native(claims: Mapping[str, Any], app: str, name: str) -> Native:
    if _first(claims, ("xms_mirid",)):
        return "managed_identity"
    type = _first(claims, ("idtyp",)).lower()
    if type == "app" or (not type and app and not name and not _first(claims, _SCOPE)):
        return "service_principal"
    if type == "user" or name or _first(claims, _SCOPE):
        provider = _first(claims, _FOREIGN)
        own = _first(claims, _TENANT).lower()
        foreign = bool(provider) and (not own or own not in provider.lower())
        return "guest" if foreign or _first(claims, ("acct",)) == "1" else "user"
    return "principal"


def _of_caller(caller: str, claimed: bool) -> Who:
    if found := guid(caller):
        return Who(kind="principal", id=f"{CALLER}{found}")
    if _MAIL.fullmatch(caller):
        return Who(kind="user", id=caller.lower())
    if caller:
        return Who(kind="service", why=f"Azure did it itself ({caller})")
    if claimed:
        return Who(kind="unknown", why="its claims name nobody by an id")
    return Who(kind="unknown", why="the record names no caller")


def _first(claims: Mapping[str, Any], names: tuple[str, ...]) -> str:
    for name in names:
        found = claims.get(name)
        if found:
            if isinstance(found, str):
                return found
            if isinstance(found, list):
                return ",".join(one for one in found if isinstance(one, str))
    return ""
