"""Directory roles once more, as simply as can be: over a drawn tenant in plain values. It shares no code with the
evaluator, and none of its tables.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from hypothesis import strategies as st

GLOBAL, PRIVILEGED, HELPDESK = (
    "62e90394-69f5-4237-9190-012177145e10", "7be44c8a-adaf-4e2a-84d6-ab2649e08a13",
    "729827e3-9c14-49f7-bb1b-9608f156bbb8",
)  # fmt: skip
USERS, GROUPS, ROLES, APPS, READERS = (
    "fe930be7-5e62-47db-91af-98c3a49a38b1", "fdd7a751-b60b-444a-984c-02652fe8fa1c",
    "e8611ab8-c189-46e8-94e1-60213ab1f814", "9b895d92-2cd3-44c7-9d02-a6ac2d5ea5c3",
    "88d8e3e3-8f55-4a1e-953a-9b9898b8876b",
)  # fmt: skip
PASSWORD, DELETE, BASIC, CREATE, MEMBERS, SECRET = (
    "users/password/update", "users/delete", "users/basic/update", "users/create", "groups/members/update",
    "applications/credentials/update",
)  # fmt: skip
OF_ROLES = "groupsAssignableToRoles/members/update"
HAS = {
    GLOBAL: {PASSWORD, DELETE, BASIC, CREATE, MEMBERS, SECRET, OF_ROLES},
    PRIVILEGED: {PASSWORD, DELETE, BASIC},
    HELPDESK: {PASSWORD},
    USERS: {PASSWORD, DELETE, BASIC, CREATE, MEMBERS},
    GROUPS: {MEMBERS},
    ROLES: {OF_ROLES},
    APPS: {SECRET},
    READERS: set(),
}
"""What of it each role has, as its page says."""
UPON = {
    (HELPDESK, PASSWORD): {READERS, HELPDESK},
    (USERS, PASSWORD): {READERS, HELPDESK, USERS, GROUPS},
    (USERS, DELETE): {READERS, HELPDESK, USERS, GROUPS},
}
"""Upon whom roles act that do not act upon everybody, of those above."""
PEOPLE = ("user-1", "user-2", "user-3")
APP = "service-1"
OWNABLE = ("group-1", "group-2", "app-1")


@dataclass(frozen=True)
class Tenant:
    """A drawn tenant of which everything is known."""

    disabled: frozenset[str]
    assignable: frozenset[str]
    members: dict[str, frozenset[str]]
    restricted: frozenset[str]
    units: dict[str, frozenset[str]]
    assigned: tuple[tuple[str, str, str], ...]
    eligible: tuple[tuple[str, str, str], ...]
    owners: frozenset[tuple[str, str]] = field(default_factory=frozenset)

    def documents(self) -> list[dict[str, Any]]:
        """It as the vendor's objects."""

        def one(kind: str, **body: Any) -> dict[str, Any]:
            return {"kind": kind, "body": body}

        found = [one("user", id=id, userType="Member", accountEnabled=id not in self.disabled) for id in PEOPLE]
        found.append(one("service_principal", id=APP, appId="a", accountEnabled=APP not in self.disabled))
        found.append(one("application", id="app-1", appId="b", signInAudience="AzureADMyOrg"))
        for id, members in self.members.items():
            listed = [{"id": each, "@odata.type": _type(each)} for each in sorted(members)]
            flag = id in self.assignable
            found.append(
                one("group", id=id, isAssignableToRole=flag, groupTypes=[], securityEnabled=True, members=listed)
            )
        for id, inside in self.units.items():
            listed = [{"id": each, "@odata.type": _type(each)} for each in sorted(inside)]
            found.append(
                one("administrative_unit", id=id, isMemberManagementRestricted=id in self.restricted, members=listed)
            )
        for kind, several in (
            ("directory_role_assignment", self.assigned),
            ("role_eligibility_schedule", self.eligible),
        ):
            for principal, role, scope in several:
                found.append(one(kind, principalId=principal, roleDefinitionId=role, directoryScopeId=scope))
        for object, owner in sorted(self.owners):
            found.append(one("owner", resourceId=object, id=owner, **{"@odata.type": _type(owner)}))
        return found

    # --- who holds what -----------------------------------------------------------------------------------------------

    def holds(self, who: str) -> list[tuple[str, str]]:
        """The roles of a principal, each with its scope."""
        mine = {who} | {one for one in self.assignable if who in self.members[one] and not who.startswith("group")}
        return [(role, scope) for principal, role, scope in self.assigned if principal in mine]

    def in_units(self, id: str) -> set[str]:
        """The units that an object is in."""
        return {unit for unit, inside in self.units.items() if id in inside}

    def can(self, who: str, action: str, object: str) -> bool:
        """Whether a principal may do it."""
        if who in self.disabled:
            return False
        owned = action in (MEMBERS, SECRET) and (object, who) in self.owners
        locked = self.in_units(object) & self.restricted
        return (owned and not locked) or any(
            self._gives(who, role, scope, action, object) for role, scope in self.holds(who)
        )

    def _gives(self, who: str, role: str, scope: str, action: str, object: str) -> bool:
        wanted = OF_ROLES if action == MEMBERS and object in self.assignable else action
        if wanted not in HAS[role]:
            return False
        unit = scope.rpartition("/")[2] if scope.startswith("/administrativeUnits/") else ""
        if unit and (unit not in self.in_units(object) or wanted in (OF_ROLES, CREATE, SECRET)):
            return False
        if not unit and scope not in ("/", f"/{object}"):
            return False
        if self.in_units(object) & self.restricted and unit not in self.restricted:
            return False
        if unit and who == APP and not any(other == "/" for _, other in self.holds(who)):
            return False
        return self._upon(role, bool(unit), action, object)

    def _upon(self, role: str, at_unit: bool, action: str, object: str) -> bool:
        if action not in (PASSWORD, DELETE) or role in (GLOBAL, PRIVILEGED):
            return True
        held = self.holds(object)
        if any(object in self.members[one] or (one, object) in self.owners for one in self.assignable):
            return False
        for other, scope in held:
            special = scope.rpartition("/")[2] in self.restricted
            if other not in UPON[role, action] or special or at_unit:
                return False
        return True

    def unsaid(self, who: str, action: str, object: str) -> bool:
        """Whether the vendor's page says two things of a role at a unit that somebody holds."""
        sensitive = action in (PASSWORD, DELETE) and bool(self.holds(object))
        return sensitive and any(role == USERS and scope.startswith("/adm") for role, scope in self.holds(who))


def _type(id: str) -> str:
    name = {"user": "user", "service": "servicePrincipal", "group": "group"}[id.partition("-")[0]]
    return f"#microsoft.graph.{name}"


def questions() -> list[tuple[str, str]]:
    """What is asked of each principal: an action and an object."""
    return [
        *((action, id) for action in (PASSWORD, DELETE, BASIC) for id in PEOPLE),
        *((MEMBERS, id) for id in ("group-1", "group-2")),
        (SECRET, "app-1"),
        (CREATE, "/"),
    ]


@st.composite
def tenants(draw: st.DrawFn) -> Tenant:
    """A tenant."""
    groups = ("group-1", "group-2")
    scopes = ("/", "/", "/administrativeUnits/unit-1", "/administrativeUnits/unit-2", "/group-1", "/app-1")
    principals = st.sampled_from((*PEOPLE, APP, *groups))
    assignment = st.tuples(principals, st.sampled_from(sorted(HAS)), st.sampled_from(scopes))
    inside = st.frozensets(st.sampled_from((*PEOPLE, *groups)), max_size=3)
    return Tenant(
        disabled=draw(st.frozensets(st.sampled_from((*PEOPLE, APP)), max_size=1)),
        assignable=draw(st.frozensets(st.sampled_from(groups))),
        members={
            one: draw(st.frozensets(st.sampled_from([x for x in (*PEOPLE, APP, *groups) if x != one]), max_size=3))
            for one in groups
        },
        restricted=draw(st.frozensets(st.sampled_from(("unit-1", "unit-2")), max_size=2)),
        units={"unit-1": draw(inside), "unit-2": draw(inside)},
        assigned=tuple(draw(st.lists(assignment, max_size=5, unique=True))),
        eligible=tuple(draw(st.lists(assignment, max_size=2, unique=True))),
        owners=draw(st.frozensets(st.tuples(st.sampled_from(OWNABLE), st.sampled_from((*PEOPLE, APP))), max_size=2)),
    )
