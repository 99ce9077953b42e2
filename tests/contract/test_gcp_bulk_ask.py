"""The cases of the suite `ask`, asked of the bulk engine: documents as files, their tables, these compiled."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from asking_support import cases_of

from fakes.gcp_bulk import circumstances, port_of
from leastwise.engine.relation import Relation
from leastwise.model.decision import State
from leastwise.providers.ask import wanted, whole
from leastwise.providers.gcp.compiled.asked import resource_of
from leastwise.providers.gcp.compiled.port import GcpPort

FOLDER = Path(__file__).parents[1] / "cases" / "gcp"
CONDITIONAL = {
    # Circumstances cannot say that an attribute is absent; the scheme of forwarding rules is in no table.
    "request/path-null", "request/forwarding-rule-internal", "request/forwarding-rule-external",
}  # fmt: skip


EVERY = cases_of(FOLDER)
CASES = [one for one in EVERY if one["question"]["ask"] in ("can", "who_can")]
WHAT = [one for one in EVERY if one["question"]["ask"] == "what_can"]


@pytest.mark.parametrize("case", CASES, ids=[one["id"] for one in CASES])
def test_a_case_in_bulk(case: Mapping[str, Any], tmp_path: Path) -> None:
    question, expected = case["question"], wanted(case["question"]["ask"], case["expected"])
    port = port_of(case["documents"], tmp_path / "import")
    given = circumstances(question)
    names = None
    if question["ask"] == "can":
        state = port.can(question["principal"], question["permission"], question["resource"], given).state
    else:
        found = port.who_can(question["permission"], question["resource"], given)
        states = {one.principal: one.state for one in found.holders}
        state, names = whole(states, unlisted=bool(found.missing))
    if case["id"] in CONDITIONAL:
        assert state is State.CONDITIONAL
    else:
        assert state is expected.state
        assert expected.names in (None, names)
    agree(port, question)


@pytest.mark.parametrize("case", WHAT, ids=[one["id"] for one in WHAT])
def test_what_somebody_can(case: Mapping[str, Any], tmp_path: Path) -> None:
    question, expected = case["question"], wanted("what_can", case["expected"])
    port = port_of(case["documents"], tmp_path / "import")
    cubes = port.what_can(question["principal"], question["resource"], circumstances(question))
    states = {permission: one.state for one in cubes for permission in one.permissions}
    assert sum(len(one.permissions) for one in cubes) == len(states), "no permission stands in two cubes"
    allowed = sorted(one for one, state in states.items() if state is State.ALLOWED)
    other = whole(states, unlisted=any(not one.permissions for one in cubes))[0]
    assert (State.ALLOWED if allowed else other) is expected.state
    assert expected.names in (None, allowed)
    for permission, state in list(states.items())[:5]:
        alone = port.can(question["principal"], permission, question["resource"], circumstances(question))
        assert alone.state is state, permission


def test_what_is_left_out_is_there() -> None:
    assert {one["id"] for one in CASES} >= CONDITIONAL


def agree(port: GcpPort, question: Mapping[str, Any]) -> None:
    """Whoever is listed can, in that state; whoever is not is in a set that is listed, or cannot."""
    given, asked = circumstances(question), (question["permission"], question["resource"])
    found = port.who_can(*asked, given)
    listed = {one.principal: one for one in found.holders}
    sets = [one for one in listed if not one.startswith(("user:", "serviceAccount:", "principal:"))]
    related = states_on(port, question["resource"], port.relation(question["permission"], given))
    for id in port.compiled.members.all():
        if id.startswith("project") or id.removeprefix("group:") in port.compiled.estate.groups:
            continue
        answer = port.can(id, *asked, given)
        if related is not None and not id.startswith("deleted:"):
            assert related.get(id, State.DENIED) is answer.state, id
        if id in listed:
            assert answer.state is listed[id].state, id
            assert set(listed[id].missing) == set(answer.missing), id
        elif not sets and not found.missing:
            assert answer.state is State.DENIED, id


def lost(*bindings: Mapping[str, Any], **more: Any) -> list[dict[str, Any]]:
    """An organization with one project, and a bucket of which nothing says in which project it lies."""
    manager, line = "//cloudresourcemanager.googleapis.com/", ["projects/33", "organizations/1"]
    data = {"projectId": "shop", "projectNumber": "33"}
    held = {"version": 3, "bindings": [{"role": "roles/storage.objectViewer", "members": ["user:ada@example.com"]}]}
    kind = "cloudresourcemanager.googleapis.com"
    bodies = [
        {"name": f"{manager}organizations/1", "asset_type": f"{kind}/Organization", "ancestors": line[1:], **more},
        {"name": f"{manager}projects/33", "asset_type": f"{kind}/Project", "ancestors": line,
         "resource": {"data": data}, "iam_policy": held},
        {"name": BUCKET, "asset_type": "storage.googleapis.com/Bucket",
         "iam_policy": {"version": 3, "bindings": list(bindings)}},
    ]  # fmt: skip
    return [{"kind": "cloud_asset", "body": body} for body in bodies]


BUCKET = "//storage.googleapis.com/orders"
GET = ("storage.objects.get", BUCKET, circumstances({}))
OF_ALL = {"role": "roles/storage.objectViewer", "members": ["user:bo@example.com"]}


def test_a_bucket_whose_project_is_not_told_may_be_of_any(tmp_path: Path) -> None:
    port = port_of(lost(OF_ALL), tmp_path / "import")
    assert port.can("user:bo@example.com", *GET).state is State.ALLOWED
    ada = port.can("user:ada@example.com", *GET)
    assert ada.state is State.UNKNOWN, "the project may be the one where the role is held"
    assert ada.missing == (f"the policy of the project of {BUCKET}",)
    assert port.who_can(*GET).missing == ada.missing
    found = {one.resource: one.state for one in port.reach("user:ada@example.com", GET[0], GET[2]).resources}
    assert found[BUCKET] is State.UNKNOWN


def test_what_the_organization_grants_reaches_a_bucket_whose_project_is_not_told(tmp_path: Path) -> None:
    port = port_of(lost(iam_policy={"version": 3, "bindings": [OF_ALL]}), tmp_path / "import")
    assert port.can("user:bo@example.com", *GET).state is State.ALLOWED


def test_a_rule_of_some_project_may_deny_on_a_bucket_whose_project_is_not_told(tmp_path: Path) -> None:
    rule = {"deniedPrincipals": ["principalSet://goog/public:all"], "deniedPermissions": ["storage.googleapis.com/*.*"]}
    name = "policies/cloudresourcemanager.googleapis.com%2Fprojects%2F33/denypolicies/d"
    policy = {"kind": "deny_policy", "body": {"name": name, "rules": [{"denyRule": rule}]}}
    port = port_of([*lost(OF_ALL), policy], tmp_path / "import")
    assert port.can("user:bo@example.com", *GET).state is State.UNKNOWN
    states = {one.principal: one.state for one in port.who_can(GET[0], None, GET[2]).holders}
    assert states.get("user:bo@example.com") is State.UNKNOWN


def states_on(port: GcpPort, resource: str, relation: Relation) -> dict[str, State] | None:
    """What a relation says of everybody on a resource; None where it is not about that."""
    name = resource_of(port.compiled, resource)
    if name not in relation.resources:
        return None
    at = relation.resources.index(name)
    return {relation.principals[who]: one.state for one in relation.of_resource(at) for who in one.principals}
