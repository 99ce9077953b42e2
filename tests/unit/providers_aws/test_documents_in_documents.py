"""Policy documents inside one another: each element of a statement, and what is not proven."""

from __future__ import annotations

import json
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

sys.path.insert(0, str(Path(__file__).parent / "evaluate"))

from evaluate_support import HERE, USER, allow, deny, document, explained, request

from leastwise.engine.containment import Containment, CounterExample, NotProven, Proved
from leastwise.engine.cubes import cubes_of
from leastwise.engine.patterns import glob
from leastwise.model.decision import State
from leastwise.providers.aws.catalog.managed import managed_policy
from leastwise.providers.aws.containment import access_set, documents_contain, terms
from leastwise.providers.aws.evaluate.facts import Look
from leastwise.providers.aws.evaluate.policy import parse_policy
from leastwise.providers.aws.evaluate.statements import Target

KEY = "arn:aws:s3:::b/k"
YES, NO, OPEN = Proved, CounterExample, NotProven


def compared(inner: list[dict[str, Any]], outer: list[dict[str, Any]], version: str = "2012-10-17") -> Containment:
    return documents_contain([document(*inner, version=version)], [document(*outer, version=version)])


def when(operator: str, key: str, value: Any, **more: Any) -> dict[str, Any]:
    return allow("s3:GetObject", "arn:aws:s3:::b/*", Condition={operator: {key: value}}, **more)


HOME, OWN = "arn:aws:s3:::b/${aws:username}/*", "arn:aws:s3:::b/${aws:PrincipalTag/team}/*"
GET = allow("s3:GetObject", "arn:aws:s3:::b/*")
PLAIN = deny("*", Condition={"Bool": {"aws:SecureTransport": "false"}})
BUT_KEY = {"Effect": "Allow", "Action": "*", "NotResource": KEY}
BUT_ALL = {"Effect": "Allow", "Action": "*", "NotResource": "arn:aws:s3:::b/*"}


@pytest.mark.parametrize(
    ("inner", "outer", "expected"),
    [
        # Action and NotAction
        ([allow("s3:getobject")], [allow("s3:GetObject")], YES),
        ([allow("s3:Get*")], [allow("s3:*")], YES),
        ([allow("s3:*")], [allow("s3:Get*")], NO),
        ([allow("*")], [allow("*:*")], YES),
        ([allow("*:*")], [allow("*")], YES),
        ([allow("*")], [allow(["s3:*", "ec2:*"])], NO),
        ([allow("s*:GetObject")], [], YES),
        ([allow("s3:Get*")], [{"Effect": "Allow", "NotAction": "iam:*", "Resource": "*"}], YES),
        ([{"Effect": "Allow", "NotAction": ["iam:*", "s3:*"], "Resource": "*"}], [allow("*"), deny("iam:*")], YES),
        ([allow("*"), deny("iam:*")], [{"Effect": "Allow", "NotAction": "iam:*", "Resource": "*"}], YES),
        ([{"Effect": "Allow", "NotAction": "iam:*", "Resource": "*"}], [allow("*"), deny("iam:*")], YES),
        ([{"Effect": "Allow", "NotAction": "iam:*", "Resource": "*"}], [allow("*"), deny("iam:Get*")], YES),
        ([allow("*"), deny("iam:Get*")], [{"Effect": "Allow", "NotAction": "iam:*", "Resource": "*"}], NO),
        ([allow("iam:Get*")], [{"Effect": "Allow", "NotAction": "iam:*", "Resource": "*"}], NO),
        ([allow("iam:Get*")], [{"Effect": "Allow", "NotAction": ["iam:Put*", "s3:*"], "Resource": "*"}], YES),
        ([allow("iam:*")], [{"Effect": "Allow", "NotAction": "iam:Get*", "Resource": "*"}], NO),
        # Resource and NotResource
        ([allow("*", "arn:aws:s3:::b/x/*")], [allow("*", "arn:aws:s3:::b/*")], YES),
        ([allow("*", "arn:aws:s3:::b/*")], [allow("*", "arn:aws:s3:::b/x/*")], NO),
        ([allow("*", "arn:aws:s3:::b*")], [allow("*", ["arn:aws:s3:::b", "arn:aws:s3:::b?*"])], YES),
        ([allow("*", "arn:aws:s3")], [allow("*", "arn:aws:s3:*")], YES),
        ([allow("*", "*")], [allow("*", ["arn:*", "*"])], YES),
        ([allow("*", "*")], [allow("*", "arn:*")], NO),
        ([allow("*", "*")], [BUT_KEY, allow("*", "arn:aws:s3:::b/*")], YES),
        ([BUT_ALL], [allow("*"), deny("*", KEY)], YES),
        ([allow("*", "arn:aws:s3:::b/k*")], [BUT_ALL], NO),
        ([allow("*", "arn:aws:s3:::b/k?")], [BUT_KEY], YES),
        ([BUT_KEY], [allow("*"), deny("*", "arn:aws:s3:::b/*")], NO),
        # Deny
        ([allow("s3:*"), deny("s3:Put*")], [allow("s3:*"), deny("s3:PutObject")], YES),
        ([allow("s3:*"), deny("s3:PutObject")], [allow("s3:*"), deny("s3:Put*")], NO),
        ([deny("*")], [], YES),
        ([allow("*"), deny("*")], [], YES),
        # Condition
        ([when("StringEquals", "aws:PrincipalTag/t", "a")], [when("StringLike", "aws:PrincipalTag/t", "a*")], YES),
        ([when("StringLike", "aws:PrincipalTag/t", "a*")], [when("StringEquals", "aws:PrincipalTag/t", "a")], NO),
        ([when("StringEquals", "aws:PrincipalTag/T", "a")], [when("StringEquals", "aws:principaltag/t", "a")], YES),
        ([when("StringEquals", "aws:PrincipalTag/t", "a")], [when("StringNotEquals", "aws:PrincipalTag/t", "b")], YES),
        ([when("StringNotEquals", "aws:PrincipalTag/t", "b")], [when("StringEquals", "aws:PrincipalTag/t", "a")], NO),
        ([when("StringEquals", "aws:PrincipalTag/t", "a")], [when("Null", "aws:PrincipalTag/t", "false")], YES),
        ([when("NumericLessThan", "s3:max-keys", "5")], [when("NumericLessThanEquals", "s3:max-keys", "5")], YES),
        ([when("NumericLessThanEquals", "s3:max-keys", "5")], [when("NumericLessThan", "s3:max-keys", "5")], NO),
        ([when("IpAddress", "aws:SourceIp", "10.1.0.0/16")], [when("IpAddress", "aws:SourceIp", "10.0.0.0/8")], YES),
        ([when("IpAddress", "aws:SourceIp", "10.0.0.0/8")], [when("IpAddress", "aws:SourceIp", "10.1.0.0/16")], NO),
        (
            [when("IpAddress", "aws:SourceIp", "10.0.0.0/8")],
            [when("IpAddress", "aws:SourceIp", ["10.0.0.0/9", "10.128.0.0/9"])],
            YES,
        ),
        ([when("Bool", "aws:SecureTransport", "true")], [when("BoolIfExists", "aws:SecureTransport", "true")], YES),
        ([when("BoolIfExists", "aws:SecureTransport", "true")], [when("Bool", "aws:SecureTransport", "true")], NO),
        (
            [when("DateGreaterThan", "aws:CurrentTime", "2030-01-01T00:00:00Z")],
            [when("DateGreaterThan", "aws:CurrentTime", "2029-01-01T00:00:00Z")],
            YES,
        ),
        (
            [when("ForAllValues:StringEquals", "aws:TagKeys", "a")],
            [when("ForAllValues:StringEquals", "aws:TagKeys", ["a", "b"])],
            YES,
        ),
        (
            [when("ForAllValues:StringEquals", "aws:TagKeys", "a")],
            [when("ForAnyValue:StringEquals", "aws:TagKeys", "a")],
            NO,
        ),
        ([GET], [when("StringEquals", "aws:RequestTag/t", "a"), when("StringNotEquals", "aws:RequestTag/t", "a")], YES),
        ([GET, PLAIN], [GET], YES),
        ([GET], [GET, PLAIN], NO),
        ([when("Bool", "aws:SecureTransport", "true")], [GET, PLAIN], YES),
        ([when("BoolIfExists", "aws:SecureTransport", "true")], [GET, PLAIN], YES),
        # Variables
        ([allow("s3:*", HOME)], [allow("s3:*", HOME)], YES),
        ([allow("s3:Get*", HOME)], [allow("s3:*", HOME)], YES),
        ([allow("s3:*", HOME)], [allow("s3:*", "arn:aws:s3:::b/*")], YES),
        ([allow("s3:*", "arn:aws:s3:::b/*")], [allow("s3:*", HOME)], NO),
        ([allow("s3:*", HOME)], [allow("s3:*", "arn:aws:s3:::b/ana/*")], NO),
        ([allow("s3:*", HOME)], [allow("s3:*", OWN)], NO),
        ([when("StringEquals", "aws:ResourceTag/t", "${aws:PrincipalTag/t}")], [GET], YES),
        ([GET], [when("StringEquals", "aws:ResourceTag/t", "${aws:PrincipalTag/t}")], NO),
        ([allow("s3:*", "arn:aws:s3:::b/${*}/x")], [allow("s3:*", "arn:aws:s3:::b/*/x")], YES),
        ([allow("s3:*", "arn:aws:s3:::b/*/x")], [allow("s3:*", "arn:aws:s3:::b/${*}/x")], NO),
        # Principal: entries as they are written
        ([allow("s3:*", Principal={"AWS": HERE})], [allow("s3:*", Principal="*")], YES),
        ([allow("s3:*", Principal={"AWS": HERE})], [allow("s3:*", Principal={"AWS": [HERE, USER]})], YES),
        ([allow("s3:*", Principal={"AWS": USER})], [allow("s3:*", Principal={"AWS": HERE})], OPEN),
        ([allow("s3:*", Principal="*")], [allow("s3:*", NotPrincipal={"AWS": USER})], OPEN),
    ],
)  # fmt: skip
def test_documents_in_one_another(inner: list[dict[str, Any]], outer: list[dict[str, Any]], expected: type) -> None:
    found = compared(inner, outer)
    assert isinstance(found, expected), found
    if isinstance(found, NotProven):
        assert "Principal" in found.reason
    if isinstance(found, CounterExample):
        for statements, state in ((inner, State.ALLOWED), (outer, State.DENIED)):
            known = {key: value or Look.ABSENT for key, value in found.values.items()}
            asked = replace(
                request(USER, found.permission, KEY, "", known, strict=False), target=Target(found.resource)
            )
            assert explained(asked, identity=[document(*statements)]).state is state, found


def test_variables_are_letters_in_old_versions() -> None:
    inner, outer = [allow("s3:*", "arn:aws:s3:::b/${aws:username}")], [allow("s3:*", "arn:aws:s3:::b/$*")]
    assert isinstance(compared(inner, outer, version="2008-10-17"), Proved)
    assert isinstance(compared(inner, outer), CounterExample)


def test_a_counter_example_names_an_action_that_exists() -> None:
    found = compared([allow("s3:Get*")], [allow(["s3:GetObject", "s3:GetObjectAcl"])])
    assert isinstance(found, CounterExample)
    assert found.permission in set(terms().names(glob("s3:*", fold=True)))


def test_an_action_of_tomorrow_counts() -> None:
    names = sorted(terms().names(glob("sqs:*", fold=True)))
    found = compared([allow("sqs:*")], [allow(names)])
    assert isinstance(found, CounterExample)
    assert found.permission not in names


def test_a_counter_example_has_values_of_condition_keys() -> None:
    found = compared([GET], [when("StringEquals", "aws:PrincipalTag/t", ["a", "b"])])
    assert isinstance(found, CounterExample)
    assert found.values["aws:principaltag/t"] not in (("a",), ("b",))
    both = compared(
        [when("StringLike", "aws:PrincipalTag/t", "a*")], [when("StringEquals", "aws:PrincipalTag/t", "a~")]
    )
    assert isinstance(both, CounterExample)
    assert both.values["aws:principaltag/t"][0].startswith("a")


def test_several_documents_stand_beside_each_other() -> None:
    read, write = document(allow("s3:Get*")), document(allow("s3:Put*"))
    barred = document(deny("s3:PutObject"))
    both = document(allow(["s3:Get*", "s3:Put*"]))
    assert isinstance(documents_contain([both], [read, write]), Proved)
    assert isinstance(documents_contain([read, write], [both]), Proved)
    assert isinstance(documents_contain([both], [read, write, barred]), CounterExample)
    assert isinstance(documents_contain([both, barred], [read, write, barred]), Proved)


def test_a_proof_names_the_statements() -> None:
    inner = document(allow("s3:GetObject", Sid="Reads"), name="small")
    outer = document(allow("ec2:*", Sid="Machines"), allow("s3:*", Sid="Storage"), name="large")
    found = documents_contain([inner], [outer])
    assert isinstance(found, Proved)
    [cover] = found.covers
    assert cover.cube.name == "small, statement Reads"
    assert [cube.name for cube in cover.by] == ["large, statement Storage"]
    assert [str(pattern) for pattern in cover.permissions] == ["s3:GetObject"]


@pytest.mark.parametrize(
    ("inner", "outer", "expected"),
    [
        ("ReadOnlyAccess", "AdministratorAccess", YES),
        ("AdministratorAccess", "PowerUserAccess", NO),
        ("AmazonS3ReadOnlyAccess", "AmazonS3FullAccess", YES),
        ("AmazonS3FullAccess", "AmazonS3ReadOnlyAccess", NO),
        ("ReadOnlyAccess", "ReadOnlyAccess", YES),
        ("IAMReadOnlyAccess", "IAMFullAccess", YES),
    ],
)
def test_managed_policies(inner: str, outer: str, expected: type) -> None:
    bodies = [managed_policy(f"arn:aws:iam::aws:policy/{name}") for name in (inner, outer)]
    parsed = [parse_policy(json.loads(bytes(one.document))) for one in bodies if one is not None]
    assert len(parsed) == 2
    assert isinstance(documents_contain(parsed[:1], parsed[1:]), expected)


def test_every_statement_is_a_cube() -> None:
    policy = document(allow("s3:*"), deny("s3:Put*"), allow("ec2:*", HOME))
    assert len(list(cubes_of(access_set([policy])))) == 3
