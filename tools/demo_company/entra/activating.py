"""Roles that were activated for a piece of work, with the reason and the ticket that were given, and who approved."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from demo_company.clock import parse
from demo_company.entra import apps, roles, staff
from demo_company.entra.acts import AUDIT, Act
from demo_company.entra.entries import Entry, activity, person, program, target

APPROVER = "Petra Lindqvist"
_PIM, _CATEGORY = "PIM", "RoleManagement"


@dataclass(frozen=True, slots=True)
class Activation:
    """A role that somebody activated at a moment, for so many hours; approved by somebody where it is one of the
    strict ones (`roles.policies`).
    """

    who: str
    role: str
    at: str
    hours: int
    reason: str
    ticket: str

    @property
    def begins(self) -> datetime:
        """When it began."""
        return parse(self.at)

    @property
    def ends(self) -> datetime:
        """When its time was over."""
        return self.begins + timedelta(hours=self.hours)

    @property
    def strict(self) -> bool:
        """Whether somebody had to approve it."""
        return self.role in (roles.GLOBAL, roles.PRIVILEGED)

    def covers(self, when: int) -> bool:
        """Whether it was in force at a moment, in seconds since 1970."""
        return self.begins.timestamp() <= when < self.ends.timestamp()


ACTIVATIONS = (
    Activation("Hiro Nakagawa", roles.GLOBAL, "2026-07-06T08:10:00Z", 4, "Account of the new developer", "CHG-2207"),
    Activation("Noor Haddad", roles.ACCESS, "2026-07-06T09:50:00Z", 8, "Azure from the offices only", "CHG-2209"),
    Activation("Mirko Jansen", roles.CLOUD_APPLICATIONS, "2026-07-13T09:05:00Z", 8, "New key of backups", "CHG-2216"),
    Activation("Mirko Jansen", roles.CLOUD_APPLICATIONS, "2026-07-20T09:10:00Z", 8, "Key for the tracking webhook",
               "CHG-2223"),
    Activation("Hiro Nakagawa", roles.GLOBAL, "2026-10-05T08:30:00Z", 4, "Close consent by users", "CHG-2301"),
    Activation("Mirko Jansen", roles.CLOUD_APPLICATIONS, "2026-10-22T08:40:00Z", 8, "Returns portal", "CHG-2318"),
    Activation("Anil Deshpande", roles.APPLICATIONS, roles.ONCALL_SINCE, 8, "Upgrade of the ERP", "CHG-2330"),
)  # fmt: skip
LAST = "2026-11-01T00:00:00Z"
"""Where the logs end: what ends later is not told yet."""


def activating() -> Iterator[Act]:
    """What the audit log has of each: the request, the approval, that it began, that it was over."""
    for one in ACTIVATIONS:
        yield from _of(one)


def _of(one: Activation) -> Iterator[Act]:
    who, role, id = person(one.who), _role(one.role), roles.ROLES[one.role]
    holder = target("User", staff.object_id(one.who), staff.principal_name(one.who))
    pim = program(apps.PIM, apps.principal_id(apps.PIM))
    told = {
        "RoleDefinitionOriginId": id, "TemplateId": id, "Justification": one.reason,
        "TicketNumber": one.ticket, "TicketSystem": "Change board", "StartTime": f"{one.begins:%Y-%m-%dT%H:%M:%SZ}",
        "ExpirationTime": f"{one.ends:%Y-%m-%dT%H:%M:%SZ}",
    }  # fmt: skip
    begun = int(one.begins.timestamp())

    def act(after: int, name: str, by: Entry, who: str = "") -> Act:
        entry = activity(name, by, [role, holder], category=_CATEGORY, service=_PIM, details=told, reason=one.reason)
        return Act(begun + after, AUDIT, entry, who=who)

    if one.strict:
        yield act(-300, "Add member to role approval requested (PIM activation)", who, one.who)
        yield act(-60, "Add member to role request approved (PIM activation)", person(APPROVER), APPROVER)
    else:
        yield act(-60, "Add member to role requested (PIM activation)", who, one.who)
    yield act(0, "Add member to role completed (PIM activation)", who, one.who)
    given = {"Role__ObjectID": id, "Role__DisplayName": one.role, "Role__TemplateId": id}
    user = target("User", staff.object_id(one.who), staff.principal_name(one.who), **given)
    yield Act(begun + 1, AUDIT, activity("Add member to role", pim, [user, role], category=_CATEGORY))
    if one.ends < parse(LAST):
        over = int(one.ends.timestamp())
        entry = activity("Remove member from role (PIM activation expired)", pim, [role, holder], category=_CATEGORY,
                         service=_PIM, details=told)  # fmt: skip
        yield Act(over, AUDIT, entry)
        yield Act(over + 1, AUDIT, activity("Remove member from role", pim, [user, role], category=_CATEGORY))


def _role(name: str) -> Entry:
    return target("Role", roles.ROLES[name], name)
