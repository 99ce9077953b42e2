"""Access Advisor: when IAM last saw a principal try a service or an action.

Attempts are told that were denied too, and no `iam:PassRole`. A service stands in the answer when policies of the
principal grant any of it, without a time when nothing of it was tried for 400 days; an action only when IAM tracks it.

https://docs.aws.amazon.com/IAM/latest/APIReference/API_GetServiceLastAccessedDetails.html
https://docs.aws.amazon.com/IAM/latest/APIReference/API_GetServiceLastAccessedDetailsWithEntities.html
https://docs.aws.amazon.com/IAM/latest/UserGuide/access_policies_last-accessed.html
"""

from __future__ import annotations

from datetime import datetime, timedelta

from leastwise.errors import InputError
from leastwise.providers.rows import one_time

from .context import Context
from .registry import reads
from .saved import Saved
from .shapes import Node

_TRACKED = timedelta(days=400)
"""IAM keeps at least so much."""


@reads("iam.get-service-last-accessed-details")
def _services(saved: Saved, context: Context) -> None:
    """Asked by a job's id; whose it was stands in the file's name, or in the answer where all of it is of one."""
    services = saved.nodes("ServicesLastAccessed")
    principal, taken = _whose(saved, services), _taken(saved, context)
    if saved.maybe("JobStatus") not in (None, "COMPLETED") or saved.flag("IsTruncated") or taken is None:
        what = f"last use by services of {principal}"
        context.lost("iam", "GetServiceLastAccessedDetails", "the answer is not whole", saved.name, what)
    if taken is None:
        return
    for service in services:
        prefix = service.text("ServiceNamespace")
        _add(context, saved, taken, principal, prefix, "", service.time("LastAuthenticated"),
             service.maybe("LastAuthenticatedRegion"))  # fmt: skip
        for action in service.nodes("TrackedActionsLastAccessed"):
            _add(context, saved, taken, principal, prefix, f"{prefix}:{action.text('ActionName')}",
                 action.time("LastAccessedTime"), action.maybe("LastAccessedRegion"))  # fmt: skip


@reads("iam.get-service-last-accessed-details-with-entities")
def _entities(saved: Saved, context: Context) -> None:
    """The users and roles of a group or policy that tried one service, which stands in the file's name after it."""
    taken = _taken(saved, context)
    if taken is None:
        return
    for entity in saved.nodes("EntityDetailsList"):
        arn, last = entity.node("EntityInfo").text("Arn"), entity.time("LastAuthenticated")
        # Of an entity without a time it is not told whether its own policies let it try the service.
        if last is not None:
            _add(context, saved, taken, arn, saved.subject(1), "", last, None)


def _whose(saved: Saved, services: list[Node]) -> str:
    told = {one for service in services if (one := service.maybe("LastAuthenticatedEntity"))}
    if saved.subjects or len(told) != 1:
        return saved.subject()
    return told.pop()


def _taken(saved: Saved, context: Context) -> datetime | None:
    found = one_time(saved.time("JobCompletionDate") or saved.time("JobCreationDate"))
    return None if found is None else min(found, context.collected.time)


def _add(
    context: Context,
    saved: Saved,
    taken: datetime,
    principal: str,
    service: str,
    permission: str,
    last: str | float | None,
    region: str | None,
) -> None:
    fields = principal.split(":")
    if len(fields) < 6:
        raise InputError(saved.name, f"{principal!r} is no ARN of a user, group, role or policy")
    context.facts.last_accessed.add(
        principal=principal, account=fields[4], service=service, permission=permission, last=one_time(last),
        region=region, since=taken - _TRACKED, taken=taken, source=saved.name,
    )  # fmt: skip
