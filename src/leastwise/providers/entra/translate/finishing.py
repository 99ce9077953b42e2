"""The rows of what was told bit by bit, and the coverage."""

from __future__ import annotations

from leastwise.model.scope import CoverageStatus
from leastwise.providers.entra.exports.kinds import GROUPS, SERVICE_PRINCIPALS, USERS
from leastwise.providers.exported import call_of

from . import active, apps, assignments, intune, owners, requests, roles, units
from .context import Context


def finish(context: Context) -> None:
    """Add every row that is left to make."""
    active.finish(context)
    roles.finish(context)
    assignments.finish(context)
    requests.finish(context)
    owners.finish(context)
    units.finish(context)
    apps.finish(context)
    intune.finish(context)
    context.people.finish(context.facts)
    context.credentials.finish(context.facts, context.documents)
    context.facts.scopes.add(
        id=context.tenant, kind="tenant", tenant=context.tenant, people_known=_complete(context),
        **context.organization,
    )  # fmt: skip
    _coverage(context)


def _complete(context: Context) -> bool:
    """Whether users, groups and service principals were all read, and nothing of them was refused or cut off."""
    calls = [(f"{one.service}.{one.call}", one.status) for one in context.collected.coverage]
    return all(
        {status for call, status in calls if call == kind} == {CoverageStatus.OK} and not context.left_out(kind)
        for kind in (USERS, GROUPS, SERVICE_PRINCIPALS)
    )


def _coverage(context: Context) -> None:
    for one in context.collected.coverage:
        context.facts.coverage.add(
            service=one.service, call=one.call, status=one.status.value, detail=one.detail, affects=one.affects,
            account=one.account,
        )  # fmt: skip
    for (kind, reason), places in context.odd.items():
        service, call = call_of(kind)
        context.facts.coverage.add(
            service=service, call=call, status=CoverageStatus.UNSUPPORTED.value,
            detail=f"{len(places)} left out: {reason} ({places[0]})", affects="what they say",
        )  # fmt: skip
