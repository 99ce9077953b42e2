"""Who outside the directory signs in as an application: its federated credentials.

https://learn.microsoft.com/entra/workload-id/workload-identity-federation
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from leastwise.engine.formula import Formula, Literal, all_of, any_of
from leastwise.engine.solve import Gap
from leastwise.providers.microsoft.claims import Claim, ClaimsError, parse_claims

from ..language.directory import APPLICATION, SERVICE
from ..language.grants import Trusted
from .request import Request

BETWEEN = "|"
"""Between issuer and subject of a principal from outside."""


@dataclass(frozen=True, slots=True)
class Audience:
    """Whether a token from outside is for one of some audiences."""

    among: tuple[str, ...]

    @property
    def variable(self) -> str:
        """The audience, as a variable of a formula."""
        return "audience"


@dataclass(frozen=True, slots=True)
class Trust:
    """What one credential makes of a question."""

    credential: Trusted
    formula: Formula


def trusts(asked: Request) -> Iterator[Trust]:
    """The credentials of the application that is asked about which may let the principal in."""
    issuer, _, subject = asked.who.partition(BETWEEN)
    for one in asked.estate.trusted:
        # Issuer and subject are compared with case.
        if one.application == asked.resource and issuer == one.issuer:
            found = all_of((_subject(one, subject, asked), _audience(one, asked)))
            if found is not False:
                yield Trust(one, found)


def by_trust(asked: Request) -> Formula:
    """Whether the principal gets a token of the application."""
    if not _enabled(asked):
        return False
    unread = Literal(Gap(f"the federated credentials of {asked.estate.title(asked.resource)}"))
    return any_of((*(one.formula for one in trusts(asked)), asked.resource in asked.estate.untold and unread))


def _enabled(asked: Request) -> bool:
    """Whether the application's service principal here gets tokens."""
    target = asked.target
    same = [one for one in asked.estate.objects.values() if one.app and one.app == target.app and one.kind == SERVICE]
    return (
        not any(one.enabled is False for one in (target, *same)) if target.kind in ("", APPLICATION, SERVICE) else True
    )


def _subject(one: Trusted, subject: str, asked: Request) -> Formula:
    if not one.expression:
        return subject == one.subject
    try:
        claims = parse_claims(one.expression)
    except ClaimsError as error:
        return Literal(Gap(f"what the expression {one.expression!r} of a federated credential means ({error})"))
    return all_of(_claim(claim, subject, one.expression, asked) for claim in claims)


def _claim(claim: Claim, subject: str, expression: str, asked: Request) -> Formula:
    if claim.name == "sub":
        # In a list, whom an expression lets in stands as the expression.
        return subject == expression or claim.met(subject)
    return False if asked.strict else Literal(claim)


def _audience(one: Trusted, asked: Request) -> Formula:
    if asked.audience is None:
        return False if asked.strict else Literal(Audience(one.audiences))
    return asked.audience in one.audiences


def written(one: Trusted) -> str:
    """Whom a credential lets in, as a principal: its issuer, and its subject or what it wants of one."""
    return f"{one.issuer}{BETWEEN}{one.subject or one.expression}"
