"""Which files are Azure exports, in which forms they are read, and to which tree they belong."""

from __future__ import annotations

import gzip
import json
from pathlib import Path
from typing import Any

import pytest
from azure_support import (
    ANN,
    BOB,
    CORP,
    GROUPS,
    OTHER,
    READER,
    SAMPLES,
    SUB,
    TENANT,
    assignment,
    collected,
    entity,
    instance,
    rows,
    subscription,
    written,
)

from leastwise.errors import InputError
from leastwise.model.scope import CoverageStatus
from leastwise.providers.azure import PROVIDER
from leastwise.providers.azure.exports.shapes import kind_of, read_items

HERE, THERE = f"/subscriptions/{SUB}", f"/subscriptions/{OTHER}"
VM = f"{HERE}/resourceGroups/rg/providers/Microsoft.Compute/virtualMachines/vm"
TABLE = {"columns": [{"name": "id", "type": "string"}, {"name": "type", "type": "string"}],
         "rows": [[VM, "microsoft.compute/virtualmachines"]]}  # fmt: skip


@pytest.mark.parametrize(
    ("content", "count", "more"),
    [
        ([assignment(HERE)], 1, False),
        (assignment(HERE), 1, False),
        ({"value": [assignment(HERE)], "nextLink": "https://management.azure.com/next"}, 1, True),
        ({"value": [assignment(HERE)], "nextLink": None}, 1, False),
        ([{"value": [assignment(HERE)]}, {"value": [assignment(THERE), assignment(HERE)]}], 3, False),
        ({"totalRecords": 2, "count": 1, "data": [assignment(HERE)], "resultTruncated": "true"}, 1, True),
        ({"totalRecords": 1, "count": 1, "data": [assignment(HERE)], "resultTruncated": "false"}, 1, False),
        ({"total_records": 1, "count": 1, "data": [assignment(HERE)], "skip_token": "x"}, 1, True),
        ({"count": 1, "data": TABLE, "facets": []}, 1, False),
        ({"status": 200, "body": {"value": [assignment(HERE)]}, "source": "a page"}, 1, False),
        ({"status": 200, "body": assignment(HERE), "source": "a page"}, 1, False),
        ({"value": []}, 0, False),
        ([], 0, False),
    ],
)
def test_objects_are_read_from_arrays_pages_and_recorded_answers(content: Any, count: int, more: bool) -> None:
    found = read_items("f", json.dumps(content).encode())
    assert (len(found.items), found.more) == (count, more)
    assert all(kind_of(one.value) is not None for one in found.items)


@pytest.mark.parametrize(
    ("value", "kind"),
    [
        (assignment(HERE), "authorization.roleAssignments.list"),
        (assignment(HERE) | {"type": "microsoft.authorization/roleassignments"}, "authorization.roleAssignments.list"),
        ({"RoleAssignmentId": "x", "ObjectId": ANN, "Scope": HERE}, "authorization.roleAssignments.list"),
        ({"Name": "R", "Id": READER, "IsCustom": True, "Actions": ["*"]}, "authorization.roleDefinitions.list"),
        ({"id": "NA(classic admins)", "roleDefinitionId": "NA(classic admin role)", "scope": HERE},
         "authorization.classicAdministrators.list"),
        (instance("RoleEligibilityScheduleInstances", HERE), "authorization.roleEligibilityScheduleInstances.list"),
        (instance("roleAssignmentScheduleRequests", HERE), "authorization.roleAssignmentScheduleRequests.list"),
        (subscription(), "subscription.subscriptions.list"),
        ({"id": HERE, "subscriptionId": SUB, "tenantId": TENANT, "displayName": "S", "state": "Enabled"},
         "subscription.subscriptions.list"),
        (entity(GROUPS + "corp", None), "management.managementGroups.list"),
        (entity(HERE, GROUPS + "corp") | {"type": "/subscriptions"}, "subscription.subscriptions.list"),
        ({"id": VM, "name": "vm", "type": "Microsoft.Compute/virtualMachines", "location": "x", "properties": None},
         "resources.resources.list"),
        ({"id": VM, "name": "vm", "type": "Microsoft.Compute/virtualMachines", "properties": {}},
         "resources.resources.get:microsoft.compute/virtualmachines"),
        ({"id": VM, "name": "vm", "type": "microsoft.compute/virtualmachines", "subscriptionId": SUB,
          "tenantId": TENANT, "properties": {}}, "resourceGraph.resources"),
        ({"id": f"{HERE}/resourceGroups/rg"}, "resources.resources.list"),
        ({"id": ANN, "displayName": "Ann"}, None),
        ({"hello": 1}, None),
        ({"id": "//x", "type": "Microsoft.X/y"}, None),
    ],
)  # fmt: skip
def test_the_shape_of_an_object_tells_which_call_gave_it(value: dict[str, Any], kind: str | None) -> None:
    assert kind_of(value) == kind


def test_every_shared_sample_imports() -> None:
    if not SAMPLES.exists():
        pytest.skip("needs the shared samples")
    held = {}
    for path in sorted(SAMPLES.glob("*.json")):
        assert PROVIDER.recognises(path)
        (one,) = PROVIDER.read_exports([path])
        assert all(gap.status is CoverageStatus.OK for gap in one.coverage)
        tables = PROVIDER.translate(one)
        body = json.loads(path.read_text())["body"]
        held[path.stem] = len(rows(tables, "attachments"))
        assert held[path.stem] == len(body.get("value", [body]))
    assert len(held) == 4


def scopes(found: Any) -> dict[str, int]:
    return {one.scope.key: len(rows(one, "attachments")) for one in found}


def test_a_subscription_alone_is_a_scope_and_what_it_inherits_belongs_to_it(tmp_path: Path) -> None:
    found = collected(
        tmp_path,
        {
            "x.json": [
                assignment(HERE),
                assignment(GROUPS + "corp", BOB, name="a2"),
                assignment("/", BOB, READER, name="a3"),
            ]
        },
    )
    assert scopes(found) == {f"azure:{SUB}": 3}
    accounts = {row["account"] for row in rows(found[0], "attachments")}
    assert accounts == {SUB, "corp", "/"}


def test_subscriptions_of_which_nothing_higher_is_told_are_scopes_of_their_own(tmp_path: Path) -> None:
    found = collected(tmp_path, {"x.json": [assignment(HERE)], "y.json": [assignment(THERE, BOB)]})
    assert scopes(found) == {f"azure:{SUB}": 1, f"azure:{OTHER}": 1}


def test_what_lies_at_the_root_belongs_to_every_tree(tmp_path: Path) -> None:
    found = collected(tmp_path, {"x.json": [assignment(HERE), assignment(THERE, BOB), assignment("/", BOB)]})
    assert scopes(found) == {f"azure:{SUB}": 2, f"azure:{OTHER}": 2}


def test_subscriptions_of_one_tenant_make_its_tree(tmp_path: Path) -> None:
    files = {"a.json": [subscription(), subscription(OTHER)], "x.json": [assignment(HERE), assignment(THERE, BOB)]}
    assert scopes(collected(tmp_path, files)) == {f"azure:{TENANT}": 2}


def test_a_tree_begins_at_the_lowest_group_that_holds_everything(tmp_path: Path) -> None:
    tree = [entity(GROUPS + TENANT, None), entity(GROUPS + "corp", GROUPS + TENANT), entity(HERE, GROUPS + "Corp"),
            entity(THERE, GROUPS + "corp")]  # fmt: skip
    files = {"tree.json": tree, "x.json": [assignment(HERE), assignment(THERE, BOB)]}
    (one,) = collected(tmp_path, files)
    assert one.scope.key == f"azure:{TENANT}"
    parents = {row["id"]: row["parent"] for row in rows(one, "scopes")}
    assert parents == {TENANT: "/", "corp": TENANT, SUB: "corp", OTHER: "corp", "/": None}
    files["tree.json"] = [entity(GROUPS + "corp", None) | {"tenantId": None}, *tree[2:]]
    (one,) = collected(tmp_path, files)
    assert (one.scope.kind, one.scope.id) == ("management_group", "corp")


def test_a_group_told_with_its_children_tells_the_tree(tmp_path: Path) -> None:
    shown = {
        "id": GROUPS + "corp",
        "name": "corp",
        "displayName": "Corp",
        "tenantId": TENANT,
        "type": "Microsoft.Management/managementGroups",
        "children": [
            {
                "id": GROUPS + "web",
                "name": "web",
                "displayName": "Web",
                "type": "Microsoft.Management/managementGroups",
                "children": [{"id": HERE, "name": SUB, "displayName": "Shop", "type": "/subscriptions"}],
            }
        ],
    }
    (one,) = collected(tmp_path, {"g.json": shown, "x.json": [assignment(HERE)]})
    found = {row["id"]: (row["name"], row["parent"], row["kind"]) for row in rows(one, "scopes")}
    assert found["web"] == ("Web", "corp", "management_group")
    assert found[SUB] == ("Shop", "web", "subscription")


def test_resource_graph_tells_the_groups_above_a_subscription(tmp_path: Path) -> None:
    container = {"id": HERE, "name": "Shop", "type": "microsoft.resources/subscriptions", "tenantId": TENANT,
                 "subscriptionId": SUB, "properties": {"state": "Enabled", "managementGroupAncestorsChain": [
                     {"displayName": "Web", "name": "web"}, {"displayName": "Root", "name": TENANT}]}}  # fmt: skip
    (one,) = collected(tmp_path, {"g.json": {"count": 1, "data": [container]}, "x.json": [assignment(HERE)]})
    found = {row["id"]: row["parent"] for row in rows(one, "scopes")}
    assert found == {SUB: "web", "web": TENANT, TENANT: "/", "/": None}


def test_a_page_whose_next_one_is_missing_is_a_gap(tmp_path: Path) -> None:
    (one,) = collected(tmp_path, {"x.json": {"value": [assignment(HERE)], "nextLink": "https://x"}})
    (gap,) = one.coverage
    assert (gap.status, gap.service, gap.call) == (CoverageStatus.FAILED, "authorization", "roleAssignments.list")


@pytest.mark.parametrize(
    ("content", "says"),
    [
        ({"$schema": "https://schema.management.azure.com/schemas/2019-04-01/deploymentTemplate.json#"},
         "a template says what may be deployed"),
        ({"terraform_version": "1.5"}, "a Terraform plan or state is not read"),
        ({"error": {"code": "AuthorizationFailed", "message": "no"}}, r"refuses \(AuthorizationFailed\)"),
        ({"operationName": "x", "caller": "ann", "eventTimestamp": "2026-01-01T00:00:00Z"}, "log entries"),
        ({"hello": 1}, "no Azure export that Leastwise knows"),
        (assignment("/"), "nothing says of which subscription"),
        ([1], "an object is expected"),
        ("{", "not valid JSON"),
    ],
)  # fmt: skip
def test_what_is_not_read_says_why(tmp_path: Path, content: Any, says: str) -> None:
    path = tmp_path / "x.json"
    path.write_text(content if isinstance(content, str) else json.dumps(content))
    with pytest.raises(InputError, match=says) as caught:
        PROVIDER.read_exports([path])
    assert "x.json" in str(caught.value) and "\n" not in str(caught.value)


def test_among_others_it_is_left_out_and_said(tmp_path: Path) -> None:
    files = {"x.json": [assignment(HERE)], "deny.json": {"error": {"code": "AuthorizationFailed"}}, "empty.json": "",
             "odd.json": [{"hello": 1}], "log.json": {"operationName": "x", "caller": "a", "time": "t"}}  # fmt: skip
    (one,) = collected(tmp_path, files)
    told = {gap.call: gap.detail for gap in one.coverage if gap.service == "import"}
    assert set(told) == {"deny.json", "empty.json", "odd.json", "log.json"}
    assert "AuthorizationFailed" in told["deny.json"]


def test_a_file_that_is_cut_off_stops_the_import(tmp_path: Path) -> None:
    written(tmp_path, {"x.json": [assignment(HERE)], "y.json": json.dumps([assignment(HERE)], indent=1)[:-30]})
    with pytest.raises(InputError, match=r"y\.json"):
        PROVIDER.read_exports([tmp_path])


def test_packed_files_and_marks_of_encodings_are_read(tmp_path: Path) -> None:
    text = json.dumps([assignment(HERE)])
    (tmp_path / "x.json.gz").write_bytes(gzip.compress(text.encode()))
    (tmp_path / "y.json").write_bytes(text.encode("utf-16"))
    (one,) = PROVIDER.read_exports([tmp_path])
    assert len(rows(one, "attachments")) == 1


def test_what_is_recognised(tmp_path: Path) -> None:
    assert PROVIDER.recognises(CORP)
    assert not PROVIDER.recognises(CORP / "users.json")
    compact = written(tmp_path, {"x.json": json.dumps({"value": [assignment(HERE)]})}) / "x.json"
    assert PROVIDER.recognises(compact)
    long = written(tmp_path, {"y.json": json.dumps([assignment(HERE) for _ in range(1000)])}) / "y.json"
    assert PROVIDER.recognises(long)


def test_parts_that_nothing_tells_are_gaps(tmp_path: Path) -> None:
    (one,) = collected(tmp_path, {"x.json": [assignment(HERE), assignment("/", name="a2")]})
    missing = {(gap.service, gap.call) for gap in PROVIDER.gaps(one)}
    assert ("authorization", "denyAssignments.list") in missing
    assert ("authorization", "roleAssignments.list") not in missing
    (one,) = PROVIDER.read_exports([CORP])
    assert PROVIDER.gaps(one) == []
