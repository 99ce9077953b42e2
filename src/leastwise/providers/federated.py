"""Federated credentials: whoever an issuer of tokens vouches for becomes a principal, without a secret."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from html import unescape

from .interned import Documents, Statement
from .rows import Facts

_ENTITY = re.compile(r"""<(?:[\w.-]+:)?EntityDescriptor\s[^>]*?\bentityID\s*=\s*(["'])(.*?)\1""")


def issuer_of_metadata(text: str) -> str:
    """Whose assertions SAML metadata stand for; empty where they do not say it.

    https://docs.oasis-open.org/security/saml/v2.0/saml-metadata-2.0-os.pdf
    """
    found = _ENTITY.search(text)
    return "" if found is None else unescape(found[2])


@dataclass(frozen=True, slots=True)
class Federated:
    """One credential.

    Args:
        id: of the credential.
        principal: who is become.
        account: where that is.
        issuer: of the tokens.
        subject: whom a token must name, as a whole; empty where an expression says it.
        expression: what a token's claims must match, with wildcards; empty where a subject says it.
        audiences: for whom the token must be meant.
        source: where it was read.
    """

    id: str
    principal: str
    account: str
    issuer: str
    subject: str
    expression: str
    audiences: Sequence[str]
    source: str

    @property
    def reach(self) -> str:
        """Who is let in: `narrow` (named), `wide` (part of a name), `anyone` whom the issuer vouches for."""
        if self.subject:
            return "narrow"
        if not self.expression or "'*'" in self.expression:
            return "anyone"
        return "wide" if "*" in self.expression else "narrow"


def add_federated(facts: Facts, documents: Documents, one: Federated) -> None:
    """A row of the credentials and one of the trusts."""
    named = one.subject or one.expression
    told = {"issuer": one.issuer, "subject": one.subject, "claimsMatchingExpression": one.expression,
            "audiences": list(one.audiences)}  # fmt: skip
    document = documents.intern(told, [Statement("Allow", principals=[named])])
    facts.credentials.add(
        id=one.id, account=one.account, principal=one.principal, kind="federated_credential", source=one.source
    )
    facts.trusts.add(
        principal=one.principal, account=one.account, effect="Allow", subject_kind="oidc", subject=one.issuer,
        patterns=[named] if named else [], audiences=list(one.audiences), limited=bool(named),
        conditional=bool(one.expression), document=document, position=0, reach=one.reach,
    )  # fmt: skip
