"""Groups of Cloud Identity and who is in them."""

from __future__ import annotations

from datetime import datetime

from leastwise.providers.gcp.language.members import is_service_account
from leastwise.providers.members import Object

from .context import Context
from .reading import labels, objects, text, time

_DYNAMIC = "cloudidentity.googleapis.com/groups.dynamic"


def group(context: Context, value: Object, node: str, source: str) -> None:
    """A group; `groupKey.id` is its mail address, by which policies name it."""
    mail, name = text(value, "groupKey", "id"), text(value, "name")
    if not mail:
        return
    id = context.members.tell(
        f"group:{mail}", source, name=text(value, "displayName") or mail, unique_id=name.removeprefix("groups/"),
        created=time(value, "createTime"), directory="own",
        tags=(("dynamic", "yes"),) if any(key == _DYNAMIC for key, _ in labels(value, "labels")) else (),
    )  # fmt: skip
    context.groups[name] = id


def membership(context: Context, value: Object, node: str, source: str) -> None:
    """A member of a group, which may be a group; a role in it (member, manager, owner) gives the same access."""
    name = text(value, "name")
    key = text(value, "preferredMemberKey", "id") or text(value, "memberKey", "id")
    if not name or not key:
        return
    type = text(value, "type")
    prefix = {"GROUP": "group", "SERVICE_ACCOUNT": "serviceAccount", "USER": "user"}.get(type, "")
    customer = "@" not in key and key.startswith("C")
    if not prefix and not customer:
        prefix = "serviceAccount" if is_service_account(key) else "user"
        if f"group:{key.lower()}" in context.groups.values():
            prefix = "group"
    federated = key.startswith(("principal://", "principalSet://"))
    who = key if federated else f"principalSet://goog/cloudIdentityCustomerId/{key}" if customer else f"{prefix}:{key}"
    context.memberships.append((name.partition("/memberships/")[0], who, _until(value), source))


def _until(value: Object) -> datetime | None:
    """When a membership ends. https://cloud.google.com/identity/docs/how-to/manage-expirations"""
    members = [one for one in objects(value, "roles") if text(one, "name") in ("", "MEMBER")]
    return next((end for one in members if (end := time(one, "expiryDetail", "expireTime"))), None)


def transitive(context: Context, value: Object, parent: str, source: str) -> None:
    """Somebody who is in a group by whichever way, as a search for them tells."""
    for key in objects(value, "preferredMemberKey"):
        membership(context, {"name": f"{parent}/memberships/-", "preferredMemberKey": key}, "", source)


def finish_groups(context: Context) -> None:
    """The rows of memberships, now that all groups are known; a group that was not listed keeps its name.

    Of a group that was asked for its members it is known whether all were told, also where it has none.
    """
    for name, whole in context.asked_members.items():
        asked = context.groups.get(name) or (context.members.id(f"group:{name}", "") if "@" in name else "")
        if asked:
            context.members.tell(asked, "", members_known=whole)
    seen: set[tuple[str, str]] = set()
    for name, who, until, source in context.memberships:
        id = context.groups.get(name) or context.members.id(f"group:{name}", source)
        member = context.members.id(who, source)
        if (member, id) not in seen:
            seen.add((member, id))
            context.facts.memberships.add(member=member, group=id, kind="directory_group", until=until, source=source)
