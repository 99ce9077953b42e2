"""Which files are Google Cloud exports, in which forms they are read, and to which tree they belong."""

from __future__ import annotations

import gzip
import json
from pathlib import Path
from typing import Any

import pytest
from gcp_support import ANCESTORS, ORG, RM, SAMPLES, asset, collected, lines, organization, policy, project

from leastwise.errors import InputError
from leastwise.model.scope import CoverageStatus
from leastwise.providers.gcp import PROVIDER
from leastwise.providers.gcp.exports.items import read_items
from leastwise.providers.gcp.exports.place import told_by
from leastwise.providers.gcp.exports.shapes import kind_of

BUCKET = asset("//storage.googleapis.com/b", "storage.googleapis.com/Bucket", resource={"data": {"name": "b"}})
REST = {"name": "//storage.googleapis.com/b", "assetType": "storage.googleapis.com/Bucket", "ancestors": ANCESTORS,
        "iamPolicy": policy(("roles/viewer", ["user:a@corp.example"]))}  # fmt: skip


@pytest.mark.parametrize(
    ("text", "count"),
    [
        (lines(BUCKET, BUCKET), 2),
        ("# a comment\n\n" + lines(BUCKET) + "  # another\n", 1),
        (json.dumps([BUCKET, REST]), 2),
        (json.dumps({"assets": [BUCKET], "readTime": "2026-01-01T00:00:00Z"}), 1),
        (json.dumps([{"assets": [BUCKET]}, {"assets": [REST, BUCKET]}]), 3),
        (json.dumps(BUCKET, indent=2), 1),
        (lines({"assets": [BUCKET]}, {"assets": [REST]}), 2),
        ("# nothing but a comment\n", 0),
        ("[]", 0),
        (json.dumps({"assets": []}), 0),
    ],
)
def test_objects_are_read_from_lines_arrays_and_pages(text: str, count: int) -> None:
    found = read_items("f", text.encode()).items
    assert len(found) == count
    assert all(kind_of(one.value) is not None for one in found)


@pytest.mark.parametrize(
    ("text", "place", "says"),
    [
        (lines(BUCKET) + '{"name": "//stor', "line 2", "cut off"),
        (lines(BUCKET) + "nonsense\n" + lines(BUCKET), "line 2", "not valid JSON"),
        (json.dumps([BUCKET, 3]), "item 1", "an object is expected"),
        (lines(BUCKET) + "[1]\n", "line 2", "an object is expected"),
        (json.dumps([BUCKET], indent=1)[:-20], "", "not valid JSON"),
        ('"text"', "", "no JSON objects"),
        ("\ufffd\n", "line 1", "not valid JSON"),
    ],
)
def test_what_is_broken_is_named_with_its_place(text: str, place: str, says: str) -> None:
    with pytest.raises(InputError, match=says) as caught:
        read_items("f.jsonl", text.encode())
    assert caught.value.place == place
    assert str(caught.value).startswith("f.jsonl: ")


@pytest.mark.parametrize(
    ("value", "kind"),
    [
        (BUCKET, "cloudasset.assets.list:RESOURCE"),
        (REST, "cloudasset.assets.list:IAM_POLICY"),
        (BUCKET | REST, "cloudasset.assets.list:IAM_POLICY+RESOURCE"),
        ({"name": "//x.googleapis.com/y", "assetType": "x.googleapis.com/Y", "ancestors": []},
         "cloudasset.assets.list:NAMES"),
        ({"name": "//x.googleapis.com/y", "assetType": "x.googleapis.com/Y", "project": "projects/1"},
         "cloudasset.searchAllResources"),
        ({"resource": "//x.googleapis.com/y", "policy": {"bindings": []}, "project": "projects/1"},
         "cloudasset.searchAllIamPolicies"),
        ({"projectId": "p", "projectNumber": "1", "lifecycleState": "ACTIVE"}, "cloudresourcemanager.projects.list"),
        ({"name": "projects/1", "projectId": "p", "state": "ACTIVE"}, "cloudresourcemanager.projects.list"),
        ({"name": "folders/1", "displayName": "f", "parent": "organizations/1"}, "cloudresourcemanager.folders.list"),
        ({"name": "organizations/1", "displayName": "o"}, "cloudresourcemanager.organizations.search"),
        ({"bindings": [], "etag": "x"}, "getIamPolicy"),
        ({"etag": "ACAB"}, "getIamPolicy"),
        ({"name": "roles/viewer", "title": "Viewer"}, "iam.roles.list"),
        ({"name": "projects/p/roles/r", "title": "R"}, "iam.projects.roles.list"),
        ({"name": "organizations/1/roles/r", "title": "R"}, "iam.organizations.roles.list"),
        ({"name": "projects/p/serviceAccounts/a@p.iam.gserviceaccount.com", "email": "a@p.iam.gserviceaccount.com"},
         "iam.serviceAccounts.list"),
        ({"name": "projects/p/serviceAccounts/a@p.iam.gserviceaccount.com/keys/k"}, "iam.serviceAccounts.keys.list"),
        ({"name": "policies/cloudresourcemanager.googleapis.com%2Fprojects%2F1/denypolicies/d"},
         "iam.policies.listPolicies"),
        ({"name": "organizations/1/locations/global/principalAccessBoundaryPolicies/b"},
         "iam.principalAccessBoundaryPolicies.list"),
        ({"name": "organizations/1/locations/global/policyBindings/b"}, "iam.policyBindings.list"),
        ({"name": "projects/1/locations/global/accessPolicies/b"}, "iam.accessPolicies.list"),
        ({"name": "projects/1/locations/global/workloadIdentityPools/w"}, "iam.workloadIdentityPools.list"),
        ({"name": "projects/1/locations/global/workloadIdentityPools/w/providers/p"},
         "iam.workloadIdentityPools.providers.list"),
        ({"name": "locations/global/workforcePools/w"}, "iam.workforcePools.list"),
        ({"name": "locations/global/workforcePools/w/providers/p"}, "iam.workforcePools.providers.list"),
        ({"name": "groups/1", "groupKey": {"id": "g@corp.example"}}, "cloudidentity.groups.list"),
        ({"name": "groups/1/memberships/2", "preferredMemberKey": {"id": "a@corp.example"}},
         "cloudidentity.groups.memberships.list"),
        ({"name": "projects/1/policies/iam.disableServiceAccountKeyCreation", "spec": {}}, "orgpolicy.policies.list"),
        ({"constraint": "constraints/iam.x", "booleanPolicy": {}}, "cloudresourcemanager.projects.listOrgPolicies"),
        ({"name": "tagKeys/1", "shortName": "env"}, "cloudresourcemanager.tagKeys.list"),
        ({"name": "tagValues/1", "shortName": "prod"}, "cloudresourcemanager.tagValues.list"),
        ({"parent": "//x", "tagValue": "tagValues/1"}, "cloudresourcemanager.tagBindings.list"),
        ({"name": "projects/p/locations/global/entitlements/e"}, "privilegedaccessmanager.entitlements.list"),
        ({"name": "projects/p/locations/global/entitlements/e/grants/g"},
         "privilegedaccessmanager.entitlements.grants.list"),
        ({"name": "example.com:p", "projectId": "example.com:p", "parent": None}, "cloudresourcemanager.projects.list"),
        ({"name": None, "parent": None, "projectId": "//storage.googleapis.com/b"}, None),
        ({"projectId": "", "parent": None}, None),
        ({"hello": 1}, None),
        ({"name": "something"}, None),
        ({"AccountId": "1", "Arn": "arn:aws:iam::1:user/a"}, None),
    ],
)  # fmt: skip
def test_the_shape_of_an_object_tells_which_call_gave_it(value: dict[str, Any], kind: str | None) -> None:
    assert kind_of(value) == kind


@pytest.mark.parametrize(
    ("path", "name"),
    [
        ("get-iam-policy--projects-shop.json", f"{RM}projects/shop"),
        ("x/get-iam-policy--organizations-1.json.gz", f"{RM}organizations/1"),
        ("get-iam-policy--projects%2Fp%2FserviceAccounts%2Fa@p.iam.gserviceaccount.com.json",
         "//iam.googleapis.com/projects/p/serviceAccounts/a@p.iam.gserviceaccount.com"),
        ("policy--%2F%2Fstorage.googleapis.com%2Fbucket.json", "//storage.googleapis.com/bucket"),
        ("policy--buckets%2Fbucket.json", "//storage.googleapis.com/bucket"),
        ("folders/22/get-iam-policy.json", f"{RM}folders/22"),
        ("projects-shop/get-iam-policy.json", f"{RM}projects/shop"),
        ("projects/shop/serviceAccounts/a@b.iam.gserviceaccount.com/policy.json",
         "//iam.googleapis.com/projects/shop/serviceAccounts/a@b.iam.gserviceaccount.com"),
        ("project-shop.json", f"{RM}projects/shop"),
        ("policy.json", ""),
        ("mine/policy.json", ""),
    ],
)  # fmt: skip
def test_a_path_tells_what_a_policy_is_of(path: str, name: str) -> None:
    assert told_by(Path("/export") / path) == name


def scopes(found: list[Any]) -> set[tuple[str, str]]:
    return {(one.scope.kind, one.scope.id) for one in found}


def test_a_whole_organization_is_one_scope(tmp_path: Path) -> None:
    found = collected(tmp_path, {"a.jsonl": (organization(), project(), BUCKET), "b.jsonl": (REST,)})
    assert scopes(found) == {("organization", ORG)}
    assert {one.kind for one in found[0].documents} == {
        "cloudasset.assets.list:RESOURCE", "cloudasset.assets.list:IAM_POLICY"
    }  # fmt: skip


def test_an_export_of_a_project_is_that_project_although_it_names_what_is_above(tmp_path: Path) -> None:
    assert scopes(collected(tmp_path, {"a.jsonl": (project(), BUCKET)})) == {("project", "shop")}


def test_a_project_without_an_id_keeps_its_number(tmp_path: Path) -> None:
    assert scopes(collected(tmp_path, {"a.jsonl": (BUCKET,)})) == {("project", "projects/33")}


def test_projects_of_one_folder_are_that_folder(tmp_path: Path) -> None:
    other = asset("//storage.googleapis.com/c", "storage.googleapis.com/Bucket", ["projects/44", "folders/2", ORG])
    assert scopes(collected(tmp_path, {"a.jsonl": (BUCKET, other)})) == {("folder", "folders/2")}


def test_projects_of_which_nothing_higher_is_told_are_scopes_each(tmp_path: Path) -> None:
    listed = [{"projectId": f"p{at}", "projectNumber": str(at), "lifecycleState": "ACTIVE"} for at in (1, 2)]
    assert scopes(collected(tmp_path, {"projects.json": listed})) == {("project", "p1"), ("project", "p2")}


def test_what_is_listed_below_an_organization_joins_it(tmp_path: Path) -> None:
    files = {
        "organizations.json": [{"name": ORG, "displayName": "corp.example"}],
        "projects.json": [{"projectId": "shop", "projectNumber": "33", "lifecycleState": "ACTIVE",
                           "parent": {"type": "organization", "id": "1"}}],
        "get-iam-policy--projects-shop.json": policy(("roles/owner", ["user:a@corp.example"])),
        "accounts.json": [{"name": "projects/shop/serviceAccounts/a@shop.iam.gserviceaccount.com",
                           "email": "a@shop.iam.gserviceaccount.com", "uniqueId": "7"}],
    }  # fmt: skip
    assert scopes(collected(tmp_path, files)) == {("organization", ORG)}


def test_files_in_other_wrappings_are_the_same(tmp_path: Path) -> None:
    (tmp_path / "a.json.gz").write_bytes(gzip.compress(lines(project(), BUCKET).encode()))
    (tmp_path / "b.json").write_bytes(lines(REST).encode("utf-16"))
    (tmp_path / "c.dump").write_bytes(b"\xef\xbb\xbf# c\n" + lines(BUCKET).encode())
    (found,) = PROVIDER.read_exports([tmp_path])
    assert len(found.documents) == 3
    assert all(PROVIDER.recognises(path) for path in tmp_path.iterdir())


@pytest.mark.parametrize("wrap", [lambda many: many, lambda many: {"assets": many}])
def test_a_long_file_is_recognised_by_its_beginning(tmp_path: Path, wrap: Any) -> None:
    long = [asset(f"//storage.googleapis.com/b{at}", "storage.googleapis.com/Bucket") for at in range(2000)]
    (tmp_path / "long.json").write_text(json.dumps(wrap(long), indent=2))
    (tmp_path / "line.json").write_text(json.dumps(wrap(long)))
    assert (tmp_path / "line.json").stat().st_size > 1 << 17
    assert PROVIDER.recognises(tmp_path / "long.json") and PROVIDER.recognises(tmp_path / "line.json")
    (tmp_path / "other.json").write_text(json.dumps([{"hello": "world"}] * 20_000))
    assert not PROVIDER.recognises(tmp_path / "other.json")


def test_objects_without_a_place_cost_no_more_than_others(tmp_path: Path) -> None:
    """Twice as many must not take four times as many steps: their file's trees are told once."""
    lost = [asset(f"//storage.googleapis.com/b{at}", "storage.googleapis.com/Bucket", ["x"]) for at in range(3000)]
    (found,) = collected(tmp_path, {"a.jsonl": (project(), *lost)})
    assert found.scope.id == "shop"


@pytest.mark.parametrize(
    ("name", "content", "says"),
    [
        ("empty.json", "", "empty"),
        ("hello.json", '{"hello": 1}', "no Google Cloud export that Leastwise knows"),
        ("plan.json", '{"terraform_version": "1.9", "planned_values": {}}',
        "a Terraform plan says what may come to be"),
        ("state.json", '{"terraform_version": "1.9", "resources": []}', "Terraform state"),
        ("log.json", '{"logName": "projects/p/logs/x", "protoPayload": {}}', "leastwise events"),
        ("log.log", 'Query:\n{\n  logName: "x"\n  protoPayload: {}', "leastwise events"),
        ("finding.json", '[{"finding": {}}]', "Security Command Center"),
        ("policy.json", '{"bindings": [], "etag": "x"}', "does not say of which resource"),
        ("cut.json", '[{"name": "//storage', "not valid JSON"),
        ("lost.json", json.dumps([{"name": "//storage.googleapis.com/b", "asset_type": "storage.googleapis.com/Bucket",
                                   "iam_policy": {}}]), "names no organization, folder or project"),
    ],
)  # fmt: skip
def test_a_file_that_cannot_be_imported_says_why_in_one_line(
    tmp_path: Path, name: str, content: str, says: str
) -> None:
    (tmp_path / name).write_text(content)
    with pytest.raises(InputError, match=says) as caught:
        PROVIDER.read_exports([tmp_path / name])
    assert "\n" not in str(caught.value)
    assert str(tmp_path / name) in str(caught.value)


def test_among_others_such_a_file_is_a_gap_with_the_same_reason(tmp_path: Path) -> None:
    (one,) = collected(
        tmp_path,
        {
            "assets.jsonl": (project(), BUCKET), "plan.json": {"terraform_version": "1.9", "planned_values": {}},
            "log.json": {"logName": "x", "protoPayload": {}}, "hello.json": {"hello": 1}, "empty.json": " ",
            "policy.json": {"bindings": [], "etag": "x"},
        },
    )  # fmt: skip
    told = {gap.call: gap.detail for gap in one.coverage if gap.status is CoverageStatus.UNSUPPORTED}
    assert set(told) == {"plan.json", "log.json", "hello.json", "empty.json", "policy.json"}
    assert "Terraform plan" in told["plan.json"]
    assert "leastwise events" in told["log.json"]
    assert "1 objects of a form that is not known" in told["hello.json"]


def test_one_broken_file_of_a_folder_stops_the_import(tmp_path: Path) -> None:
    (tmp_path / "b.jsonl").write_text(lines(BUCKET)[:-9])
    (tmp_path / "a.jsonl").write_text(lines(project()))
    with pytest.raises(InputError, match=r"b\.jsonl"):
        PROVIDER.read_exports([tmp_path])


def test_a_page_that_names_a_missing_next_one_is_a_gap(tmp_path: Path) -> None:
    (one,) = collected(tmp_path, {"a.json": {"assets": [project(), BUCKET], "nextPageToken": "t"}})
    (gap,) = [gap for gap in one.coverage if gap.status is CoverageStatus.FAILED]
    assert (gap.service, gap.call) == ("cloudasset", "assets.list/RESOURCE")
    assert "next one" in gap.detail


def test_objects_of_a_form_that_is_not_known_are_counted(tmp_path: Path) -> None:
    (one,) = collected(tmp_path, {"a.json": [project(), {"x": 1}, {"y": 2}]})
    (gap,) = [gap for gap in one.coverage if gap.status is CoverageStatus.UNSUPPORTED]
    assert gap.detail == "2 objects of a form that is not known; left out (item 1)"
    assert b'"x"' not in one.documents[0].body


def test_bodies_stay_as_they_were_read(tmp_path: Path) -> None:
    text = "# kept\n" + lines(project(), BUCKET)
    (one,) = collected(tmp_path, {"a.dump": text})
    assert one.documents[0].body.decode() == text


@pytest.mark.skipif(not SAMPLES.exists(), reason="needs the shared samples")
def test_every_sample_is_read_or_refused_with_a_reason() -> None:
    reasons = ("Terraform plan", "leastwise events", "Security Command Center", "names no organization", "is empty",
               "not valid JSON")  # fmt: skip
    read, refused = 0, []
    for path in sorted(one for one in SAMPLES.rglob("*") if one.is_file()):
        try:
            read += sum(len(one.documents) for one in PROVIDER.read_exports([path])) > 0
        except InputError as error:
            assert any(reason in str(error) for reason in reasons), str(error)
            refused.append((path.suffixes[0] if path.suffixes else "", str(error)))
    assert read == 75
    assert sum("Terraform plan" in why for _, why in refused) == 48
    # One file is a table of usage logs; nothing else may fail for its form.
    assert sum("not valid JSON" in why for _, why in refused) == 1
