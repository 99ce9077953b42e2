"""Grants of a resource's own system: roles of Cosmos DB, administrators of servers of SQL, groups that rule a cluster.

No role assignment of Azure tells of them, and each is about the resource alone.
https://learn.microsoft.com/azure/cosmos-db/nosql/security/reference-data-plane-roles
https://learn.microsoft.com/rest/api/sql/servers/list
https://learn.microsoft.com/rest/api/postgresql/administrators-microsoft-entra/list-by-server
https://learn.microsoft.com/azure/aks/enable-authentication-microsoft-entra-id
"""

from __future__ import annotations

from collections.abc import Sequence

from leastwise.providers.azure.language.assignments import principal_key
from leastwise.providers.azure.language.ids import ArmId, IdError, arm_id
from leastwise.providers.azure.language.operations import DATA
from leastwise.providers.interned import Statement
from leastwise.providers.members import Object

from .beside import COSMOS_ROLES, NOT_READ
from .context import Context
from .entries import HARMLESS
from .reading import member, objects, text, texts

KIND = "resource_role"
COSMOS_DEFINITION = "microsoft.documentdb/databaseaccounts/sqlroledefinitions"
COSMOS_ASSIGNMENT = "microsoft.documentdb/databaseaccounts/sqlroleassignments"
SQL_ADMINISTRATOR, POSTGRES_ADMINISTRATOR = (
    "microsoft.sql/servers/administrators", "microsoft.dbforpostgresql/flexibleservers/administrators",
)  # fmt: skip
_ACCOUNT = "/sqlrole"
_ITEMS = "Microsoft.DocumentDB/databaseAccounts/sqlDatabases/containers"
_METADATA = "Microsoft.DocumentDB/databaseAccounts/readMetadata"
_BUILT_IN = {
    "00000000-0000-0000-0000-000000000001": (
        "Cosmos DB Built-in Data Reader",
        (_METADATA, f"{_ITEMS}/executeQuery", f"{_ITEMS}/readChangeFeed", f"{_ITEMS}/items/read"),
    ),
    "00000000-0000-0000-0000-000000000002": (
        "Cosmos DB Built-in Data Contributor", (_METADATA, f"{_ITEMS}/*", f"{_ITEMS}/items/*"),
    ),
}  # fmt: skip
"""Roles that every account of Cosmos DB has."""


def cosmos_definition(context: Context, id: ArmId, value: Object, source: str) -> None:
    """A role of an account of Cosmos DB; its operations are all of the data plane."""
    told = [
        Statement("Allow", [DATA + one for one in texts(part, "dataActions")],
                  not_actions=[DATA + one for one in texts(part, "notDataActions")])
        for part in objects(value, "permissions")
    ]  # fmt: skip
    _bundle(context, id.text, text(value, "roleName") or id.text.rpartition("/")[2], told, source)


def cosmos_assignment(context: Context, id: ArmId, value: Object, source: str) -> None:
    """A role of an account of Cosmos DB given to somebody, on the account, a database or a container."""
    account = id.text[: id.key.rindex(_ACCOUNT)]
    role, who = text(value, "roleDefinitionId"), text(value, "principalId")
    scope = text(value, "scope").rstrip("/")
    try:
        place = arm_id(scope if scope.lower().startswith("/subscriptions/") else account + scope)
    except IdError:
        context.skip("a role assignment of Cosmos DB at a scope that is none", source)
        return
    if not role or not who:
        context.skip("a role assignment of Cosmos DB without a role or principal", source)
        return
    key = role.rpartition("/")[2]
    bundle = role if "/" in role else f"{account}/sqlRoleDefinitions/{role}"
    cosmos_read(context, account)
    context.own.given.append((bundle, place, principal_key(who), id.text, source))
    if key in _BUILT_IN:
        context.own.known.setdefault(bundle.lower(), (_BUILT_IN[key], source))


def cosmos_read(context: Context, account: str) -> None:
    """The roles of an account of Cosmos DB were read, all or some."""
    context.own.read.add((arm_id(account).key, COSMOS_ROLES + NOT_READ))


def finish_owned(context: Context) -> None:
    """What roles of Cosmos DB give, once all were read; a role that was not read is a gap."""
    for bundle, place, who, id, source in context.own.given:
        known = context.own.known.get(bundle.lower())
        if bundle.lower() not in context.own.bundles and known is not None:
            (title, actions), where = known
            _bundle(context, bundle, title, [Statement("Allow", [DATA + one for one in actions])], where)
        if bundle.lower() not in context.own.bundles:
            context.skip("role assignments of Cosmos DB whose role was not read: what they give", source)
        _give(context, place, context.own.written.get(bundle.lower(), bundle), who, "", id, source)


def administrators(context: Context, id: ArmId, value: Object, source: str) -> None:
    """Who of the directory rules a server of SQL, as the server tells it."""
    told = member(value, "administrators")
    if isinstance(told, dict):
        _administrator(context, id, told, "sid", "principalType", "login", source)


def administrator(context: Context, id: ArmId, value: Object, type: str, source: str) -> None:
    """The same, told by an object of its own below the server."""
    server = arm_id("/".join(id.text.split("/")[:-2]))
    if type == SQL_ADMINISTRATOR:
        _administrator(context, server, value, "sid", "principalType", "login", source)
    else:
        _administrator(context, server, value, "objectId", "principalType", "principalName", source)


def _administrator(context: Context, server: ArmId, value: Object, id: str, type: str, name: str, source: str) -> None:
    who, kind = text(value, id), text(value, type)
    if not who:
        return
    if id == "sid" and kind.lower() == "application":
        # A server of SQL knows an application by its client id, which is no object id.
        context.own.by_client.append((principal_key(who), server, text(value, name), source))
        return
    context.principals.name(principal_key(who), kind, source, name=text(value, name))
    _rules(context, server, principal_key(who), source)


def finish_clients(context: Context) -> None:
    """Applications that rule servers, by object id; one of which no more than its client id is known is a gap."""
    for client, server, name, source in context.own.by_client:
        who = context.principals.of_client(client)
        if who:
            _rules(context, server, who, source)
        else:
            context.skip(f"an administrator of a server that is told by its client id alone ({name or client})", source)


def _rules(context: Context, server: ArmId, who: str, source: str) -> None:
    bundle = "administrator of the server"
    _bundle(context, bundle, bundle, [Statement("Allow", ["administrator"])], source)
    _give(context, server, bundle, who, "", f"{server.text}/administrators/{who}", source)


def cluster_administrators(context: Context, id: ArmId, value: Object, source: str) -> None:
    """Groups whose members are administrators of a cluster of Kubernetes, whatever roles they have."""
    bundle = "cluster-admin of Kubernetes"
    for group in texts(value, "aadProfile", "adminGroupObjectIDs"):
        _bundle(context, bundle, bundle, [Statement("Allow", ["cluster-admin"])], source)
        _give(context, id, bundle, principal_key(group), "Group", f"{id.text}/aadProfile/{group}", source)


def _bundle(context: Context, id: str, name: str, statements: Sequence[Statement], source: str) -> None:
    if id.lower() in context.own.bundles:
        return
    context.own.bundles.add(id.lower())
    context.own.written[id.lower()] = id
    told = {"role": name, "permissions": [
        {"dataActions": list(one.actions), "notDataActions": list(one.not_actions)} for one in statements]}  # fmt: skip
    document = context.documents.intern(told, statements, flags=HARMLESS)
    context.facts.policies.add(
        id=id, account=context.top, name=name, kind=KIND, version="", default=True, document=document, source=source,
    )  # fmt: skip


def _give(context: Context, place: ArmId, bundle: str, who: str, type: str, id: str, source: str) -> None:
    context.principals.name(who, type, source)
    binding = {"role": bundle, "principalId": who, "id": id.lower()}
    document = context.documents.intern(binding, [Statement("Allow", [bundle], [who])])
    context.attach("allow", KIND, place, id, document, source)
