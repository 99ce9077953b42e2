"""Federated credentials as doors, and the tokens that workloads and people of a tenant present elsewhere.

https://learn.microsoft.com/entra/workload-id/workload-identity-federation,
https://learn.microsoft.com/entra/identity-platform/access-token-claims-reference
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from leastwise.engine.columns import plain
from leastwise.model.decision import State
from leastwise.model.federation import DIRECTORY, OIDC, SAML, Bearer, Door, Entered, Token, issuer_key, worse
from leastwise.providers.tabled import rows_of

from .assertions import assertions
from .claims import Claim, ClaimsError, parse_claims

if TYPE_CHECKING:
    from leastwise.engine.access import Access
    from leastwise.providers.base import ScopeTables

READS: Mapping[str, Sequence[str]] = {
    "principals": (
        "id", "account", "kind", "native", "unique_id", "mail", "name", "enabled", "directory", "members_known",
        "details",
    ),
    "trusts": ("principal", "account", "effect", "subject_kind", "dead", "document"),
    "documents": ("text",),
    "memberships": ("member", "group", "kind"),
    "scopes": ("id", "tenant"),
    "attachments": ("layer", "target", "document"),
    "statements": ("document", "actions", "principals"),
}  # fmt: skip
_WORKLOADS = frozenset({"service_principal", "managed_identity"})


def issuers_of(tenant: str) -> tuple[str, str]:
    """The issuers of tokens of both versions.

    https://learn.microsoft.com/entra/identity-platform/access-tokens#token-formats
    """
    return f"https://sts.windows.net/{tenant}/", f"https://login.microsoftonline.com/{tenant}/v2.0"


# --- doors ------------------------------------------------------------------------------------------------------------


def doors(scopes: Sequence[ScopeTables], _: Access) -> Iterator[Door]:
    """The federated credentials of principals that are not disabled; they alone decide."""
    rows = rows_of(scopes, "principals", "id", "enabled")
    disabled = {id for id, enabled in rows if enabled is False}
    for one in scopes:
        if "trusts" not in one.tables or "documents" not in one.tables:
            continue
        texts = plain(one.tables["documents"].select(["text"]))["text"]
        columns = ("principal", "account", "effect", "subject_kind", "dead", "document")
        for principal, account, effect, kind, dead, document in rows_of([one], "trusts", *columns):
            if effect != "Allow" or kind != OIDC or dead or principal in disabled:
                continue
            credential = _credential(principal, json.loads(texts[document].as_py()))
            named = credential.subject or credential.sub
            yield Door(
                principal, account, "oidc-microsoft", OIDC, issuer_key(credential.issuer), (named,) if named else (),
                credential.audiences, credential.tries, bool(credential.subject), credential.plainly,
            )  # fmt: skip


@dataclass(frozen=True, slots=True)
class Credential:
    """A federated credential: what a token must be so that its bearer is the principal.

    Args:
        principal: who is become.
        issuer: of the tokens, compared letter by letter.
        subject: whom a token must name; empty where an expression says it.
        expression: what its claims must be.
        audiences: of which it must have one.
    """

    principal: str
    issuer: str
    subject: str
    expression: str
    audiences: tuple[str, ...]

    @property
    def sub(self) -> str:
        """What an expression asks of the subject."""
        return next((one.value for one in self._claims() or () if one.name == "sub"), "")

    @property
    def plainly(self) -> tuple[Mapping[str, str], ...]:
        """What an expression asks of claims by whole values."""
        found = {one.name: one.value for one in self._claims() or () if not one.pattern}
        return (found,) if found else ()

    def _claims(self) -> tuple[Claim, ...] | None:
        try:
            return parse_claims(self.expression) if self.expression else ()
        except ClaimsError:
            return None

    def tries(self, token: Token) -> list[Entered]:
        """The principal, where the token is as the credential wants it.

        https://learn.microsoft.com/entra/workload-id/workload-identity-federation-considerations
        """
        if token.issuer != self.issuer or not self._meant(token):
            return []
        if self.subject:
            return [Entered(self.principal, State.ALLOWED)] if token.subject == self.subject else []
        claims = self._claims()
        if claims is None:
            return [Entered(self.principal, State.UNKNOWN, (f"what the expression {self.expression!r} means",))]
        state = State.ALLOWED
        for one in claims:
            values = (token.subject,) if one.name == "sub" else token.claims.get(one.name)
            if values is None and not token.whole:
                state = worse(state, State.CONDITIONAL)
            elif not values or not any(one.met(value) for value in values):
                return []
        return [Entered(self.principal, state)]

    def _meant(self, token: Token) -> bool:
        given = token.claims.get("aud")
        return "aud" in token.chosen if given is None else bool(set(given) & set(self.audiences))


def _credential(principal: str, told: Mapping[str, Any]) -> Credential:
    expression = told.get("claimsMatchingExpression") or ""
    if isinstance(expression, dict):
        expression = expression.get("value") or ""
    return Credential(
        principal, str(told.get("issuer", "")), str(told.get("subject", "")), str(expression),
        tuple(told.get("audiences") or ()),
    )  # fmt: skip


# --- bearers ----------------------------------------------------------------------------------------------------------


def bearers(scopes: Sequence[ScopeTables], wanted: Collection[tuple[str, str]]) -> Iterator[Bearer]:
    """The workloads and people of tenants whose tokens some door takes."""
    for one in scopes:
        tenants = {one.id, *(tenant for _, tenant in rows_of([one], "scopes", "id", "tenant") if tenant)}
        of = {issuer_key(issuer): issuer for tenant in sorted(tenants) for issuer in issuers_of(tenant)}
        oidc = [of[issuer] for form, issuer in wanted if form == OIDC and issuer in of]
        directory = [of[issuer] for form, issuer in wanted if form == DIRECTORY and issuer in of]
        if oidc or directory:
            yield from _of_tenant(one, sorted(oidc), sorted(directory))
        asserted = {issuer for form, issuer in wanted if form == SAML}
        if asserted:
            yield from assertions(one, sorted(tenants), asserted)


def _of_tenant(one: ScopeTables, oidc: Sequence[str], directory: Sequence[str]) -> Iterator[Bearer]:
    groups: dict[str, set[str]] = defaultdict(set)
    for member, group, kind in rows_of([one], "memberships", "member", "group", "kind"):
        if kind != "administrative_unit":
            groups[member].add(group)
    columns = ("id", "native", "unique_id", "mail", "name", "enabled", "directory")
    for id, native, unique, mail, name, enabled, of in rows_of([one], "principals", *columns):
        if enabled is False or (native != "user" and native not in _WORKLOADS):
            continue
        if native == "user":
            told = Token(DIRECTORY, "", id)
            yield from (Bearer(id, replace(told, issuer=issuer)) for issuer in directory)
            yield from (Bearer(id, _of_user(issuer, id, mail, name, groups.get(id, ()))) for issuer in oidc)
        elif of != "foreign":
            yield from (Bearer(id, _of_workload(issuer, id, unique or "")) for issuer in oidc)


def _of_workload(issuer: str, id: str, app: str) -> Token:
    """A token by client credentials: its subject is the object id of the service principal."""
    claims = {"oid": (id,), "tid": (issuer.split("/")[3],), "idtyp": ("app",)}
    if app:
        claims["azp" if issuer.endswith("/v2.0") else "appid"] = (app,)
    return Token(OIDC, issuer, id, claims, frozenset({"aud"}), whole=False)


def _of_user(issuer: str, id: str, mail: str | None, name: str, groups: Collection[str]) -> Token:
    """A token of somebody who signs in: its subject is another one for each application, and so not known."""
    claims: dict[str, tuple[str, ...]] = {
        "oid": (id,),
        "tid": (issuer.split("/")[3],),
        "preferred_username": (name,),
        "upn": (name,),
    }
    if mail:
        claims["email"] = (mail,)
    if groups:
        claims["groups"] = tuple(sorted(groups))
    return Token(OIDC, issuer, "", claims, frozenset({"aud"}), whole=False)
