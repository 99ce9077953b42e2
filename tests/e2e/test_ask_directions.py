"""Asked about the demo company, every direction gives the same answer."""

from __future__ import annotations

from pathlib import Path

import pytest

from leastwise.app.asking import Asking, open_access
from leastwise.app.wiring import Workspace
from leastwise.model.decision import Circumstances, State

QUESTIONS = [
    ("s3:GetObject", None),
    ("s3:GetObject", "arn:aws:s3:::bw-customs-records/2025/1.pdf"),
    ("s3:GetObject", "arn:aws:s3:::bw-*"),
    ("s3:ListAllMyBuckets", None),
    ("dynamodb:DeleteTable", "arn:aws:dynamodb:eu-west-1:222222222222:table/shipments"),
    ("sqs:SendMessage", None),
    ("sqs:SendMessage", "arn:aws:sqs:eu-west-1:222222222222:orders"),
    ("iam:CreateUser", None),
    ("iam:PassRole", "arn:aws:iam::222222222222:role/etl-bridge"),
    ("sts:AssumeRole", "arn:aws:iam::222222222222:role/OrganizationAccountAccessRole"),
    ("sts:AssumeRole", None),
    ("kms:Decrypt", None),
    ("ec2:TerminateInstances", None),
]


@pytest.fixture(scope="module")
def asking(demo_home: Path) -> Asking:
    return open_access(Workspace(demo_home))


@pytest.fixture(scope="module")
def principals(asking: Asking) -> list[str]:
    access = asking.access.access  # type: ignore[attr-defined]
    return list(access.estate.principal_ids.all())


@pytest.mark.parametrize("strict", [False, True])
@pytest.mark.parametrize(("action", "resource"), QUESTIONS)
def test_who_can_lists_exactly_those_who_can(
    asking: Asking, principals: list[str], action: str, resource: str | None, strict: bool
) -> None:
    given = Circumstances(strict=strict)
    listed = {holder.principal: holder.state for holder in asking.access.who_can(action, resource, given).holders}
    asked = {one: asking.access.can(one, action, resource, given).state for one in principals}
    able = {one: state for one, state in asked.items() if state is not State.DENIED}
    assert {one: state for one, state in listed.items() if one in asked} == able
    assert able, "a question that nobody can answer with yes shows nothing"


@pytest.mark.parametrize("resource", [None, "arn:aws:s3:::bw-customs-records/2025/1.pdf"])
def test_what_can_names_exactly_the_actions_that_can_allows(
    asking: Asking, principals: list[str], resource: str | None
) -> None:
    given = Circumstances()
    actions = ["s3:GetObject", "s3:PutObject", "s3:ListAllMyBuckets", "iam:CreateUser", "sqs:SendMessage"]
    for principal in principals:
        cubes = asking.access.what_can(principal, resource, given)
        named = {name for cube in cubes for name in cube.permissions}
        for action in actions:
            if asking.access.objection(action, resource):
                assert resource is not None and not action.startswith("s3:Get")
                assert action not in named
                continue
            state = asking.access.can(principal, action, resource, given).state
            assert (action in named) == (state is not State.DENIED), (principal, action)


def test_people_answer_as_the_roles_of_their_permission_sets(asking: Asking) -> None:
    given = Circumstances()
    found = asking.access.who_can("s3:GetObject", "arn:aws:s3:::bw-customs-records/2025/1.pdf", given).holders
    people = [holder for holder in found if ":user/" in holder.principal and "identitystore" in holder.principal]
    assert people
    for holder in people:
        decision = asking.access.can(
            holder.principal, "s3:GetObject", "arn:aws:s3:::bw-customs-records/2025/1.pdf", given
        )
        assert decision.state is holder.state
        assert [link.kind for link in decision.chain] == ["identity_center_group", "permission_set", "role"]
