"""Everybody who can become somebody who can: a user whose password they reset, an app to which they add a credential.

Ways that are sure, each with its page:
- whoever sets a user's password signs in as that user, where nothing else is asked of them
  (https://learn.microsoft.com/entra/identity/role-based-access-control/privileged-roles-permissions#who-can-reset-passwords),
- whoever adds a credential to an application, or to its service principal, signs in as it
  (https://learn.microsoft.com/entra/identity-platform/app-objects-and-service-principals),
- whoever may add members to a group that is given something is let in by it, an app also where requests are asked about
  or app roles; owners may
  (https://learn.microsoft.com/entra/identity/role-based-access-control/groups-concept),
- whoever assigns directory roles gives himself one, an app by `RoleManagement.ReadWrite.Directory`
  (https://learn.microsoft.com/graph/permissions-reference),
- an app that grants app roles (`AppRoleAssignment.ReadWrite.All`) gives itself any.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np

from leastwise.engine.arrays import Array
from leastwise.engine.formula import Formula, all_of
from leastwise.model.decision import Link, State
from leastwise.providers.bulk.becoming import Through, follow
from leastwise.providers.bulk.listing import Found, Telling, Told

from ..evaluate.decide import access
from ..evaluate.everyone import feasible
from ..evaluate.graph import directory_question
from ..evaluate.request import Kind, Request
from ..evaluate.roles import grant
from ..language.actions import DIRECTORY
from ..language.assignments import Assignment
from ..language.directory import GROUP, SERVICE, USER
from ..language.ids import TENANT, At, Place
from .lines import LINES
from .who import Who

_PASSWORD, _APPLICATION, _SERVICE, _MEMBERS, _ASSIGNS = (
    f"{DIRECTORY}/{one}"
    for one in (
        "users/password/update", "applications/credentials/update", "servicePrincipals/credentials/update",
        "groups/members/update", "roleAssignments/allProperties/allTasks",
    )
)  # fmt: skip
_GLOBAL = "62e90394-69f5-4237-9190-012177145e10"
"""The role that holds what no other one lacks.

https://learn.microsoft.com/entra/identity/role-based-access-control/permissions-reference#global-administrator
"""
_JOINS = "POST /groups/{id}/members/$ref"
_ROLES, _APP_ROLES = "POST /roleManagement/directory/roleAssignments", "POST /servicePrincipals/{id}/appRoleAssignments"


@dataclass(frozen=True, slots=True)
class _Way:
    """Somebody who leads on, by number."""

    target: int
    told: Telling


class Becoming:
    """Finds those who can become somebody who is let in, under the circumstances of a question.

    Args:
        who: the tenant.
        asked: the question; its principal does not matter.
    """

    def __init__(self, who: Who, asked: Request) -> None:
        self._who, self._held, self._asked = who, who.held, asked
        self._missing: dict[str, None] = {}
        self._known: dict[tuple[str, str], list[tuple[Array, Telling]]] = {}

    def find(self, found: Found) -> tuple[str, ...]:
        """Find those who can become one of those found, or give themselves what is asked.

        Returns what was not read of these.
        """
        starts = list(self._starts(found, found.numbers()))
        for numbers, told in (*self._themselves(), *self._joining()):
            starts += self._starts(found, found.add(numbers, told))
        follow(starts, lambda way: self._further(way, found))
        return tuple(self._missing)

    # --- who gives himself what is asked

    def _themselves(self) -> Iterator[tuple[Array, Telling]]:
        """Whoever assigns directory roles, or grants app roles, in the tenant."""
        if self._asked.kind is Kind.ACTION:
            then = self._then(_GLOBAL)
            if then.state is not State.DENIED:
                link = Link("role_assignment", _GLOBAL, "Global Administrator")
                for permission in (_ASSIGNS, _ROLES):
                    for numbers, told in self._let_in(permission, TENANT):
                        yield numbers, Through(told, link, then)
        elif self._asked.kind is Kind.VALUE and not self._asked.user:
            name = self._asked.permission
            for numbers, told in self._let_in(_APP_ROLES, TENANT):
                yield numbers, Through(told, Link("app_role", self._asked.resource, name), _sure())

    def _then(self, role: str) -> Telling:
        """What is told of an app that had a directory role in the tenant."""
        doing = self._who.marking.stranger(self._asked)
        made = grant(doing, Assignment("", role, doing.who, Place(At.TENANT)))
        return self._who.told(all_of((made.formula, feasible(doing))))

    # --- who lets himself into a group

    def _joining(self) -> Iterator[tuple[Array, Telling]]:
        """Whoever adds members to a group that is given what is asked."""
        if self._asked.kind is not Kind.ACTION:
            yield from self._joining_as_app()
            return
        held, doing = self._held, self._who.marking.stranger(self._asked)
        rows = self._who.marking.at_places(doing)
        groups = held.assignable[held.arrays["assignment.principal"][rows]]
        for row in rows[groups].tolist():
            one = held.assignment("assignment", row)
            if not one.span.holds(doing.now):
                continue
            made = grant(doing, replace(one, principal=doing.who))
            then = self._who.told(all_of((made.formula, feasible(doing))))
            if then.state is State.DENIED:
                continue
            link = Link(
                "group", one.principal, held.object(held.member_number(one.principal) or 0).name or one.principal
            )
            for numbers, told in self._let_in(_MEMBERS, one.principal):
                yield numbers, Through(told, link, then)

    def _joining_as_app(self) -> Iterator[tuple[Array, Telling]]:
        """Those who add themselves to a group that has an app role, or a role by which apps make the request.

        Requests are made by apps: a user who joins makes none.
        """
        if self._asked.kind not in (Kind.REQUEST, Kind.VALUE) or self._asked.user:
            return
        held, users = self._held, self._held.of_kind(USER)
        for number in self._carrying():
            group = held.members[number]
            then = self._who.told(self._as_member(number))
            if then.state is State.DENIED:
                continue
            link = Link("group", group, held.object(number).name or group)
            for numbers, told in (*self._let_in(_MEMBERS, group), *self._let_in(_JOINS, group)):
                some = numbers[~users[numbers]] if self._asked.kind is Kind.REQUEST else numbers
                if len(some):
                    yield some, Through(told, link, then)

    def _carrying(self) -> list[int]:
        """The groups that have app roles, or directory roles where the object may lie."""
        held, arrays = self._held, self._held.arrays
        doing = directory_question(self._asked) if self._asked.kind is Kind.REQUEST else None
        none = np.empty(0, np.int64)
        rows = none if doing is None else self._who.marking.at_places(self._who.marking.stranger(doing))
        named = [arrays["assignment.principal"][rows][held.assignable[arrays["assignment.principal"][rows]]]]
        named.append(arrays["app_role.principal"])
        numbers = np.unique(np.concatenate(named)).astype(np.int64)
        return [int(one) for one in numbers[held.of_kind(GROUP)[numbers]]]

    def _as_member(self, group: int) -> Formula:
        """When somebody whom nothing else names is let in as a member of a group."""
        held, doing = self._held, self._who.marking.stranger(self._asked)
        rows = (held.rows(name).row(group).tolist() for name in ("member.assignments", "by.app_role.principal"))
        assigned, granted = rows
        estate = replace(
            doing.estate,
            assignments=(*doing.estate.assignments,
                         *(replace(held.assignment("assignment", one), principal=doing.who) for one in assigned)),
            app_roles=(*doing.estate.app_roles,
                       *(replace(held.app_role(one), principal=doing.who, kind=SERVICE) for one in granted)),
        )  # fmt: skip
        return access(replace(doing, estate=estate))

    # --- who becomes somebody

    def _starts(self, found: Found, numbers: Array) -> Iterator[_Way]:
        for number in numbers.tolist():
            told = found.told(number)
            if told is not None and self._held.members[number] not in LINES:
                yield _Way(number, told)

    def _further(self, way: _Way, found: Found) -> Iterator[_Way]:
        """Find whoever takes a step to somebody; those of them that lead on."""
        id = self._held.members[way.target]
        link_name = self._held.word("title", way.target) or id
        for kind, numbers, step in self._steps(way.target):
            others = numbers[numbers != way.target]
            yield from self._starts(found, found.add(others, Through(step, Link(kind, id, link_name), way.told)))

    def _steps(self, number: int) -> Iterator[tuple[str, Array, Telling]]:
        """Who can become somebody in one step, and the kind of that."""
        one = self._held.object(number)
        if one.kind == USER:
            for numbers, told in self._let_in(_PASSWORD, one.id):
                yield "password_reset", numbers, told
        if one.kind == SERVICE:
            for numbers, told in self._let_in(_SERVICE, one.id):
                yield "added_credential", numbers, told
            application = self._held.applications.get(one.app) if one.app else None
            if application is not None:
                for numbers, told in self._let_in(_APPLICATION, self._held.members[application]):
                    yield "added_credential", numbers, told

    def _let_in(self, permission: str, resource: str) -> list[tuple[Array, Telling]]:
        """Who has a permission on an object."""
        key = permission, resource
        if key not in self._known:
            asked = replace(self._asked, permission=permission, resource=resource, user="")
            self._missing |= dict.fromkeys(self._who.unread(asked))
            self._known[key] = list(self._who.let_in(asked))
        return self._known[key]


def _sure() -> Told:
    return Told(State.ALLOWED, (), lambda: ())
