"""Policies that are written to take long are answered within bounded work, and never with more than is known.

Work is counted, not timed: letters that automata are stepped by, and partial formulas that are tried.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import product
from typing import Any

import pytest
from small_account import ACCOUNT, IAM, allow, document, user

from leastwise.engine import solve
from leastwise.engine.patterns import beside, cells
from leastwise.model.decision import Circumstances, State
from leastwise.providers.aws.compiled.port import AwsPort
from leastwise.providers.aws.conform.documents import collected
from leastwise.providers.aws.conform.estate import access_to

ANN, BOB = f"{IAM}:user/ann", f"{IAM}:user/bob"
ROLE = f"{IAM}:role/x"
BUCKET = "arn:aws:s3:::data"
GIVEN = Circumstances()
CONDITIONAL = State.CONDITIONAL
MOST_LETTERS, MOST_FORMULAS = 3_000_000, 60_000
"""A second or two: what these questions took before was ten to a hundred times as much."""


@dataclass
class Work:
    """What was done since it was set to zero."""

    letters: int = 0
    formulas: int = 0

    def bounded(self) -> bool:
        return self.letters <= MOST_LETTERS and self.formulas <= MOST_FORMULAS


@pytest.fixture
def work(monkeypatch: pytest.MonkeyPatch) -> Iterator[Work]:
    found = Work()
    step, run = beside.Beside.step, solve._Search.run

    def stepped(self: beside.Beside, mask: int, letter: str) -> int:
        found.letters += 1
        return step(self, mask, letter)

    def tried(self: Any, formula: Any, depth: int = 0) -> bool:
        found.formulas += 1
        return run(self, formula, depth)

    monkeypatch.setattr(beside.Beside, "step", stepped)
    monkeypatch.setattr(solve._Search, "run", tried)
    cells._regions.cache_clear()
    yield found


def deny(action: str, resource: Any = "*", **more: Any) -> dict[str, Any]:
    return allow(action, **more) | {"Effect": "Deny", "Resource": resource}


def port(*users: dict[str, Any], lying: list[dict[str, Any]] | None = None) -> AwsPort:
    body = {"UserDetailList": list(users), "GroupDetailList": [], "RoleDetailList": [], "Policies": []}
    documents: list[dict[str, Any]] = [{"kind": "account_authorization_details", "body": body}]
    if lying is not None:
        laid = {"resource": BUCKET, "account": ACCOUNT, "policy": document(*lying)}
        documents.append({"kind": "resource_policy", "body": laid})
    return AwsPort(access_to(collected(documents)).estate.arrays, (ACCOUNT,))


def words(seed: int) -> Callable[[int], str]:
    """Values with wildcards that many texts match in many ways."""
    drawn = random.Random(seed)
    return lambda number: f"*{drawn.choice('abcd')}{drawn.choice('abcd')}*{number}*"


def exploding(seed: int) -> Callable[[int], str]:
    """Values whose automata multiply."""
    drawn = random.Random(seed)

    def one(number: int) -> str:
        pairs = (drawn.choice("abcd") + drawn.choice("abcd?") for _ in range(4))
        return f"*{'*'.join(pairs)}*/x{number}*"

    return one


# --- many tests of one key


def of_one_key(count: int) -> list[dict[str, Any]]:
    key, word = "aws:RequestTag/k", words(1)
    denies = [
        deny("iam:*", Condition={"StringLike": {key: word(n)}, "StringNotLike": {key: f"*c{n}*"}}) for n in range(count)
    ]
    return [allow("iam:*"), *denies]


@pytest.mark.parametrize("count", [5, 10, 40, 100])
def test_many_denials_by_one_key(count: int, work: Work) -> None:
    asked = port(user("ann", *of_one_key(count)))
    found = asked.can(ANN, "iam:GetRole", ROLE, GIVEN)
    assert found.state is CONDITIONAL
    assert work.bounded(), work
    work.letters = work.formulas = 0
    listed = [one for one in asked.what_can(ANN, None, GIVEN) if "iam:GetRole" in one.permissions]
    assert [one.state for one in listed] == [CONDITIONAL]
    assert work.bounded(), work


def test_it_does_depend_on_the_key() -> None:
    asked = port(user("ann", *of_one_key(10)))
    states = {
        value: asked.can(ANN, "iam:GetRole", ROLE, Circumstances({"aws:RequestTag/k": (value,)})).state
        for value in ("plain", "aabbccdd aabbccdd0", "-".join(a + b for a, b in product("abcd", repeat=2)) + "9")
    }
    assert State.ALLOWED in states.values()
    assert State.DENIED in states.values()


@pytest.mark.parametrize("operator", ["StringLike", "StringNotLike", "ForAnyValue:StringLike"])
def test_one_denial_whose_values_multiply_is_told_with_its_reasons(operator: str, work: Work) -> None:
    value = exploding(3)
    several = [value(number) for number in range(40)]
    asked = port(user("ann", allow("iam:*"), deny("iam:*", Condition={operator: {"aws:RequestTag/k": several}})))
    found = asked.can(ANN, "iam:GetRole", ROLE, GIVEN)
    assert (found.state, found.exact, found.residual) == (CONDITIONAL, False, None)
    assert {one.effect for one in found.reasons} == {"allows", "denies"}
    assert work.bounded(), work


# --- many patterns of resources


def of_many_patterns(count: int) -> AwsPort:
    taken, barred = exploding(1), exploding(2)
    patterns = [f"arn:aws:s3:::{taken(number)}" for number in range(count)]
    excepted = [f"arn:aws:s3:::{barred(number)}" for number in range(count // 2)]
    ann = [allow("s3:GetObject") | {"Resource": patterns}, deny("s3:GetObject", excepted)]
    return port(user("ann", *ann), user("bob", allow("s3:GetObject") | {"Resource": patterns[::2]}), lying=[])


@pytest.mark.parametrize("count", [10, 40])
def test_many_patterns_of_resources(count: int, work: Work) -> None:
    asked = of_many_patterns(count)

    def measured(question: Callable[[], Any]) -> Any:
        work.letters = work.formulas = 0
        found = question()
        assert work.bounded(), work
        return found

    assert measured(lambda: asked.can(ANN, "s3:GetObject", f"{BUCKET}/*", GIVEN)).state is not State.DENIED
    listed = measured(lambda: asked.what_can(ANN, None, GIVEN))
    assert any("s3:GetObject" in one.permissions for one in listed)
    ann, bob = asked.effective(ANN, GIVEN), asked.effective(BOB, GIVEN)
    for question in (lambda: ann.minus(bob), lambda: bob.minus(ann), lambda: ann.both(bob)):
        cubes = measured(question)
        assert any("s3:GetObject" in one.permissions for one in cubes)


def test_a_resource_of_many_patterns_is_decided_exactly() -> None:
    asked = of_many_patterns(40)
    taken, barred = exploding(1), exploding(2)
    whole = taken(0).replace("*", "-").replace("?", "z")
    out = barred(0).replace("*", "-").replace("?", "z")
    inside, both = f"arn:aws:s3:::data/{whole}", f"arn:aws:s3:::data/{whole}-{out}"
    assert asked.can(ANN, "s3:GetObject", inside, GIVEN).state is State.ALLOWED
    assert asked.can(ANN, "s3:GetObject", both, GIVEN).state is State.DENIED
    assert asked.can(BOB, "s3:GetObject", both, GIVEN).state is State.ALLOWED


# --- what lies on one resource


@pytest.mark.parametrize("count", [5, 20])
def test_one_bucket_policy_for_everybody(count: int, work: Work) -> None:
    drawn = random.Random(1)

    def path(number: int) -> str:
        return f"{BUCKET}/*{drawn.choice('abc')}*{drawn.choice('abc')}?{number}*"

    given, kept = [path(number) for number in range(count)], [path(number) for number in range(count // 2)]
    everybody: dict[str, Any] = {"Principal": "*"}
    lying = [
        allow("s3:*", **everybody) | {"Resource": given},
        deny("s3:*", kept, Condition={"StringNotEquals": {"aws:SourceVpce": "vpce-1"}}, **everybody),
    ]
    for number in range(5):
        referer = {"StringLike": {"aws:Referer": f"{number}*"}}
        lying += [deny("s3:Get*", kept[number::5], Condition=referer, **everybody)] if kept[number::5] else []
    asked = port(user("ann"), lying=lying)
    found = asked.exposed(asked.inside(), GIVEN).exposures
    assert work.bounded(), work
    assert any("s3:GetObject" in one.permissions for one in found)


# --- many keys


@pytest.mark.parametrize("count", [20, 60])
def test_many_keys_each_in_two_statements(count: int, work: Work) -> None:
    def limited(number: int) -> dict[str, Any]:
        return {
            "StringLike": {f"aws:RequestTag/k{number}": f"*a{number}*b*"},
            "StringNotLike": {f"aws:RequestTag/k{number + 1}": f"*c{number}*"},
        }

    ann = [allow("iam:*"), *(deny("iam:*", Condition=limited(number)) for number in range(count))]
    bob = [allow("iam:*", Condition=limited(number)) for number in range(count)]
    asked = port(user("ann", *ann), user("bob", *bob))
    for who in (ANN, BOB):
        work.letters = work.formulas = 0
        assert asked.can(who, "iam:GetRole", ROLE, GIVEN).state is CONDITIONAL
        assert work.bounded(), work
    work.letters = work.formulas = 0
    both = asked.effective(ANN, GIVEN).both(asked.effective(BOB, GIVEN))
    assert any("iam:GetRole" in one.permissions and one.state is CONDITIONAL for one in both)
    assert work.bounded(), work
