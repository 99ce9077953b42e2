"""From a question to a verdict: can the principal get a token, and does anything allow it.

https://learn.microsoft.com/entra/identity/role-based-access-control/custom-overview#how-microsoft-entra-id-determines-if-a-user-has-access-to-a-resource
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from leastwise.engine.formula import Atom, Formula, Literal, all_of, any_of
from leastwise.engine.solve import Gap, Solver, Verdict, World
from leastwise.providers.microsoft.claims import Claim

from ..language.directory import SERVICE
from .apps import by_value
from .estate import OWNING_SERVICES
from .everyone import unknown
from .federation import Audience, by_trust
from .graph import by_action, by_request, for_user
from .membership import enabled
from .request import Kind, Request
from .scoping import about


@dataclass(frozen=True, slots=True)
class Decided:
    """A verdict on a question, with what it rests on."""

    request: Request
    formula: Formula
    verdict: Verdict


def access(asked: Request) -> Formula:
    """When the principal has the permission."""
    if asked.kind is Kind.EXCHANGE:
        return by_trust(asked)
    if not enabled(asked, asked.who):
        return False
    found = all_of((_given(asked), described(asked)))
    # Whatever was not read of the tenant as a whole may give it.
    person = asked.estate.kind(asked.user or asked.who) not in ("", SERVICE)
    unread = (one for one in asked.estate.unread if one != OWNING_SERVICES or not person)
    return any_of((found, *(Literal(Gap(one)) for one in unread)))


def _given(asked: Request) -> Formula:
    if asked.kind is Kind.REQUEST:
        return by_request(asked)
    if asked.kind is Kind.VALUE:
        return by_value(asked)
    doing = asked.by(asked.user) if asked.user else asked
    found = any_of((by_action(doing), unknown(asked)))
    if asked.user:
        return all_of((found, enabled(asked, asked.user), for_user(asked)))
    return found


def described(asked: Request) -> Formula:
    """Whether what is asked about is known to be there."""
    id = asked.resource
    if asked.tenant or asked.estate.kind(id):
        return True
    if asked.kind is Kind.ACTION and not about(asked.action):
        return True
    return Literal(Gap(f"the object {id}"))


def decide(asked: Request, solved: Solver | None = None) -> Decided:
    """The verdict on a question."""
    formula = access(asked)
    return Decided(asked, formula, (solved or solver()).verdict(formula))


def worlds(variable: str, atoms: Collection[Atom]) -> Sequence[World] | None:
    """Which atoms of a variable can be true together."""
    if all(isinstance(one, Audience) for one in atoms):
        audiences = {value for one in atoms if isinstance(one, Audience) for value in one.among}
        found = [frozenset(a for a in atoms if isinstance(a, Audience) and value in a.among) for value in audiences]
        return list(dict.fromkeys([frozenset(), *found]))
    claims = [one for one in atoms if isinstance(one, Claim)]
    values = [one.value for one in claims if not one.pattern]
    values += [one.value.replace("*", "").replace("?", "x") for one in claims if one.pattern]
    made = [frozenset(one for one in claims if one.met(value)) for value in values]
    return list(dict.fromkeys([frozenset(), *made]))


def solver() -> Solver:
    """A solver for formulas of this provider."""
    return Solver(worlds)
