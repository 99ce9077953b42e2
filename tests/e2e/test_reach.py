"""`reach` on the demo company: every resource it lists, and every one it leaves out, as `can` has it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from leastwise.app.asking import Asking, open_access
from leastwise.app.wiring import Workspace
from leastwise.cli.main import run
from leastwise.model.decision import Circumstances, State

ACTIONS = ["s3:GetObject", "s3:ListBucket", "iam:PassRole", "sts:AssumeRole", "dynamodb:DeleteTable", "sqs:SendMessage",
           "lambda:InvokeFunction", "iam:AddUserToGroup", "iam:CreatePolicyVersion", "kms:Decrypt"]  # fmt: skip
OUTSIDE = ["*", "arn:aws:iam::999999999999:root", "arn:aws:iam::888888888888:role/stranger", "lambda.amazonaws.com"]


@pytest.fixture(scope="module")
def asking(demo_home: Path) -> Asking:
    return open_access(Workspace(demo_home))


@pytest.mark.parametrize("strict", [False, True])
@pytest.mark.parametrize("action", ACTIONS)
def test_every_pair_of_the_demo_company(asking: Asking, action: str, strict: bool) -> None:
    given = Circumstances(strict=strict)
    relation = asking.access.relation(action, given)
    assert relation.resources or action.startswith(("kms:", "sqs:"))
    for number in range(strict, relation.inside, 4):
        principal = relation.principals[number]
        listed = {one.resource: one for one in asking.access.reach(principal, action, given).resources}
        for resource in relation.resources:
            found, told = asking.access.can(principal, action, resource, given), listed.get(resource)
            assert (told.state if told else State.DENIED) is found.state, (principal, resource)
            assert told is None or found.state is not State.UNKNOWN or set(told.missing) == set(found.missing)


@pytest.mark.parametrize("principal", OUTSIDE)
@pytest.mark.parametrize("action", ["s3:GetObject", "sts:AssumeRole", "lambda:InvokeFunction"])
def test_somebody_outside(asking: Asking, principal: str, action: str) -> None:
    given = Circumstances()
    relation = asking.access.relation(action, given)
    reach = asking.access.reach(principal, action, given)
    listed = {one.resource: one.state for one in reach.resources}
    for resource in relation.resources:
        found = asking.access.can(principal, action, resource, given)
        if resource not in listed and found.state is State.UNKNOWN:
            # What may let anybody in at many resources is told once.
            assert set(found.missing) & set(reach.missing)
        else:
            assert listed.get(resource, State.DENIED) is found.state


def test_a_person_reaches_what_the_permission_sets_reach(asking: Asking) -> None:
    people = [
        one for one in asking.access.who_can("s3:GetObject", None, Circumstances()).holders if one.kind == "human"
    ]
    through = [one for one in people if any(link.kind == "permission_set" for link in one.chain)]
    assert through
    for holder in through[:5]:
        for one in asking.access.reach(holder.principal, "s3:GetObject", Circumstances()).resources:
            found = asking.access.can(holder.principal, "s3:GetObject", one.resource, Circumstances())
            assert found.state is one.state
            assert one.chain


def test_the_command(own_demo: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["reach", "s3:GetObject", "label-printer", "*", "--format", "json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert {item["principal"] for item in told["items"]} == {"label-printer", "*"}
    assert "arn:aws:s3:::bw-labels-eu/*" in {item["resource"] for item in told["items"]}
    assert told["elsewhere"]["label-printer"]["state"] == "ALLOWED"
    assert run(["reach", "s3:GetObject", "label-printer"]) == 0
    assert "bw-labels-eu" in capsys.readouterr().out
    assert run(["reach", "s3:GetObject", "label-printer", "--format", "csv"]) == 0
    assert capsys.readouterr().out.startswith("principal,resource,state,residual,missing,chain,when\n")


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["reach", "s3:GetObjekt", "label-printer"], "did you mean s3:GetObject"),
        (["reach", "s3:GetObject", "label-drucker"], "label-drucker"),
        (["reach", "s3:GetObject"], "PRINCIPALS"),
    ],
)
def test_bad_questions(own_demo: Path, capsys: pytest.CaptureFixture[str], arguments: list[str], told: str) -> None:
    assert run(arguments) == 2
    assert told in capsys.readouterr().err
