"""Policy variables: in values and in resources, with defaults and escapes, known, absent and open."""

from __future__ import annotations

from typing import Any

import pytest
from evaluate_support import allow, answer, deny, document, explained, request, under

from leastwise.model.decision import State
from leastwise.providers.aws.evaluate.facts import Facts, Look
from leastwise.providers.aws.evaluate.variables import Open, Unresolved, resolve

YES, NO = "allowed", "denied"


@pytest.mark.parametrize(
    ("value", "context", "holds"),
    [
        ("${aws:username}", {"aws:username": "ana"}, True),
        ("${AWS:UserName}", {"aws:username": "ana"}, True),
        ("${ aws:username }", {"aws:username": "ana"}, True),
        ("${aws:username}", {}, False),
        ("${aws:username, 'ana'}", {}, True),
        ("${aws:username,'ana'}", {}, True),
        ("${aws:username, 'ana'}", {"aws:username": "bo"}, False),
        ("${aws:username, ''}ana", {}, True),
        ("${aws:username", {"aws:username": "ana"}, False),
        ("a${aws:a}${aws:b}", {"aws:a": "n", "aws:b": "a"}, True),
        ("${aws:tags}", {"aws:tags": ("ana", "bo")}, False),
        ("${aws:tags}", {"aws:tags": ("ana",)}, True),
    ],
)
def test_in_values(value: str, context: dict[str, Any], holds: bool) -> None:
    assert under({"StringEquals": {"k": value}}, {"k": "ana", **context}) == (YES if holds else NO)


def test_nothing_is_like_a_variable_without_value() -> None:
    for operator in ("StringEquals", "StringLike", "StringEqualsIgnoreCase", "ForAnyValue:StringEquals"):
        assert under({operator: {"k": "${aws:username}"}}, {"k": "x"}) == NO
    for operator in ("StringNotEquals", "StringNotLike", "ForAnyValue:StringNotEquals", "ForAllValues:StringNotEquals"):
        assert under({operator: {"k": "${aws:username}"}}, {"k": "x"}) == YES
    assert under({"StringNotEquals": {"k": ["${aws:username}", "y"]}}, {"k": "x"}) == YES
    assert under({"StringNotEquals": {"k": ["${aws:username}", "x"]}}, {"k": "x"}) == NO
    assert under({"ArnNotLike": {"k": "arn:aws:iam::1:user/${aws:username}"}}, {"k": "arn:aws:iam::1:user/b"}) == YES
    assert under({"ArnNotLike": {"k": "arn:aws:iam::1:user/${aws:username}"}}, {"k": "no arn"}) == NO


def test_a_deny_stands_where_the_tag_that_it_compares_with_is_missing() -> None:
    """The example of the page: team of the object and team of the principal."""
    team = {"StringNotEquals": {"s3:ExistingObjectTag/Team": "${aws:PrincipalTag/Team}"}}
    held = [document(allow(), deny(Condition=team))]
    for context, wanted in (
        ({"s3:ExistingObjectTag/Team": "a"}, "refused"),
        ({"s3:ExistingObjectTag/Team": "a", "aws:PrincipalTag/Team": "b"}, "refused"),
        ({"s3:ExistingObjectTag/Team": "a", "aws:PrincipalTag/Team": "a"}, YES),
        ({}, "refused"),
        ({"aws:PrincipalTag/Team": "a"}, "refused"),
    ):
        assert answer(request(context=context), identity=held) == wanted


@pytest.mark.parametrize(
    ("pattern", "value", "holds"),
    [
        ("${*}", "*", True), ("${*}", "x", False), ("a${?}", "a?", True), ("a${?}", "ab", False),
        ("${$}{aws:username}", "${aws:username}", True), ("a*", "abc", True), ("${aws:username}*", "a*nb", True),
        ("${aws:username}", "a*n", True), ("${aws:username}", "axn", False),
    ],
)  # fmt: skip
def test_signs_can_be_escaped_and_values_are_no_wildcards(pattern: str, value: str, holds: bool) -> None:
    assert under({"StringLike": {"k": pattern}}, {"k": value, "aws:username": "a*n"}) == (YES if holds else NO)


@pytest.mark.parametrize("version", ["2008-10-17", ""])
def test_older_documents_have_none(version: str) -> None:
    context = {"k": "ana", "aws:username": "ana"}
    assert under({"StringEquals": {"k": "${aws:username}"}}, context, version=version) == NO
    assert under({"StringEquals": {"k": "${aws:username}"}}, {"k": "${aws:username}"}, version=version) == YES
    resource = "arn:aws:s3:::b/${aws:username}"
    asked = request(resource="arn:aws:s3:::b/ana", context=context)
    assert answer(asked, identity=[document(allow(resource=resource), version=version)]) == NO
    assert answer(asked, identity=[document(allow(resource=resource))]) == YES


@pytest.mark.parametrize(
    ("operator", "value"),
    [
        ("NumericEquals", "10"),
        ("DateEquals", "2020-01-01"),
        ("Bool", "true"),
        ("IpAddress", "10.0.0.1"),
        ("Null", "false"),
    ],
)
def test_only_texts_and_arns_know_variables(operator: str, value: str) -> None:
    assert under({operator: {"k": "${aws:v}"}}, {"k": value, "aws:v": value}) == NO


RESOURCES = [
    ("arn:aws:s3:::b/${aws:username}/*", "arn:aws:s3:::b/ana/x", {"aws:username": "ana"}, YES),
    ("arn:aws:s3:::b/${aws:username}/*", "arn:aws:s3:::b/bo/x", {"aws:username": "ana"}, NO),
    ("arn:aws:s3:::b/${aws:username}/*", "arn:aws:s3:::b/ana/x", {}, NO),
    ("arn:aws:s3:::b/${aws:username, 'all'}/*", "arn:aws:s3:::b/all/x", {}, YES),
    ("arn:aws:s3:::b/${aws:username}", "arn:aws:s3:::b/axa", {"aws:username": "a*a"}, NO),
    ("arn:aws:sqs:*:${aws:PrincipalAccount}:*", "arn:aws:sqs:a:1:q", {"aws:PrincipalAccount": "1"}, YES),
    ("${aws:x}", "arn:aws:s3:::b", {"aws:x": "arn:aws:s3:::b"}, YES),
]


@pytest.mark.parametrize(("pattern", "resource", "context", "expected"), RESOURCES)
def test_in_resources(pattern: str, resource: str, context: dict[str, str], expected: str) -> None:
    asked = request(resource=resource, context=context)
    assert answer(asked, identity=[document(allow(resource=pattern))]) == expected
    denied = answer(asked, identity=[document(allow(), deny(resource=pattern))])
    assert denied == ("refused" if expected == YES else YES)


def test_an_open_key_in_a_resource_becomes_the_condition_on_that_key() -> None:
    asked = request(resource="arn:aws:s3:::b/home/ana/x", strict=False)
    found = explained(asked, identity=[document(allow(resource="arn:aws:s3:::b/home/${aws:username}/*"))])
    assert found.state is State.CONDITIONAL
    assert [[str(one) for one in way] for way in found.residual or ()] == [["StringEquals aws:username = ana"]]


def test_an_open_key_that_no_value_fits_denies() -> None:
    asked = request(resource="arn:aws:s3:::other/ana", strict=False)
    assert answer(asked, identity=[document(allow(resource="arn:aws:s3:::b/${aws:username}"))]) == NO


def test_the_default_counts_where_the_open_key_may_be_absent() -> None:
    asked = request(resource="arn:aws:s3:::b/all", strict=False)
    policy = document(
        allow(resource="arn:aws:s3:::b/${aws:username, 'all'}", Condition={"Null": {"aws:username": "true"}})
    )
    assert answer(asked, identity=[policy]) == "depends"
    plain = document(allow(resource="arn:aws:s3:::b/${aws:username}", Condition={"Null": {"aws:username": "true"}}))
    assert answer(asked, identity=[plain]) == NO


def test_a_value_and_an_open_variable_are_one_question() -> None:
    policy = document(
        allow(Condition={"StringEquals": {"aws:ResourceTag/team": "${aws:PrincipalTag/team}"}}),
        deny(Condition={"StringEquals": {"aws:ResourceTag/team": "${aws:PrincipalTag/team}"}}),
    )
    assert answer(request(strict=False), identity=[policy]) == "refused"


@pytest.mark.parametrize(("operator", "expected"), [("StringEquals", NO), ("StringEqualsIfExists", YES)])
def test_an_absent_key_is_decided_though_the_variable_is_open(operator: str, expected: str) -> None:
    policy = document(allow(Condition={operator: {"k": "${aws:open}"}}))
    assert answer(request(context={"k": Look.ABSENT}, strict=False), identity=[policy]) == expected


def test_what_a_value_is_made_of() -> None:
    facts = Facts({"aws:a": ("x",), "aws:gone": Look.ABSENT, "aws:there": Look.PRESENT})
    assert resolve("p${aws:a}*", facts, wildcards=False) == ("p", "x", "*")
    assert resolve("${aws:gone}", facts, wildcards=False) == Unresolved("aws:gone")
    assert resolve("${aws:open, 'd'}", facts, wildcards=False) == (Open("aws:open", "d"),)
    assert resolve("${aws:there, 'd'}", facts, wildcards=False) == (Open("aws:there", None),)
    assert resolve("${a,b,c}", facts, wildcards=False) == Unresolved("a,b,c")
