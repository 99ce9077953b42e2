"""Permissions of apps: app roles that were granted to an app, a user or a group, and delegated grants.

What an application's registration asks for (`requiredResourceAccess`) gives nothing.
https://learn.microsoft.com/entra/identity-platform/permissions-consent-overview
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from leastwise.engine.formula import Formula, Literal, all_of, any_of
from leastwise.engine.solve import Gap

from ..language.grants import NO_ROLE, AppRole, Delegation
from .estate import Estate
from .membership import enabled, receives
from .request import Request

_OF_INTUNE = "microsoft.intune_"


@dataclass(frozen=True, slots=True)
class Granted:
    """An app role that was granted, as far as it bears on a question.

    Args:
        grant: the grant.
        value: of the app role; None where its id is not known.
        formula: when it is what is asked for.
    """

    grant: AppRole
    value: str | None
    formula: Formula


def value_of(estate: Estate, one: AppRole) -> str | None:
    """The value of an app role that was granted: as its service principal tells it, or Graph; None where not known."""
    told = estate.object(one.resource).app_roles
    if told is not None and one.role in told:
        return told[one.role]
    return "" if one.role == NO_ROLE else estate.published.app_roles.get(one.role)


def granted(asked: Request, wanted: Callable[[str], Formula], of: Callable[[str], Formula]) -> Iterator[Granted]:
    """The app roles that may be the principal's.

    Args:
        asked: the question.
        wanted: whether a value is one that is asked for.
        of: whether a service principal is the resource that is asked about.
    """
    for one in asked.estate.app_roles:
        whose, where = receives(asked, one.principal, asked.who), of(one.resource)
        if whose is False or where is False:
            continue
        value = value_of(asked.estate, one)
        gap = Literal(Gap(f"the app role {one.role} of {asked.estate.title(one.resource)}"))
        yield Granted(one, value, all_of((whose, where, gap if value is None else wanted(value))))


def delegated(
    asked: Request, wanted: Callable[[str], Formula], of: Callable[[str], Formula]
) -> Iterator[tuple[Delegation, Formula]]:
    """The delegated grants by which the principal may act on behalf of the user; `wanted` is given lower case."""
    for one in asked.estate.delegations:
        if one.client == asked.who and one.user in ("", asked.user):
            found = all_of((of(one.resource), any_of(map(wanted, sorted(one.scopes)))))
            if found is not False:
                yield one, found


def usable_by(asked: Request) -> Formula:
    """Whether the user can sign in to the app at all: it may want an assignment.

    https://learn.microsoft.com/entra/identity/enterprise-apps/what-is-access-management#requiring-user-assignment-for-an-app
    """
    if not enabled(asked, asked.user):
        return False
    if not asked.estate.object(asked.who).wants_assignment:
        return True
    return any_of(
        receives(asked, one.principal, asked.user) for one in asked.estate.app_roles if one.resource == asked.who
    )


def by_value(asked: Request) -> Formula:
    """Whether the principal has an app role, or for its user a delegated scope, of the resource that is asked about.

    Intune has actions of its own, which roles of its own give: who holds these is listed, not decided.
    https://learn.microsoft.com/mem/intune/fundamentals/role-based-access-control-reference
    """
    if asked.permission.lower().startswith(_OF_INTUNE):
        return Literal(Gap("what the roles of Intune give"))
    if not asked.tenant and not enabled(asked, asked.resource):
        return False
    value = asked.permission.lower()

    def of(resource: str) -> Formula:
        return asked.tenant or resource == asked.resource

    def same(other: str) -> Formula:
        return other.lower() == value

    if asked.user:
        found = any_of(formula for _, formula in delegated(asked, same, of))
        return all_of((found, usable_by(asked)))
    return any_of((*(one.formula for one in granted(asked, same, of)), _unheard(asked)))


def _unheard(asked: Request) -> Formula:
    """What is not known of a value that Graph is not known to have."""
    known = asked.permission.lower() in asked.estate.offered(asked.resource)
    if known or not asked.estate.is_graph(asked.resource):
        return False
    return Literal(Gap(f"the permission {asked.permission}"))
