"""Azure Lighthouse: principals of another tenant that hold roles here, which no list of role assignments tells.

https://learn.microsoft.com/azure/lighthouse/concepts/architecture
"""

from __future__ import annotations

from leastwise.providers.azure.language.assignments import FOREIGN
from leastwise.providers.azure.language.ids import ArmId, IdError
from leastwise.providers.azure.language.lighthouse import (
    VERSION,
    Authorization,
    Offer,
    parse_accepted,
    parse_offer,
)
from leastwise.providers.fields import FieldError
from leastwise.providers.interned import Statement
from leastwise.providers.members import Object

from .context import Context
from .entries import condition_of


def definition(context: Context, value: Object, source: str) -> None:
    """What is offered to whom; it is in force where an assignment names it."""
    try:
        offer = parse_offer(value)
    except FieldError as error:
        context.skip(f"an offer of Lighthouse of which {error}", source)
        return
    context.offers.setdefault(offer.key, offer)


def assignment(context: Context, value: Object, source: str) -> None:
    """A definition in force on a subscription or resource group; it may be told with the definition in it."""
    try:
        accepted = parse_accepted(value)
    except (FieldError, IdError) as error:
        context.skip(f"a Lighthouse assignment of which {error}", source)
        return
    context.tree.see(accepted.scope)
    if accepted.inner is not None:
        context.offers.setdefault(accepted.offer, accepted.inner)
    context.delegations.append((accepted, source))


def finish_delegations(context: Context) -> None:
    """The roles that each assignment gives, eligible ones too; one whose definition was not read is a gap."""
    for accepted, source in context.delegations:
        offer = context.offers.get(accepted.offer)
        if offer is None:
            context.skip("Lighthouse assignments whose definition was not read: who holds what by them", source)
            # Somebody holds something here, and nothing says that it is not who is asked about.
            unread = Authorization(accepted.offer, "whom an offer that was not read lets in", accepted.offer, None)
            _give(context, "allow", accepted.scope, Offer(accepted.offer, accepted.offer, "", (), ()), unread, source)
            continue
        for layer, several in (("allow", offer.active), ("eligible", offer.eligible)):
            for one in several:
                _give(context, layer, accepted.scope, offer, one, source)


def _give(context: Context, layer: str, scope: ArmId, offer: Offer, one: Authorization, source: str) -> None:
    context.principals.name(
        one.principal, "", source, native="foreign_principal", kind="external", name=one.title, directory="foreign",
        account=offer.tenant,
    )  # fmt: skip
    context.named_roles.setdefault(one.role, ("", source))
    binding: dict[str, object] = {
        "roleDefinitionId": one.role, "principalId": one.principal, "managedByTenantId": offer.tenant,
        "principalType": FOREIGN, "condition": one.condition or None,
    }  # fmt: skip
    if one.delegated is not None:
        # What the principal may hand on, and to managed identities only.
        binding["delegatedRoleDefinitionIds"] = " ".join(one.delegated)
    condition = condition_of(one.condition, VERSION if one.condition else "")
    document = context.documents.intern(binding, [Statement("Allow", [one.role], [one.principal], condition)])
    context.attach(layer, "delegation", scope, offer.id, document, source, requires=one.requires)
