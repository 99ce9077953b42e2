"""The demo company in Google Cloud, as its exports say: every day whole, dated, consistent, with story 4's facts."""

from __future__ import annotations

import json
import re
import sys
from collections import Counter
from datetime import datetime
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "tools"))

from demo_company import clock, ids, people
from demo_company.google import agents, everything, grants, guardrails, places, pools, staff, things

pytestmark = pytest.mark.together("demo")

LAST = clock.DAYS[-1]
STAMP = re.compile(r"\b(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ)")
AHEAD = re.compile(r'"validBeforeTime": "[^"]*"|timestamp\(\'[^\']*\'\)')
"""What may lie after the day of an export: the end of a key, a time in a condition."""


def assets(day: datetime, file: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in everything.files(day)[f"assets-{file}.jsonl"].splitlines()]


def policies(day: datetime) -> dict[str, dict[str, Any]]:
    return {one["name"]: one["iam_policy"] for one in assets(day, "iam-policy")}


def holders(day: datetime, name: str, role: str) -> list[str]:
    found = policies(day).get(name, {"bindings": []})
    return [who for one in found["bindings"] if one["role"] == role for who in one["members"]]


def all_members(day: datetime) -> set[str]:
    return {who for one in policies(day).values() for binding in one["bindings"] for who in binding["members"]}


@pytest.mark.parametrize("day", clock.DAYS, ids=str)
def test_every_day_is_written_twice_the_same_and_knows_no_later_one(day: datetime) -> None:
    files = everything.files(day)
    assert everything.files(day) == files
    for name, content in files.items():
        late = [one for one in STAMP.findall(AHEAD.sub("", content.decode())) if clock.parse(one) >= day]
        assert not late, (name, late)


@pytest.mark.parametrize("day", clock.DAYS, ids=str)
def test_policies_lie_on_assets_that_exist_and_name_accounts_that_exist(day: datetime) -> None:
    resources = assets(day, "resource")
    names = Counter(one["name"] for one in resources)
    assert max(names.values()) == 1
    assert set(policies(day)) <= set(names)
    own = {one["resource"]["data"]["email"] for one in resources if one["asset_type"].endswith("/ServiceAccount")}
    named = {who.removeprefix("serviceAccount:") for who in all_members(day) if who.startswith("serviceAccount:")}
    assert {who for who in named if "@bw-" in who} <= own
    groups = {one["groupKey"]["id"] for one in staff.groups()}
    assert {who.removeprefix("group:") for who in all_members(day) if who.startswith("group:")} <= groups
    custom = set(guardrails.roles(day))
    roles = {binding["role"] for one in policies(day).values() for binding in one["bindings"]}
    assert {one for one in roles if not one.startswith("roles/")} <= custom


def test_every_grant_of_the_list_is_told_on_some_day() -> None:
    told = {
        (name, binding["role"], who)
        for day in clock.DAYS for name, one in policies(day).items()
        for binding in one["bindings"] for who in binding["members"]
    }  # fmt: skip
    assert {(one.on, one.role, one.who) for one in grants.GRANTS} == told


@pytest.mark.parametrize("day", clock.DAYS, ids=str)
def test_what_runs_runs_as_an_account_that_exists(day: datetime) -> None:
    own = {one.mail for one in agents.agents(day)}
    text = json.dumps([one.data for one in things.things(day)])
    assert set(re.findall(r"[a-z0-9-]+@[a-z0-9.-]+gserviceaccount\.com", text)) <= own


def test_every_day_differs_from_the_one_before() -> None:
    found = [everything.files(day) for day in clock.DAYS]
    assert all(one != next_ for one, next_ in pairwise(found))


def test_who_stands_in_both_clouds_has_one_mail_address_and_the_same_days() -> None:
    both = {one for held in staff.GROUPS.values() for one in held} & set(people.everyone())
    assert len(both) >= 15
    for person in both:
        assert places.mail(person) == f"{people.user_name(person)}@{ids.DOMAIN}"
    maya = [day for day in clock.DAYS if places.mail("Maya Castillo") in str(staff.memberships(day))]
    assert maya[0] == datetime(2026, 6, 1, tzinfo=clock.CLOCK.tzinfo)


def test_nobody_of_the_stories_of_one_cloud_stands_in_the_other() -> None:
    text = str(staff.memberships(LAST)) + str(all_members(LAST))
    assert not [one for one in ("petra", "tunde", "ostrander", "sam.kimura", "bg-1") if one in text]


# --- story 4 ------------------------------------------------------------------------------------------------------


def test_one_role_of_aws_becomes_etl_since_may() -> None:
    etl = grants.account_name("etl", places.ANALYTICS)
    days = [day for day in clock.DAYS if holders(day, etl, "roles/iam.workloadIdentityUser") == [pools.BRIDGE]]
    assert days == list(clock.DAYS[3:])
    assert pools.BRIDGE.endswith(f"/attribute.aws_role/arn:aws:sts::{ids.PROD}:assumed-role/etl-bridge")
    (provider,) = json.loads(everything.files(LAST)["providers--aws-prod.json"])
    assert provider["aws"] == {"accountId": ids.PROD}
    assert "attribute.aws_role" in provider["attributeMapping"]
    assert provider["name"].startswith(pools.AWS_POOL) and pools.BRIDGE.partition("/attribute")[0].endswith(
        pools.AWS_POOL
    )


def test_etl_reads_customers_and_the_other_accounts_of_the_project_do_not() -> None:
    customers = policies(LAST)[things.CUSTOMERS]["bindings"]
    assert {who for one in customers for who in one["members"]} == {
        places.agent("etl", places.ANALYTICS), places.user("Leila Farouk"),
    }  # fmt: skip
    above = [
        places.PROJECTS[places.ANALYTICS].full,
        *(places.MANAGER + one for one in (places.PROD, places.ORGANIZATION)),
    ]
    roles = {
        binding["role"] for name in above for binding in policies(LAST)[name]["bindings"]
        if any(who.startswith("serviceAccount:") for who in binding["members"])
    }  # fmt: skip
    assert roles == {"roles/bigquery.jobUser", guardrails.QUALITY}


# --- near misses --------------------------------------------------------------------------------------------------


def test_github_comes_in_from_one_repository_and_one_branch_alone() -> None:
    (provider,) = json.loads(everything.files(LAST)["providers--github.json"])
    assert provider["attributeCondition"] == (
        "assertion.repository == 'brightwater-parcel/tracking' && assertion.ref == 'refs/heads/main'"
    )
    assert "providers--github.json" not in everything.files(clock.DAYS[4])


def test_the_key_of_releases_is_gone_since_the_pool_is_there() -> None:
    files = f"keys--{places.account('ci-deployer', places.TRACKING)}.json"
    kinds = [
        sorted(one["keyType"] for one in json.loads(everything.files(day)[files])) for day in clock.DAYS
    ]  # fmt: skip
    assert kinds == [["SYSTEM_MANAGED", "USER_MANAGED"]] * 5 + [["SYSTEM_MANAGED"]] * 4


def test_only_the_status_page_is_open() -> None:
    opened = [name for name, one in policies(LAST).items() if "allUsers" in str(one) or "allAuthenticated" in str(one)]
    assert opened == ["//storage.googleapis.com/bw-tracking-status"]
    for thing in things.things(LAST):
        if thing.type == "storage.googleapis.com/Bucket":
            prevention = thing.data["iamConfiguration"]["publicAccessPrevention"]
            assert (prevention == "enforced") == (thing.name not in opened)


def test_the_cluster_runs_as_an_account_of_its_own_that_can_do_little() -> None:
    (cluster,) = [one for one in things.things(LAST) if one.type == "container.googleapis.com/Cluster"]
    assert {pool["config"]["serviceAccount"] for pool in cluster.data["nodePools"]} == {things.NODES}
    held = {one.role for one in grants.GRANTS if one.who == f"serviceAccount:{things.NODES}"}
    assert held == {"roles/container.defaultNodeServiceAccount", "roles/artifactregistry.reader"}


def test_a_deleted_user_stays_in_the_policy_as_google_leaves_it() -> None:
    lab = places.PROJECTS[places.WORKBENCH].full
    before, after = (holders(day, lab, "roles/editor") for day in (clock.DAYS[1], clock.DAYS[2]))
    assert "user:birgit.saar@brightwater.example" in before
    gone = [who for who in after if "birgit" in who]
    assert len(gone) == 1 and re.fullmatch(r"deleted:user:birgit\.saar@brightwater\.example\?uid=\d{21}", gone[0])
