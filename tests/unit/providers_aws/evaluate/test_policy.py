"""Documents that are no policies, and policies that are very large: named, or answered; never another error."""

from __future__ import annotations

from typing import Any

import pytest
from evaluate_support import allow, answer, deny, document, explained, request
from hypothesis import given
from hypothesis import strategies as st

from leastwise.model.decision import State
from leastwise.providers.aws.evaluate.policy import PolicyError, action_pattern, parse_policy

ONE = {"Effect": "Allow", "Action": "*", "Resource": "*"}
MALFORMED: list[tuple[Any, str]] = [
    (None, "the policy is not an object"),
    ([], "the policy is not an object"),
    ("{}", "the policy is not an object"),
    ({}, "the policy has no Statement"),
    ({"Statement": "x"}, "Statement/0 is not an object"),
    ({"Statement": [ONE, 1]}, "Statement/1 is not an object"),
    ({"Statement": [{}]}, "Statement/0/Effect is neither Allow nor Deny"),
    ({"Statement": ONE | {"Effect": "allow"}}, "Statement/0/Effect is neither"),
    ({"Statement": {"Effect": "Allow", "Resource": "*"}}, "Statement/0 needs exactly one of Action and NotAction"),
    ({"Statement": ONE | {"NotAction": "*"}}, "Statement/0 needs exactly one of Action and NotAction"),
    ({"Statement": ONE | {"NotResource": "*"}}, "Statement/0: Resource and NotResource exclude each other"),
    ({"Statement": ONE | {"Principal": "*", "NotPrincipal": "*"}}, "Statement/0: Principal and NotPrincipal"),
    ({"Statement": ONE | {"Action": 1}}, "Statement/0/Action is neither a text nor a list of texts"),
    ({"Statement": ONE | {"Resource": [None]}}, "Statement/0/Resource is neither a text nor a list of texts"),
    ({"Statement": ONE | {"Principal": 1}}, "Statement/0/Principal is neither * nor an object"),
    ({"Statement": ONE | {"Principal": {"AWS": [True]}}}, "Statement/0/Principal/AWS is neither a text nor"),
    ({"Statement": ONE | {"Condition": []}}, "Statement/0/Condition is not an object"),
    ({"Statement": ONE | {"Condition": {"Bool": "x"}}}, "Statement/0/Condition/Bool is not an object"),
    ({"Statement": ONE | {"Condition": {"Bool": {"k": None}}}}, "a value of a condition is neither a text"),
    ({"Statement": ONE | {"Condition": {"Bool": {"k": [["x"]]}}}}, "a value of a condition is neither a text"),
]


@pytest.mark.parametrize(("body", "cause"), MALFORMED)
def test_what_is_no_policy_is_named(body: Any, cause: str) -> None:
    with pytest.raises(PolicyError) as raised:
        parse_policy(body)
    assert str(raised.value).startswith(cause)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5) | st.floats(),
    lambda parts: st.lists(parts, max_size=3) | st.dictionaries(st.text(max_size=5), parts, max_size=3),
    max_leaves=6,
)
ELEMENTS = ["Action", "NotAction", "Resource", "NotResource", "Principal", "NotPrincipal", "Condition", "Sid", "Effect"]


@given(st.dictionaries(st.sampled_from(ELEMENTS), JSON, max_size=6), st.sampled_from(["Allow", "Deny", "x"]))
def test_nothing_but_a_policy_error_is_raised(statement: dict[str, Any], effect: str) -> None:
    try:
        policy = parse_policy({"Version": "2012-10-17", "Statement": [{"Effect": effect, **statement}]})
    except PolicyError:
        return
    for strict in (True, False):
        assert explained(request(strict=strict), identity=[policy], resource=policy).state in set(State)


@pytest.mark.parametrize("version", ["2012-10-17", "2008-10-17", None, 1])
def test_one_statement_needs_no_list_and_any_version_is_read(version: Any) -> None:
    assert len(parse_policy({"Version": version, "Statement": ONE}).statements) == 1
    assert parse_policy({"Statement": []}).statements == ()


MANY = 10_000
LARGE: dict[str, tuple[list[dict[str, Any]], str]] = {
    "other resources": ([allow(resource=f"arn:aws:s3:::b{number}/*") for number in range(MANY)], "denied"),
    "the same": ([allow()] * MANY, "allowed"),
    "a condition each": (
        [allow(Condition={"StringEquals": {f"aws:PrincipalTag/{number}": "v"}}) for number in range(MANY)], "depends",
    ),
    "a denial each": (
        [allow(), *(deny(Condition={"Bool": {f"aws:PrincipalTag/{number}": "true"}}) for number in range(MANY))],
        "depends",
    ),
    "one key": ([allow(Condition={"StringEquals": {"aws:a": f"v{number}"}}) for number in range(MANY)], "depends"),
    "a chain": (
        [allow(), *(deny(Condition={"Bool": {f"k{n}": "true", f"k{n + 1}": "true"}}) for n in range(3000))], "depends",
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", LARGE)
def test_very_many_statements_are_answered(name: str) -> None:
    statements, expected = LARGE[name]
    policy = document(*statements)
    assert answer(request(strict=False), identity=[policy]) == expected


def test_a_policy_far_over_the_limit_of_its_size_is_answered() -> None:
    policy = document(allow(["s3:Get*"] * 20_000, ["arn:aws:s3:::bucket/" + "x" * 2000, "arn:aws:s3:::bucket/*"]))
    assert answer(request(), identity=[policy]) == "allowed"


@pytest.mark.parametrize(
    ("written", "action", "expected"),
    [
        ("*", "s3:GetObject", True),
        ("*:*", "s3:GetObject", True),
        ("*:GetObject", "s3:GetObject", False),
        ("s?:GetObject", "s3:GetObject", False),
        ("S3:get*", "s3:GetObject", True),
        ("s3:*", "s3express:CreateSession", False),
    ],
)
def test_wildcards_stand_behind_the_prefix_of_the_service(written: str, action: str, expected: bool) -> None:
    assert action_pattern(written).matches(action) is expected
