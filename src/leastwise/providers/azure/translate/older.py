"""Requests to Privileged Identity Management, and classic administrators: told, and no access of themselves."""

from __future__ import annotations

from leastwise.model.scope import CoverageStatus
from leastwise.providers.azure.language.assignments import principal_key
from leastwise.providers.azure.language.classic import OWNER, RETIRED, Classic, parse_classic
from leastwise.providers.azure.language.ids import IdError
from leastwise.providers.azure.placing import place_of
from leastwise.providers.fields import FieldError
from leastwise.providers.members import Object

from .assignments import ASSIGNED
from .context import Context
from .given import Given
from .reading import text


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
    try:
        found = parse_classic(value)
    except (FieldError, IdError) as error:
        context.skip(f"a classic administrator of which {error}", source)
        return
    if found is None:
        return
    context.tree.see(found.subscription)
    if context.collected.time >= RETIRED:
        context.retired.append(f"{found.mail} on {context.account(found.subscription)}")
        return
    _as_owner(context, found, source)


def _as_owner(context: Context, found: Classic, source: str) -> None:
    who = context.principals.name(
        found.mail.lower(), "User", source, native="classic_administrator", name=found.mail, mail=found.mail.lower()
    )
    context.named_roles.setdefault(OWNER, ("Owner", source))
    given = Given(found.assignment(who), ASSIGNED, source, until=RETIRED)
    context.given.setdefault(("allow", OWNER, who, found.subscription.key, ""), given)


def finish_older(context: Context) -> None:
    """The gap that old exports leave: who was an administrator and is none any more."""
    if context.retired:
        detail = f"{len(context.retired)} classic administrators, {context.retired[0]} first: retired on 2024-08-31"
        context.gap(
            "authorization", "classicAdministrators.list", CoverageStatus.UNSUPPORTED, detail,
            "nothing: they give no access any more",
        )  # fmt: skip
