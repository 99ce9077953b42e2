"""Key vaults: whether roles or the vault's own access policies decide about what is in it, never both.

https://learn.microsoft.com/azure/key-vault/general/rbac-access-policy
https://learn.microsoft.com/rest/api/keyvault/keyvault/vaults/get
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from leastwise.providers.fields import Body, FieldError

from .assignments import principal_key
from .fields import Fields
from .ids import ArmId

_TYPE = ("microsoft.keyvault", "vaults")
_VERBS = {
    "secrets": {
        "getsecret/action": "get", "setsecret/action": "set", "delete": "delete", "backup/action": "backup",
        "restore/action": "restore", "recover/action": "recover", "purge/action": "purge",
    },
    "keys": {
        "encrypt/action": "encrypt", "decrypt/action": "decrypt", "wrap/action": "wrapkey",
        "unwrap/action": "unwrapkey", "sign/action": "sign", "verify/action": "verify", "create/action": "create",
        "import/action": "import", "update/action": "update", "delete": "delete", "backup/action": "backup",
        "restore/action": "restore", "recover/action": "recover", "purge/action": "purge",
    },
}  # fmt: skip
"""Permissions of access policies by data operation; of operations that are not here, it is not told which they need."""
_OF = {
    "secrets": "secrets", "keys": "keys", "keyrotationpolicies": "keys", "certificates": "certificates",
    "certificatecas": "certificates", "certificatecontacts": "certificates", "storageaccounts": "storage",
}  # fmt: skip
"""Of what the permissions are that operations need, by what they are about."""


@dataclass(frozen=True, slots=True)
class AccessPolicy:
    """What a vault gives to one principal.

    Args:
        principal: object id.
        permissions: by what they are of (`secrets`, `keys`, `certificates`, `storage`), in lower case.
    """

    principal: str
    permissions: Mapping[str, frozenset[str]]


@dataclass(frozen=True, slots=True)
class Vault:
    """A vault whose access policies decide.

    Args:
        id: of the vault.
        policies: its access policies; None where they were not told.
    """

    id: ArmId
    policies: tuple[AccessPolicy, ...] | None


def parse_vault(id: ArmId, body: Body) -> Vault | None:
    """The vault of a resource's object; None for another resource, and for a vault about which roles decide.

    A vault that does not say which it is has access policies where it tells any.

    Raises:
        FieldError: naming what is wrong.
    """
    fields = Fields(body)
    if id.segments[-3:-1] != _TYPE or fields.flag("enableRbacAuthorization"):
        return None
    policies = fields.objects("accessPolicies")
    if fields.get("enableRbacAuthorization") is None and policies is None:
        return None
    return Vault(id, None if policies is None else tuple(map(_policy, policies)))


def _policy(body: Body) -> AccessPolicy:
    fields = Fields(body)
    told = fields.get("permissions")
    if told is not None and not isinstance(told, Mapping):
        raise FieldError("permissions of an access policy must be an object")
    inner = Fields(told or {})
    permissions = {
        kind: frozenset(one.lower() for one in inner.texts(kind))
        for kind in ("secrets", "keys", "certificates", "storage")
    }
    return AccessPolicy(principal_key(fields.needed("objectId")), permissions)


def needs(operation: str) -> tuple[str, str] | None:
    """What an access policy must give for a data operation: of what, and the permission; None if not known."""
    parts = operation.removeprefix("microsoft.keyvault/vaults/").split("/", 1)
    verb = _VERBS.get(parts[0], {}).get(parts[1]) if len(parts) == 2 else None
    return None if verb is None else (parts[0], verb)


def needs_of(operation: str) -> str:
    """Of what an access policy must give something for a data operation; empty if not known.

    https://learn.microsoft.com/azure/key-vault/general/assign-access-policy
    """
    return _OF.get(operation.removeprefix("microsoft.keyvault/vaults/").partition("/")[0], "")
