"""Lists that say nothing of what they are: empty ones, and subscriptions of which an import holds none."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from azure_support import ANN, OTHER, OWNER, SUB, TENANT, assignment, collected, rows, subscription

from leastwise.providers.azure.exports.gaps import gaps

FIRST, SECOND = f"/subscriptions/{SUB}", f"/subscriptions/{OTHER}"
CALL = "roleAssignments.list"
ABOVE = assignment("/", name="above")
"""What says that a list has what is inherited."""


def unread(folder: Path, files: dict[str, Any], call: str = CALL) -> list[str]:
    """The accounts of which an import does not tell a call."""
    (one,) = collected(folder, {"accounts.json": [subscription(), subscription(OTHER)]} | files)
    return [gap.account for gap in gaps(one) if gap.call == call]


def test_what_is_given_in_a_subscription_without_a_list_is_not_known(tmp_path: Path) -> None:
    assert unread(tmp_path, {"roles.json": [assignment(FIRST), ABOVE]}) == [OTHER]
    inside = assignment(f"{SECOND.upper()}/resourceGroups/web", name="a2")
    assert unread(tmp_path / "both", {"roles.json": [assignment(FIRST), ABOVE, inside]}) == []


def test_resources_alone_do_not_say_that_assignments_were_read(tmp_path: Path) -> None:
    row = {"id": f"{SECOND}/resourceGroups/web", "name": "web", "type": "microsoft.resources/resourcegroups",
           "subscriptionId": OTHER, "tenantId": TENANT}  # fmt: skip
    files = {
        "accounts.json": subscription(),
        "roles.json": [assignment(FIRST), ABOVE],
        "resources.json": {"data": [row]},
    }
    assert unread(tmp_path, files) == [OTHER]


@pytest.mark.parametrize(
    "name", [f"roles-{OTHER}.json", f"roleAssignments--{OTHER.upper()}.json", f"role_assignments_{OTHER}.json"]
)
@pytest.mark.parametrize("held", [[], {"value": []}, [assignment("/", name="a2")]])
def test_the_name_of_a_file_says_of_what_a_list_is(tmp_path: Path, name: str, held: Any) -> None:
    assert unread(tmp_path, {"roles.json": [assignment(FIRST), ABOVE], name: held}) == []


@pytest.mark.parametrize(
    ("listed", "missing"),
    [
        ([assignment(FIRST), assignment(SECOND, name="a2")], [SUB, OTHER]),
        ([assignment(FIRST), assignment(f"{SECOND.upper()}/resourceGroups/web", name="a2")], [SUB, OTHER]),
        ([assignment(FIRST), assignment(SECOND, name="a2"), ABOVE], []),
        ([assignment(FIRST), assignment(SECOND, name="a2"),
          assignment("/providers/Microsoft.Management/managementGroups/top", name="a3")], []),
        ([{"id": f"{one}/providers/Microsoft.Authorization/roleAssignments/a", "name": "a",
           "type": "Microsoft.Authorization/roleAssignments",
           "properties": {"scope": one, "principalId": ANN, "roleDefinitionId": OWNER}}
          for one in (FIRST, SECOND)], []),
    ],
    ids=["here alone", "in a group", "from the root", "from a management group", "the interface itself"],
)  # fmt: skip
def test_what_the_command_line_leaves_out_is_not_known(tmp_path: Path, listed: list[Any], missing: list[str]) -> None:
    """Without `--include-inherited` nothing of what is given above a subscription is in its list."""
    assert unread(tmp_path, {"roles.json": listed}) == missing


def test_the_only_subscription_may_inherit_too(tmp_path: Path) -> None:
    (one,) = collected(tmp_path, {"account.json": subscription(), "roles.json": [assignment(FIRST)]})
    (gap,) = [gap for gap in gaps(one) if gap.call == CALL]
    assert gap.account == SUB and "--include-inherited" in gap.detail


def test_a_list_of_the_only_subscription_needs_no_name(tmp_path: Path) -> None:
    (one,) = collected(tmp_path, {"account.json": subscription(), "roles.json": [assignment("/")]})
    assert not [gap for gap in gaps(one) if gap.call == CALL]


def test_rows_of_resource_graph_are_of_everything(tmp_path: Path) -> None:
    row = assignment(FIRST) | {"subscriptionId": SUB, "tenantId": TENANT}
    assert unread(tmp_path, {"graph.json": {"data": [row], "count": 1}}) == []


def test_subscriptions_without_deny_assignments_are_read(tmp_path: Path) -> None:
    """Nearly all of them: what the interface answers with there is an empty page."""
    files = {f"deny-{one}.json": {"value": []} for one in (SUB, OTHER)}
    (one,) = collected(tmp_path, {"accounts.json": [subscription(), subscription(OTHER)], **files})
    assert [row["status"] for row in rows(one, "coverage") if row["call"] == "denyAssignments.list"] == ["ok"]
    assert not [row for row in rows(one, "coverage") if row["service"] == "import"]
    assert {document.resource for document in one.documents if "deny" in document.kind} == {FIRST, SECOND}


def test_an_empty_list_of_which_nothing_says_what_it_is_tells_of_nothing(tmp_path: Path) -> None:
    (one,) = collected(tmp_path, {"account.json": subscription(), "prod.json": {"value": []}})
    assert "prod.json" in {row["call"] for row in rows(one, "coverage") if row["status"] == "unsupported"}


def test_what_is_denied_in_a_subscription_without_a_list_is_not_known(tmp_path: Path) -> None:
    denied = {
        "id": f"{FIRST}/providers/Microsoft.Authorization/denyAssignments/d", "name": "d",
        "type": "Microsoft.Authorization/denyAssignments",
        "properties": {"denyAssignmentName": "d", "scope": FIRST, "permissions": [{"actions": ["*"]}],
                       "principals": [{"id": ANN, "type": "User"}], "excludePrincipals": []},
    }  # fmt: skip
    files: dict[str, Any] = {"deny.json": {"value": [denied]}}
    assert unread(tmp_path / "one", files, "denyAssignments.list") == [OTHER]
    both = files | {f"deny-{OTHER}.json": {"value": []}}
    assert unread(tmp_path / "both", both, "denyAssignments.list") == []
