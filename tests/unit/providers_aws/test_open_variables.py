"""A resource named by a tag that a question leaves open: roles are not told apart for it, each as if asked alone."""

from __future__ import annotations

from typing import Any

import pytest

from leastwise.model.decision import Circumstances, State
from leastwise.providers.aws import PROVIDER
from leastwise.providers.aws.compiled.port import AwsPort
from leastwise.providers.aws.conform.scenarios import of_rule

IAM = "arn:aws:iam::111122223333"
NAME = "aws:PrincipalTag/name"
OPEN = Circumstances(open=(NAME,))
TAGGED = {"Action": "iam:PassRole", "Resource": f"{IAM}:role/${{{NAME}}}"}
ROLES: dict[str, Any] = {
    name: {} for name in ("plain", "red", "red-one", "red-two", "blue", "red-red", "red-blue", "path/to")
}
OTHERS: list[tuple[str, dict[str, Any]]] = [
    ("nothing else reads the tag", {"allows": [TAGGED]}),
    ("one role is denied", {"allows": [TAGGED], "denies": [f"iam:PassRole {IAM}:role/blue"]}),
    ("a condition reads the tag", {"allows": [{**TAGGED, "Condition": {"StringLike": {NAME: "red*"}}}]}),
    ("a deny reads it", {"allows": [TAGGED],
                         "denies": [{"Action": "iam:PassRole", "Resource": f"{IAM}:role/${{{NAME}}}-one"}]}),
    ("a deny has it in another place", {"allows": [{**TAGGED, "Resource": f"{IAM}:role/${{{NAME}}}-*"}],
                                        "denies": [{**TAGGED, "Resource": f"{IAM}:role/*-${{{NAME}}}"}]}),
    ("the tag must be there not at all", {"allows": [{**TAGGED, "Condition": {"Null": {NAME: "true"}}}]}),
    ("some roles are allowed anyway", {"allows": [TAGGED, f"iam:PassRole {IAM}:role/red*"]}),
]  # fmt: skip


def port(holder: dict[str, Any]) -> AwsPort:
    scopes, alone = of_rule({"users": {"ada": holder, "eve": {"allows": ["iam:PassRole"]}}, "roles": ROLES})
    assert PROVIDER.answering is not None
    return AwsPort(PROVIDER.answering.compile(scopes), alone)


@pytest.mark.parametrize(("_why", "holder"), OTHERS, ids=[why for why, _ in OTHERS])
def test_each_pair_is_decided_as_if_asked_alone(_why: str, holder: dict[str, Any]) -> None:
    asked = port(holder)
    relation = asked.relation("iam:PassRole", OPEN)
    assert len(relation.resources) == len(ROLES)
    for number, principal in enumerate(relation.principals[: relation.inside]):
        for place, role in enumerate(relation.resources):
            assert relation.state(number, place) is asked.can(principal, "iam:PassRole", role, OPEN).state


def test_roles_are_not_told_apart_by_what_an_open_tag_may_be() -> None:
    relation = port({"allows": [TAGGED]}).relation("iam:PassRole", OPEN)
    unsure = [one for one in relation.rectangles if one.state is State.CONDITIONAL]
    assert [len(one.resources) for one in unsure] == [len(ROLES)]


ASKS = [
    ({"StringEqualsIfExists": {NAME: "red"}}, State.ALLOWED),
    ({"StringEquals": {NAME: "red"}}, State.DENIED),
    ({"StringNotEquals": {NAME: "red"}}, State.ALLOWED),
    ({"Null": {NAME: "true"}}, State.ALLOWED),
    ({"ForAllValues:StringEquals": {NAME: "red"}}, State.ALLOWED),
    ({"ForAnyValue:StringEquals": {NAME: "red"}}, State.DENIED),
]  # fmt: skip


@pytest.mark.parametrize(("condition", "state"), ASKS)
def test_a_key_without_values_is_one_that_the_request_lacks(condition: dict[str, Any], state: State) -> None:
    asked = port(
        {"allows": [{"Action": "iam:PassRole", "Resource": "*", "Condition": condition}], "tags": {"name": "x"}}
    )
    found = asked.can(f"{IAM}:user/ada", "iam:PassRole", f"{IAM}:role/red", Circumstances({NAME: ()}))
    assert found.state is state
