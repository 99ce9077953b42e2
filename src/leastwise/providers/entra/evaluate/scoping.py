"""What an action is about, and whether an object lies in the scope of an assignment.

https://learn.microsoft.com/entra/identity/role-based-access-control/custom-overview#scope
https://learn.microsoft.com/entra/identity/role-based-access-control/administrative-units
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from leastwise.engine.formula import Formula, Literal, all_of, any_of, negate
from leastwise.engine.solve import Gap

from ..language.actions import Action
from ..language.directory import APPLICATION, DEVICE, GROUP, SERVICE, UNIT, USER
from ..language.ids import At, Place
from .membership import of_which_sort
from .request import Request

ASSIGNABLE = "groupsassignabletoroles"
_ABOUT = {
    "users": USER, "groups": GROUP, ASSIGNABLE: GROUP, "devices": DEVICE, "bitlockerkeys": DEVICE,
    "devicelocalcredentials": DEVICE, "applications": APPLICATION, "agentidentityblueprints": APPLICATION,
    "serviceprincipals": SERVICE, "agentidentities": SERVICE, "agentidentityblueprintprincipals": SERVICE,
    "administrativeunits": UNIT,
}  # fmt: skip
IN_UNITS = frozenset({USER, GROUP, DEVICE})
"""Kinds of objects that can be members of an administrative unit."""
CREATES = frozenset({"create", "createasowner"})
"""Verbs of what is done to no object that is there."""


SUBTYPES: Mapping[str, Sequence[str]] = {
    "groups": ("unified", "security", "unified.assignedmembership", "security.assignedmembership"),
    "applications": ("myorganization",), "agentidentityblueprints": ("myorganization",),
}  # fmt: skip
"""Of what kinds of objects roles may name a part, and how."""


def creates(action: Action) -> bool:
    """Whether an action makes an object; a way to sign in is made of a user who is there."""
    return action.verb in CREATES and not action.properties


def about(action: Action) -> str:
    """The kind of object that an action is about; empty for what is no object of its own."""
    if not action.directory:
        return ""
    if action.base == "deleteditems":
        return _ABOUT.get(action.entity.partition(".")[2].partition(".")[0], "")
    return _ABOUT.get(action.base, "")


def meant(asked: Request, action: Action) -> Formula:
    """Whether an action can be done to the object of the question at all."""
    kind = about(action)
    if asked.tenant or not kind or creates(action):
        return True
    target = asked.target
    if target.kind:
        return target.kind == kind and _subtype(asked, action)
    return Literal(Gap(f"what object {asked.resource} is"))


def _subtype(asked: Request, action: Action) -> Formula:
    if action.base == "deleteditems":
        return True
    fits: Formula = True
    if action.base == ASSIGNABLE and not asked.estate.assignable(asked.resource):
        fits = may_be_of_roles(asked)
    told = asked.target.subtypes
    gap = Literal(Gap(f"of which subtype {asked.estate.title(asked.resource)} is"))
    return all_of((fits, *(told.get(word, gap) for word in action.subtypes)))


def may_be_of_roles(asked: Request) -> Formula:
    """Whether the object of the question is a role-assignable group although nothing says so."""
    if asked.tenant or not asked.estate.may_be_assignable(asked.resource):
        return False
    return of_which_sort(asked.estate, asked.resource)


def meanings(asked: Request, action: Action) -> list[tuple[Action, Formula]]:
    """What a role may name instead of an action to allow it on the object of the question, and when that will do.

    On a Microsoft 365 group `groups.unified/members/update` does what `groups/members/update` does, and whoever changes
    a role-assignable group needs `groupsAssignableToRoles`; hidden members are read by `groups/hiddenMembers/read`.
    """
    found: list[tuple[Action, Formula]] = []
    if of_roles(asked, action):
        return [(action.of(ASSIGNABLE), True)]
    if reads_hidden(asked, action):
        return [(replace(action, properties=("hiddenmembers",), verb="read"), True)]
    special = may_be_of_roles(asked) if changes_group(action) else False
    plain = negate(special)
    if special is not False:
        found.append((action.of(ASSIGNABLE), special))
    found.append((action, plain))
    if asked.tenant or about(action) not in (GROUP, APPLICATION) or action.base in ("deleteditems", ASSIGNABLE):
        return found
    told = asked.target.subtypes
    for name in SUBTYPES[action.base]:
        words = name.split(".")
        if set(action.subtypes) <= set(words) and set(action.subtypes) != set(words):
            gap = Literal(Gap(f"of which subtype {asked.estate.title(asked.resource)} is"))
            is_one = all_of((plain, *(told.get(word, gap) for word in words)))
            found.append((action.of(f"{action.base}.{name}"), is_one))
    return found


def of_roles(asked: Request, action: Action) -> bool:
    """Whether an action changes a role-assignable group."""
    if action.base == ASSIGNABLE:
        return True
    return changes_group(action) and not asked.tenant and asked.estate.assignable(asked.resource)


def changes_group(action: Action) -> bool:
    """Whether an action changes a group that is there."""
    return action.base == "groups" and not action.reads and not creates(action)


def reads_hidden(asked: Request, action: Action) -> bool:
    """Whether an action reads the members of a group that hides them.

    https://learn.microsoft.com/graph/api/group-list-members#permissions
    """
    reads = action.base == "groups" and action.properties == ("members",) and action.reads
    return reads and not asked.tenant and asked.target.subtypes.get("hidden") is True


def in_unit(asked: Request, unit: str, id: str) -> Formula:
    """Whether an object is a member of an administrative unit itself; the members of a group in it are not."""
    members = asked.estate.unit_members.get(unit)
    if members is None:
        kind = asked.estate.kind(id)
        return Literal(Gap(f"the members of administrative unit {unit}")) if not kind or kind in IN_UNITS else False
    return id in members


def within(asked: Request, action: Action, place: Place) -> Formula:
    """Whether the object of the question is in a scope, for an action."""
    if place.at is At.TENANT:
        return True
    if place.at is At.APP:
        return asked.resource in (place.id.strip("/"), place.id.rpartition("/")[2])
    if place.at is At.OBJECT:
        # Nothing can be created in one object.
        return asked.resource == place.id and not creates(action)
    if asked.tenant or about(action) not in IN_UNITS or of_roles(asked, action):
        return False
    if creates(action):
        return asked.resource == place.id
    free = negate(may_be_of_roles(asked)) if changes_group(action) else True
    return all_of((free, in_unit(asked, place.id, asked.resource)))


# --- restricted management --------------------------------------------------------------------------------------------

_SECRETS = frozenset({"bitlockerkeys", "devicelocalcredentials"})


def restricted(asked: Request, action: Action) -> Formula:
    """Whether only roles assigned at a restricted unit may do this to the object.

    https://learn.microsoft.com/entra/identity/role-based-access-control/admin-units-restricted-management
    """
    target = asked.target
    blocked = not action.reads or (action.base in _SECRETS and "standard" not in action.properties)
    if asked.tenant or not blocked or (target.kind and target.kind not in IN_UNITS) or creates(action):
        return False
    return any_of(all_of((_is_restricted(asked, unit), in_unit(asked, unit, asked.resource))) for unit in _units(asked))


def lets(asked: Request, action: Action, place: Place) -> Formula:
    """Whether an assignment at a place may change the object, as far as restricted units are concerned."""
    free = negate(restricted(asked, action))
    if place.at is not At.UNIT:
        return free
    # Any restricted unit will do that the object is a member of; that it is one is asked by `within`.
    return any_of((free, _is_restricted(asked, place.id)))


def _units(asked: Request) -> list[str]:
    named = (one.place.id for one in asked.estate.assignments if one.place.at is At.UNIT)
    return sorted({*asked.estate.units, *asked.estate.unit_members, *named})


def _is_restricted(asked: Request, unit: str) -> Formula:
    found = asked.estate.units.get(unit)
    if found is None or found.restricted is None:
        return Literal(Gap(f"whether administrative unit {unit} is restricted"))
    return found.restricted
