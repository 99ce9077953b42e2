"""Collecting Google Cloud from the fake: what is asked of what, trees of every kind, the same whatever the order."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from fakes.google.around import VARIABLE, a_run, bodies, collected, gaps, keys, surround, told
from fakes.google.server import DENIED, FakeGoogle, Fault, on
from leastwise.errors import UsageError
from leastwise.model.scope import CoverageStatus, Scope
from leastwise.providers.gcp.collect.collector import collect
from leastwise.providers.gcp.collect.declaration import declared

ORGANIZATION = "organizations/1"


@pytest.fixture
def google(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[FakeGoogle]:
    surround(monkeypatch, tmp_path)
    with FakeGoogle() as fake:
        yield fake


def asked(google: FakeGoogle, method: str) -> list[str]:
    return sorted(one.about for one in google.log if one.method == method)


def test_an_organization_is_read_whole_and_nothing_is_asked_twice(google: FakeGoogle, tmp_path: Path) -> None:
    (found,) = collected(google, tmp_path / "run").values()
    assert found.scope == Scope("gcp", "organization", ORGANIZATION) and found.readable
    assert gaps(found) == []
    pages = Counter((one.method, one.about, str(sorted(one.parameters.items())), str(one.body)) for one in google.log)
    entering = {"cloudresourcemanager.organizations.search", "cloudresourcemanager.projects.search"}
    assert [page for page, count in pages.items() if count > 1 and page[0] not in entering] == []
    names = Counter(one.name for one in found.documents)
    assert [name for name, count in names.items() if count > 1] == []
    assert not list((tmp_path / "run").iterdir()), "no journal is left of a run that lacks nothing"


def test_the_tree_is_walked_to_its_leaves(google: FakeGoogle, tmp_path: Path) -> None:
    collected(google, tmp_path / "run")
    containers = [ORGANIZATION, "folders/10", "folders/11"]
    assert asked(google, "cloudresourcemanager.folders.list") == sorted(containers)
    assert set(asked(google, "cloudresourcemanager.projects.list")) == set(containers)
    assert asked(google, "cloudresourcemanager.projects.getIamPolicy") == [f"projects/{one}" for one in (101, 102, 103)]
    assert asked(google, "cloudresourcemanager.folders.getIamPolicy") == ["folders/10", "folders/11"]
    nodes = {*containers, "projects/101", "projects/102", "projects/103"}
    deny = {
        re.sub(r".*googleapis\.com/(.*)/denypolicies", r"\1", one) for one in asked(google, "iam.policies.listPolicies")
    }
    assert deny == nodes
    assert set(asked(google, "iam.projects.serviceAccounts.list")) == {
        f"projects/bw-{x}" for x in ("alpha", "beta", "gamma")
    }


def test_documents_are_named_by_the_vendors_methods(google: FakeGoogle, tmp_path: Path) -> None:
    (found,) = collected(google, tmp_path / "run").values()
    kinds = {one.kind for one in found.documents}
    assert kinds >= {
        "cloudasset.assets.list:IAM_POLICY", "cloudasset.assets.list:RESOURCE",
        "cloudasset.assets.list:ACCESS_POLICY", "cloudresourcemanager.organizations.get",
        "cloudresourcemanager.folders.list", "cloudresourcemanager.projects.list",
        "cloudresourcemanager.projects.getIamPolicy", "iam.policies.get",
        "iam.principalAccessBoundaryPolicies.list", "iam.policyBindings.list", "iam.accessPolicies.list",
        "iam.roles.list", "iam.projects.roles.list", "iam.organizations.roles.list", "iam.serviceAccounts.list",
        "iam.serviceAccounts.keys.list", "iam.serviceAccounts.getIamPolicy", "iam.workloadIdentityPools.list",
        "iam.workloadIdentityPools.providers.list", "iam.workforcePools.list", "iam.workforcePools.providers.list",
        "cloudidentity.groups.list", "cloudidentity.groups.memberships.list", "orgpolicy.policies.list",
        "policyanalyzer.activities.query", "privilegedaccessmanager.entitlements.list",
        "privilegedaccessmanager.entitlements.grants.list", "recommender.insights.list", "directory.users.list",
        "directory.domains.list",
        "reports.activities.list", "cloudresourcemanager.effectiveTags.list",
    }  # fmt: skip
    assert bodies(found, "cloudresourcemanager.projects.getIamPolicy", "projects/102")[0]["etag"] == "BwBeta1"
    assert {one.region for one in found.documents} == {""}
    # Neither is a fact: a list of deny policies lacks their rules, and what the inventory tells of others is older.
    assert not kinds & {"iam.policies.listPolicies", "cloudasset.assets.list:ORG_POLICY"}


@pytest.mark.parametrize("page", [1, 3, 1000])
def test_pages_of_any_size_tell_the_same(google: FakeGoogle, tmp_path: Path, page: int) -> None:
    def content(size: int) -> Any:
        google.page = size
        (found,) = collected(google, tmp_path / f"run{size}").values()
        merged: dict[tuple[str, str], list[Any]] = {}
        for one in found.documents:
            for name, value in bodies_of(one).items():
                merged.setdefault((one.kind, f"{one.resource} {name}"), []).extend(
                    value if isinstance(value, list) else [value]
                )
        return merged

    assert content(page) == content(2)


def bodies_of(document: Any) -> dict[str, Any]:
    return dict(json.loads(document.body))


def test_a_folder_brings_what_it_inherits(google: FakeGoogle, tmp_path: Path) -> None:
    (found,) = collected(google, tmp_path / "run", folders=[11]).values()
    assert found.scope == Scope("gcp", "folder", "folders/11") and gaps(found) == []
    assert asked(google, "cloudresourcemanager.projects.getIamPolicy") == ["projects/103"]
    assert asked(google, "cloudresourcemanager.folders.getIamPolicy") == ["folders/10", "folders/11"]
    assert asked(google, "cloudresourcemanager.organizations.getIamPolicy") == [ORGANIZATION]
    assert [one["rules"] for one in bodies(found, "iam.policies.get")], "the deny policy of the folder above"
    assert bodies(found, "iam.organizations.roles.list") and bodies(found, "cloudidentity.groups.list")
    assert asked(google, "cloudresourcemanager.folders.list") == ["folders/11"], "what lies beside it is not read"
    assert {one.about for one in google.log if one.method == "cloudasset.assets.list"} == {"folders/11"}


def test_a_project_brings_what_it_inherits(google: FakeGoogle, tmp_path: Path) -> None:
    (found,) = collected(google, tmp_path / "run", projects=["bw-gamma"]).values()
    assert found.scope == Scope("gcp", "project", "bw-gamma") and gaps(found) == []
    (ancestry,) = bodies(found, "cloudresourcemanager.projects.getAncestry")
    assert [one["resourceId"]["id"] for one in ancestry["ancestor"]] == ["103", "11", "10", "1"]
    assert asked(google, "cloudresourcemanager.folders.getIamPolicy") == ["folders/10", "folders/11"]
    assert not google.count("cloudresourcemanager.folders.list")
    assert {
        one["email"] for body in bodies(found, "iam.serviceAccounts.list") for one in body.get("accounts", ())
    } == set()


def test_what_lies_above_and_may_not_be_read_is_a_gap_that_names_it(google: FakeGoogle, tmp_path: Path) -> None:
    google.faults = [on(DENIED, "cloudresourcemanager.folders.get", "folders/10")]
    (found,) = collected(google, tmp_path / "run", projects=["bw-gamma"]).values()
    assert [(call, account) for call, _, account, _ in gaps(found)] == [
        ("cloudresourcemanager.folders.get:above", "folders/10")
    ]
    (gap,) = [one for one in found.coverage if one.status is not CoverageStatus.OK]
    assert "folders above" in gap.affects


def test_several_trees_are_scopes_of_their_own(google: FakeGoogle, tmp_path: Path) -> None:
    found = collected(google, tmp_path / "run", organization=1, projects=["bw-beta", 101])
    assert {(one.scope.kind, one.scope.id) for one in found.values()} == {
        ("organization", ORGANIZATION), ("project", "bw-beta"), ("project", "bw-alpha"),
    }  # fmt: skip


def test_without_an_organization_each_project_that_is_seen_is_a_scope(google: FakeGoogle, tmp_path: Path) -> None:
    for name in [one for one in google.world.nodes if not one.startswith("projects")]:
        del google.world.nodes[name]
    for project in google.world.nodes.values():
        del project["parent"]
    google.world.nodes["projects/103"]["state"] = "DELETE_REQUESTED"
    assert set(collected(google, tmp_path / "run")) == {"bw-alpha", "bw-beta"}


def test_a_project_that_stands_alone_is_read_beside_the_organization(google: FakeGoogle, tmp_path: Path) -> None:
    google.world.nodes["projects/104"] = {"name": "projects/104", "projectId": "bw-alone", "state": "ACTIVE"}
    google.world.nodes["organizations/2"] = {"name": "organizations/2", "state": "ACTIVE"}
    google.world.nodes["projects/105"] = {
        "name": "projects/105", "projectId": "other-org", "state": "ACTIVE", "parent": "organizations/2",
    }  # fmt: skip
    google.faults = [
        on(Fault(body=b'{"organizations": [{"name": "organizations/1", "state": "ACTIVE"}]}'),
           "cloudresourcemanager.organizations.search"),
        on(DENIED, about="organizations/2"),
    ]  # fmt: skip
    found = collected(google, tmp_path / "run")
    assert set(found) == {ORGANIZATION, "bw-alone", "other-org"}
    assert gaps(found["bw-alone"]) == [] and {account for *_, account, _ in gaps(found["other-org"])} == {
        "organizations/2"
    }


def test_only_one_tree(google: FakeGoogle, tmp_path: Path) -> None:
    for only in ("bw-beta", "projects/102", "102"):
        source = keys(google, organization=1, projects=["bw-beta"])
        (found,) = collect(source, a_run(tmp_path / "run", only=only))
        assert found.scope.id == "bw-beta"
    assert list(collect(keys(google, organization=1), a_run(tmp_path / "run", only="bw-nowhere"))) == []
    assert list(collect(keys(google), a_run(tmp_path / "run", only="bw-nowhere"))) == []


def test_who_sees_nothing_is_told_so(google: FakeGoogle, tmp_path: Path) -> None:
    google.world.nodes.clear()
    with pytest.raises(UsageError, match="see no organization and no project"):
        collected(google, tmp_path / "run")
    google.faults = [on(DENIED)]
    with pytest.raises(UsageError, match="PERMISSION_DENIED"):
        collected(google, tmp_path / "run")


def test_groups_that_may_only_be_searched_are_told_by_that(google: FakeGoogle, tmp_path: Path) -> None:
    google.faults = [on(DENIED, "cloudidentity.groups.memberships.list", "groups/staff")]
    (found,) = collected(google, tmp_path / "run").values()
    (transitive,) = bodies(found, "cloudidentity.groups.memberships.searchTransitiveMemberships")
    assert [one["relationType"] for one in transitive["memberships"]] == ["DIRECT", "INDIRECT"]
    assert asked(google, "cloudidentity.groups.memberships.searchTransitiveMemberships") == ["groups/staff"]
    assert bodies(found, "cloudidentity.groups.memberships.list", "groups/ops")
    (gap,) = [one for one in found.coverage if one.status is not CoverageStatus.OK]
    assert gap.affects == "who is directly in groups, who owns and manages them" and "groups/staff" in gap.detail


def test_policies_are_searched_where_assets_may_not_be_listed(google: FakeGoogle, tmp_path: Path) -> None:
    google.faults = [on(DENIED, "cloudasset.assets.list")]
    (found,) = collected(google, tmp_path / "run").values()
    searched = [one for body in bodies(found, "cloudasset.searchAllIamPolicies") for one in body["results"]]
    assert {one["resource"].rpartition("/")[2] for one in searched} >= {"101", "102", "bw-alpha-logs"}
    assert len([one for one in gaps(found) if one[0].startswith("cloudasset.assets.list")]) == 3
    google.faults, google.log[:] = [], []
    collected(google, tmp_path / "again")
    assert not google.count("cloudasset.searchAllIamPolicies"), "only where the first was denied"


def test_organization_policies_are_told_by_the_inventory_where_they_may_not_be_listed(
    google: FakeGoogle, tmp_path: Path
) -> None:
    google.faults = [on(DENIED, "orgpolicy")]
    (found,) = collected(google, tmp_path / "run").values()
    (body,) = bodies(found, "cloudasset.assets.list:ORG_POLICY")
    assert body["assets"][0]["orgPolicy"]
    told = [one for one in google.log if one.parameters.get("contentType") == "ORG_POLICY"]
    assert len(told) == 1, "asked once, however many were refused"


def test_a_choice_of_services_is_a_gap_for_the_others(google: FakeGoogle, tmp_path: Path) -> None:
    (found,) = collected(google, tmp_path / "run", services=["iam"]).values()
    assert {one.host for one in google.log} == {"iam.googleapis.com", "cloudresourcemanager.googleapis.com"}
    left = {one.service for one in found.coverage if one.status is CoverageStatus.NOT_TRIED}
    assert left >= {"cloudasset", "orgpolicy", "cloudidentity", "directory"}
    assert len(left) <= len({one.name for one in declared()})


def test_a_second_run_sees_what_changed_meanwhile(google: FakeGoogle, tmp_path: Path) -> None:
    (before,) = collected(google, tmp_path / "run").values()
    policy = google.world.policies["projects/103"]
    policy["bindings"] = [{"role": "roles/owner", "members": ["user:eve@brightwater.example"]}]
    policy["etag"] = "BwGamma2"
    (after,) = collected(google, tmp_path / "run").values()
    changed = set(told(after)) ^ set(told(before))
    assert {(kind, resource) for kind, resource, *_ in changed} == {
        ("cloudresourcemanager.projects.getIamPolicy", "projects/103")
    }


def test_secrets_of_workloads_are_dropped_before_anything_is_written(google: FakeGoogle, tmp_path: Path) -> None:
    (found,) = collected(google, tmp_path / "run").values()
    text = b"".join(one.body for one in found.documents)
    assert b"pump" in text and b"job@bw-beta" in text and b"startup-script" not in text and b"canary" not in text
    assert VARIABLE.encode() not in text


def test_the_same_snapshot_whatever_the_order(google: FakeGoogle, tmp_path: Path) -> None:
    one = told(collected(google, tmp_path / "a", in_flight=1)[ORGANIZATION])
    many = told(collected(google, tmp_path / "b", in_flight=12)[ORGANIZATION])
    assert one == many
