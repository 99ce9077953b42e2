"""What people did in the directory: accounts, groups, apps, policies, consents; and what its services did themselves.

Each is let through by a role that was given or activated (`activating`), by ownership, or by what every user may do.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Any

from demo_company.clock import moment, parse
from demo_company.entra import apps, consents, guarding, registrations, staff, units
from demo_company.entra.activating import ACTIVATIONS
from demo_company.entra.acts import AUDIT, NOWHERE, Act, Used
from demo_company.entra.entries import activity, person, program, target
from demo_company.identity_center import TENANT
from demo_company.ids import guid, number
from demo_company.logs.draw import days, epoch, works

_SPACE = "microsoft.directory/"
_USERS, _GROUPS, _APPS, _POLICIES = "UserManagement", "GroupManagement", "ApplicationManagement", "Policy"
HELPED = (
    ("2026-07-22T08:20:00Z", "Ole Knudsen", "Sam Kimura"), ("2026-09-16T08:10:00Z", "Ole Knudsen", "Rikke Thomsen"),
    ("2026-10-14T08:50:00Z", "Karin Olsen", "Kwame Boateng"),
)  # fmt: skip
"""Passwords that were reset, by whom, of whom."""
REFUSED_CONSENT = ("2026-10-14T12:05:00Z", "Jorge Medina")
"""Somebody who would have let the vendor in, too, after users could no longer."""


def doing() -> Iterator[Act]:
    """Everything."""
    yield from _joiners()
    yield from _helped()
    yield from _policies()
    yield from _applications()
    yield from _consents()
    yield from _by_services()
    yield from _looked()


def _act(
    at: str, who: str, name: str, targets: list[dict[str, Any]], *actions: str, category: str, on: str | None = None,
    reason: str = "", failed: bool = False,
) -> Act:  # fmt: skip
    """An activity; `actions` are those of roles that it surely is, `on` the object that decides if not the first."""
    when = int(parse(at).timestamp())
    first = str(targets[0]["id"])
    used = tuple(
        Used(staff.object_id(who), _SPACE + one, first, first if on is None else on) for one in actions
    )  # fmt: skip
    entry = activity(name, person(who), targets, category=category, reason=reason, failed=failed)
    activated = any(one.who == who and one.covers(when) for one in ACTIVATIONS)
    return Act(when, AUDIT, entry, used, failed, activated, who)


def _user(name: str, **changed: str) -> dict[str, Any]:
    return target("User", staff.object_id(name), staff.principal_name(name), **changed)


def _joins(at: str, by: str, who: str, group: str) -> Act:
    told = {"Group__ObjectID": staff.group_id(group), "Group__DisplayName": group}
    targets = [_user(who, **told), target("Group", staff.group_id(group), group)]
    return _act(at, by, "Add member to group", targets, "groups/members/update", category=_GROUPS,
                on=staff.group_id(group))  # fmt: skip


def _joiners() -> Iterator[Act]:
    """Who came: a developer, a lead of a depot, a guest."""
    yield _act("2026-07-06T08:30:00Z", "Hiro Nakagawa", "Add user", [_user("Nils Akerman")], "users/create",
               category=_USERS, on="")  # fmt: skip
    yield _joins("2026-07-06T08:45:00Z", "Greta Solheim", "Nils Akerman", "developers")
    yield _act("2026-08-03T08:30:00Z", "Karin Olsen", "Add user", [_user("Pavel Dvorak")], "users/create",
               category=_USERS, on=units.at(units.DEPOTS).removeprefix("/"))  # fmt: skip
    yield _joins("2026-08-03T08:40:00Z", "Karin Olsen", "Pavel Dvorak", "depot-leads")
    yield _act("2026-08-10T08:30:00Z", "Yara Nassar", "Invite external user", [_user(staff.GUEST)], "users/inviteGuest",
               category=_USERS, on="")  # fmt: skip
    yield _joins("2026-08-10T08:50:00Z", "Selma Yildiz", staff.GUEST, "sandbox-users")


def _helped() -> Iterator[Act]:
    for at, by, who in HELPED:
        yield _act(at, by, "Reset user password", [_user(who)], "users/password/update", category=_USERS)
    titled = _user("Aoife Brennan", JobTitle="Senior dispatcher")
    yield _act("2026-09-02T09:15:00Z", "Karin Olsen", "Update user", [titled], "users/basic/update", category=_USERS)
    group = target("Group", staff.group_id("customs-ops"), "customs-ops", Description="Customs office, all sites")
    yield _act("2026-08-12T10:20:00Z", "Clara Hoffmann", "Update group", [group], "groups/basic/update",
               category=_GROUPS)  # fmt: skip


def _policies() -> Iterator[Act]:
    name = "CA04 Azure only from the offices"
    policy = target("Policy", guid("conditional access", name), name)
    yield _act("2026-07-06T10:30:00Z", "Noor Haddad", "Add conditional access policy", [policy],
               "conditionalAccessPolicies/create", category=_POLICIES, on="")  # fmt: skip
    closed = target("Policy", TENANT, "Authorization Policy", PermissionGrantPolicyIdsAssignedToDefaultUserRole=(
        "ManagePermissionGrantsForSelf.microsoft-user-default-low"
    ))  # fmt: skip
    yield _act(f"{guarding.CONSENT_CLOSED}T09:10:00Z", "Hiro Nakagawa", "Update authorization policy", [closed],
               "authorizationPolicy/allProperties/allTasks", category="AuthorizationPolicy", on="")  # fmt: skip


_KEY = "Update application \u2013 Certificates and secrets management "
"""As the log spells it, with a dash that no keyboard has, and a blank at the end."""


def _applications() -> Iterator[Act]:
    for one in registrations.CREDENTIALS:
        if one.since > "2026-07-06" and not one.until:
            app = target("Application", apps.application_id(one.app), one.app, KeyDescription=registrations.key_id(one))
            yield _act(f"{one.since}T09:30:00Z", "Mirko Jansen", _KEY, [app], "applications/credentials/update",
                       category=_APPS)  # fmt: skip
    name, day = "returns-portal", apps.APPS["returns-portal"]
    own, service = apps.application_id(name), apps.principal_id(name)
    yield _act(
        f"{day}T09:00:00Z", "Mirko Jansen", "Add application", [target("Application", own, name)], category=_APPS
    )
    yield _act(f"{day}T09:00:05Z", "Mirko Jansen", "Add service principal",
               [target("ServicePrincipal", service, name)], category=_APPS)  # fmt: skip
    owner = [_user("Eva Lindgren", Application__ObjectID=own), target("Application", own, name)]
    yield _act(f"{day}T09:04:00Z", "Mirko Jansen", "Add owner to application", owner, "applications/owners/update",
               category=_APPS, on=own)  # fmt: skip


def _consents() -> Iterator[Act]:
    yield from _consented(f"{apps.APPS['returns-portal']}T09:12:00Z", "Mirko Jansen", "returns-portal", "")
    risky = moment(consents.RISKY_ON, "consent").strftime("%Y-%m-%dT%H:%M:%SZ")
    yield from _consented(risky, "Aoife Brennan", consents.VENDOR, "Aoife Brennan")
    at, who = REFUSED_CONSENT
    vendor = target("ServicePrincipal", apps.principal_id(consents.VENDOR), consents.VENDOR)
    yield _act(at, who, "Consent to application", [vendor], category=_APPS, failed=True,
               reason="UserConsentBlockedForRiskyAppsException")  # fmt: skip


def _consented(at: str, by: str, client: str, who: str) -> Iterator[Act]:
    given = next(one for one in consents.CONSENTS if one.client == client and one.who == who)
    app = target("ServicePrincipal", apps.principal_id(client), client, ConsentContext__IsAdminConsent=str(not who))
    told = {"DelegatedPermissionGrant__Scope": given.scopes, "ServicePrincipal__ObjectID": apps.principal_id(client)}
    graph = target("ServicePrincipal", apps.principal_id(apps.GRAPH), apps.GRAPH, **told)
    yield _act(at, by, "Add delegated permission grant", [graph], category=_APPS)
    yield _act(at, by, "Consent to application", [app], category=_APPS)


def _by_services() -> Iterator[Act]:
    """Provisioning writes accounts to AWS every night."""
    scim = target("ServicePrincipal", apps.principal_id("scim-aws"), "scim-aws")
    entry = activity("Export", program("Azure AD Cloud Sync"), [scim], category="ProvisioningManagement",
                     service="Account Provisioning")  # fmt: skip
    for day in days():
        yield Act(epoch(day) + 3 * 3600 + number(3600, "provisioning", day.isoformat()), AUDIT, entry)


def _looked() -> Iterator[Act]:
    """What is only read in the portal stands in no log."""
    read = "microsoft.office365.usageReports/allEntities/allProperties/read"
    who = "Oluchi Eze"
    for day in days():
        if works(day) and day.weekday() == 0 and day > date(2026, 7, 5):
            used = (Used(staff.object_id(who), read, ""),)
            yield Act(epoch(day) + 10 * 3600 + number(3600, "looked", day.isoformat()), NOWHERE, {}, used, who=who)
