"""What Recommender says of use: permissions that were exercised through a binding, and idle service accounts.

An insight tells which permissions of a binding were used in its observation period (90 days, counted back from its last
refresh), without a time. That is an attempt at some time in that period. It is no proof of the contrary: the list may
lack permissions that were used (of features in early access), and what the vendor infers by machine learning from
others like it (`inferredPermissions`) is left out, since nobody used that. Members that are sets tell nothing of one.

https://docs.cloud.google.com/policy-intelligence/docs/policy-insights
https://docs.cloud.google.com/policy-intelligence/docs/service-account-insights
"""

from __future__ import annotations

from datetime import timedelta

from leastwise.providers.gcp.language.names import canonical, written
from leastwise.providers.members import Object

from .context import Context
from .reading import objects, text, time

_POLICY, _IDLE = "/insightTypes/google.iam.policy.Insight/", "/insightTypes/google.iam.serviceAccount.Insight/"


def insight(context: Context, value: Object, node: str, source: str) -> None:
    """An insight of one of the two types; of others nothing is taken."""
    name = text(value, "name")
    if _POLICY in name:
        _exercised(context, value, source)
    elif _IDLE in name:
        _idle(context, value, source)


def _exercised(context: Context, value: Object, source: str) -> None:
    told, period = time(value, "lastRefreshTime"), _seconds(text(value, "observationPeriod"))
    who = text(value, "content", "member")
    if told is None or period is None or not who:
        return
    id = context.members.id(who, source)
    member = context.members.member(id)
    if not member.single or member.deleted:
        return
    taken = min(told, context.collected.time)
    for one in objects(value, "content", "exercisedPermissions"):
        permission = written(canonical(text(one, "permission")))
        if permission:
            context.exercised.setdefault((id, permission), (taken - period, taken, source))


def _seconds(text: str) -> timedelta | None:
    """A duration as JSON has it: `7776000s`."""
    number = text.removesuffix("s")
    try:
        return timedelta(seconds=float(number)) if number != text else None
    except (ValueError, OverflowError):
        return None


def _idle(context: Context, value: Object, source: str) -> None:
    """A service account that signed in nowhere in the observation period; the Policy Analyzer's word goes first."""
    mail = text(value, "content", "email")
    if mail:
        used = time(value, "content", "lastAuthenticatedTime")
        context.idle.setdefault(context.members.id(f"serviceAccount:{mail}", source), (used, source))


def finish(context: Context) -> None:
    """Rows of what was exercised, and last uses of accounts of which nothing nearer was told."""
    for id, (used, source) in context.idle.items():
        context.members.tell(id, source, last_used=used, last_used_known=True)
    for (id, permission), (since, taken, source) in context.exercised.items():
        account = context.members.account(context.members.member(id)) or context.top
        context.facts.last_accessed.add(
            principal=id, account=account, service=permission.partition(".")[0], permission=permission, last=taken,
            inexact=True, since=since, taken=taken, source=source,
        )  # fmt: skip
