"""Resources, what is attached to them, and whom they run as."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from leastwise.providers.azure.exports.shapes import type_of
from leastwise.providers.azure.language.assignments import principal_key
from leastwise.providers.azure.language.ids import ArmId
from leastwise.providers.members import Object

from . import settings
from .beside import ways_in
from .context import Context
from .owned import (
    COSMOS_ASSIGNMENT,
    COSMOS_DEFINITION,
    POSTGRES_ADMINISTRATOR,
    SQL_ADMINISTRATOR,
    administrator,
    administrators,
    cluster_administrators,
    cosmos_assignment,
    cosmos_definition,
)
from .reading import member, pairs, text, time
from .vaults import vault

IDENTITIES = "microsoft.managedidentity/userassignedidentities"
_MANAGED = "managed_identity"
_DETAILS: dict[str, tuple[str, ...]] = {
    "microsoft.storage/storageaccounts": (
        "allowSharedKeyAccess", "allowBlobPublicAccess", "isHnsEnabled", "isLocalUserEnabled", "publicNetworkAccess",
    ),
    "microsoft.storage/storageaccounts/blobservices/containers": ("publicAccess",),
    "microsoft.keyvault/vaults": ("enableRbacAuthorization", "publicNetworkAccess", "enablePurgeProtection"),
    "microsoft.containerservice/managedclusters": ("disableLocalAccounts", "enableRBAC", "aadProfile.enableAzureRBAC"),
    "microsoft.documentdb/databaseaccounts": ("disableLocalAuth", "disableKeyBasedMetadataWriteAccess"),
    "microsoft.servicebus/namespaces": ("disableLocalAuth",),
    "microsoft.eventhub/namespaces": ("disableLocalAuth",),
    "microsoft.authorization/locks": ("level",),
    "microsoft.authorization/policyassignments": ("policyDefinitionId", "enforcementMode", "displayName"),
}  # fmt: skip
"""Members that say by which other ways a resource is reached, and how it is guarded."""
_UNTOLD = {"isHnsEnabled": "false", "allowSharedKeyAccess": "true"}
"""Of an account of storage, what it is where it does not say so."""


def resource(context: Context, value: Object, source: str) -> None:
    """A resource, whatever tells of it."""
    type = type_of(value)
    if type == settings.TYPE:
        settings.setting(context, value, source)
        return
    told = text(value, "id")
    id = context.id(told, source) if told else None
    if id is None or id.key == id.top:
        return
    if _own(context, id, value, type, source):
        return
    known, words = ways_in(type, value)
    context.own.ways_in(id, words, known)
    context.resource(
        id, source, type=type, name=text(value, "name"), region=text(value, "location"),
        created=time(value, "createdTime") or time(value, "systemData", "createdAt"), tags=pairs(value, "tags"),
        details=_details(value, type),
    )  # fmt: skip
    if type == IDENTITIES:
        _user_assigned(context, id, value, source)
    if type == "microsoft.keyvault/vaults":
        vault(context, id, value, source)
    if type in ("microsoft.sql/servers", "microsoft.sql/managedinstances"):
        administrators(context, id, value, source)
    if type == "microsoft.containerservice/managedclusters":
        cluster_administrators(context, id, value, source)
    _runs(context, id, value, source)


def _own(context: Context, id: ArmId, value: Object, type: str, source: str) -> bool:
    """Whether this is no resource, but a role or a grant of a resource's own system; it is taken in then."""
    if type == COSMOS_DEFINITION:
        cosmos_definition(context, id, value, source)
    elif type == COSMOS_ASSIGNMENT:
        cosmos_assignment(context, id, value, source)
    elif type in (SQL_ADMINISTRATOR, POSTGRES_ADMINISTRATOR):
        administrator(context, id, value, type, source)
    else:
        return False
    return True


def _details(value: Object, type: str) -> tuple[tuple[str, str], ...]:
    found = [(name, _word(member(value, *name.split(".")))) for name in _DETAILS.get(type, ())]
    if type == "microsoft.storage/storageaccounts" and isinstance(value.get("properties"), Mapping):
        # One that tells its properties and not these has no hierarchical namespace, and lets in by key.
        told = {name for name, word in found if word}
        found += [(name, word) for name, word in _UNTOLD.items() if name not in told]
    kind = member(value, "kind")
    if isinstance(kind, str):
        found.append(("kind", kind))
    return tuple((name, word) for name, word in found if word)


def _word(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return value if isinstance(value, str) else ""


def _user_assigned(context: Context, id: ArmId, value: Object, source: str) -> None:
    """An identity of the user's: a resource of its own, which others act as."""
    principal = text(value, "principalId")
    if principal:
        who = principal_key(principal)
        context.principals.name(
            who, "ServicePrincipal", source, native=_MANAGED, name=text(value, "name"), account=context.account(id),
            directory="own", unique_id=text(value, "clientId"), tags=pairs(value, "tags"),
        )  # fmt: skip
        context.identities[id.key] = who
        context.resource(id, source, principal=who)


def _runs(context: Context, id: ArmId, value: Object, source: str) -> None:
    """Whom a resource acts as: its own identity, those of the user's that are attached, that of a cluster's nodes."""
    identity = member(value, "identity")
    own = text(identity, "principalId")
    if own:
        who = principal_key(own)
        context.principals.name(
            who, "ServicePrincipal", source, native=_MANAGED, name=text(value, "name"), account=context.account(id),
            directory="own",
        )  # fmt: skip
        context.runs(id, who)
    attached = member(identity, "userAssignedIdentities")
    for name, told in attached.items() if isinstance(attached, dict) else ():
        _attached(context, id, name, told, source)
    profile, addons = member(value, "identityProfile"), member(value, "addonProfiles")
    parts = [*(profile.values() if isinstance(profile, dict) else ()),
             *(member(one, "identity") for one in (addons.values() if isinstance(addons, dict) else ()))]  # fmt: skip
    for told in parts:
        node = text(told, "objectId")
        if node:
            name = text(told, "resourceId")
            _attached(context, id, name, {"principalId": node, "clientId": text(told, "clientId")}, source)


def _attached(context: Context, id: ArmId, name: object, told: object, source: str) -> None:
    identity = context.id(name, source) if isinstance(name, str) and name else None
    principal = text(told, "principalId")
    if principal:
        who = principal_key(principal)
        named = identity.text.rpartition("/")[2] if identity is not None else ""
        account = context.account(identity) if identity is not None else ""
        context.principals.name(
            who, "ServicePrincipal", source, native=_MANAGED, name=named, account=account, directory="own",
            unique_id=text(told, "clientId"),
        )  # fmt: skip
        context.runs(id, who)
        if identity is not None:
            context.identities.setdefault(identity.key, who)
    elif identity is not None:
        # The list of resources tells which identities are attached, not as whom they act.
        context.attached.setdefault(identity.key, []).append(id.key)
