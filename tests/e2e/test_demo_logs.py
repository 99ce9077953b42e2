"""The demo company's audit logs: the same bytes, real forms, and counts equal to what truly happened."""

from __future__ import annotations

import csv
import fnmatch
import gzip
import io
import json
import lzma
import re
import sys
import tarfile
from bisect import bisect_left
from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import yaml

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tools"))

import build_demo  # noqa: E402
from demo_company import clock, company, ids  # noqa: E402
from demo_company.logs import draw, trail  # noqa: E402
from demo_company.logs.everything import everything  # noqa: E402
from demo_company.logs.record import Event  # noqa: E402
from demo_company.logs.truth import iso, table, truth  # noqa: E402
from leastwise.app.asking import open_access  # noqa: E402
from leastwise.app.wiring import Workspace  # noqa: E402
from leastwise.demo.logs import PACKED, records, write_logs  # noqa: E402
from leastwise.errors import NotFoundError  # noqa: E402
from leastwise.model.decision import Circumstances  # noqa: E402
from leastwise.providers.aws.events import outcomes, permissions, principals, reading, sessions  # noqa: E402

pytestmark = pytest.mark.together("demo")

DEMO = ROOT / "src" / "leastwise" / "demo"
NIGHT = ("2026-10-30T03:07:12Z", "2026-10-30T04:00:00Z")
COURIER, STOLEN = "AKIATHPL2AOHADEMO222", "AKIATHPL2AOHADEMO777"
SCIM = "identitystore-scim.amazonaws.com"
"""Entra's calls, let in by a token: they need no permission of IAM."""
Usage = dict[tuple[str, str], tuple[int, int, str, str]]


@cache
def built() -> dict[str, tuple[bytes, datetime]]:
    return company.files()


@cache
def packed() -> bytes:
    with tarfile.open(fileobj=io.BytesIO(lzma.decompress((DEMO / "brightwater.tar.xz").read_bytes()))) as tar:
        content = tar.extractfile(PACKED)
        assert content is not None
        return content.read()


@dataclass
class Seen:
    """One walk over all records, by the product's own reading."""

    files: dict[str, list[str]] = field(default_factory=dict)
    """File to the times of its records."""
    copies: Counter[str] = field(default_factory=Counter)
    """Event id to the number of files it stands in."""
    shared: Counter[str] = field(default_factory=Counter)
    bad: list[reading.Bad] = field(default_factory=list)
    kinds: Counter[str] = field(default_factory=Counter)
    unresolved: set[tuple[str, str]] = field(default_factory=set)
    usage: dict[tuple[str, str], list[Any]] = field(default_factory=dict)
    touched: dict[tuple[str, str, str, bool], tuple[str, str]] = field(default_factory=dict)
    """Principal, permission, first resource without its key, denied → a resource and a time."""
    issued: dict[str, sessions.Issued] = field(default_factory=dict)
    keys: set[tuple[str, str]] = field(default_factory=set)
    days: Counter[tuple[str, str]] = field(default_factory=Counter)
    by_key: list[tuple[str, reading.Record]] = field(default_factory=list)
    """Calls with the key of ci-courier."""


@pytest.fixture(scope="module")
def seen() -> Seen:
    found = Seen()
    whose: dict[bytes, principals.Who] = {}
    needs: dict[tuple[str, str, str], permissions.Resolved] = {}
    texts: dict[str, list[str]] = defaultdict(list)
    for name, text in records(packed()):
        texts[name].append(text)
    for name, held in texts.items():
        batch = reading.read(('{"Records":[' + ",".join(held) + "]}").encode())
        found.bad.extend(batch.bad)
        found.files[name] = [one.time for one in batch.records]
        for one in batch.records:
            assert one.id
            found.copies[one.id] += 1
            if found.copies[one.id] == 1:
                _count(found, one, whose, needs)
    return found


def _count(
    found: Seen,
    one: reading.Record,
    whose: dict[bytes, principals.Who],
    needs: dict[tuple[str, str, str], permissions.Resolved],
) -> None:
    known = bytes(one.identity)
    who = whose.get(known) or whose.setdefault(known, principals.who(one.identity))
    named = (one.source, one.name, one.type or "")
    resolved = needs.get(named) or needs.setdefault(named, permissions.resolve(*named))
    found.kinds[who.kind] += 1
    found.days[one.account, one.time[:10]] += 1
    if one.shared:
        found.shared[one.shared] += 1
    if not resolved.known:
        found.unresolved.add((one.source, one.name))
    if (begun := sessions.issued(one, who)) is not None:
        found.issued[begun.key] = begun
    if who.key:
        found.keys.add((who.key, who.account))
    if who.key == COURIER:
        found.by_key.append((one.time, one))
    if who.kind not in ("user", "role", "root"):
        return
    for told in outcomes.judged(one.error, one.message, resolved.needed(one)):
        row = found.usage.setdefault((who.id, told.permission), [0, 0, one.time, one.time])
        row[0] += 1
        row[1] += told.outcome == "denied"
        row[2], row[3] = min(row[2], one.time), max(row[3], one.time)
        # A denial names a resource even where the action takes none (`…:table/*` of ListTables).
        on = _touched(one) or ("" if "*" in told.resource else told.resource)
        found.touched.setdefault(
            (who.id, told.permission, on.partition("/")[0], told.outcome == "denied"), (on, one.time)
        )


def _touched(one: reading.Record) -> str:
    """The exact resource of a data event."""
    listed = json.loads(bytes(one.resources)) if one.data_event else None
    return str(listed[0].get("ARN", "")) if listed else ""


# --- bytes and files ----------------------------------------------------------------------------------------------


@pytest.mark.slow
def test_the_committed_logs_are_what_the_tool_builds_and_unpack_to_the_same_records() -> None:
    recorded = json.loads((DEMO / "brightwater.json").read_text())
    content = packed()
    assert content == built()[PACKED][0], "run tools/build_demo.py --bundle"
    assert build_demo.logs_hash(content) == recorded["logs_sha256"]


def test_packing_again_gives_the_same_bytes() -> None:
    assert trail.packed(everything.__wrapped__().events) == packed()


def test_written_files_hold_the_records(tmp_path: Path, seen: Seen) -> None:
    source = tmp_path / PACKED
    source.write_bytes(packed())
    assert write_logs(source, tmp_path / "logs") == sum(len(times) for times in seen.files.values())
    found = {path.relative_to(tmp_path / "logs").as_posix(): path for path in (tmp_path / "logs").rglob("*.json.gz")}
    assert found.keys() == seen.files.keys()
    for name in list(found)[::97]:
        batch = reading.read(gzip.decompress(found[name].read_bytes()))
        assert [one.time for one in batch.records] == seen.files[name]


def test_the_size_stays_small(seen: Seen) -> None:
    assert 100_000 < len(seen.copies) <= 170_000
    assert (DEMO / "brightwater.tar.xz").stat().st_size <= 2 << 20


def test_files_lie_as_trails_lay_them(seen: Seen) -> None:
    form = re.compile(
        r"bw-(?P<trail>root|prod|data)-trail-logs/AWSLogs/(?P<organization>o-[a-z0-9]{10}/)?(?P<account>\d{12})/CloudTrail/"
        r"(?P<region>[a-z0-9-]+)/(?P<day>\d{4}/\d\d/\d\d)/(?P=account)_CloudTrail_(?P=region)_"
        r"(?P<when>\d{8}T\d{4}Z)_[A-Z2-7]{16}\.json\.gz"
    )
    for name, times in seen.files.items():
        found = form.fullmatch(name)
        assert found, name
        if not found["organization"]:
            assert ids.ACCOUNT_NAMES[found["account"]] == f"bw-{found['trail']}"
        delivered = datetime.strptime(found["when"], "%Y%m%dT%H%MZ").replace(tzinfo=UTC)
        assert found["day"] == f"{delivered:%Y/%m/%d}"
        assert timedelta(0) < delivered - clock.parse(max(times)) < timedelta(minutes=15)
    assert {name.split("/")[3] for name in seen.files if "/o-" in name} == set(ids.ACCOUNT_NAMES)


def test_the_organizations_trail_has_a_second_copy_of_what_changes_something(seen: Seen) -> None:
    assert set(seen.copies.values()) == {1, 2}
    twice = sum(count == 2 for count in seen.copies.values())
    in_organization = sum(len(times) for name, times in seen.files.items() if "/o-" in name)
    only = sum(count for (account, _), count in seen.days.items() if account == ids.LEGACY)
    assert twice == in_organization - only
    assert only > 10


def test_calls_between_accounts_stand_in_both(seen: Seen) -> None:
    """But of the vendor, whose own log we do not have."""
    counts = Counter(seen.shared.values())
    assert counts.keys() == {1, 2}
    vendor = sum(begun.role.endswith("role/sortwise-vendor") for begun in seen.issued.values())
    assert counts[1] == vendor


# --- names --------------------------------------------------------------------------------------------------------


def test_what_records_are_made_of_holds_no_secret() -> None:
    """Its names are looked at in test_demo_data."""
    assert not re.search(rb"(?i)sessionToken|secretAccessKey|BEGIN [A-Z ]*PRIVATE", packed())


def test_keys_decode_to_the_accounts_of_their_callers(seen: Seen) -> None:
    keys = {(key, account) for key, account in seen.keys if key.startswith(("AKIA", "ASIA"))}
    assert len(keys) > 5000
    assert [one for one in keys if ids.account_of(one[0]) != one[1]] == []


# --- reading and counts -------------------------------------------------------------------------------------------


def test_every_record_is_read_and_resolves(seen: Seen) -> None:
    assert seen.bad == []
    assert seen.unresolved <= {(SCIM, "CreateUser"), (SCIM, "DeleteUser")}


def test_every_kind_of_caller_is_there(seen: Seen) -> None:
    kinds = ["user", "role", "root", "saml", "web", "person", "service", "account", "anonymous"]
    assert sorted(seen.kinds) == sorted(kinds)


def test_sessions_are_begun_before_they_call(seen: Seen) -> None:
    """Every session key of a role was issued by a call in the log, to that role."""
    used = {key for key, _ in seen.keys if key.startswith("ASIA")}
    consoles = {event.session.key for event in everything().events if event.session.kind == "IAMUser"}
    assert used - seen.issued.keys() - consoles - _unlisted() == set()


def _unlisted() -> set[str]:
    """Keys of sessions in bw-legacy, of which only changes are logged."""
    return {event.session.key for event in everything().events if event.account == ids.LEGACY}


def told(events: list[Event]) -> Usage:
    found: dict[tuple[str, str], list[Any]] = {}
    for (principal, permission, _, logged), row in truth(events).items():
        if logged:
            one = found.setdefault((principal, permission), [0, 0, "9", ""])
            one[0], one[1] = one[0] + row.calls, one[1] + row.denied
            one[2], one[3] = min(one[2], iso(row.first)), max(one[3], iso(row.last))
    return {key: tuple(row) for key, row in found.items()}  # type: ignore[misc]


def test_what_the_records_tell_is_what_truly_happened(seen: Seen) -> None:
    assert {key: tuple(row) for key, row in seen.usage.items()} == told(everything().events)


def test_the_ground_truth_file_is_what_the_tool_writes() -> None:
    assert (ROOT / "tests" / "e2e" / "demo_usage.csv").read_text() == table(everything().events)


# --- every call is one that its caller may make -------------------------------------------------------------------


def test_what_was_used_is_granted_and_what_was_denied_is_not(seen: Seen, demo_home: Path) -> None:
    opened = [open_access(Workspace(demo_home, None), day).access for day in clock.DAYS]
    wrong, asked = [], Counter[str]()
    for (principal, permission, _, denied), (resource, time) in seen.touched.items():
        if f":{ids.LEGACY}:" in principal or principal.endswith(":root"):
            continue
        states = _states(opened, principal, permission, resource, time)
        asked[min(states)] += 1
        granted = "ALLOWED" in states
        if not granted and not denied and states & {"UNKNOWN", "CONDITIONAL"}:
            granted = _by_policy(principal, permission, time)
        if granted == denied:
            wrong.append((principal, permission, resource, denied, states))
    assert wrong == []
    assert asked["ALLOWED"] > 150


def _states(opened: list[Any], principal: str, permission: str, resource: str, time: str) -> set[str]:
    """By the snapshots before and after the call."""
    at = max(bisect_left(clock.DAYS, clock.parse(time)) - 1, 0)
    found = set()
    for access in opened[at : at + 2]:
        # Messages of denials name a resource also where the action has none.
        named = None if not resource or access.objection(permission, resource) else resource
        try:
            found.add(str(access.can(principal, permission, named, Circumstances()).state))
        except NotFoundError:
            continue
    return found


def _by_policy(principal: str, permission: str, time: str) -> bool:
    """Whether the caller's own policies name it: where the demo lists no such resource, `can` is UNKNOWN."""
    day = clock.DAYS[max(bisect_left(clock.DAYS, clock.parse(time)) - 1, 0)]
    details = snapshot(day, principal.split(":")[4], "account-authorization-details.json")
    own = [one for part in ("RoleDetailList", "UserDetailList") for one in details[part] if one["Arn"] == principal]
    own += [one for one in details["GroupDetailList"] if one["GroupName"] in own[0].get("GroupList", ())]
    held = {one["PolicyArn"] for part in own for one in part["AttachedManagedPolicies"]}
    documents = [one["PolicyDocument"] for part in own for one in part.get("RolePolicyList", ())]
    for policy in details["Policies"]:
        if policy["Arn"] in held:
            documents += [v["Document"] for v in policy["PolicyVersionList"] if v["IsDefaultVersion"]]
    statements = [one for document in documents for one in document["Statement"]]
    return any(
        fnmatch.fnmatchcase(permission.lower(), action.lower())
        for one in statements
        for action in ([one["Action"]] if isinstance(one["Action"], str) else one["Action"])
    )


# --- times --------------------------------------------------------------------------------------------------------


def test_full_logs_of_120_days_and_changes_before(seen: Seen) -> None:
    full = [str(day) for day in draw.days()]
    assert len(full) == 120
    for account in ids.READABLE:
        assert [day for day in full if not seen.days[account, day]] == []
    early = {day for _, day in seen.days if day < full[0]}
    assert min(early) >= "2026-01-01"
    assert max(day for _, day in seen.days) == full[-1]
    permitted = {
        event.call.permission.partition(":")[0]
        for event in everything().events
        if event.when < draw.epoch(draw.FIRST) and event.counted
    }
    assert permitted <= {"", "iam", "sts", "identitystore", "organizations", "lambda"}


def test_weekends_and_holidays_are_quiet(seen: Seen) -> None:
    def mean(days: Iterator[date]) -> float:
        counts = [seen.days[ids.PROD, str(day)] for day in days]
        return sum(counts) / len(counts)

    working = mean(day for day in draw.days() if draw.works(day))
    assert mean(day for day in draw.days() if not draw.works(day)) < 0.65 * working
    assert mean(iter(draw.HOLIDAYS)) < 0.65 * working
    assert seen.days[ids.PROD, "2026-10-09"] > 1.2 * working
    for event in everything().events:
        if event.session.kind == "SAMLUser":
            when = datetime.fromtimestamp(event.when, UTC)
            assert when.weekday() < 5 and 6 <= when.hour < 19, event


# --- what snapshots say -------------------------------------------------------------------------------------------


def snapshot(day: datetime, account: str, name: str) -> Any:
    return json.loads(built()[f"{day:%Y-%m-%d}/{account}/{name}"][0])


def test_roles_were_last_used_when_the_logs_say() -> None:
    moments: dict[str, list[int]] = defaultdict(list)
    for event in everything().events:
        moments[event.session.principal].append(event.when)
    for one in moments.values():
        one.sort()
    compared = 0
    for day in (one for one in clock.DAYS if one >= datetime(2026, 8, 1, tzinfo=UTC)):
        for account in ids.READABLE:
            for role in snapshot(day, account, "account-authorization-details.json")["RoleDetailList"]:
                calls = moments[role["Arn"]]
                before = bisect_left(calls, int(day.timestamp()))
                if before:
                    compared += 1
                    last = datetime.fromtimestamp(calls[before - 1], UTC).isoformat()
                    assert role["RoleLastUsed"]["LastUsedDate"] == last, (day, role["Arn"])
                else:
                    assert role["RoleLastUsed"].get("LastUsedDate", "") < "2026-07-04", role["Arn"]
    assert compared > 200


def test_keys_of_the_logs_are_keys_of_the_snapshots() -> None:
    listed: dict[str, list[str]] = defaultdict(list)
    used: dict[str, str] = {}
    for name, (content, day) in built().items():
        if "/iam-list-access-keys--" in name:
            for key in json.loads(content)["AccessKeyMetadata"]:
                listed[key["AccessKeyId"]].append(f"{day:%Y-%m-%d}")
        if "/iam-get-access-key-last-used--" in name and day == clock.CLOCK:
            last = json.loads(content)["AccessKeyLastUsed"]
            used[name.rpartition("--")[2].removesuffix(".json")] = last.get("LastUsedDate", "")
    newest: dict[str, int] = {}
    for event in everything().events:
        if event.session.key.startswith("AKIA"):
            newest[event.session.key] = max(newest.get(event.session.key, 0), event.when)
    for key, when in newest.items():
        assert listed[key], key
        if key in used:
            assert used[key] == datetime.fromtimestamp(when, UTC).isoformat(), key
    assert used[STOLEN] == ""
    assert STOLEN not in newest


def test_access_advisor_sees_what_no_trail_records() -> None:
    name = "last-accessed/333333333333/iam-get-service-last-accessed-details--"
    arn = "arn%3Aaws%3Aiam%3A%3A333333333333%3Arole%2Fcustoms-archive"
    answer = json.loads(built()[f"{name}{arn}.json"][0])
    rows = {row["ServiceNamespace"]: row for row in answer["ServicesLastAccessed"]}
    assert rows["s3"]["LastAuthenticated"].startswith("2026-10-30T")
    assert rows["dynamodb"]["TotalAuthenticatedEntities"] == 0
    assert "LastAuthenticated" not in rows["dynamodb"]
    assert sum(name.startswith("last-accessed/") for name in built()) >= 30


# --- what the stories need ----------------------------------------------------------------------------------------


def used(seen: Seen, name: str) -> dict[str, tuple[int, int, str, str]]:
    """Permission to calls, denied, first and last, of one principal."""
    return {permission: tuple(row) for (who, permission), row in seen.usage.items() if who.endswith(name)}  # type: ignore[misc]


def test_story_1_reads_three_buckets(seen: Seen) -> None:
    assert list(used(seen, "role/label-printer")) == ["s3:GetObject"]
    buckets = {key[2] for key in seen.touched if key[0].endswith("role/label-printer")}
    assert buckets == {f"arn:aws:s3:::bw-{name}" for name in ("labels-eu", "labels-us", "label-templates")}
    with (ROOT / "tests" / "e2e" / "demo_usage.csv").open() as text:
        rows = [row for row in csv.DictReader(text) if row["principal"].endswith("role/label-printer")]
    assert sum(int(row["calls"]) for row in rows) == used(seen, "role/label-printer")["s3:GetObject"][0] > 10_000


def test_the_numbers_of_story_1_are_those_of_the_truth(seen: Seen) -> None:
    stories = yaml.safe_load((ROOT / "tests" / "e2e" / "stories.yaml").read_text())["stories"]
    steps = {step["command"].split()[1]: step for step in stories[0]["steps"]}
    rows = truth(everything().events)
    wanted = {one["bucket"]: one["count"] for one in steps["usage"]["expect"]["items"]}
    assert wanted == {key[2]: row.calls for key, row in rows.items() if key[0].endswith("role/label-printer")}
    assert steps["gap"]["expect"]["items"][0]["count"] == sum(wanted.values())


def test_story_2_leaves_no_trace(seen: Seen) -> None:
    assert used(seen, "role/customs-archive") == {}
    hidden = [key for key in truth(everything().events) if key[0].endswith("role/customs-archive")]
    assert {(permission, logged) for _, permission, _, logged in hidden} == {
        ("s3:GetObject", False), ("s3:PutObject", False)
    }  # fmt: skip


def test_story_3_calls_three_times_on_the_first_of_august(seen: Seen) -> None:
    found = used(seen, "role/quarter-close")
    assert found.keys() == {"s3:PutObject", "rds:CreateDBSnapshot", "ses:SendRawEmail"}
    assert {row[0] for row in found.values()} == {1}
    assert {row[3][:10] for row in found.values()} == {"2026-08-01"}
    assert max(row[3] for row in found.values()) == "2026-08-01T06:00:39Z"


def test_story_5_was_last_seen_in_april(seen: Seen) -> None:
    found = used(seen, "user/m.ostrander")
    assert {row[3] for row in found.values()} == {"2026-04-05T00:00:00Z"}


def test_story_7_uses_three_actions(seen: Seen) -> None:
    found = used(seen, "role/ops-janitor")
    iam = {permission: row[0] for permission, row in found.items() if permission.startswith("iam:")}
    assert iam.keys() == {"iam:ListUsers", "iam:ListAccessKeys", "iam:UpdateAccessKey"}
    assert iam["iam:UpdateAccessKey"] >= 4


def test_story_8_is_133_calls_in_one_night(seen: Seen) -> None:
    night = [one for when, one in seen.by_key if NIGHT[0] <= when <= NIGHT[1]]
    assert len(night) == 133
    assert {one.ip for one in night} == {"203.0.113.77"}
    assert min(one.time for one in night) == NIGHT[0]
    outcome = Counter(outcomes.outcome(one.error) for one in night)
    assert outcome == {"allowed": 124, "denied": 9}
    names = Counter(one.name for one in night if not one.error)
    assert names == {"GetObject": 120, "GetCallerIdentity": 1, "ListBuckets": 1, "ListUsers": 1, "CreateAccessKey": 1}
    made = next(one for one in night if one.name == "CreateAccessKey" and not one.error)
    assert made.time == "2026-10-30T03:07:15Z"
    assert json.loads(bytes(made.request)) == {"userName": "svc-sorter"}
    assert json.loads(bytes(made.response))["accessKey"]["accessKeyId"] == STOLEN


def test_story_8_otherwise_two_jobs_at_the_office(seen: Seen) -> None:
    usual = [one for when, one in seen.by_key if not NIGHT[0] <= when <= NIGHT[1]]
    assert {one.name for one in usual} == {"GetObject"}
    assert all(one.ip and one.ip.startswith("198.51.100.") for one in usual)
    assert len({re.search(r"app/(\S+)", one.agent or "")[1] for one in usual}) == 2  # type: ignore[index]


def test_story_14_membership_given_by_pull_request_412(seen: Seen) -> None:
    rows = [
        event
        for event in everything().events
        if event.call.name in ("CreateGroupMembership", "DeleteGroupMembership")
        and datetime.fromtimestamp(event.when, UTC).date() in (date(2026, 2, 11), date(2026, 5, 12))
    ]
    given, taken = sorted(rows, key=lambda one: one.when)
    assert (given.call.name, taken.call.name) == ("CreateGroupMembership", "DeleteGroupMembership")
    assert (given.session.name, given.session.principal[-20:]) == ("pr-412", "role/terraform-apply")
    assert '"sourceIdentity":"h.nakagawa"' in given.session.identity
    assert json.loads(given.shape % defaultdict(str, i="{}"))["requestParameters"]["memberId"]["userId"] in {
        user["UserId"]
        for user in snapshot(clock.DAYS[0], ids.ROOT, "identitystore-list-users.json")["Users"]
        if user["DisplayName"] == "Rosa Vasquez"
    }
    assert int(taken.session.name.removeprefix("pr-")) > 412


def test_story_14_the_chain_leads_from_the_workflow_to_the_change(seen: Seen) -> None:
    change = next(one for one in everything().events if one.call.name == "CreateGroupMembership")
    begun = seen.issued[change.session.key]
    assert begun.source_identity
    assert begun.by.endswith("role/infra-runner")
    assert seen.issued[begun.by_key].repository == "brightwater-parcel/infra"


def test_near_misses(seen: Seen) -> None:
    assert used(seen, "role/returns-v2") == {}
    assert used(seen, "role/depot-survey-2025") == {}
    assert used(seen, "user/h.nakagawa")["iam:ListUsers"][3] > "2026-10-30"
    assert used(seen, "user/svc-sorter")["s3:GetObject"][3] > "2026-10-31"
    networks = {e.session.ip for e in everything().events if e.session.principal.endswith("user/svc-sorter")}
    assert networks == {"198.51.100.20"}
    assert used(seen, "role/website-deploy").keys() == {"s3:PutObject", "s3:DeleteObject"}
    assert used(seen, "role/sortwise-vendor").keys() == {"s3:GetObject", "s3:ListBucket"}
    for name in ("breakglass-1", "breakglass-2"):
        assert used(seen, f"user/break-glass/{name}") == {}


def test_most_principals_do_ordinary_work(seen: Seen) -> None:
    """Of those that act, few are in a story; none of the others is denied more than now and then."""
    denied = {who for (who, _), row in seen.usage.items() if row[1] > 3 or (row[1] and row[1] == row[0] > 3)}
    assert {one.rpartition("/")[2].partition("_ac")[0] for one in denied} <= {
        "ci-courier", "leastwise-collector", "AWSReservedSSO_Developer"
    }  # fmt: skip
