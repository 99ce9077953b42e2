"""What Google itself says of use: insights of Recommender, the Policy Analyzer's times, tags that are inherited."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from gcp_support import ORG, asset, organization, policy, project, rows, translated

from fakes.gcp_bulk import as_read
from leastwise.model.decision import Circumstances, State
from leastwise.model.scope import Collected, RawDocument, Scope
from leastwise.providers.base import ScopeTables
from leastwise.providers.gcp import PROVIDER
from leastwise.providers.gcp.compiled.compile import compile_estate
from leastwise.providers.gcp.compiled.port import GcpPort

NOW = datetime(2026, 11, 1, tzinfo=UTC)
SCOPE = Scope("gcp", "organization", ORG)
CI = "ci@shop.iam.gserviceaccount.com"
INSIGHTS = "projects/33/locations/global/insightTypes"


def exercised(*permissions: str, who: str = f"serviceAccount:{CI}", **more: Any) -> dict[str, Any]:
    """A policy insight as the page shows one."""
    return {
        "name": f"{INSIGHTS}/google.iam.policy.Insight/insights/07841f74",
        "description": "4 of the permissions in this role binding were used in the past 90 days.",
        "content": {
            "role": "roles/editor", "member": who, "condition": {"expression": "", "title": ""},
            "exercisedPermissions": [{"permission": one} for one in permissions],
            "inferredPermissions": [{"permission": "resourcemanager.projects.get"}],
            "currentTotalPermissionsCount": "5069",
        },
        "lastRefreshTime": "2026-10-30T07:00:00Z", "observationPeriod": "7776000s",
        "stateInfo": {"state": "ACTIVE"}, "category": "SECURITY", "insightSubtype": "PERMISSIONS_USAGE",
        "targetResources": ["//cloudresourcemanager.googleapis.com/projects/33"],
    } | more  # fmt: skip


def idle(**content: Any) -> dict[str, Any]:
    return {
        "name": f"{INSIGHTS}/google.iam.serviceAccount.Insight/insights/08",
        "content": {"email": CI, "projectId": "shop", "serviceAccountId": "1001"} | content,
        "lastRefreshTime": "2026-10-30T07:00:00Z", "observationPeriod": "7776000s",
    }  # fmt: skip


def told(kind: str, *objects: dict[str, Any], resource: str = "", wrapper: str = "insights") -> Mapping[str, pa.Table]:
    assets = "\n".join(json.dumps(one) for one in (organization(), project()))
    documents = (
        RawDocument(SCOPE, "cloudasset", "cloudasset.assets.list:RESOURCE", "a.jsonl", assets.encode()),
        RawDocument(SCOPE, "x", kind, "i.json", json.dumps({wrapper: objects}).encode(), resource),
    )
    return PROVIDER.translate(Collected(SCOPE, NOW, documents))


def insights(*objects: dict[str, Any]) -> list[dict[str, Any]]:
    return rows(told("recommender.insights.list", *objects), "last_accessed")


def test_what_was_exercised_was_tried_some_time_in_the_period() -> None:
    one, other = insights(exercised("storage.objects.create", "storage.objects.list"))
    refreshed = datetime(2026, 10, 30, 7, tzinfo=UTC)
    assert one == {
        "principal": f"serviceAccount:{CI}", "account": "shop", "service": "storage",
        "permission": "storage.objects.create", "last": refreshed, "inexact": True, "region": None,
        "since": refreshed - timedelta(days=90), "taken": refreshed, "source": "i.json#item 0",
    }  # fmt: skip
    assert other["permission"] == "storage.objects.list"


def test_what_is_inferred_or_not_listed_says_nothing() -> None:
    """The page: insights may not list all that is needed; what is inferred nobody used."""
    assert insights(exercised()) == []


@pytest.mark.parametrize(
    "who", ["group:staff@corp.example", "allUsers", "domain:corp.example", "projectViewer:shop",
            f"deleted:serviceAccount:{CI}?uid=1", "principalSet://iam.googleapis.com/projects/33/locations/global/x"],
)  # fmt: skip
def test_a_set_tells_nothing_of_one(who: str) -> None:
    assert insights(exercised("storage.objects.get", who=who)) == []


@pytest.mark.parametrize(
    "broken",
    [{"lastRefreshTime": None}, {"lastRefreshTime": "soon"}, {"observationPeriod": "90d"}, {"observationPeriod": ""},
     {"observationPeriod": "1e99s"}, {"content": {}}, {"content": None}, {"content": {"member": f"user:{CI}"}},
     {"name": f"{INSIGHTS}/google.iam.policy.LateralMovementInsight/insights/9"}, {"name": None}],
)  # fmt: skip
def test_an_insight_that_does_not_say_what_or_when(broken: dict[str, Any]) -> None:
    assert insights(exercised("storage.objects.get", **broken)) == []


def test_said_of_later_than_the_snapshot_counts_as_said_then() -> None:
    (one,) = insights(exercised("storage.objects.get", lastRefreshTime="2026-11-03T00:00:00Z"))
    assert one["taken"] == one["last"] == NOW


def test_spellings_of_permissions() -> None:
    (one,) = insights(exercised("storage.googleapis.com/objects.get"))
    assert (one["service"], one["permission"]) == ("storage", "storage.objects.get")


def used(found: Mapping[str, pa.Table]) -> tuple[datetime | None, bool]:
    (one,) = [one for one in rows(found, "principals") if one["id"] == f"serviceAccount:{CI}"]
    return one["last_used"], one["last_used_known"]


def test_a_service_account_that_signed_in_nowhere() -> None:
    kind = "recommender.insights.list"
    assert used(told(kind, idle(lastAuthenticatedTime="2026-05-01T07:00:00Z"))) == (
        datetime(2026, 5, 1, 7, tzinfo=UTC), True
    )  # fmt: skip
    assert used(told(kind, idle())) == (None, True)
    assert used(told(kind, exercised("storage.objects.get"))) == (None, False)


def test_the_policy_analyzers_word_goes_first(tmp_path: Path) -> None:
    activity = {
        "fullResourceName": f"//iam.googleapis.com/projects/shop/serviceAccounts/{CI}",
        "activityType": "serviceAccountLastAuthentication",
        "observationPeriod": {"startTime": "2026-02-01T07:00:00Z", "endTime": "2026-10-30T07:00:00Z"},
        "activity": {"lastAuthenticatedTime": "2026-06-02T07:00:00Z"},
    }
    documents = tuple(
        RawDocument(SCOPE, "x", kind, "i.json", json.dumps({wrapper: [one]}).encode())
        for kind, wrapper, one in (
            ("recommender.insights.list", "insights", idle(lastAuthenticatedTime="2026-05-01T07:00:00Z")),
            ("policyanalyzer.activities.query", "activities", activity),
        )
    )
    assert used(PROVIDER.translate(Collected(SCOPE, NOW, documents)))[0] == datetime(2026, 6, 2, 7, tzinfo=UTC)


def test_a_saved_answer_is_imported(tmp_path: Path) -> None:
    """`gcloud recommender insights list --format=json` writes an array."""
    found = translated(tmp_path, organization(), project(), **{"insights.json": [exercised("storage.objects.get")]})
    assert [one["permission"] for one in rows(found, "last_accessed")] == ["storage.objects.get"]


def tag(key: str, value: str, inherited: bool = True) -> dict[str, Any]:
    return {"tagValue": "tagValues/9", "namespacedTagValue": f"{key}/{value}", "tagKey": "tagKeys/8",
            "namespacedTagKey": key, "tagKeyParentName": ORG, "inherited": inherited}  # fmt: skip


def tags(resource: str, *found: dict[str, Any]) -> dict[str, dict[str, str]]:
    kind = "cloudresourcemanager.effectiveTags.list"
    scopes = rows(told(kind, *found, resource=resource, wrapper="effectiveTags"), "scopes")
    return {one["id"]: dict(one["tags"] or ()) for one in scopes}


@pytest.mark.parametrize("resource", ["projects/33", "//cloudresourcemanager.googleapis.com/projects/33"])
def test_tags_that_are_inherited_from_what_was_not_read(resource: str) -> None:
    found = tags(resource, tag("1/env", "prod"), tag("1/team", "web", inherited=False))
    assert found["shop"] == {"team": "web", "1/env": "prod", "1/team": "web"}
    assert found[ORG] == {} == found["folders/2"]


def test_what_bindings_tell_is_not_told_twice() -> None:
    assets = [organization(), project()]
    bound = {"name": "tagBindings/x/tagValues/9", "parent": f"//cloudresourcemanager.googleapis.com/{ORG}",
             "tagValue": "tagValues/9", "tagValueNamespacedName": "1/env/prod"}  # fmt: skip

    def with_effective(*found: dict[str, Any]) -> dict[str, dict[str, str]]:
        listed = "\n".join(json.dumps(one) for one in assets).encode()
        documents = (
            RawDocument(SCOPE, "x", "cloudasset.assets.list:RESOURCE", "a", listed),
            RawDocument(SCOPE, "x", "cloudresourcemanager.tagBindings.list", "b",
                        json.dumps({"tagBindings": [bound]}).encode()),
            RawDocument(SCOPE, "x", "cloudresourcemanager.effectiveTags.list", "e",
                        json.dumps({"effectiveTags": found}).encode(), "projects/33"),
        )  # fmt: skip
        scopes = rows(PROVIDER.translate(Collected(SCOPE, NOW, documents)), "scopes")
        return {one["id"]: dict(one["tags"] or ()) for one in scopes}

    found = with_effective(tag("1/env", "prod"))
    assert found[ORG] == {"1/env": "prod"} and found["shop"] == {"team": "web"}
    # The service's own word of a container outweighs what follows from bindings above it.
    assert with_effective(tag("1/env", "test"))["shop"]["1/env"] == "test"


@pytest.mark.parametrize(
    "broken", [{"namespacedTagKey": ""}, {"namespacedTagValue": "2/env/prod"}, {"namespacedTagValue": None}]
)
def test_a_tag_that_does_not_say_key_and_value(broken: dict[str, Any]) -> None:
    assert tags("projects/33", tag("1/env", "prod") | broken)["shop"] == {"team": "web"}
    assert tags("nothing", tag("1/env", "prod"))["shop"] == {"team": "web"}


def may(*effective: dict[str, Any], tag_of: str = "1/env") -> State:
    """Whether Ann may read a bucket of a project alone, under a condition on a tag; nothing above it was read."""
    condition = f"resource.matchTag('{tag_of}', 'prod')"
    bucket = asset("//storage.googleapis.com/b", "storage.googleapis.com/Bucket", ["projects/33"])
    given = project(iam_policy=policy(("roles/storage.objectViewer", ["user:ann@corp.example"], condition)))
    scope = Scope("gcp", "project", "shop")
    listed = "\n".join(json.dumps(one | {"ancestors": ["projects/33"]}) for one in (given, bucket)).encode()
    documents = (
        RawDocument(scope, "x", "cloudasset.assets.list:IAM_POLICY+RESOURCE", "a", listed),
        RawDocument(scope, "x", "cloudresourcemanager.effectiveTags.list", "e",
                    json.dumps({"effectiveTags": effective}).encode(), "projects/33"),
    )  # fmt: skip
    tables = PROVIDER.translate(Collected(scope, NOW, documents))
    arrays = as_read(compile_estate([ScopeTables("project", "shop", tables, True, NOW)]))
    port = GcpPort(arrays, [id for id, _ in arrays.facts["unread"]["above"]])
    resource = "//storage.googleapis.com/projects/_/buckets/b/objects/o"
    return port.can("user:ann@corp.example", "storage.objects.get", resource, Circumstances()).state


def test_conditions_on_inherited_tags_are_decided() -> None:
    assert may(tag("1/env", "prod")) is State.ALLOWED
    assert may(tag("1/env", "test")) is not State.ALLOWED
    assert may() is not State.ALLOWED
    assert may(tag("1/env", "prod"), tag_of="1/other") is not State.ALLOWED
