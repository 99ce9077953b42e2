"""Roles in shadows of Azure: what can be assigned or rewritten, what was not read, and each step asked again."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pyarrow as pa

from leastwise.app.escalating import graph_of, part_of
from leastwise.app.escalation_graph import EscalationGraph
from leastwise.app.evidence import Evidence
from leastwise.model.decision import Circumstances, State
from leastwise.model.shadows import Shadows
from leastwise.providers.aws import PROVIDER as AWS
from leastwise.providers.aws.conform.scenarios import scopes_of as aws_scopes
from leastwise.providers.azure import PROVIDER
from leastwise.providers.base import Escalating, ScopeTables

AT = datetime(2026, 11, 1, tzinfo=UTC)
SUB = "/subscriptions/11111111-1111-4111-8111-111111111111"
RG = f"{SUB}/resourceGroups/rg"
WRITER = "Role Based Access Control Administrator"
VMC, UNREAD = "9980e02c-c2be-4d73-94e8-173b1dc7cf3c", "99999999-0000-4000-8000-000000000009"
LOCAL, OTHER = "44444444-0000-4000-8000-000000000001", f"{SUB}/resourceGroups/other"
MACHINE = f"{RG}/providers/Microsoft.Compute/virtualMachines/vm"


def only(*roles: str) -> str:
    return (
        "(!(ActionMatches{'Microsoft.Authorization/roleAssignments/write'}) OR @Request[Microsoft.Authorization/"
        f"roleAssignments:RoleDefinitionId] ForAnyOfAnyValues:GuidEquals {{{', '.join(roles)}}})"
    )


def limited(who: str, *roles: str, at: str = "~") -> dict[str, str]:
    return {"who": who, "role": WRITER, "at": at, "condition": only(*roles)}


def escalating() -> Escalating:
    assert PROVIDER.escalating is not None
    return PROVIDER.escalating


def scopes_of(told: dict[str, Any]) -> Sequence[ScopeTables]:
    estate = escalating().estate
    assert estate is not None
    return estate(told)[0]


def shaded(**told: Any) -> Shadows:
    return escalating().shaded(scopes_of(told))[1]


def graph(**told: Any) -> EscalationGraph:
    return graph_of(PROVIDER, scopes_of(told), (), AT)


def test_one_shadow_stands_for_all_who_may_assign_the_same_at_a_place() -> None:
    found = shaded(
        users=["ann", "bob"], assignments=[limited("ann", VMC), limited("bob", VMC), limited("bob", VMC, at="^")]
    )
    pairs = found.ties.pairs["delegated roles"]
    assert sorted(found.ties.beside["place"][thing] for thing, _ in pairs) == [
        "/providers/Microsoft.Management/managementGroups/corp", SUB,
    ]  # fmt: skip
    assert {shadow.count("shadow:holding:") for _, shadow in pairs} == {1} and not found.missing


def test_who_may_assign_privileged_roles_is_no_delegate() -> None:
    owner = "8e3af657-a8ff-443c-a75c-2fe8c4bcb635"
    found = shaded(users=["ann"], assignments=[limited("ann", VMC, owner), ["ann", "Owner", "~"]])
    assert found.ties.pairs["delegated roles"] == []


def test_a_role_that_was_not_read_is_told() -> None:
    found = shaded(users=["ann"], assignments=[limited("ann", VMC, UNREAD)])
    assert found.missing == (f"what {UNREAD} gives, which some may assign",)


def test_members_of_an_eligible_group_are_told_as_missing_where_their_list_is_open() -> None:
    tree, directory = scopes_of({"groups": {"ops": []}, "eligible": [["ops", "Contributor", "~"]]})
    assert escalating().shaded([tree, directory])[1].missing == ()
    people = directory.tables["principals"]
    open_list = people.set_column(
        people.column_names.index("members_known"), people.field("members_known"), pa.nulls(people.num_rows, pa.bool_())
    )
    unknown = replace(directory, tables={**directory.tables, "principals": open_list})
    (text,) = escalating().shaded([tree, unknown])[1].missing
    assert text.startswith("who is in ops, whose members can activate Contributor at")
    assert text in graph_of(PROVIDER, [tree, unknown], (), AT).missing


def test_a_custom_role_is_given_where_it_can_be_assigned() -> None:
    found = graph(
        users=["ann"], assignments=[limited("ann", LOCAL)], resources=[{"id": RG}, {"id": OTHER}],
        roles={"Local": {"id": LOCAL, "gives": ["Microsoft.Compute/virtualMachines/write"], "at": [RG]}},
    )  # fmt: skip
    (shadow,) = (id for id in found.numbers if id.startswith("shadow:holding:"))
    access: Any = found.parts[0].access
    states = [
        access.can(shadow, "Microsoft.Compute/virtualMachines/write", place, Circumstances(moment=AT)).state
        for place in (RG, OTHER, SUB)
    ]
    assert states == [State.ALLOWED, State.DENIED, State.DENIED]


def test_every_step_is_confirmed_by_what_answers_of_it() -> None:
    found = graph(
        users=["ann", "bob"], services=["strong"],
        roles={"Both": {"gives": ["Microsoft.Web/sites/read"], "at": [RG, OTHER]}},
        assignments=[
            limited("ann", VMC, LOCAL), ["strong", "Both", OTHER], ["ann", "Both", OTHER],
            ["bob", "Owner", RG], ["bob", "Owner", OTHER],
        ],
        resources=[{"id": MACHINE, "runs_as": "strong"}, {"id": OTHER}],
    )  # fmt: skip
    evidence, seen = Evidence(found, AT), set()
    for source in ("ann", "bob"):
        for target in ("strong", f"shadow:over:{OTHER}".lower()):
            for path in found.paths(target, source)[0]:
                for hop in path.hops:
                    seen.add(hop.rule.id)
                    steps = found.steps(hop)
                    assert len(steps) >= len(hop.rule.needs)
                    for step in steps:
                        assert any(evidence.decision(hop, need, on).state is hop.state for need, on in step)
    assert {"azure-delegated-roles", "azure-vm-command"} <= seen
    (power,) = (id for id in found.numbers if id.endswith("#definition"))
    (way,), _ = found.paths(power, "bob")
    assert [on for step in found.steps(way.hops[0]) for _, on in step] == [RG, OTHER]


def test_joints_of_each_provider_are_made_by_its_own_rule() -> None:
    body = {"RoleDetailList": [], "UserDetailList": [], "GroupDetailList": [], "Policies": []}
    told = aws_scopes([{"kind": "account_authorization_details", "body": body}], {})
    mine = scopes_of({
        "users": ["ann"], "roles": {"Own": ["Microsoft.Authorization/roleDefinitions/write"]},
        "assignments": [["ann", "Own", "~"]],
    })  # fmt: skip
    both = EscalationGraph([part_of(AWS, tuple(told), (), AT), part_of(PROVIDER, mine, (), AT)])
    (path,), _ = both.paths("admin:11111111-1111-4111-8111-111111111111", "ann")
    assert [hop.rule.id for hop in path.hops] == ["azure-role-held"]
