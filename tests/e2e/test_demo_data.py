"""The demo company's data: the same bytes each run, its numbers, its names, and what each story needs of it."""

from __future__ import annotations

import csv
import hashlib
import io
import ipaddress
import json
import lzma
import re
import sys
import tarfile
from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
import yaml

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tools"))

import build_demo  # noqa: E402
from demo_company import clock, ids  # noqa: E402
from demo_company.azure import places as azure  # noqa: E402
from demo_company.google import places  # noqa: E402

pytestmark = pytest.mark.together("demo")

DEMO = ROOT / "src" / "leastwise" / "demo"
LAST = "2026-11-01"
ACCOUNTS = {"111111111111", "222222222222", "333333333333", "444444444444", "999999999999"}
GOOGLE = {places.ORGANIZATION, places.PROD, places.LAB, *(f"projects/{one}" for one in places.NUMBERS.values())}
NUMBERS = ACCOUNTS | {one.rpartition("/")[2] for one in GOOGLE}
STORIES = yaml.safe_load((Path(__file__).parent / "stories.yaml").read_text())
HOSTS = re.compile(r"\b(?:[a-z0-9-]+\.)+(?:com|net|org|io|eu|de|uk|co|dev|cloud|example|test|local|info)\b")
OUR_HOSTS = re.compile(
    r"(?:.*\.)?(?:(?:brightwater|sortwise)\.example|amazonaws\.com|(?:signin|console)\.aws\.amazon\.com|sts\.windows\.net)"
    r"|(?:[a-z0-9-]+\.)*(?:googleapis|gserviceaccount)\.com|google\.cloud|k8s\.io"  # names of methods
    r"|(?:[a-z0-9-]+\.)*(?:core\.windows\.net|(?:storage|vault)\.azure\.(?:com|net))"
    r"|(?:graph|schemas)\.microsoft\.com|schemas\.xmlsoap\.org"  # namespaces of claims
)
GITHUB = "token.actions.githubusercontent.com"
NETWORKS = [ipaddress.ip_network(n) for n in ("192.0.2.0/24", "198.51.100.0/24", "203.0.113.0/24")]


@pytest.fixture(scope="module")
def tar() -> bytes:
    return build_demo.archive()


@pytest.fixture(scope="module")
def data(tar: bytes) -> Mapping[str, str]:
    with tarfile.open(fileobj=io.BytesIO(tar)) as archive:
        return {m.name: archive.extractfile(m).read().decode() for m in archive.getmembers()}  # type: ignore[union-attr]


def read(data: Mapping[str, str], account: str, name: str, day: str = LAST) -> Any:
    return json.loads(data[f"{day}/{account}/{name}"])


def details(data: Mapping[str, str], account: str, day: str = LAST) -> Any:
    return read(data, account, "account-authorization-details.json", day)


def role(data: Mapping[str, str], account: str, name: str, day: str = LAST) -> Any:
    return next(r for r in details(data, account, day)["RoleDetailList"] if r["RoleName"] == name)


def statements(data: Mapping[str, str], account: str, name: str) -> list[Any]:
    """The statements of the customer managed policy of that name."""
    policy = next(p for p in details(data, account)["Policies"] if p["PolicyName"] == name)
    return next(v for v in policy["PolicyVersionList"] if v["IsDefaultVersion"])["Document"]["Statement"]


def report(data: Mapping[str, str], account: str, day: str = LAST) -> dict[str, dict[str, str]]:
    rows = csv.DictReader(io.StringIO(data[f"{day}/{account}/credential-report.csv"]))
    return {row["user"]: row for row in rows}


def key_ids(data: Mapping[str, str]) -> set[str]:
    return {key for text in data.values() for key in re.findall(r"\bAKIA[A-Z2-7]{16}\b", text)}


# --- bytes --------------------------------------------------------------------------------------------------------


def test_two_builds_give_the_same_bytes(tar: bytes) -> None:
    assert build_demo.archive() == tar


def test_the_committed_archive_is_what_the_tool_builds(tar: bytes) -> None:
    recorded = json.loads((DEMO / "brightwater.json").read_text())
    packed = (DEMO / "brightwater.tar.xz").read_bytes()
    assert hashlib.sha256(packed).hexdigest() == recorded["archive_sha256"]
    assert hashlib.sha256(lzma.decompress(packed)).hexdigest() == recorded["tar_sha256"]
    assert hashlib.sha256(tar).hexdigest() == recorded["tar_sha256"], "run tools/build_demo.py --bundle"
    assert len(packed) <= 6 << 20


def test_files_on_disk_equal_the_archive_and_carry_their_day(unpacked: Path, data: Mapping[str, str]) -> None:
    found = {path.relative_to(unpacked).as_posix() for path in unpacked.rglob("*") if path.is_file()}
    assert found == set(data)
    for day in clock.DAYS:
        report_file = unpacked / f"{day:%Y-%m-%d}" / "222222222222" / "credential-report.csv"
        assert report_file.stat().st_mtime == day.timestamp()


@pytest.mark.slow
def test_out_writes_the_same_files(tmp_path: Path, data: Mapping[str, str]) -> None:
    assert build_demo.write(tmp_path) == len(data)
    assert sum(1 for _ in (tmp_path / "logs").rglob("*.json.gz")) > 1000
    assert {one.name for one in (tmp_path / "logs").iterdir()} == {"aws", "azure", "entra", "gcp"}
    name = f"{LAST}/111111111111/organizations-list-accounts.json"
    assert (tmp_path / name).read_text() == data[name]


def test_no_wall_clock_and_no_randomness_in_the_tool() -> None:
    for path in [ROOT / "tools" / "build_demo.py", *(ROOT / "tools" / "demo_company").rglob("*.py")]:
        assert not re.search(
            r"\.now\(|utcnow|\.today\(|time\.time|import random|import time\b|uuid4|uuid1|urandom", path.read_text()
        ), path


def test_time_never_passes_the_snapshot(data: Mapping[str, str]) -> None:
    stamp = re.compile(r"\b(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)")
    for name, text in data.items():
        if name[:4] == "2026":
            late = [found for found in stamp.findall(text) if f"{name[:10]}T00:00:00" < found < "2049"]
            assert not late, (name, late)


# --- names --------------------------------------------------------------------------------------------------------


def test_key_ids_decode_to_the_accounts_that_hold_them(data: Mapping[str, str]) -> None:
    for name, text in data.items():
        for key in re.findall(r"\bAKIA[A-Z2-7]{16}\b", name + text):
            if name != "logs.json":  # its records say whose they are: test_demo_logs
                assert ids.account_of(key) == name.split("/")[1], (name, key)
            assert "DEMO" in key
    for day in clock.DAYS:
        for account in ids.READABLE:
            listed = [
                key["AccessKeyId"]
                for name in data
                if name.startswith(f"{day:%Y-%m-%d}/{account}/iam-list-access-keys")
                for key in json.loads(data[name])["AccessKeyMetadata"]
            ]
            assert len(listed) == len(set(listed))


def test_the_given_key_ids_are_there(data: Mapping[str, str]) -> None:
    given = {"AKIARTXV5AHDQDEMO222": "111111111111", "AKIATHPL2AOHADEMO222": "222222222222"}
    given["AKIATHPL2AOHADEMO777"] = "222222222222"
    assert given.keys() <= key_ids(data)
    assert {key: ids.account_of(key) for key in given} == given


def test_invented_keys_decode_and_unique_ids_too() -> None:
    for account in ids.ACCOUNT_NAMES:
        assert ids.account_of(ids.key_id(account, "x")) == account
        assert ids.account_of(ids.unique_id("AROA", account, "x")) == account


def test_only_names_that_cannot_be_real(data: Mapping[str, str]) -> None:
    for name, text in data.items():
        own = re.sub(r'"arn:aws:iam::aws:policy.*', "", text)
        if name.endswith("account-authorization-details.json"):
            parsed = json.loads(text)
            parsed["Policies"] = [p for p in parsed["Policies"] if not p["Arn"].startswith("arn:aws:iam::aws:")]
            own = json.dumps(parsed)
        assert set(re.findall(r"(?<![0-9A-Za-z-])\d{12}(?![0-9A-Za-z])", own)) <= NUMBERS, name
        for host in HOSTS.findall(own):
            assert host == GITHUB or OUR_HOSTS.fullmatch(host), (name, host)
        for address in re.findall(r"(?<![\d.])\d{1,3}(?:\.\d{1,3}){3}(?![\d.])", own):
            assert any(ipaddress.ip_address(address) in network for network in NETWORKS), (name, address)
        assert not re.search(r"BEGIN [A-Z ]*PRIVATE KEY|aws_secret|SecretAccessKey|password\"\s*:", own, re.IGNORECASE)


def test_every_file_name_follows_the_convention(data: Mapping[str, str]) -> None:
    shape = re.compile(r"2026-\d\d-01/\d{12}/[a-z0-9]+(?:-[a-z0-9]+)*(?:--[A-Za-z0-9._~@%-]+?)*(?:\.error)?\.json")
    for name in data:
        if name[:4] == "2026" and not name.endswith("credential-report.csv"):
            assert shape.fullmatch(name), name


# --- numbers ------------------------------------------------------------------------------------------------------


def identities(data: Mapping[str, str], day: str) -> Counter[str]:
    count: Counter[str] = Counter(root=3)
    for account in ids.READABLE:
        found = details(data, account, day)
        count["user"] += len(found["UserDetailList"])
        count["role"] += len(found["RoleDetailList"])
    count["person"] = len(read(data, ids.ROOT, "identitystore-list-users.json", day)["Users"])
    count["device"] = len(read(data, ids.PROD, "iot-list-things.json", day)["things"])
    count["agent"] = len(read(data, ids.PROD, "bedrock-agent-list-agents.json", day)["agentSummaries"])
    return count


def test_identities_at_the_clock(data: Mapping[str, str]) -> None:
    count = identities(data, LAST)
    assert count["device"] == 14
    assert count["agent"] == 2
    assert count.total() == 150


def test_every_arn_is_listed_once(data: Mapping[str, str]) -> None:
    for day in clock.DAYS:
        for account in ids.READABLE:
            found = details(data, account, f"{day:%Y-%m-%d}")
            arns = Counter(one["Arn"] for section in found.values() for one in section)
            assert max(arns.values()) == 1, arns.most_common(1)


def test_every_day_is_whole_and_differs_from_the_one_before(data: Mapping[str, str]) -> None:
    days = sorted({name[:10] for name in data if name[:4] == "2026"})
    assert days == [f"2026-{month:02d}-01" for month in range(3, 12)]
    for day in days:
        assert 140 <= identities(data, day).total() <= 155
        folders = {name.split("/")[1] for name in data if name.startswith(day)}
        assert folders == set(ids.ACCOUNT_NAMES)
    people = [data[f"{day}/{ids.ROOT}/identitystore-list-users.json"] for day in days]
    assert len(set(people)) > 5


def test_most_identities_are_ordinary() -> None:
    """The scanners count as one: a fleet with one certificate is one irregularity."""
    irregular = {
        "label-printer", "customs-archive", "quarter-close", "gha-deploy", "etl-bridge", "m.ostrander", "ops-janitor",
        "ci-courier", "tunde.abara", "scanners", "scanner-upload", "dispatch-assistant", "refund-tool", "sam.kimura",
        "data-science", "breakglass-1", "breakglass-2", "depot-survey-2025", "label-thumbs",
    }  # fmt: skip
    assert len(irregular) / 150 <= 0.15


def test_hygiene_outside_the_stories(data: Mapping[str, str]) -> None:
    for day in clock.DAYS:
        for account in ids.READABLE:
            for user, row in report(data, account, f"{day:%Y-%m-%d}").items():
                if user == "m.ostrander":
                    continue
                assert row["password_enabled"] != "true" or row["mfa_active"] == "true", user
                for slot in "12":
                    if row[f"access_key_{slot}_active"] == "true":
                        age = day - clock.parse(row[f"access_key_{slot}_last_rotated"][:19])
                        assert age.days < 90, (day, user)


# --- what the stories need ----------------------------------------------------------------------------------------


def test_wildcards_of_stories_1_7_and_10(data: Mapping[str, str]) -> None:
    inline = role(data, ids.PROD, "label-printer")["RolePolicyList"][0]["PolicyDocument"]["Statement"]
    assert [(s["Action"], s["Resource"]) for s in inline] == [("s3:*", "*")]
    assert [(s["Action"], s["Resource"]) for s in statements(data, ids.PROD, "ops-janitor")] == [("iam:*", "*")]
    fleet = json.loads(read(data, ids.PROD, "iot-get-policy--scanner-fleet.json")["policyDocument"])
    assert [(s["Action"], s["Resource"]) for s in fleet["Statement"]] == [("iot:*", "*")]


def test_trails_of_stories_1_and_2(data: Mapping[str, str]) -> None:
    prod = read(data, ids.PROD, "cloudtrail-get-event-selectors--bw-prod-trail.json")
    assert "AWS::S3::Object" in json.dumps(prod)
    lake = read(data, ids.DATA, "cloudtrail-get-event-selectors--bw-data-trail.json")
    assert "bw-customs-records" not in json.dumps(lake)
    assert role(data, ids.DATA, "customs-archive")["RoleLastUsed"]["LastUsedDate"] > "2026-10-30"


def test_schedule_of_story_3(data: Mapping[str, str]) -> None:
    rules = read(data, ids.PROD, "events-list-rules.json")["Rules"]
    assert {r["Name"]: r["ScheduleExpression"] for r in rules}["quarter-close"] == "cron(0 6 1 2,5,8,11 ? *)"
    used = [role(data, ids.PROD, "quarter-close", f"{d:%Y-%m-%d}")["RoleLastUsed"]["LastUsedDate"] for d in clock.DAYS]
    assert sorted({moment[:10] for moment in used}) == ["2026-02-01", "2026-05-01", "2026-08-01"]


def test_trust_of_story_4_and_its_near_miss(data: Mapping[str, str]) -> None:
    wide = role(data, ids.PROD, "gha-deploy")["AssumeRolePolicyDocument"]["Statement"][0]["Condition"]
    assert wide["StringLike"] == {f"{GITHUB}:sub": "repo:brightwater-parcel*"}
    exact = role(data, ids.PROD, "website-deploy")["AssumeRolePolicyDocument"]["Statement"][0]["Condition"]
    assert exact["StringEquals"][f"{GITHUB}:sub"] == "repo:brightwater-parcel/website:ref:refs/heads/main"


def test_story_5_and_12_in_the_credential_report(data: Mapping[str, str]) -> None:
    rows = report(data, ids.ROOT)
    gone = rows["m.ostrander"]
    assert (gone["mfa_active"], gone["password_enabled"], gone["access_key_1_active"]) == ("false", "true", "true")
    assert (clock.CLOCK - clock.parse(gone["access_key_1_last_used_date"][:19])).days == 210
    for name in ("breakglass-1", "breakglass-2"):
        assert (clock.CLOCK - clock.parse(rows[name]["password_last_used"][:19])).days == 300
        devices = read(data, ids.ROOT, f"iam-list-mfa-devices--{name}.json")["MFADevices"]
        assert ":u2f/" in devices[0]["SerialNumber"]


def test_story_7_has_14_developers_with_the_statement(data: Mapping[str, str]) -> None:
    members = read(data, ids.ROOT, "identitystore-list-group-memberships--developers.json")
    assert len(members["GroupMemberships"]) == 14
    inline = read(data, ids.ROOT, "sso-admin-get-inline-policy-for-permission-set--Developer.json")["InlinePolicy"]
    first = json.loads(inline)["Statement"][0]
    assert "lambda:UpdateFunctionCode" in first["Action"]
    assert first["Resource"] == "*"


def test_story_8_gives_svc_sorter_a_second_key_in_the_night(data: Mapping[str, str]) -> None:
    before = read(data, ids.PROD, "iam-list-access-keys--svc-sorter.json", "2026-10-01")["AccessKeyMetadata"]
    after = read(data, ids.PROD, "iam-list-access-keys--svc-sorter.json")["AccessKeyMetadata"]
    assert [key["AccessKeyId"] for key in after if key not in before] == ["AKIATHPL2AOHADEMO777"]


def test_story_10_shares_one_certificate(data: Mapping[str, str]) -> None:
    held: Counter[str] = Counter()
    for thing in read(data, ids.PROD, "iot-list-things.json")["things"]:
        found = read(data, ids.PROD, f"iot-list-thing-principals--{thing['thingName']}.json")
        held.update(found["principals"])
    assert sorted(held.values()) == [1, 1, 12]
    alias = read(data, ids.PROD, "iot-describe-role-alias--scanner-upload.json")["roleAliasDescription"]
    assert alias["roleArn"] == role(data, ids.PROD, "scanner-upload")["Arn"]


def test_story_11_agent_to_tool_to_role(data: Mapping[str, str]) -> None:
    groups = read(data, ids.PROD, "bedrock-agent-list-agent-action-groups--BWDISPATCH.json")["actionGroupSummaries"]
    name = f"bedrock-agent-get-agent-action-group--BWDISPATCH--{groups[0]['actionGroupId']}.json"
    tool = read(data, ids.PROD, name)["agentActionGroup"]["actionGroupExecutor"]["lambda"]
    functions = read(data, ids.PROD, "lambda-list-functions.json")["Functions"]
    assert [f["Role"] for f in functions if f["FunctionArn"] == tool] == [role(data, ids.PROD, "refund-tool")["Arn"]]


def test_story_13_boundary_and_guardrail(data: Mapping[str, str]) -> None:
    found = role(data, ids.DATA, "data-science")
    assert found["PermissionsBoundary"]["PermissionsBoundaryArn"].endswith("policy/ds-boundary")
    assert [p["PolicyName"] for p in found["AttachedManagedPolicies"]] == ["AdministratorAccess"]
    listed = read(data, ids.ROOT, "organizations-list-policies--SERVICE_CONTROL_POLICY.json")["Policies"]
    scp = next(p["Id"] for p in listed if p["Name"] == "deny-iam")
    targets = read(data, ids.ROOT, f"organizations-list-targets-for-policy--{scp}.json")["Targets"]
    assert [t["Name"] for t in targets] == ["data"]


def test_story_14_membership_ends_between_may_and_june(data: Mapping[str, str]) -> None:
    users = read(data, ids.ROOT, "identitystore-list-users.json")["Users"]
    rosa = next(u["UserId"] for u in users if u["DisplayName"] == "Rosa Vasquez")
    name = "identitystore-list-group-memberships--customs-ops.json"
    days = [f"{d:%Y-%m-%d}" for d in clock.DAYS if rosa in data[f"{d:%Y-%m-%d}/{ids.ROOT}/{name}"]]
    assert days == ["2026-03-01", "2026-04-01", "2026-05-01"]


def test_story_15_the_denied_account(data: Mapping[str, str]) -> None:
    name = "iam-get-account-authorization-details.error.json"
    assert [n for n in data if n.startswith(f"{LAST}/{ids.LEGACY}/")] == [f"{LAST}/{ids.LEGACY}/{name}"]
    failed = read(data, ids.LEGACY, name)
    assert failed["Error"]["Code"] == "AccessDenied"
    assert (failed["Operation"], failed["Account"]) == ("GetAccountAuthorizationDetails", ids.LEGACY)


def test_new_role_is_nine_days_old(data: Mapping[str, str]) -> None:
    found = role(data, ids.PROD, "returns-v2")
    assert found["CreateDate"][:10] == "2026-10-23"
    assert found["RoleLastUsed"] == {}
    assert not any(r["RoleName"] == "returns-v2" for r in details(data, ids.PROD, "2026-10-01")["RoleDetailList"])


def test_only_the_website_is_open(data: Mapping[str, str]) -> None:
    prefix = f"{LAST}/{ids.PROD}/s3api-get-public-access-block--"
    blocks = {n.removeprefix(prefix): json.loads(text) for n, text in data.items() if n.startswith(prefix)}
    opened = [n for n, block in blocks.items() if not all(block["PublicAccessBlockConfiguration"].values())]
    assert opened == ["bw-website.json"]


def test_terraform_says_what_the_account_says(data: Mapping[str, str]) -> None:
    printer = role(data, ids.PROD, "label-printer")["RolePolicyList"][0]["PolicyDocument"]["Statement"]
    pairs = (
        ("infra/printing/iam.tf", printer),
        ("infra/finance/iam.tf", statements(data, ids.PROD, "quarter-close")),
        ("infra/ci/iam.tf", statements(data, ids.PROD, "gha-deploy") + statements(data, ids.PROD, "etl-bridge")),
        ("infra/ops/iam.tf", statements(data, ids.PROD, "ops-janitor")),
    )
    for name, found in pairs:
        actions = {a for s in found for a in ([s["Action"]] if isinstance(s["Action"], str) else s["Action"])}
        written = set(re.findall(r'"((?:s3|iam|rds|ses|lambda|sts):[A-Za-z*]+)"', data[name])) - {"sts:AssumeRole"}
        assert written - {"sts:AssumeRoleWithWebIdentity"} == actions, name
        assert name.split("/")[1] in data["infra/CODEOWNERS"]


# --- estate.yaml and stories.yaml ---------------------------------------------------------------------------------


def test_estate_file_names_what_exists(data: Mapping[str, str]) -> None:
    estate = yaml.safe_load(data["estate.yaml"])
    assert list(estate) == [
        "version", "company", "clock", "sources", "accounts", "environments", "crown_jewels", "owners",
        "zone_of_trust", "vendors", "break_glass", "public_on_purpose", "people",
    ]  # fmt: skip
    everything = "\n".join(text for name, text in data.items() if name.startswith((LAST, f"entra/{LAST}")))
    named = [*estate["break_glass"], *(one for person in estate["people"] for one in person["principals"])]
    assert [name for name in named if name not in everything] == []
    organization = read(data, ids.ROOT, "organizations-describe-organization.json")["Organization"]["Id"]
    assert organization in estate["zone_of_trust"]["organizations"]
    assert places.ORGANIZATION in estate["zone_of_trust"]["organizations"]
    accounts = {*ids.ACCOUNT_NAMES.values(), *places.PROJECTS, *azure.SUBSCRIPTIONS}
    assert {a["name"] for a in estate["accounts"].values()} == accounts
    google = "\n".join(text for name, text in data.items() if name.startswith(f"google-cloud/{LAST}"))
    jewels = [one["resource"] for one in estate["crown_jewels"] + estate["public_on_purpose"]]
    assert [one for one in jewels if one.startswith("//") and one not in google] == []


def test_every_story_has_a_step_and_a_part() -> None:
    stories = STORIES["stories"]
    assert [story["id"] for story in stories] == list(range(1, 17))
    assert len({story["title"] for story in stories}) == 16
    for story in stories:
        assert story["part"] == max(step["part"] for step in story["steps"]), story["id"]
        assert story["id"] == 16 or story["steps"][0]["part"] == 1
        for step in story["steps"]:
            assert step["command"].startswith("leastwise ")
            assert step["command"].endswith("--format json")
            assert {"expect", "count", "absent"} & step.keys(), step


def test_every_near_miss_is_there(data: Mapping[str, str]) -> None:
    assert len(STORIES["near_misses"]) == 10
    everything = "\n".join(text for name, text in data.items() if name.startswith(LAST))
    for miss in STORIES["near_misses"]:
        assert all(part in everything for part in miss["subject"].split("*")), miss["id"]


def test_subjects_of_part_1_steps_exist(data: Mapping[str, str]) -> None:
    everything = "\n".join(text for name, text in data.items() if name.startswith(LAST))
    for story in STORIES["stories"]:
        for step in story["steps"]:
            text = re.search(r"--text (\S+)", step["command"])
            if text and step["part"] == 1:
                assert text[1] in everything, step["command"]
