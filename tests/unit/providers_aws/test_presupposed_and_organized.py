"""What steps presuppose, and what organizations let some of their accounts do, read off tables."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pytest

from leastwise.model.decision import State
from leastwise.model.tables import BY_NAME
from leastwise.providers.aws.organized import CENTER, ROOTS, STACKS, Organized, organized
from leastwise.providers.aws.presupposed import OTHERWISE, presupposed
from leastwise.providers.base import ScopeTables
from leastwise.providers.rows import Rows
from leastwise.rules.escalation import load_escalation

ONE, TWO, BOSS = "111111111111", "222222222222", "999999999999"
USER = f"arn:aws:iam::{ONE}:user/u"
JOB = f"arn:aws:lambda:eu-west-1:{ONE}:function:job"
STACKSETS = "member.org.stacksets.cloudformation.amazonaws.com"


def scope(account: str, tables: Mapping[str, Sequence[Mapping[str, Any]]], kind: str = "account") -> ScopeTables:
    made = {}
    for name, several in tables.items():
        rows = Rows(BY_NAME[name])
        for one in several:
            rows.add(**one)
        made[name] = rows.to_table()
    return ScopeTables(kind, account, made)


def so(**tables: Sequence[Mapping[str, Any]]) -> dict[str, dict[str, State]]:
    found = presupposed([scope(ONE, tables)])
    return {word: told for word, told in found.items() if told}


def user(**values: Any) -> dict[str, Any]:
    return {"id": USER, "account": ONE, "kind": "human", "name": "u", "native": "user"} | values


def keys(count: int) -> list[dict[str, Any]]:
    return [{"id": f"AKIA{at}", "principal": USER, "kind": "access_key"} for at in range(count)]


def thing(id: str, kind: str, **values: Any) -> dict[str, Any]:
    return {"id": id, "account": ONE, "kind": kind, "name": "t"} | values


@pytest.mark.parametrize(
    ("values", "count", "room"),
    [
        ({"keys_known": True}, 0, State.ALLOWED),
        ({"keys_known": True}, 1, State.ALLOWED),
        ({"keys_known": True}, 2, None),
        ({"keys_known": False}, 1, None),
    ],
)
def test_room_for_a_key_is_told_where_all_keys_are_known(values: Any, count: int, room: State | None) -> None:
    told = so(principals=[user(**values)], credentials=keys(count))
    assert told.get("the user has fewer than two access keys", {}).get(USER) == room


@pytest.mark.parametrize("console", [True, False, None])
def test_a_password_is_told_where_it_was_asked_for(console: bool | None) -> None:
    told = so(principals=[user(console=console)])
    if console is None:
        assert told == {}
        return
    has, has_none = told["the user has a password"], told["the user has no password"]
    assert (has[USER], has_none[USER]) == ((State.ALLOWED, State.DENIED) if console else (State.DENIED, State.ALLOWED))


def test_roles_have_neither_passwords_nor_keys() -> None:
    assert so(principals=[user(native="role", console=False, keys_known=True)]) == {}


@pytest.mark.parametrize(
    ("subject", "object", "called"),
    [
        (f"arn:aws:events:eu-west-1:{ONE}:rule/nightly", JOB, True),
        (f"arn:aws:events:eu-west-1:{ONE}:rule/nightly", f"{JOB}:live", True),
        (f"{JOB}:live", JOB, False),
        (f"arn:aws:events:eu-west-1:{ONE}:rule/nightly", f"{JOB}-other", False),
    ],
)
def test_a_function_is_called_by_what_leads_to_it_or_to_its_alias(subject: str, object: str, called: bool) -> None:
    links = [{"subject": subject, "object": object, "kind": "invokes", "account": ONE}]
    told = so(resources=[thing(JOB, "lambda:function")], runs_as=links)
    assert told == ({"something calls the function": {JOB: State.ALLOWED}} if called else {})


def test_a_definition_has_a_shell_where_something_that_runs_it_has_one() -> None:
    runs = {"execute_command": "false", "task_definition": "d:1", "cluster": "c"}
    tasks = [
        thing("t1", "ecs:task", details=sorted(runs.items())),
        thing("t2", "ecs:task", details=sorted({**runs, "execute_command": "true"}.items())),
        thing("t3", "ecs:task", details=sorted({**runs, "task_definition": "d:2"}.items())),
    ]
    told = so(resources=tasks)
    assert told["commands may be run in the task"] == {
        "t1": State.DENIED, "t2": State.ALLOWED, "t3": State.DENIED, "d:1": State.ALLOWED, "d:2": State.DENIED,
    }  # fmt: skip
    assert told["there is a cluster"] == {ONE: State.ALLOWED}


def test_rules_ask_for_words_that_are_told() -> None:
    asked = {one.so for rule in load_escalation() if rule.provider == "aws" for one in rule.where}
    assert asked == {*OTHERWISE, "carried", "followed", "a profile without a role"}


def account(id: str, tenant: str, management: bool = False) -> dict[str, Any]:
    return {"id": id, "kind": "account", "tenant": tenant, "management": management}


def administers(id: str, service: str) -> dict[str, Any]:
    return {"subject": f"arn:aws:iam::{id}:root", "object": service, "kind": "administers", "account": id}


def test_each_organization_has_its_own_accounts() -> None:
    rows = [account(BOSS, "o-1", True), account(ONE, "o-1"), account(TWO, "o-2", True)]
    found = organized([scope("o-1", {"scopes": rows, "runs_as": [administers(ONE, STACKSETS)]}, "organization")])
    assert found[ONE] is found[BOSS] and found[ONE].members == {ONE} and found[TWO].members == set()
    assert found[ONE].kinds(ONE) == [STACKS] and found[BOSS].kinds(BOSS) == [STACKS, ROOTS, CENTER]
    assert found.get("333333333333", Organized()).kinds("333333333333") == []


def test_nobody_is_delegated_to_from_another_organization() -> None:
    rows = [account(BOSS, "o-1", True), account(ONE, "o-1"), account(TWO, "o-2", True)]
    found = organized([scope("o-1", {"scopes": rows, "runs_as": [administers(TWO, "iam.amazonaws.com")]})])
    assert found[BOSS].managers[ROOTS] == {BOSS} and found[TWO].kinds(TWO) == [STACKS, ROOTS, CENTER]


@pytest.mark.parametrize(("status", "instance", "there"), [
    ("ok", False, False), ("ok", True, True), ("denied", False, True), (None, False, True),
])  # fmt: skip
def test_without_an_identity_center_nothing_is_assigned(status: str | None, instance: bool, there: bool) -> None:
    asked = [{"service": "sso-admin", "call": "ListInstances", "status": status}] if status else []
    center = [thing("arn:aws:sso:::instance/ssoins-1", "sso:instance")] if instance else []
    rows = [account(BOSS, "o-1", True), account(ONE, "o-1")]
    found = organized([scope(BOSS, {"scopes": rows, "coverage": asked, "resources": center})])
    assert (CENTER in found[BOSS].kinds(BOSS)) is there
