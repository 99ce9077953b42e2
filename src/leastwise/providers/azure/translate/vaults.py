"""Key vaults about which their own access policies decide: these are grants, which no role assignment tells.

https://learn.microsoft.com/azure/key-vault/general/assign-access-policy
"""

from __future__ import annotations

from leastwise.providers.azure.language.assignments import principal_key
from leastwise.providers.azure.language.ids import ArmId
from leastwise.providers.azure.language.vaults import AccessPolicy, parse_vault
from leastwise.providers.fields import FieldError
from leastwise.providers.interned import Statement
from leastwise.providers.members import Object

from .beside import ACCESS_POLICIES, NOT_READ
from .context import Context
from .entries import HARMLESS
from .reading import objects, text

_PREFIX = "key vault access policy: "


def vault(context: Context, id: ArmId, value: Object, source: str) -> None:
    """The access policies of a vault that has some, each once."""
    try:
        found = parse_vault(id, value)
    except FieldError as error:
        context.skip(f"a key vault of which {error}", source)
        return
    if found is None or id.key in context.vaults:
        return
    context.own.ways_in(id, (ACCESS_POLICIES + ("" if found.policies is not None else NOT_READ),))
    if found.policies is None:
        return
    context.vaults.add(id.key)
    context.resource(id, source, details=(("accessPolicies", str(len(found.policies))),))
    for told, one in zip(objects(value, "accessPolicies"), found.policies, strict=True):
        _grant(
            context, id, one, principal_key(text(told, "applicationId")) if text(told, "applicationId") else "", source
        )


def _grant(context: Context, id: ArmId, one: AccessPolicy, through: str, source: str) -> None:
    """One access policy; one for a user by way of an application is of both at once, and so under a condition."""
    words = "; ".join(f"{kind} {', '.join(sorted(of))}" for kind, of in sorted(one.permissions.items()) if of)
    if not words:
        return
    bundle = _PREFIX + words
    context.principals.name(one.principal, "", source)
    if bundle not in context.own.bundles:
        actions = [f"{kind}/{word}" for kind, of in sorted(one.permissions.items()) for word in sorted(of)]
        told = {kind: sorted(of) for kind, of in one.permissions.items()}
        document = context.documents.intern({"accessPolicy": told}, [Statement("Allow", actions)], flags=HARMLESS)
        context.own.bundles.add(bundle)
        context.facts.policies.add(
            id=bundle, account=context.top, name=bundle, kind="access_policy", version="", default=True,
            document=document, source=source,
        )  # fmt: skip
    condition = f'{{"applicationId":"{through}"}}' if through else None
    binding = {"accessPolicy": bundle, "objectId": one.principal, "applicationId": through or None}
    row = context.documents.intern(binding, [Statement("Allow", [bundle], [one.principal], condition)])
    context.attach("allow", "access_policy", id, f"{id.text}/accessPolicies/{one.principal}", row, source)
