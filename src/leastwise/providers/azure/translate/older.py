"""Classic administrators: told, and no access of themselves since they were retired."""

from __future__ import annotations

from leastwise.model.scope import CoverageStatus
from leastwise.providers.azure.language.classic import OWNER, RETIRED, Classic, parse_classic
from leastwise.providers.azure.language.ids import IdError
from leastwise.providers.fields import FieldError
from leastwise.providers.members import Object

from .assignments import ASSIGNED
from .context import Context
from .given import Given


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
