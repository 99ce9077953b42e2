"""Azure Lighthouse: principals of another tenant that hold roles here, which no list of role assignments tells.

https://learn.microsoft.com/azure/lighthouse/concepts/architecture
"""

from __future__ import annotations

from leastwise.providers.azure.language.assignments import principal_key
from leastwise.providers.azure.language.ids import ArmId, named
from leastwise.providers.interned import Statement

from .context import Context
from .reading import Object, member, objects, text


def definition(context: Context, value: Object, source: str) -> None:
    """What is offered to whom; it is in force where an assignment names it."""
    id = context.id(text(value, "id"), source) if text(value, "id") else None
    if id is not None:
        context.definitions.setdefault(named(id.text), (value, source))


def assignment(context: Context, value: Object, source: str) -> None:
    """A definition in force on a subscription or resource group; it may be told with the definition in it."""
    inner = member(value, "registrationDefinition")
    if isinstance(inner, dict):
        context.definitions.setdefault(named(text(inner, "id") or text(inner, "name")), (inner, source))
    context.delegations.append((value, source))


def finish_delegations(context: Context) -> None:
    """The roles that each assignment gives, eligible ones too; one whose definition was not read is a gap."""
    for value, source in context.delegations:
        scope = _scope(context, text(value, "id"), source)
        key = named(text(value, "registrationDefinitionId") or text(value, "registrationDefinition", "id"))
        known = context.definitions.get(key)
        if scope is None or known is None:
            context.skip("Lighthouse assignments whose definition was not read: who holds what by them", source)
            continue
        told, _ = known
        for one in objects(told, "authorizations"):
            _give(context, "allow", scope, told, one, source)
        for one in objects(told, "eligibleAuthorizations"):
            _give(context, "eligible", scope, told, one, source)


def _scope(context: Context, id: str, source: str) -> ArmId | None:
    """The subscription or resource group that an assignment lies on."""
    at = id.lower().rfind("/providers/microsoft.managedservices/")
    return context.id(id[:at], source) if at > 0 else None


def _give(context: Context, layer: str, scope: ArmId, told: Object, one: Object, source: str) -> None:
    principal, role = text(one, "principalId"), text(one, "roleDefinitionId")
    if not principal or not role:
        context.skip("an authorization of Lighthouse without a principal or role", source)
        return
    who, tenant = principal_key(principal), text(told, "managedByTenantId")
    context.principals.name(
        who, "", source, native="foreign_principal", kind="external", name=text(one, "principalIdDisplayName"),
        directory="foreign", account=tenant,
    )  # fmt: skip
    key = named(role)
    context.named_roles.setdefault(key, ("", source))
    binding = {"roleDefinitionId": key, "principalId": who, "managedByTenantId": tenant}
    delegated = member(one, "delegatedRoleDefinitionIds")
    if isinstance(delegated, list):
        # What the principal may hand on, and to managed identities only.
        binding["delegatedRoleDefinitionIds"] = " ".join(
            sorted(named(each) for each in delegated if isinstance(each, str))
        )
    document = context.documents.intern(binding, [Statement("Allow", [key], [who])])
    context.attach(layer, "delegation", scope, text(told, "id"), document, source)
