"""The demo company's logs of Azure: the same bytes, real forms, each call one that its caller may make; the truth."""

from __future__ import annotations

import json
import re
import sys
from bisect import bisect_left
from collections import Counter, defaultdict
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tools"))

import test_demo_azure_data as data  # noqa: E402

from demo_company import clock, company  # noqa: E402
from demo_company.azure import archive, grants, happened, places, things  # noqa: E402
from demo_company.azure.acts import NOWHERE, Act  # noqa: E402
from demo_company.entra import apps, staff  # noqa: E402
from demo_company.logs import draw  # noqa: E402
from demo_company.logs.shaped import truth  # noqa: E402
from demo_company.logs.truth import csv_of  # noqa: E402
from fakes.shaped import logged  # noqa: E402
from leastwise.app.wiring import Workspace  # noqa: E402
from leastwise.demo import shaped_logs  # noqa: E402
from leastwise.engine.columns import plain  # noqa: E402
from leastwise.model.decision import State  # noqa: E402
from leastwise.providers.azure import PROVIDER  # noqa: E402

pytestmark = pytest.mark.together("demo")

PACKED = shaped_logs.PACKED["azure"]
DEPLOY = apps.principal_id("svc-erp-deploy")
OBJECT = "http://schemas.microsoft.com/identity/claims/objectidentifier"
FORM = re.compile(
    r"bwerplogs/insights-(?P<log>activity-logs|logs-storageread|logs-storagewrite|logs-auditevent)/"
    r"resourceId=(?P<of>/SUBSCRIPTIONS/[^a-z]+)/y=(?P<y>\d{4})/m=(?P<m>\d\d)/d=(?P<d>\d\d)/h=(?P<h>\d\d)/m=00/PT1H\.json"
)


@cache
def packed() -> bytes:
    return company.files()[PACKED][0]


@cache
def entries() -> list[tuple[str, dict[str, Any]]]:
    """Every entry with the kind of its log."""
    return logged(packed(), FORM)


# --- bytes and files ----------------------------------------------------------------------------------------------


def test_the_committed_logs_are_what_the_tool_builds(unpacked: Path) -> None:
    assert (unpacked / PACKED).read_bytes() == packed(), "run tools/build_demo.py --bundle"
    assert archive.packed(happened.happened.__wrapped__()) == packed()
    assert (ROOT / "tests" / "e2e" / "demo_azure_usage.csv").read_text() == csv_of(truth(happened.happened()))


def test_written_files_hold_the_entries(tmp_path: Path) -> None:
    source = tmp_path / PACKED
    source.write_bytes(packed())
    wanted = dict(shaped_logs.entries(packed()))
    assert shaped_logs.write_logs(source, tmp_path / "logs") == sum(map(len, wanted.values())) == len(entries()) > 2500
    found = {path.relative_to(tmp_path / "logs").as_posix(): path for path in (tmp_path / "logs").rglob("PT1H.json")}
    assert found.keys() == wanted.keys()
    for name in list(found)[::37]:
        assert found[name].read_text().splitlines() == wanted[name]


def test_files_lie_as_diagnostic_settings_lay_them_one_for_each_hour() -> None:
    days = defaultdict(set)
    for name, texts in shaped_logs.entries(packed()):
        form = FORM.fullmatch(name)
        assert form, name
        days[form["log"]].add(f"{form['y']}-{form['m']}-{form['d']}")
        hour = f"{form['y']}-{form['m']}-{form['d']}T{form['h']}"
        held = [json.loads(one) for one in texts]
        times = [one["time"] for one in held]
        assert {one[:13] for one in times} == {hour}, name
        assert all(one["resourceId"].upper().startswith(form["of"]) for one in held), name
    every = {day.isoformat() for day in draw.days()}
    assert days["activity-logs"] == days["logs-auditevent"] == days["logs-storagewrite"] == every


def test_an_operation_begins_and_ends_under_one_correlation() -> None:
    of: dict[str, list[str]] = defaultdict(list)
    for log, one in entries():
        if log == "activity-logs":
            of[one["correlationId"]].append(one["resultType"])
    assert Counter(map(tuple, of.values())) == {("Start", "Success"): len(of) - 2, ("Failure",): 2}


def test_nothing_in_them_is_real_or_secret() -> None:
    text = packed().decode()
    assert not re.search(r"(?i)eyJ[a-z0-9]{8}|BEGIN [A-Z ]*PRIVATE|sig=|AccountKey", text)
    assert set(re.findall(r"\w@([a-z.-]+\w)", text)) == {"brightwater.example"}
    for _, one in entries():
        assert one["callerIpAddress"].startswith(("192.0.2.", "198.51.100.")), one


# --- who does what ------------------------------------------------------------------------------------------------


def test_the_deployer_writes_five_operations_of_one_resource_group_and_assigns_no_role() -> None:
    """Story 16."""
    mine = [one for one in happened.happened() if one.who.principal == DEPLOY]
    logged = {one.call.operation for one in mine if one.logged}
    assert logged == {
        "Microsoft.Web/serverfarms/Write", "Microsoft.Web/sites/Write", "Microsoft.Web/sites/config/Write",
        "Microsoft.Web/sites/slots/Write", "Microsoft.Web/sites/slots/config/Write",
    }  # fmt: skip
    assert all(one.call.on.startswith(f"{things.WEB}/") for one in mine)
    assert {one.call.operation for one in mine if not one.logged} == {"Microsoft.Web/sites/Read"}
    told = [one for _, one in entries() if one["identity"].get("claims", {}).get(OBJECT) == DEPLOY]
    assert {one["identity"]["authorization"]["evidence"]["role"] for one in told} == {"Owner"}
    assert {one["callerIpAddress"] for one in told} == {"198.51.100.140"}


def test_what_was_used_is_granted_and_what_was_denied_is_not() -> None:
    wrong = []
    acts: dict[tuple[str, str, str, bool], Act] = {(*one.counts_as, one.denied): one for one in happened.happened()}
    for one in acts.values():
        if one.by in grants.ELIGIBLE or one.who.principal == apps.principal_id(apps.PIM):
            continue  # what was activated in between, and the vendor's own app that activates it
        at = bisect_left(clock.DAYS, datetime.fromtimestamp(one.when, UTC))
        states = {
            data.may(one.who.principal, one.call.operation, _thing(one), day) for day in clock.DAYS[at - 1 : at + 1]
        }
        granted = states & {State.ALLOWED, State.CONDITIONAL}
        if bool(granted) == one.denied and not _of_the_body(one):
            wrong.append((one.who.principal, one.call.operation, one.call.on, sorted(states)))
    assert wrong == [], "\n".join(map(str, wrong))


def _thing(one: Act) -> str:
    return f"{one.call.on}/blobs/{one.call.key}" if "/containers/" in one.call.on else one.call.on


def _of_the_body(one: Act) -> bool:
    """Whether it was refused for what it asked to be written, which a question does not say."""
    return one.denied and bool(one.call.body)


def test_evidence_names_the_assignment_that_was_in_force() -> None:
    by_name = {one.name.replace("-", ""): one for one in (*grants.GRANTS, *grants.ELIGIBLE)}
    for log, one in entries():
        if log == "activity-logs" and one["resultType"] != "Failure":
            evidence = one["identity"]["authorization"]["evidence"]
            grant = by_name[evidence["roleAssignmentId"]]
            assert (grant.role, grant.on) == (evidence["role"], evidence["roleAssignmentScope"])
            moment = clock.parse(one["time"][:19])
            assert clock.alive(moment, grant.since[:10], grant.until), (grant, moment)


def test_reads_and_what_no_setting_keeps_stand_in_no_log() -> None:
    hidden = [one for one in happened.happened() if one.log == NOWHERE]
    places_ = {
        "reads": [one for one in hidden if one.call.operation.endswith("/Read")],
        "sandbox": [one for one in hidden if one.call.on.startswith(places.subscription(places.SANDBOX))],
        "archive": [one for one in hidden if one.call.on.startswith(things.ARCHIVE)],
        "old vault": [one for one in hidden if one.call.on == things.OLD_VAULT],
    }
    assert all(places_.values()) and sum(map(len, places_.values())) == len(hidden)
    told = {one["resourceId"].lower() for _, one in entries()}
    assert not [one for one in told if "bwerparchive" in one or "bw-old-kv" in one or "sbx-" in one]


@pytest.mark.parametrize("name", ["Chiara Conti", "Omar Said", "Oluchi Eze", "Noor Haddad", "Anil Deshpande"])
def test_who_did_nothing(name: str) -> None:
    assert staff.object_id(name) not in {one.who.principal for one in happened.happened()}


# --- what the lake holds ------------------------------------------------------------------------------------------


@pytest.mark.xfail(PROVIDER.logs is None, strict=True, reason="the logs of Azure are not read yet")
def test_the_lake_holds_the_truth_and_nothing_else(demo_with_logs: Path) -> None:
    found = {
        (row["principal"], row["permission"], row["bucket"]): (row["count"], row["denied"])
        for row in _added(plain(Workspace(demo_with_logs, None).lake.usage(provider="azure")).to_pylist())
        if row["how"] == "call"
    }
    wanted = {
        key[:3]: (row.calls - row.denied, row.denied)
        for key, row in truth(happened.happened()).items() if key[3]
    }  # fmt: skip
    assert found == wanted


def _added(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Rows of usage of one principal, permission and bucket as one; that an operation began is no call of its own."""
    found: dict[tuple[str, ...], dict[str, Any]] = {}
    for row in rows:
        key = row["how"], row["principal"], row["permission"], row["bucket"]
        one = found.setdefault(key, {**row, "count": 0, "denied": 0})
        one["count"] += row["count"]
        one["denied"] += row["denied"]
    return list(found.values())
