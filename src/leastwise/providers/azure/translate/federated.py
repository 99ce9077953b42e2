"""Federated credentials of managed identities: who from outside becomes one.

https://learn.microsoft.com/entra/workload-id/workload-identity-federation-considerations
"""

from __future__ import annotations

from leastwise.providers.federated import Federated, add_federated
from leastwise.providers.members import Object

from .context import Context
from .reading import text, texts

_MARK = "/federatedIdentityCredentials/"


def credential(context: Context, value: Object, source: str) -> None:
    """One federated credential; its row waits until the identity is known."""
    id = context.id(text(value, "id"), source) if text(value, "id") else None
    if id is None or _MARK.lower() not in id.key:
        context.skip("a federated credential whose id names no identity", source)
        return
    context.federated[id.key] = (id, value, source)


def finish_federated(context: Context) -> None:
    """A credential and a trust each; one of an identity that was not read is a gap."""
    for id, value, source in context.federated.values():
        identity = id.key.rpartition(_MARK.lower())[0]
        principal = context.identities.get(identity)
        if principal is None:
            context.skip("federated credentials of an identity that was not read", source)
            continue
        one = Federated(
            id.text, principal, context.account(id), text(value, "issuer"), text(value, "subject"),
            text(value, "claimsMatchingExpression", "value"), texts(value, "audiences"), source,
        )  # fmt: skip
        add_federated(context.facts, context.documents, one)
