"""The demo company's logs of its directory: the same bytes, real forms, who may do what he does; truth and stories."""

from __future__ import annotations

import json
import re
import sys
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Callable
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tools"))

import test_demo_entra_data as data  # noqa: E402

from demo_company import clock, company  # noqa: E402
from demo_company.azure.happened import happened as azure_happened  # noqa: E402
from demo_company.entra import acts, apps, archive, consents, guarding, happened, registrations, roles, signing, staff  # noqa: E402  # noqa: E402
from demo_company.entra.activating import ACTIVATIONS, APPROVER  # noqa: E402
from demo_company.identity_center import TENANT  # noqa: E402
from demo_company.logs import draw  # noqa: E402
from demo_company.logs.shaped import truth  # noqa: E402
from demo_company.logs.truth import csv_of  # noqa: E402
from fakes.shaped import logged  # noqa: E402
from leastwise.app.wiring import Workspace  # noqa: E402
from leastwise.cli.main import run  # noqa: E402
from leastwise.demo import shaped_logs  # noqa: E402
from leastwise.engine.columns import plain  # noqa: E402
from leastwise.model.decision import State  # noqa: E402

pytestmark = pytest.mark.together("demo")

PACKED = shaped_logs.PACKED["entra"]
FORM = re.compile(
    r"bwdirectorylogs/insights-logs-(?P<log>auditlogs|signinlogs|noninteractiveusersigninlogs|"
    r"serviceprincipalsigninlogs|microsoftgraphactivitylogs)/tenantId=(?P<of>[0-9a-f-]{36})/"
    r"y=(?P<y>\d{4})/m=(?P<m>\d\d)/d=(?P<d>\d\d)/h=(?P<h>\d\d)/m=00/PT1H\.json"
)
ARCHIVER, VENDOR = apps.principal_id("mail-archiver"), apps.principal_id(consents.VENDOR)


@cache
def packed() -> bytes:
    return company.files()[PACKED][0]


@cache
def entries() -> list[tuple[str, dict[str, Any]]]:
    """Every entry with the log that it is of; `unified` for the one file that is no blob."""
    return logged(packed(), FORM, {archive.SEARCH: acts.UNIFIED})


def did() -> tuple[acts.Act, ...]:
    return happened.happened()


# --- bytes and files ----------------------------------------------------------------------------------------------


def test_the_committed_logs_are_what_the_tool_builds(unpacked: Path) -> None:
    assert (unpacked / PACKED).read_bytes() == packed(), "run tools/build_demo.py --bundle"
    assert archive.packed(happened.happened.__wrapped__()) == packed()
    told = csv_of(truth(acts.deeds(did())))
    assert (ROOT / "tests" / "e2e" / "demo_entra_usage.csv").read_text() == told


def test_files_lie_as_diagnostic_settings_lay_them_one_for_each_hour() -> None:
    days = defaultdict(set)
    for name, texts in shaped_logs.entries(packed()):
        form = FORM.fullmatch(name)
        if form is None:
            continue
        assert form["of"] == TENANT
        days[form["log"]].add(f"{form['y']}-{form['m']}-{form['d']}")
        hour = f"{form['y']}-{form['m']}-{form['d']}T{form['h']}"
        assert {json.loads(one)["time"][:13] for one in texts} == {hour}, name
    every = {day.isoformat() for day in draw.days()}
    # Of these it can be said that something was not used: no day of theirs is missing.
    assert days["auditlogs"] == days["microsoftgraphactivitylogs"] == days["serviceprincipalsigninlogs"] == every
    assert 2500 < len(entries()) < 4000 and len({one["id"] for _, one in entries() if "id" in one}) == 0


def test_ids_of_records_are_their_own() -> None:
    found = [one.get("properties", {}).get("id") or one.get("properties", {}).get("requestId") or one["Id"]
             for _, one in entries()]  # fmt: skip
    assert len(found) == len(set(found))


def test_nothing_in_them_is_real_or_secret() -> None:
    text = packed().decode()
    assert not re.search(r"(?i)eyJ[a-z0-9]{8}|BEGIN [A-Z ]*PRIVATE|secretText|sig=", text)
    assert set(re.findall(r"\w@([a-z.-]+\w)", text)) == {"brightwater.example"}
    for log, one in entries():
        ip = one.get("callerIpAddress", "") if log != acts.UNIFIED else one["ClientIP"]
        assert ip == "" or ip.startswith(("192.0.2.", "198.51.100.", "203.0.113.")), one


# --- who does what ------------------------------------------------------------------------------------------------


def test_what_was_used_was_granted() -> None:
    """By what held on the day before or after; what was activated in between holds on neither, and is told apart."""
    wrong = []
    for one in did():
        at = bisect_left(clock.DAYS, datetime.fromtimestamp(one.when, UTC))
        for used in one.used:
            if one.activated or one.log in (acts.GRAPH, acts.NOWHERE):
                continue
            days = clock.DAYS[at - 1 : at + 1]
            states = {data.may(used.principal, used.permission, used.on, day) for day in days}
            if State.ALLOWED not in states:
                wrong.append((one.who, used.permission, used.on, sorted(states)))
    assert wrong == [], "\n".join(map(str, wrong))


def test_whatever_was_activated_was_needed_for_and_for_nothing_else_was_it() -> None:
    assert {one.who for one in did() if one.activated and one.used} == {"Hiro Nakagawa", "Noor Haddad", "Mirko Jansen"}
    for one in did():
        for used in one.used if one.activated else ():
            day = clock.DAYS[bisect_left(clock.DAYS, datetime.fromtimestamp(one.when, UTC)) - 1]
            assert data.may(used.principal, used.permission, used.on, day) is State.DENIED
            (role,) = [each.role for each in ACTIVATIONS if each.who == one.who and each.covers(one.when)]
            assert (role, one.who) in {(each.name, each.who) for each in roles.OFFERED}


def test_a_request_has_in_its_token_what_was_granted_by_then() -> None:
    for log, one in entries():
        if log == acts.GRAPH:
            told = one["properties"]
            day = clock.parse(one["time"][:10])
            if told["C_Idtyp"] == "app":
                held = {given.role for given in apps.APP_ROLES if given.principal == told["servicePrincipalId"]}
                assert set(told["roles"].split()) == held and held
            else:
                given = [each for each in consents.CONSENTS
                         if apps.principal_id(each.client) == told["servicePrincipalId"] and each.of == apps.GRAPH
                         and each.who in ("", _name(told["userId"])) and clock.alive(day, each.since, "")]  # fmt: skip
                assert set(told["scopes"].split()) == {scope for each in given for scope in each.scopes.split()}


def _name(id: str) -> str:
    return next(one for one in staff.everyone() if staff.object_id(one) == id)


def test_who_does_something_had_signed_in_that_morning() -> None:
    mornings: dict[str, list[int]] = defaultdict(list)
    for one in did():
        if one.log == acts.SIGN_INS and not one.denied:
            mornings[staff.object_id(one.who)].append(one.when)
    people = set(map(staff.object_id, staff.everyone()))
    moments = [(one.who.principal, one.when) for one in azure_happened() if one.who.principal in people]
    moments += [(staff.object_id(one.who), one.when) for one in did() if one.log == acts.AUDIT and one.who]
    for who, when in moments:
        assert any(one <= when and one // 86400 == when // 86400 for one in mornings[who]), (_name(who), when)


def test_snapshots_and_logs_agree_on_who_was_there_last() -> None:
    for day in clock.DAYS[5:]:
        seen: dict[str, int] = {}
        for one in did():
            if one.log == acts.SIGN_INS and not one.denied and one.when < day.timestamp():
                seen[staff.object_id(one.who)] = one.when
        told = {one["id"]: one["signInActivity"]["lastSignInDateTime"] for one in staff.users(day)
                if "signInActivity" in one}  # fmt: skip
        for who, when in seen.items():
            assert told[who] == f"{datetime.fromtimestamp(when, UTC):%Y-%m-%dT%H:%M:%SZ}"
        late = {_name(who) for who, when in told.items() if who not in seen and when >= "2026-07-06"}
        assert late == set()


# --- stories ------------------------------------------------------------------------------------------------------


def test_stories_5_and_12_who_left_and_who_breaks_the_glass_never_signed_in() -> None:
    mine = [one for one in did() if one.who in (staff.DISABLED, *staff.BREAK_GLASS)]
    assert {one.who for one in mine} == {staff.DISABLED} and all(one.denied for one in mine) and len(mine) == 3
    errors = {one["properties"]["status"]["errorCode"] for log, one in entries()
              if log == acts.SIGN_INS and one["callerIpAddress"] == signing.STRANGER}  # fmt: skip
    assert errors == {signing.DISABLED}


def test_story_6_nobody_ever_became_a_member_of_the_group() -> None:
    group = staff.group_id(staff.TIER_0)
    assert not [one for log, one in entries() if log == acts.AUDIT and group in json.dumps(one)]
    assert [one.who for one in did() if one.log == acts.AUDIT and one.who == "Petra Lindqvist"] == [APPROVER] * 2


def test_every_activation_has_its_reason_its_ticket_and_where_asked_for_its_approval() -> None:
    names = defaultdict(list)
    for log, one in entries():
        told = one.get("properties", {})
        if log == acts.AUDIT and told["loggedByService"] == "PIM":
            details = {each["key"]: each["value"] for each in told["additionalDetails"]}
            names[details["TicketNumber"]].append(told["activityDisplayName"])
            assert details["Justification"] and told["resultReason"] in (details["Justification"], "")
    assert names.keys() == {one.ticket for one in ACTIVATIONS}
    for one in ACTIVATIONS:
        approved = "Add member to role request approved (PIM activation)" in names[one.ticket]
        assert approved is (one.role in (roles.GLOBAL, roles.PRIVILEGED)), one
        assert "Add member to role completed (PIM activation)" in names[one.ticket]
        # What was activated for the weekend of the snapshot is in force still.
        over = "Remove member from role (PIM activation expired)" in names[one.ticket]
        assert over is (one.at != roles.ONCALL_SINCE)


def test_who_never_activated_what_was_offered() -> None:
    used = {(one.role, one.who) for one in ACTIVATIONS}
    assert {(one.name, one.who) for one in roles.OFFERED} - used == {
        (roles.PRIVILEGED, "Greta Solheim"), (roles.SECURITY, "Noor Haddad"), (roles.USERS, "Farida Aziz"),
    }  # fmt: skip


def test_apps_nobody_signs_in_to_and_one_whose_password_ended() -> None:
    signed = defaultdict(list)
    for one in did():
        if one.log in (acts.SIGN_INS, acts.SERVICES):
            signed[one.app].append(one)
    assert {one for one in registrations.UNUSED if one not in signed} == {"fx-rates", "hr-portal"}
    assert not [one for one in apps.APPS if one not in signed and one not in registrations.UNUSED]
    failed = [one for one in signed[registrations.EXPIRED] if one.denied]
    assert failed and min(one.when for one in failed) > max(
        one.when for one in signed[registrations.EXPIRED] if not one.denied
    )
    assert {one["properties"]["status"]["errorCode"] for log, one in entries()
            if log == acts.SERVICES and one["resultType"] != "0"} == {signing.EXPIRED}  # fmt: skip


def test_the_consent_is_followed_by_the_reading_of_mail_and_files_and_by_nothing_before() -> None:
    for kind in (acts.GRAPH, acts.UNIFIED):
        times = [one.when for one in did() if one.log == kind and one.app == consents.VENDOR]
        assert times and min(times) > clock.parse(consents.RISKY_ON).timestamp() + 86400 - 1
    refused = [one for one in did() if one.log == acts.AUDIT and one.denied]
    assert [one.who for one in refused] == ["Jorge Medina"]
    assert f"{datetime.fromtimestamp(refused[0].when, UTC):%Y-%m-%d}" > guarding.CONSENT_CLOSED


# --- what the product says of them ----------------------------------------------------------------------------------

Ask = Callable[..., Any]


@pytest.fixture
def told(demo_with_logs: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Ask:
    """The answer of a command, as JSON."""
    monkeypatch.setenv("LEASTWISE_HOME", str(demo_with_logs))

    def ask(*words: str) -> Any:
        capsys.readouterr()
        assert run([*words, "--format", "json"]) == 0, capsys.readouterr().err
        return json.loads(capsys.readouterr().out)

    return ask


def test_the_lake_holds_the_truth_and_nothing_else(demo_with_logs: Path) -> None:
    found: dict[tuple[str, str, str], tuple[int, int]] = {}
    for row in plain(Workspace(demo_with_logs, None).lake.usage(provider="entra")).to_pylist():
        if row["how"] == "call":
            key = row["principal"], row["permission"], row["bucket"]
            count, denied = found.get(key, (0, 0))
            found[key] = count + row["count"], denied + row["denied"]
    wanted = {
        key[:3]: (row.calls - row.denied, row.denied)
        for key, row in truth(acts.deeds(did())).items() if key[3]
    }  # fmt: skip
    assert found == wanted


def test_everything_in_them_was_understood(told: Ask) -> None:
    status = told("events", "--status")
    assert {one["log"] for one in status["items"] if one["provider"] == "entra"} == {
        "AuditLogs", "SignInLogs", "NonInteractiveUserSignInLogs", "ServicePrincipalSignInLogs",
        "MicrosoftGraphActivityLogs", "UnifiedAuditLog",
    }  # fmt: skip
    assert [one for one in (*status["unresolved"], *status["set_aside"]) if one.get("provider") == "entra"] == []


def test_what_an_app_called_against_what_it_holds(told: Ask) -> None:
    """Story 16 from the other side: it never gave an app role."""
    states = {one["permission"]: one["state"] for one in told("gap", ARCHIVER)["items"] if one["provider"] == "entra"}
    assert states == {"Mail.Read": "USED", "AppRoleAssignment.ReadWrite.All": "UNUSED"}
    (least,) = told("gap", ARCHIVER, "--least")["items"]
    assert (least["least"], least["beyond"]) == (["Mail.Read"], ["AppRoleAssignment.ReadWrite.All"])
    assert least["lacking"] == least["unknown"] == []


@pytest.mark.parametrize(("app", "value"), [("depot-scheduler", "User.Read.All"), ("intranet", "Sites.Read.All")])
def test_permissions_of_apps_that_call_nothing_are_unused(told: Ask, app: str, value: str) -> None:
    states = {one["permission"]: one["state"] for one in told("gap", apps.principal_id(app))["items"]}
    assert states[value] == "UNUSED"


def test_the_least_for_what_the_vendor_reads_is_no_right_to_write(told: Ask) -> None:
    (least,) = told("gap", VENDOR, "--least")["items"]
    assert least["layer"] == "delegated" and least["calls"] == 2
    assert {"Files.ReadWrite.All", "Mail.ReadWrite"} <= set(least["beyond"])
    assert not [one for one in least["least"] if "Write" in one]


def test_roles_are_used_unused_or_cannot_be_known(told: Ask) -> None:
    def states(who: str) -> dict[str, str]:
        items = told("gap", staff.object_id(who), "--window", "120d")["items"]
        return {one["permission"]: one["state"] for one in items if one["provider"] == "entra"}

    space = "microsoft.directory/"
    # The first and the last of the days of logs have no day beside them, and a window of 120 days has both.
    assert states("Ole Knudsen")[f"{space}users/password/update"] == "USED"
    keeper = states("Viktor Lund")
    assert keeper[f"{space}applications/standard/read"] == "UNOBSERVABLE"
    assert keeper[f"{space}applications/credentials/update"] in ("UNUSED", "UNOBSERVABLE")


def test_who_was_only_refused_stays_dormant_and_a_guest_who_came_is_not(told: Ask) -> None:
    idle = {one["id"]: one["state"] for one in told("dormant", "--what", "principal")["items"]}
    assert staff.object_id(staff.GUEST) not in idle
    assert not [one for one in staff.everyone() if idle.get(staff.object_id(one)) == "UNUSED"
                and one not in (staff.DISABLED, *staff.BREAK_GLASS)]  # fmt: skip


def test_a_principal_of_the_cloud_and_of_its_directory_is_named_in_both(told: Ask) -> None:
    rows = defaultdict(dict)
    for one in told("gap", "--limit", "1000")["items"]:
        rows[one["principal"]][one["provider"]] = one["name"]
    selma = rows[staff.object_id("Selma Yildiz")]
    assert selma == {"azure": "selma.yildiz@brightwater.example", "entra": "selma.yildiz@brightwater.example"}
