"""The demo company's directory, as its exports say: read whole on every day, consistent; what the reference answers."""

from __future__ import annotations

import json
import sys
from datetime import datetime
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pyarrow as pa
import pytest
import yaml

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tools"))

from demo_company import clock, people  # noqa: E402
from demo_company.entra import apps, consents, guarding, registrations, roles, staff, units  # noqa: E402
from demo_company.entra import everything as entra  # noqa: E402
from leastwise.engine.columns import plain  # noqa: E402
from leastwise.model.decision import State  # noqa: E402
from leastwise.model.scope import CoverageStatus  # noqa: E402
from leastwise.providers.entra import PROVIDER  # noqa: E402
from leastwise.providers.entra.catalog import current  # noqa: E402
from leastwise.providers.entra.compiled.estate import estate_of_tables  # noqa: E402
from leastwise.providers.entra.conform.ask import published  # noqa: E402
from leastwise.providers.entra.evaluate.decide import decide  # noqa: E402
from leastwise.providers.entra.evaluate.estate import Estate  # noqa: E402
from leastwise.providers.entra.evaluate.explain import explain  # noqa: E402
from leastwise.providers.entra.evaluate.request import request  # noqa: E402

pytestmark = pytest.mark.together("demo")

LAST, SPRING = clock.DAYS[-1], clock.DAYS[0]


def told(name: str, day: datetime = LAST) -> list[dict[str, Any]]:
    """The objects of a page."""
    held: list[dict[str, Any]] = json.loads(entra.files(day)[f"{name}.json"])["value"]
    return held


@cache
def tables(day: datetime) -> dict[str, pa.Table]:
    with TemporaryDirectory() as folder:
        for name, content in entra.files(day).items():
            (Path(folder) / name).write_bytes(content)
        (one,) = PROVIDER.read_exports([Path(folder)], day)
        return dict(PROVIDER.translate(one))


def rows(name: str, day: datetime = LAST) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = plain(tables(day)[name]).to_pylist()
    return found


@cache
def estate(day: datetime = LAST) -> Estate:
    return estate_of_tables(tables(day), published())


def person(name: str) -> str:
    return staff.object_id(name)


def may(who: str, action: str, on: str, day: datetime = LAST) -> State:
    """What the reference says of an action, `on` an object's id, or empty for the tenant."""
    return explain(decide(request(estate(day), who, action, f"/{on}" if on else "/"))).state


# --- every day --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("day", clock.DAYS, ids=str)
def test_every_day_is_read_whole(day: datetime) -> None:
    assert {one["status"] for one in rows("coverage", day)} == {CoverageStatus.OK.value}
    found = estate(day)
    assert found.unread == () and found.untold == frozenset() and found.all_groups
    assert not [one for one in rows("principals", day) if one["kind"] == "unknown"]


@pytest.mark.parametrize("day", clock.DAYS, ids=str)
def test_whatever_is_named_is_there(day: datetime) -> None:
    found = estate(day)
    places = {one.place.id for one in (*found.assignments, *found.eligible)} - {""}
    assert places <= {*found.objects, *found.units}
    holders = {one.principal for one in (*found.assignments, *found.eligible, *found.app_roles, *found.enrolments)}
    holders |= {who.id for several in found.owners.values() for who in several}
    holders |= {one.client for one in found.delegations} | {one.user for one in found.delegations if one.user}
    assert holders <= found.objects.keys()
    assert {one.id for several in found.groups.values() for one in several} <= found.objects.keys()
    assert {one.application for one in found.trusted} <= found.objects.keys()


def test_every_line_of_the_lists_is_told_on_some_day() -> None:
    def ever(name: str, key: str = "id") -> set[str]:
        return {one[key] for day in clock.DAYS for one in told(name, day)}

    assert ever("role-assignments") == {one.id for one in roles.HELD}
    assert ever("role-eligibility") == {f"{one.id}-e" for one in roles.OFFERED}
    assert len(ever("consents")) == len(consents.CONSENTS)
    assert ever("conditional-access", "displayName") == {one["displayName"] for one in guarding.policies(LAST)}
    keys = {one["keyId"] for day in clock.DAYS for app in told("applications-owners", day)
            for one in (*app["passwordCredentials"], *app["keyCredentials"])}  # fmt: skip
    assert len(keys) == len(registrations.CREDENTIALS)


def test_ids_of_the_vendor_are_the_catalogues() -> None:
    facts = current()
    assert {name: role.title for name, id in roles.ROLES.items() if (role := facts.role(id))} == {
        name: name for name in roles.ROLES
    }
    given = {one.role_id: one.role for one in apps.APP_ROLES if one.offered_by == apps.GRAPH}
    given |= {id: role for asked in registrations.ASKS.values() for role, id in asked}
    assert {id: facts.app_roles.get(id) for id in given} == given
    assert {one for one in apps.SCOPES[apps.GRAPH] if one not in facts.scopes} == set()


@pytest.mark.parametrize("day", clock.DAYS, ids=str)
def test_nothing_in_the_pages_is_a_secret(day: datetime) -> None:
    for one in told("applications-owners", day):
        assert {key["secretText"] for key in one["passwordCredentials"]} <= {None}
        assert {key["key"] for key in one["keyCredentials"]} <= {None}


# --- stories ----------------------------------------------------------------------------------------------------------


def test_story_6_she_can_become_a_member_of_what_is_global_administrator() -> None:
    petra, group = person("Petra Lindqvist"), staff.group_id(staff.TIER_0)
    (offer,) = [one for one in rows("attachments") if one["layer"] == "eligible" and one["target"] == group]
    assert offer["requires"] == "mfa, justification, approval by Noor Haddad, at most PT4H"
    assert [one["principalId"] for one in told("pim-group-eligibility")] == [petra]
    asked = "microsoft.directory/users/create"
    assert may(petra, asked, "") is State.DENIED
    assert may(person("bg-1"), asked, "") is State.ALLOWED
    assert petra not in {one.principal for one in (*estate().assignments, *estate().eligible)}


def test_story_12_two_alone_are_global_administrators_for_good_and_named_as_such() -> None:
    group = staff.group_id(staff.TIER_0)
    standing = {one.principal for one in estate().assignments if one.role == roles.ROLES[roles.GLOBAL]}
    assert standing == {group}
    assert {one.id for one in estate().groups[group]} == {person(one) for one in staff.BREAK_GLASS}
    file = yaml.safe_load((ROOT / "tools" / "demo_company" / "estate.yaml").read_text())
    assert {group, *map(person, staff.BREAK_GLASS)} <= set(file["break_glass"])


def test_story_16_what_an_app_asks_for_it_does_not_have() -> None:
    asked = {one["displayName"]: {each["id"] for of in one["requiredResourceAccess"] for each in of["resourceAccess"]}
             for one in told("applications-owners")}  # fmt: skip
    ((_, wanted),) = registrations.ASKS["hr-sync"]
    assert wanted in asked["hr-sync"]
    held = {(one.principal, current().app_roles.get(one.role)) for one in estate().app_roles}
    assert {value for who, value in held if who == apps.principal_id("hr-sync")} == {"User.Read.All"}
    assert (apps.principal_id("mail-archiver"), "AppRoleAssignment.ReadWrite.All") in held


def test_in_spring_administrators_stopped_being_such_for_good() -> None:
    hiro, greta = person("Hiro Nakagawa"), person("Greta Solheim")
    held = [{one.principal for one in estate(day).assignments} & {hiro, greta} for day in clock.DAYS]
    assert held == [{hiro, greta}] * 2 + [set()] * 7
    assert {one.principal for one in estate(SPRING).eligible} == set()
    assert {hiro, greta} <= {one.principal for one in estate().eligible}
    assert may(hiro, "microsoft.directory/users/create", "", SPRING) is State.ALLOWED
    assert may(hiro, "microsoft.directory/users/create", "") is State.DENIED


# --- what the reference says ------------------------------------------------------------------------------------------

_RESET, _SECRETS = "microsoft.directory/users/password/update", "microsoft.directory/applications/credentials/update"
ASKED = (
    # who, action, on what, and the answer
    ("Ole Knudsen", _RESET, person("Sam Kimura"), "ALLOWED"),  # of his unit
    ("Ole Knudsen", _RESET, person("Leila Farouk"), "DENIED"),  # not of it
    ("Karin Olsen", _RESET, person("Rikke Thomsen"), "ALLOWED"),  # by a role-assignable group
    ("Karin Olsen", _RESET, person("Hiro Nakagawa"), "DENIED"),  # her unit does not have him
    ("Karin Olsen", _RESET, person("Clara Hoffmann"), "DENIED"),  # of a restricted unit
    ("Farida Aziz", _RESET, person("Sam Kimura"), "DENIED"),  # eligible only
    ("Viktor Lund", _SECRETS, apps.application_id("carrier-portal"), "ALLOWED"),  # a role of the company's own
    ("Viktor Lund", _SECRETS, apps.application_id("svc-erp-deploy"), "DENIED"),
    ("Mirko Jansen", _SECRETS, apps.application_id("svc-erp-deploy"), "ALLOWED"),  # its owner
    ("Anil Deshpande", _SECRETS, apps.application_id("svc-erp-deploy"), "ALLOWED"),  # activated for the weekend
    ("Selma Yildiz", "microsoft.directory/groups/members/update", staff.group_id("sandbox-users"), "ALLOWED"),
    ("Selma Yildiz", "microsoft.directory/groups/members/update", staff.group_id("developers"), "DENIED"),
)


@pytest.mark.parametrize(("who", "action", "on", "state"), ASKED)
def test_what_the_reference_says_of_the_last_day(who: str, action: str, on: str, state: str) -> None:
    assert may(person(who), action, on) is State[state]


# --- what stands beside -----------------------------------------------------------------------------------------------


def test_the_gap_of_conditional_access() -> None:
    whole, admins, old, _ = told("conditional-access")
    users = whole["conditions"]["users"]
    assert users["includeUsers"] == ["All"] and users["excludeGroups"] == [staff.group_id(guarding.LEFT_OUT)]
    # One of them helps others to sign in, and his role is none of those that the second policy names.
    assert "Ole Knudsen" in people.GROUPS[guarding.LEFT_OUT]
    assert roles.ROLES[roles.HELPDESK] not in admins["conditions"]["users"]["includeRoles"]
    assert (whole["state"], old["state"]) == ("enabled", "enabledForReportingButNotEnforced")
    assert "microsoft.graph" not in json.dumps(rows("attachments"), default=str)
    for one in told("conditional-access"):
        assert set(one["conditions"]["users"]["excludeUsers"]) == {person(each) for each in staff.BREAK_GLASS}


def test_who_has_a_second_factor() -> None:
    known = {one["id"]: (one["mfa"], one["mfa_hardware"]) for one in rows("principals") if one["kind"] == "human"}
    without = {who for who, (mfa, _) in known.items() if not mfa}
    assert without == {person(one) for one in guarding.NO_FACTOR}
    assert {known[person(one)] for one in staff.BREAK_GLASS} == {(True, True)}
    held = {one.principal for one in (*estate().assignments, *estate().eligible)}
    assert not held & without


def test_a_consent_is_left_of_the_time_when_everybody_could_consent() -> None:
    consent = {day: entra.files(day)["authorization-policy.json"].decode() for day in clock.DAYS}
    assert ["default-legacy" in text for text in consent.values()] == [True] * 8 + [False]
    aoife = person("Aoife Brennan")
    (risky,) = [one for one in estate().delegations if one.user == aoife]
    assert {"mail.readwrite", "files.readwrite.all", "offline_access"} == risky.scopes
    assert risky.client == apps.principal_id(consents.VENDOR)
    assert aoife not in {one.user for one in estate(clock.DAYS[6]).delegations}


def test_credentials_of_apps_are_old_ended_ending_and_well_kept() -> None:
    held = {(one["principal"], one["kind"]): one for one in rows("credentials")}
    password = "application_password"

    def of(app: str, kind: str = password) -> dict[str, Any]:
        return held[apps.principal_id(app), kind]

    assert of(registrations.EXPIRED)["active"] is False
    assert 0 < (of(registrations.EXPIRING)["expires"] - LAST).days < 30
    assert (LAST - of(registrations.STALE)["created"]).days > 900 and of(registrations.STALE)["active"] is True
    assert of("mail-archiver", "application_certificate")["active"] is True
    # Since May it is trusted by a workflow, and has no password.
    deployer = apps.principal_id("svc-erp-deploy")
    assert {kind for who, kind in held if who == deployer} == {"federated_credential"}
    assert (deployer, password) in {(one["principal"], one["kind"]) for one in rows("credentials", clock.DAYS[1])}


def test_units_have_the_people_of_their_groups_and_one_is_restricted() -> None:
    assert {one.name: one.restricted for one in estate().units.values()} == {units.DEPOTS: False, units.CUSTOMS: True}
    inside = estate().unit_members[units.unit_id(units.CUSTOMS)]
    assert inside == {staff.group_id("customs-ops"), *map(person, people.GROUPS["customs-ops"])}


def test_one_app_lets_in_people_of_other_tenants() -> None:
    audience = {one["displayName"]: one["signInAudience"] for one in told("applications-owners")}
    assert {name for name, of in audience.items() if of != "AzureADMyOrg"} == {"carrier-portal"}
    assert consents.VENDOR not in audience  # what the vendor registered is registered there
