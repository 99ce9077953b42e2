"""Requests to Privileged Identity Management, and classic administrators: told, and no access of themselves."""

from __future__ import annotations

from datetime import UTC, datetime

from leastwise.model.scope import CoverageStatus
from leastwise.providers.azure.language.assignments import Assignment, principal_key
from leastwise.providers.azure.language.ids import ArmId, arm_id
from leastwise.providers.azure.placing import place_of

from .assignments import ASSIGNED
from .context import Context
from .given import Given
from .reading import Object, text

OWNER = "8e3af657-a8ff-443c-a75c-2fe8c4bcb635"
RETIRED = datetime(2024, 8, 31, tzinfo=UTC)
"""When classic administrators stopped to give access.

https://learn.microsoft.com/azure/role-based-access-control/classic-administrators
"""


def request(context: Context, value: Object, source: str) -> None:
    """What somebody asked of Privileged Identity Management; what came of it stands in the schedules' instances."""
    principal, id = text(value, "principalId"), text(value, "id")
    scope = place_of(value, context.reading)
    if not principal or scope is None:
        context.skip("a request without a principal or scope", source)
        return
    who = context.principals.name(
        principal_key(principal), text(value, "principalType"), source,
        name=text(value, "expandedProperties", "principal", "displayName"),
        mail=text(value, "expandedProperties", "principal", "email"),
    )  # fmt: skip
    context.id(scope.text, source)
    document = context.documents.intern(value, ())
    context.facts.attachments.add(
        account=context.account(scope), layer="requested", kind="role_request", target=who, policy=id or who,
        document=document, source=source,
    )  # fmt: skip


def classic(context: Context, value: Object, source: str) -> None:
    """A classic administrator: as Owner on the subscription until these were retired, nothing since."""
    mail = text(value, "emailAddress") or text(value, "principalName")
    words = (text(value, "role") or text(value, "roleDefinitionName")).lower()
    scope = place_of(value, "authorization.classicAdministrators.list")
    if not mail or scope is None or scope.subscription is None:
        context.skip("a classic administrator without an address or subscription", source)
        return
    if "reader" in words or words == "accountadministrator":
        return
    subscription = arm_id(scope.top)
    if context.collected.time >= RETIRED:
        context.retired.append(f"{mail} on {context.account(subscription)}")
        return
    _as_owner(context, subscription, mail, source)


def _as_owner(context: Context, subscription: ArmId, mail: str, source: str) -> None:
    who = context.principals.name(
        mail.lower(), "User", source, native="classic_administrator", name=mail, mail=mail.lower()
    )
    context.named_roles.setdefault(OWNER, ("Owner", source))
    one = Assignment("", OWNER, who, "User", subscription)
    context.given.setdefault(("allow", OWNER, who, subscription.key, ""), Given(one, ASSIGNED, source))


def finish_older(context: Context) -> None:
    """The gap that old exports leave: who was an administrator and is none any more."""
    if context.retired:
        detail = f"{len(context.retired)} classic administrators, {context.retired[0]} first: retired on 2024-08-31"
        context.gap(
            "authorization", "classicAdministrators.list", CoverageStatus.UNSUPPORTED, detail,
            "nothing: they give no access any more",
        )  # fmt: skip
