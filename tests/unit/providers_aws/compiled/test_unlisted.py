"""What may be there though it was not read: without a word which resource is meant, nobody surely lacks access."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from leastwise.model.decision import Circumstances, State
from leastwise.providers.aws import catalog
from leastwise.providers.aws.collect.declaration import declared
from leastwise.providers.aws.compiled.compile import compile_estate
from leastwise.providers.aws.compiled.port import AwsPort
from leastwise.providers.aws.compiled.scopes import ScopeTables
from leastwise.providers.aws.compiled.unlisted import _READ, _acts_on
from leastwise.providers.aws.exports.gaps import gaps
from leastwise.providers.aws.exports.read import read_exports
from leastwise.providers.aws.translate import translate

A = "111111111111"
ROOT, ADA, BOB = f"arn:aws:iam::{A}:root", f"arn:aws:iam::{A}:user/ada", f"arn:aws:iam::{A}:user/bob"
ALLOWED, DENIED, UNKNOWN = State.ALLOWED, State.DENIED, State.UNKNOWN
QUEUES: dict[str, Any] = {"sqs-list-queues.json": {"QueueUrls": []}}


def user(arn: str, *actions: str) -> dict[str, Any]:
    statement = {"Effect": "Allow", "Action": list(actions), "Resource": "*"}
    document = {"Version": "2012-10-17", "Statement": [statement]}
    held = [{"PolicyName": "p", "PolicyDocument": document}] if actions else []
    name = arn.rsplit("/", 1)[1]
    return {
        "Arn": arn, "UserName": name, "UserId": f"AIDA{name.upper()}", "Path": "/", "UserPolicyList": held,
        "GroupList": [], "AttachedManagedPolicies": [], "CreateDate": "2026-01-01T00:00:00Z",
    }  # fmt: skip


def port(folder: Path, **files: Any) -> AwsPort:
    """An account of two users, its details exported, and saved answers beside."""
    details = {"UserDetailList": [user(ADA, "sqs:*", "sns:*", "kms:*"), user(BOB)], "GroupDetailList": [],
               "RoleDetailList": [], "Policies": []}  # fmt: skip
    home = folder / A
    home.mkdir(parents=True)
    for name, body in {"account-authorization-details.json": details, **files}.items():
        (home / name).write_text(json.dumps(body))
    return imported(folder)


def imported(folder: Path) -> AwsPort:
    """What an import makes of a folder: with what none of its files tells of."""
    found = [replace(one, coverage=(*one.coverage, *gaps(one))) for one in read_exports([folder])]
    scopes = [ScopeTables(one.scope.kind, one.scope.id, translate(one)) for one in found]
    return AwsPort(compile_estate(scopes), (A,))


def states(asked: AwsPort, action: str) -> Iterator[State]:
    yield from (asked.can(who, action, None, Circumstances()).state for who in (ADA, BOB))


@pytest.mark.parametrize("strict", [False, True])
def test_every_direction_of_what_was_not_asked_for(tmp_path: Path, strict: bool) -> None:
    asked, given = port(tmp_path), Circumstances(strict=strict)
    assert list(states(asked, "sqs:SendMessage")) == [ALLOWED, UNKNOWN]
    found = asked.can(BOB, "sqs:SendMessage", None, given)
    assert found.missing == (f"resources of sqs in {A}: not all were read; their policies may let somebody in",)
    who = asked.who_can("sqs:SendMessage", None, given)
    assert [one.principal for one in who.holders] == [ROOT, ADA] and found.missing[0] in who.missing
    reach = asked.reach(BOB, "sqs:SendMessage", given)
    assert (reach.resources, reach.elsewhere.state) == ((), UNKNOWN) and found.missing[0] in reach.missing


def test_what_was_listed_and_is_empty_leaves_nothing_open(tmp_path: Path) -> None:
    asked = port(tmp_path, **QUEUES)
    assert list(states(asked, "sqs:SendMessage")) == [ALLOWED, DENIED]
    assert not asked.who_can("sqs:SendMessage", None, Circumstances()).missing
    assert list(states(asked, "sns:Publish")) == [ALLOWED, UNKNOWN]


@pytest.mark.parametrize(
    ("action", "bob"),
    [
        ("iam:CreateUser", DENIED),
        ("ec2:RunInstances", DENIED),
        ("s3:ListAllMyBuckets", DENIED),
        ("sqs:ListQueues", DENIED),
        ("s3:GetObject", UNKNOWN),
        ("kms:Decrypt", UNKNOWN),
        ("codeartifact:ReadFromRepository", UNKNOWN),
        ("events:PutEvents", UNKNOWN),
        ("sts:AssumeRole", DENIED),
    ],
)
def test_only_where_policies_of_resources_can_let_in(tmp_path: Path, action: str, bob: State) -> None:
    assert list(states(port(tmp_path), action))[1] is bob


def test_what_denies_without_them_stays_denied(tmp_path: Path) -> None:
    session = [{"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "s3:*", "Resource": "*"}]}]
    asked = port(tmp_path)
    assert asked.can(BOB, "sqs:SendMessage", None, Circumstances(session=tuple(session))).state is not ALLOWED
    barred = [{"Version": "2012-10-17", "Statement": [{"Effect": "Deny", "Action": "sqs:*", "Resource": "*"}]}]
    assert asked.can(BOB, "sqs:SendMessage", None, Circumstances(session=tuple(barred))).state is DENIED


def test_roles_that_were_not_read_leave_open_who_becomes_them(tmp_path: Path) -> None:
    home = tmp_path / A
    home.mkdir()
    body = {"UserDetailList": [user(BOB)], "GroupDetailList": [], "Policies": []}
    (home / "account-authorization-details.json").write_text(json.dumps(body))
    asked = imported(tmp_path)
    found = asked.can(BOB, "sts:AssumeRole", None, Circumstances())
    assert found.state is UNKNOWN and found.missing[0].startswith(f"roles in {A}")


def test_the_table_names_calls_that_are_collected() -> None:
    names = {one.name: {call.call for call in one.walk()} for one in declared()}
    for service, calls in _READ.items():
        if service != "sts":
            assert {*calls.lists, *calls.policies} <= names[calls.name], service


def test_every_service_of_the_table_has_resources_with_policies() -> None:
    facts = catalog.current()
    found = {one for action in facts.known_actions("*") for one in _acts_on(facts, action)}
    assert set(_READ) <= found and len(found) > 40
