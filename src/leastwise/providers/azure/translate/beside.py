"""Systems of access of a resource's own, beside roles: keys, local accounts, access policies, roles of its service.

https://learn.microsoft.com/azure/storage/common/shared-key-authorization-prevent
https://learn.microsoft.com/azure/cosmos-db/role-based-access-control
https://learn.microsoft.com/azure/aks/manage-local-accounts-managed-azure-ad
https://learn.microsoft.com/azure/azure-sql/database/authentication-azure-ad-only-authentication
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from leastwise.providers.members import Object

from .reading import member, truth

NOT_READ, NOT_TOLD = " (not read)", " (not told)"
ACCESS_POLICIES, KEYS, COSMOS_ROLES = "access policies", "account keys", "roles of Cosmos DB"


@dataclass(frozen=True, slots=True)
class _Way:
    """A way in.

    Args:
        word: what it is called.
        name: the member (one below another, with points between) that says whether it is open.
        opens: what this says where it is.
        default: whether it is where the member is missing or null.
    """

    word: str
    name: str
    opens: bool
    default: bool

    def open(self, value: Object) -> bool:
        """Whether the object says, or leaves, that it is open."""
        told = truth(value, *self.name.split("."))
        return self.default if told is None else told is self.opens


_LOCAL_AUTH = ("disableLocalAuth", False, True)
_SQL = (_Way("logins of SQL" + NOT_READ, "administrators.azureADOnlyAuthentication", False, True),)
_WAYS: Mapping[str, tuple[_Way, ...]] = {
    "microsoft.storage/storageaccounts": (
        _Way(KEYS, "allowSharedKeyAccess", True, True), _Way("local users", "isLocalUserEnabled", True, False),
        _Way("access lists of files" + NOT_READ, "isHnsEnabled", True, False),
    ),
    "microsoft.keyvault/vaults": (_Way(ACCESS_POLICIES, "enableRbacAuthorization", False, False),),
    "microsoft.documentdb/databaseaccounts": (_Way(KEYS, *_LOCAL_AUTH),),
    "microsoft.containerservice/managedclusters": (_Way("local accounts", "disableLocalAccounts", False, True),),
    "microsoft.containerregistry/registries": (_Way("admin user", "adminUserEnabled", True, False),),
    "microsoft.sql/servers": _SQL,
    "microsoft.sql/managedinstances": _SQL,
    **dict.fromkeys(
        ("microsoft.servicebus/namespaces", "microsoft.eventhub/namespaces", "microsoft.relay/namespaces",
         "microsoft.appconfiguration/configurationstores", "microsoft.cognitiveservices/accounts",
         "microsoft.search/searchservices", "microsoft.signalrservice/signalr"),
        (_Way("shared access keys", *_LOCAL_AUTH),),
    ),
}  # fmt: skip
"""Ways in that an object tells of its type of resource."""
_ALWAYS: Mapping[str, str] = {
    "microsoft.containerservice/managedclusters": "roles of Kubernetes",
    "microsoft.documentdb/databaseaccounts": COSMOS_ROLES,
    "microsoft.sql/servers": "users of databases",
    "microsoft.sql/managedinstances": "users of databases",
    "microsoft.dbforpostgresql/flexibleservers": "roles of databases",
    "microsoft.dbformysql/flexibleservers": "users of databases",
}
"""Systems of a type's own that are always there, of which nothing that is read here tells."""


def ways_in(type: str, value: Object) -> tuple[bool, tuple[str, ...]]:
    """The ways in beside roles of a resource of this type, and whether its object tells of them at all."""
    ways = _WAYS.get(type, ())
    told = not ways or any(_tells(value, one) for one in ways) or bool(member(value, "properties"))
    return told, tuple(_words(type, ways, value, told))


def _words(type: str, ways: tuple[_Way, ...], value: Object, told: bool) -> Iterator[str]:
    for one in ways:
        if not told:
            yield one.word.removesuffix(NOT_READ) + NOT_TOLD
        # Of a vault that is told, its access policies say more.
        elif one.word != ACCESS_POLICIES and one.open(value):
            yield one.word
    if type in _ALWAYS:
        yield _ALWAYS[type] + NOT_READ


def _tells(value: Object, way: _Way) -> bool:
    """Whether the object has the member, even as null: the command line writes all of them, flat."""
    first = way.name.partition(".")[0].lower()
    return any(isinstance(key, str) and key.lower() == first for key in value)
