"""Shadows of Google Cloud: over which places there is one, what it can do, and what stands against it."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from leastwise.model.conformance import CaseError
from leastwise.model.decision import Circumstances, State
from leastwise.model.shadows import Shadows
from leastwise.providers.base import ScopeTables
from leastwise.providers.gcp import PROVIDER
from leastwise.providers.gcp.compiled.compile import compile_estate
from leastwise.providers.gcp.compiled.port import GcpPort
from leastwise.providers.gcp.escalating.cases import of_rule
from leastwise.providers.gcp.escalating.constraints import Constraints, enforced
from leastwise.providers.gcp.escalating.granting import Grant, Granting
from leastwise.providers.gcp.escalating.shading import shaded
from leastwise.providers.gcp.language.machines import entering

NOW = Circumstances(moment=datetime(2026, 11, 1, tzinfo=UTC))
RM = "//cloudresourcemanager.googleapis.com/"
WRITE = "resourcemanager.projects.setIamPolicy"
ADA, SAME = "user:ada@corp.example", {"who": "user:ada@corp.example", "role": "roles/viewer"}


def made(body: dict[str, Any]) -> tuple[GcpPort, Shadows, list[ScopeTables]]:
    scopes, alone = of_rule(body)
    found, shadows = shaded(scopes)
    return GcpPort(compile_estate(found), alone), shadows, found


def test_a_shadow_is_over_its_place_alone_where_policies_are_the_same() -> None:
    """The policies of both projects are one document."""
    port, shadows, _ = made({"may": [{**SAME, "at": "projects/p"}, {**SAME, "at": "projects/q"}]})
    over = shadows.over[f"{RM}projects/p"]
    assert port.can(over, WRITE, f"{RM}projects/p", NOW).state is State.ALLOWED
    assert port.can(over, WRITE, f"{RM}projects/q", NOW).state is State.DENIED
    assert port.can(ADA, "resourcemanager.projects.get", f"{RM}projects/q", NOW).state is State.ALLOWED


def test_what_is_above_reaches_below() -> None:
    port, shadows, _ = made({"tree": {"p": ["folders/2"]}, "may": [{**SAME, "at": "projects/p"}]})
    for place in ("folders/2", "organizations/1"):
        assert port.can(shadows.administrator[place], WRITE, f"{RM}projects/p", NOW).state is State.ALLOWED
    assert port.can(shadows.administrator["p"], WRITE, f"{RM}folders/2", NOW).state is State.DENIED
    assert set(shadows.administrator) == {"organizations/1", "folders/2", "p"}
    assert shadows.places["p"] == f"{RM}projects/p"


def test_a_deny_rule_for_everybody_stands_against_it() -> None:
    denies = [{"at": "projects/p", "who": ["principalSet://goog/public:all"],
               "do": ["storage.googleapis.com/objects.get"]}]  # fmt: skip
    port, shadows, _ = made({"may": [{**SAME, "at": "projects/p"}], "denies": denies})
    place, over = f"{RM}projects/p", shadows.administrator["p"]
    assert port.can(over, "storage.objects.get", place, NOW).state is State.DENIED
    ((thing, undenied),) = shadows.ties.pairs["denied"]
    assert thing == place and port.can(undenied, "storage.objects.get", place, NOW).state is State.ALLOWED
    assert port.can(ADA, "storage.objects.get", place, NOW).state is State.DENIED


def test_where_a_policy_was_not_read_nothing_is_granted_and_nothing_known() -> None:
    body = {
        "may": [{**SAME, "at": "projects/p"}, {**SAME, "at": "projects/q"}],
        "unread": ["cloudasset.assets.list/IAM_POLICY"],
    }
    body["tree"] = {"r": []}
    port, shadows, _ = made(body)
    assert port.can(shadows.administrator["r"], WRITE, f"{RM}projects/r", NOW).state is State.UNKNOWN
    assert port.can(ADA, WRITE, f"{RM}projects/r", NOW).state is State.UNKNOWN


def test_a_resource_of_a_newer_tree_has_its_shadow_there() -> None:
    """What is bound to a bucket of the second tree leads to whoever may do all on it."""
    bucket = "//storage.googleapis.com/b"
    older, _ = of_rule({"may": [{**SAME, "at": "projects/p"}]})
    newer, _ = of_rule({
        "things": [{"type": "storage.googleapis.com/Bucket", "name": bucket, "in": "r"}],
        "may": [{"who": ADA, "do": ["storage.objects.get"], "at": bucket}],
    })  # fmt: skip
    later = [replace(one, id="r", time=datetime(2026, 11, 2, tzinfo=UTC)) for one in newer]
    found, shadows = shaded([*older, *later])
    port = GcpPort(compile_estate(found), ())
    ((_, over),) = shadows.ties.pairs["custom role"]
    assert port.can(over, "storage.objects.create", bucket, NOW).state is State.ALLOWED


def test_nothing_is_granted_on_a_resource_whose_policy_was_not_read() -> None:
    """A tag could be bound to it; but nobody knows who else may get at it, and that stays so."""
    thing = {"type": "storage.googleapis.com/Bucket", "name": "//storage.googleapis.com/b", "in": "p"}
    tagged = {**SAME, "role": "roles/storage.objectViewer", "at": "projects/p", "if": "resource.matchTag('1/a', 'b')"}
    body = {"things": [thing], "may": [tagged], "unread": ["cloudasset.assets.list/IAM_POLICY"]}
    port, shadows, _ = made(body)
    ((_, who),) = shadows.ties.pairs["resource tag"]
    for one in (who, "user:stranger@corp.example"):
        assert port.can(one, "storage.objects.get", thing["name"], NOW).state is State.UNKNOWN


def test_an_account_known_by_name_alone_is_a_resource_of_its_project() -> None:
    mail = "serviceAccount:run@p.iam.gserviceaccount.com"
    acting = {"who": ADA, "do": ["iam.serviceAccounts.actAs"], "at": "projects/p"}
    port, shadows, _ = made({"may": [{"who": mail, "role": "roles/viewer", "at": "projects/p"}, acting]})
    place = shadows.ties.beside["resource"][mail]
    assert place == "//iam.googleapis.com/projects/p/serviceAccounts/run@p.iam.gserviceaccount.com"
    assert port.can(ADA, "iam.serviceAccounts.actAs", place, NOW).state is State.ALLOWED


def test_of_two_snapshots_of_one_tree_the_newest_is_given_shadows() -> None:
    (old,), _ = of_rule({"may": [{**SAME, "at": "projects/p"}]})
    (new,), _ = of_rule({"may": [{"who": "user:eve@corp.example", "role": "roles/viewer", "at": "projects/p"}]})
    assert old.time is not None
    found, shadows = shaded([replace(new, time=old.time + timedelta(days=1)), old])
    port, place = GcpPort(compile_estate(found)), f"{RM}projects/p"
    assert port.can(shadows.administrator["p"], WRITE, place, NOW).state is State.ALLOWED
    assert port.can("user:eve@corp.example", "resourcemanager.projects.get", place, NOW).state is State.ALLOWED
    assert port.can(ADA, "resourcemanager.projects.get", place, NOW).state is State.DENIED


def test_an_estate_that_could_not_be_read_has_none() -> None:
    one = ScopeTables("organization", "organizations/1", {}, readable=False)
    assert shaded([one]) == ([one], Shadows({}, {}, {}))


def test_a_custom_role_leads_to_what_it_is_bound_to() -> None:
    body = {"custom": {"projects/p/roles/own": ["storage.buckets.list"]},
            "may": [{"who": ADA, "role": "projects/p/roles/own", "at": "projects/p"},
                    {"who": "user:eve@corp.example", "role": "projects/p/roles/own", "at": "projects/p",
                     "if": "resource.name.startsWith('x')"}]}  # fmt: skip
    port, shadows, _ = made(body)
    ((thing, over),) = shadows.ties.pairs["custom role"]
    assert over == shadows.administrator["p"] and shadows.ties.beside["role"][thing] == f"{RM}projects/p"
    named = "leastwise.holdings.use"
    assert port.can(ADA, named, thing, NOW).state is State.ALLOWED
    # A condition on the resource means another one there, so that nothing is known.
    assert port.can("user:eve@corp.example", named, thing, NOW).state is State.UNKNOWN
    assert port.can("user:kim@corp.example", named, thing, NOW).state is State.DENIED


def test_grants_keep_what_was_there() -> None:
    scopes, _ = of_rule({"may": [{**SAME, "at": "projects/p"}]})
    granting = Granting(scopes[0].tables)
    before = scopes[0].tables["statements"].num_rows
    granting.grant("p", "p", Grant("roles/editor", ("user:eve@corp.example",)))
    tables = granting.tables()
    assert tables["statements"].num_rows == before + 2  # its own binding copied, and one more
    assert scopes[0].tables["documents"].num_rows + 1 == tables["documents"].num_rows


def enforce(on: bool, **more: Any) -> dict[str, Any]:
    return {"spec": {"rules": [{"enforce": on, **more}]}}


@pytest.mark.parametrize(
    ("body", "state"),
    [
        (enforce(True), State.ALLOWED),
        (enforce(False), State.DENIED),
        (enforce(True, condition={"expression": "resource.matchTag('1/a', 'b')"}), State.CONDITIONAL),
        (
            {"spec": {"rules": [{"enforce": True}, {"enforce": False, "condition": {"expression": "x"}}]}},
            State.CONDITIONAL,
        ),
        ({"spec": {"reset": True, "rules": [{"enforce": True}]}}, None),
        ({"dryRunSpec": {"rules": [{"enforce": True}]}}, None),
        ({"booleanPolicy": {"enforced": True}}, State.ALLOWED),
        ({"booleanPolicy": {}}, State.DENIED),
        ({}, None),
    ],
)
def test_what_an_organization_policy_enforces(body: dict[str, Any], state: State | None) -> None:
    assert enforced(body) is state


PARENTS = {"p": "folders/2", "folders/2": "organizations/1", "organizations/1": None, "lost": None}


@pytest.mark.parametrize(
    ("told", "unread", "container", "state"),
    [
        ({}, (), "p", State.DENIED),
        ({"organizations/1": True}, (), "p", State.ALLOWED),
        ({"organizations/1": True, "folders/2": False}, (), "p", State.DENIED),
        ({"organizations/1": False, "p": True}, (), "p", State.ALLOWED),
        ({}, ("organizations/1",), "p", State.UNKNOWN),
        ({"organizations/1": True}, ("organizations/1",), "p", State.UNKNOWN),
        ({"p": True}, ("organizations/1",), "p", State.ALLOWED),
        ({}, (), "lost", State.UNKNOWN),
        ({"lost": True}, (), "lost", State.ALLOWED),
    ],
)
def test_the_nearest_organization_policy_decides(
    told: dict[str, bool], unread: tuple[str, ...], container: str, state: State
) -> None:
    constraints = Constraints(PARENTS, unread, ["organizations/1"])
    for place, on in told.items():
        constraints.tell(place, "constraints/iam.x", enforce(on))
    assert constraints.states(["iam.x"], [container]) == {container: state}


def test_one_of_two_constraints_is_enough() -> None:
    constraints = Constraints(PARENTS, (), ["organizations/1"])
    constraints.tell("organizations/1", "iam.managed.x", enforce(True))
    assert constraints.states(["iam.x", "iam.managed.x"], ["p"]) == {"p": State.ALLOWED}


def test_what_is_enforced_by_default_is_until_somebody_says_otherwise() -> None:
    constraints = Constraints(PARENTS, (), ["organizations/1"])
    constraints.tell("folders/2", "iam.open", enforce(False))
    constraints.tell("p", "iam.reset", {"spec": {"reset": True}})
    found = [constraints.states([name], ["p"], State.ALLOWED)["p"] for name in ("iam.x", "iam.open", "iam.reset")]
    assert found == [State.ALLOWED, State.DENIED, State.ALLOWED]


def test_containers_in_a_circle_end() -> None:
    constraints = Constraints({"a": "b", "b": "a"}, (), ())
    assert constraints.states(["iam.x"], ["a"]) == {"a": State.UNKNOWN}


@pytest.mark.parametrize(
    ("data", "found"),
    [
        ({"metadata": {"items": [{"key": "enable-oslogin", "value": "TRUE"}]}}, {"os_login": "yes"}),
        ({"metadata": {"items": [{"key": "enable-oslogin", "value": "false"}]}}, {"os_login": "no"}),
        ({"metadata": {}}, {"os_login": "unset"}),
        ({"metadata": {"items": [{"key": "enable-oslogin", "value": "redacted:0123"}]}}, {}),
        ({}, {}),
        ({"metadata": "odd"}, {}),
        ({"metadata": {"items": "odd"}}, {"os_login": "unset"}),
    ],
)
def test_how_one_enters_a_machine(data: dict[str, Any], found: dict[str, str]) -> None:
    told = entering("compute.googleapis.com/Instance", data)
    assert {key: value for key, value in told.items() if key == "os_login"} == found


@pytest.mark.parametrize(
    ("body", "line"),
    [
        ({"grants": []}, "estate.grants: is not known"),
        ({"may": [{"who": ADA, "do": ["run.jobs.run"], "at": "nowhere"}]}, "nowhere is nothing that the estate has"),
        ({"objects": [{"odd": 1}]}, "is no object of an export"),
    ],
)
def test_a_mistake_in_a_short_estate_is_told(body: dict[str, Any], line: str) -> None:
    with pytest.raises(CaseError, match=line):
        of_rule(body)


@pytest.mark.parametrize(
    ("type", "name", "permission"),
    [
        ("sqladmin.googleapis.com/Instance", "instances/db", "cloudsql.instances.get"),
        ("sourcerepo.googleapis.com/Repo", "repos/app", "source.repos.get"),
        ("bigtableadmin.googleapis.com/Instance", "instances/t", "bigtable.instances.get"),
    ],
)
def test_resources_of_a_host_with_another_name_are_in_relations(type: str, name: str, permission: str) -> None:
    body = {
        "things": [{"type": type, "name": name, "in": "p"}],
        "may": [{"who": ADA, "do": [permission], "at": "projects/p"}],
    }
    port, _, _ = made(body)
    place = f"//{type.partition('/')[0]}/projects/100/{name}"
    assert place in port.relation(permission, NOW).resources
    assert port.can(ADA, permission, place, NOW).state is State.ALLOWED
    assert place in [one.resource for one in port.reach(ADA, permission, NOW).resources]


def test_permissions_of_one_shape_have_one_relation() -> None:
    _, _, found = made({"may": [{**SAME, "at": "projects/p"}]})
    assert PROVIDER.escalating is not None
    relates = PROVIDER.escalating.relates(compile_estate(found), ())
    assert relates.relation("batch.jobs.create", NOW) is relates.relation("dataflow.jobs.create", NOW)
    assert relates.relation("batch.jobs.create", NOW) is not relates.relation("resourcemanager.projects.get", NOW)
    assert relates.relation("leastwise.holdings.use", NOW).rectangles == ()


HMAC = "storage.restrictAuthTypes"


def _listed(**rule: Any) -> dict[str, Any]:
    return {"spec": {"rules": [{"values": {"deniedValues": ["in:ALL_HMAC_SIGNED_REQUESTS"]}} | rule]}}


@pytest.mark.parametrize(
    ("below", "above", "state"),
    [
        (_listed(), None, State.ALLOWED),
        ({"spec": {"rules": [{"denyAll": True}]}}, None, State.ALLOWED),
        ({"spec": {"rules": [{"allowAll": True}]}}, _listed(), State.DENIED),
        (_listed(values={"deniedValues": ["USER_ACCOUNT_HMAC_SIGNED_REQUESTS"]}), _listed(), State.DENIED),
        # What stands above is in force besides.
        ({"spec": {"inheritFromParent": True, "rules": []}}, _listed(), State.ALLOWED),
        ({"spec": {"rules": [{"denyAll": True, "condition": {"expression": "resource.matchTag('1/a', 'b')"}}]}}, None,
         State.CONDITIONAL),
        ({"listPolicy": {"deniedValues": ["SERVICE_ACCOUNT_HMAC_SIGNED_REQUESTS"]}}, None, State.ALLOWED),
        ({"listPolicy": {"allValues": "ALLOW"}}, _listed(), State.DENIED),
        (None, None, State.DENIED),
    ],
)  # fmt: skip
def test_a_constraint_with_a_list(below: dict[str, Any] | None, above: dict[str, Any] | None, state: State) -> None:
    constraints = Constraints(PARENTS, (), ["organizations/1"])
    for container, body in (("p", below), ("organizations/1", above)):
        if body is not None:
            constraints.tell(container, HMAC, body)
    assert constraints.states([HMAC], ["p"])["p"] is state


UNDENIED = "user:ada+leastwise-undenied-0@corp.example"
EVE, ALL, READS_IT = "user:eve@corp.example", "principalSet://goog/public:all", "storage.googleapis.com/objects.get"
EDITS_IT = {"who": ADA, "do": ["iam.denypolicies.delete"], "at": "organizations/1"}


@pytest.mark.parametrize(
    ("why", "may", "denies", "state"),
    [
        ("what he is given himself", {"who": [ADA, EVE], "at": "b"}, [], State.ALLOWED),
        ("what his group is given", {"who": "group:ops@corp.example", "at": "projects/p"}, [], State.ALLOWED),
        ("what everybody of the domain is given", {"who": "domain:corp.example", "at": "b"}, [], State.ALLOWED),
        ("what another is given", {"who": EVE, "at": "b"}, [], State.DENIED),
        ("what stands above names him", {"who": ADA, "at": "b"},
         [{"at": "organizations/1", "who": ["principal://goog/subject/ada@corp.example"], "do": [READS_IT]}],
         State.DENIED),
        ("what stands above names his group", {"who": ADA, "at": "b"},
         [{"at": "organizations/1", "who": ["principalSet://goog/group/ops@corp.example"], "do": [READS_IT]}],
         State.DENIED),
        ("what stands above excepts him", {"who": ADA, "at": "b"},
         [{"at": "organizations/1", "who": [ALL], "except": ["principal://goog/subject/ada@corp.example"],
           "do": [READS_IT]}], State.ALLOWED),
        ("what stands above is for everybody", {"who": ADA, "at": "b"},
         [{"at": "organizations/1", "who": [ALL], "do": [READS_IT]}], State.DENIED),
    ],
)  # fmt: skip
def test_who_edits_a_deny_policy_is_himself_without_it(
    why: str, may: dict[str, Any], denies: list[dict[str, Any]], state: State
) -> None:
    body = {
        "things": [{"type": "storage.googleapis.com/Bucket", "name": "buckets/b", "in": "p"}],
        "groups": {"ops@corp.example": [ADA]},
        "denies": [{"at": "projects/p", "who": [ALL], "do": [READS_IT]}, *denies],
        "may": [{**EDITS_IT, "at": "projects/p"}, {**may, "do": ["storage.objects.get"]}],
    }
    port, shadows, _ = made(body)
    place = "//storage.googleapis.com/projects/p/buckets/b"
    ((_, who),) = shadows.ties.pairs["undenied"]
    assert who == UNDENIED
    assert port.can(who, "storage.objects.get", place, NOW).state is state
    for one in (ADA, EVE):
        assert port.can(one, "storage.objects.get", place, NOW).state is State.DENIED


def test_a_deny_policy_of_others_gives_its_editor_nothing() -> None:
    denies = [{"at": "projects/p", "who": ["principal://goog/subject/eve@corp.example"], "do": [READS_IT]}]
    _, shadows, _ = made({"denies": denies, "may": [{**EDITS_IT, "at": "projects/p"}]})
    assert shadows.ties.pairs["undenied"] == []
