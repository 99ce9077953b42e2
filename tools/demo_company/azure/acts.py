"""What somebody did in Azure: one operation on one thing, and whether a log has it."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Final, Literal

from demo_company.azure import things as t
from demo_company.azure.grants import Grant, role_id
from demo_company.azure.places import PROD, within
from demo_company.entra import apps, staff

Log = Literal["activity", "blobs", "vault", ""]
Verb = Literal["read", "write"]
ACTIVITY: Final = "activity"
BLOBS: Final = "blobs"
VAULT: Final = "vault"
NOWHERE: Final = ""
"""The log that an entry stands in; nowhere, where no diagnostic setting keeps it, or it only reads."""
OFFICE, RUNNER, CLOUD = "198.51.100.40", "198.51.100.140", "192.0.2.80"


@dataclass(frozen=True, slots=True)
class Caller:
    """Who calls: object id, app id, the name that a user signs in with, and the resource of a managed identity."""

    principal: str
    app: str
    user: str = ""
    resource: str = ""
    ip: str = OFFICE


_PORTAL = "c44b4083-3bb0-49c1-b47d-974e53cbdf3c"
"""App id of the vendor's own portal."""


def person(name: str) -> Caller:
    """Somebody who works in the portal."""
    return Caller(staff.object_id(name), _PORTAL, staff.principal_name(name))


def service(name: str, ip: str = CLOUD) -> Caller:
    """An app."""
    return Caller(apps.principal_id(name), apps.app_id(name), ip=ip)


def managed(name: str) -> Caller:
    """A managed identity."""
    one = t.identity(name)
    return Caller(one.principal, one.client, resource=one.id, ip=CLOUD)


@dataclass(frozen=True, slots=True)
class Call:
    """One operation.

    Args:
        operation: as the catalogue writes it.
        on: the thing that it is done to; of data, what holds it (a container, a vault).
        native: what the log of data calls it (GetBlob); empty for operations of Resource Manager.
        key: the blob or secret.
        body: of the request, where the log tells it.
    """

    operation: str
    on: str
    native: str = ""
    key: str = ""
    body: str = ""


_COME_AND_GO = ("/roleAssignments", "/jobs")
"""Types of which each is new: usage counts them together."""


@dataclass(frozen=True, slots=True)
class Act:
    """A call at a moment, in seconds since 1970; `by` is the grant that let the caller do it."""

    when: int
    who: Caller
    call: Call
    log: Log
    by: Grant | None = None
    denied: bool = False

    @property
    def logged(self) -> bool:
        """Whether a log has it."""
        return self.log != NOWHERE

    @property
    def counts_as(self) -> tuple[str, str, str]:
        """Principal, permission, and the thing as it is compared: a blob's container, a secret, all jobs together."""
        call = self.call
        thing = f"{call.on}/secrets/{call.key}" if call.operation.startswith(t.VAULTS) else call.on
        above, _, _ = thing.rpartition("/")
        return self.who.principal, call.operation, (above if above.endswith(_COME_AND_GO) else thing).lower()


def manage(operation: str, on: str) -> Call:
    """An operation of Resource Manager."""
    return Call(operation, on)


def assigning(grant: Grant, verb: str = "write") -> Call:
    """A role assignment that is made or taken away."""
    told = {"PrincipalId": grant.who.id, "PrincipalType": grant.who.type, "Scope": grant.on,
            "RoleDefinitionId": role_id(grant.role, grant.on)}  # fmt: skip
    on = f"{grant.on}/providers/Microsoft.Authorization/roleAssignments/{grant.name}"
    body = json.dumps({"Id": grant.name, "Properties": told}) if verb == "write" else ""
    return Call(f"Microsoft.Authorization/roleAssignments/{verb}", on, body=body)


def log_of(call: Call) -> Log:
    """Which log keeps a call of the company's, by what diagnostic settings are on."""
    if not call.native:
        reads = call.operation.lower().endswith("/read")
        return NOWHERE if reads or within(call.on) != PROD else ACTIVITY
    if call.on.startswith(t.DOCS):
        return BLOBS
    return VAULT if call.on in (t.VAULT, t.PAY_VAULT) else NOWHERE


_BLOB = f"{t.STORAGE}/blobServices/containers/blobs"


def blob(verb: Verb, container: str, key: str, account: str = t.DOCS) -> Call:
    """A blob that is read or written."""
    native = {"read": "GetBlob", "write": "PutBlob"}[verb]
    return Call(f"{_BLOB}/{verb}", f"{account}/blobServices/default/containers/{container}", native, key)


def secret(verb: Literal["get", "set"], vault: str, name: str) -> Call:
    """A secret that is read or written."""
    return Call(f"{t.VAULTS}/secrets/{verb}Secret/action", vault, f"Secret{verb.capitalize()}", name)
