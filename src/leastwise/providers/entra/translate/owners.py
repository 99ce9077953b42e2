"""Owners of groups, applications, service principals and devices.

https://learn.microsoft.com/entra/fundamentals/users-default-permissions#object-ownership
"""

from __future__ import annotations

from leastwise.providers.entra.catalog.tables import tables
from leastwise.providers.entra.exports.kinds import OWNERS
from leastwise.providers.entra.language.directory import APPLICATION, GROUP, kind_of
from leastwise.providers.entra.language.ids import needed_id, object_id
from leastwise.providers.fields import Body, Fields
from leastwise.providers.interned import Statement

from .context import Context

OWNER_OF = "owner/"
_EXPANDED = 20
"""https://learn.microsoft.com/graph/query-parameters#expand"""


def owner(context: Context, body: Body, about: str, source: str) -> None:
    """An owner of what is named in it, or of what the list is of. Raises FieldError."""
    fields = Fields(body)
    owned = object_id(fields.text("resourceId") or about or context.application_of(body))
    if not owned:
        context.skip("owners of something that is not named", source)
        return
    _own(context, owned, kind_of(fields.text("resourceType")), body, source)


def listed(context: Context, kind: str, about: str, source: str) -> None:
    """The owners of an object were listed, perhaps without one."""
    context.owners_asked.add(about)
    if OWNERS[kind] not in ("", APPLICATION):
        context.people.named(about, OWNERS[kind], source)


def expanded(context: Context, owned: str, kind: str, body: Body, source: str) -> None:
    """The owners that an object is given with. Raises FieldError."""
    several = Fields(body).objects("owners")
    if several is None:
        return
    for one in several:
        _own(context, owned, kind, one, source)
    if len(several) < _EXPANDED and not Fields(body).get("owners@odata.nextLink"):
        context.owners_asked.add(owned)


def _own(context: Context, owned: str, kind: str, body: Body, source: str) -> None:
    fields = Fields(body)
    who, type = needed_id(fields, "id"), kind_of(fields.text("@odata.type"))
    context.people.named(who, type, source)
    if kind and kind != APPLICATION:
        context.people.typed(owned, kind)
    context.owners.setdefault(owned, {}).setdefault((who, type), (kind, source))


def finish(context: Context) -> None:
    """A row for each owner, and for what owners of each kind of object may do."""
    kinds: dict[str, str] = {}
    for owned, several in context.owners.items():
        told = next((kind for kind, _ in several.values() if kind), "")
        kind = told or (APPLICATION if owned in context.applications else context.people.type(owned))
        people: dict[str, tuple[str, str]] = {}
        for (who, type), (_, source) in several.items():
            known = people.get(who, ("", source))
            people[who] = (known[0] or type, known[1])
        for who, (type, source) in people.items():
            row(context, owned, kind, who, type, source)
        kinds.setdefault(kind, "")
    if any(one.owner for one, _, _ in context.enrolled) or any(one.owner for one, _ in context.offered):
        kinds.setdefault("group", "")
    for kind in kinds:
        bundle(context, kind)
    _count(context)


def row(context: Context, owned: str, kind: str, who: str, type: str, source: str) -> None:
    """The row of an owner; `type` is what kind of principal that is."""
    body = {"resourceId": owned, "resourceType": kind, "id": who, "@odata.type": type}
    context.give("ownership", "owner", owned, [OWNER_OF + kind], [who], body, source)


def bundle(context: Context, kind: str) -> None:
    """The row of what owners of a kind of object may do; none where nothing is told of that."""
    actions = [str(one) for one in tables().owners.get(kind, ())]
    if actions:
        context.bundle(
            OWNER_OF + kind, "ownership", f"Owner of the {kind}", {"owns": kind}, [Statement("Allow", actions)],
            "catalogue", flags={"privileged": False},
        )  # fmt: skip


def _count(context: Context) -> None:
    """How many own each object; an app is owned by whoever owns its application, too."""
    # Of what is no group, whatever its list says, version 1.0 leaves nobody out.
    context.owners_asked |= {one for one in context.owners_in_part if context.people.type(one) not in ("", GROUP)}
    of_app: dict[str, set[str]] = {}
    whole: set[str] = set()
    for id, (body, _) in context.applications.items():
        app = Fields(body).text("appId").lower()
        of_app[app] = {who for who, _ in context.owners.get(id, {})}
        whole |= {app} if id in context.owners_asked else set()
    found: dict[str, int] = {}
    for id in context.owners_asked - set(context.applications):
        app = context.credentials.app(id)
        if app in of_app and app not in whole:
            continue
        found[id] = len({who for who, _ in context.owners.get(id, {})} | of_app.get(app, set()))
    # So many at least; none at all is not known of a list that leaves some out.
    found |= {one: len(context.owners[one]) for one in context.owners_in_part - set(found) if one in context.owners}
    context.people.owned(found, context.owners_asked, context.owners_in_part - context.owners_asked)
