"""Which words the policy language has: a document with another one is kept, marked, and never decided."""

from __future__ import annotations

from typing import Any

import pytest

from leastwise.providers.aws.evaluate.operators import is_operator
from leastwise.providers.aws.evaluate.policy import PolicyError, parse_policy, parse_written
from leastwise.providers.aws.translate.documents import Documents
from leastwise.providers.aws.translate.grammar import encode

ALLOW = {"Effect": "Allow", "Action": "*", "Resource": "*"}
NAMES = """
StringEquals StringNotEquals StringEqualsIgnoreCase StringNotEqualsIgnoreCase StringLike StringNotLike NumericEquals
NumericNotEquals NumericLessThan NumericLessThanEquals NumericGreaterThan NumericGreaterThanEquals DateEquals
DateNotEquals DateLessThan DateLessThanEquals DateGreaterThan DateGreaterThanEquals Bool BinaryEquals IpAddress
NotIpAddress ArnEquals ArnLike ArnNotEquals ArnNotLike Null
"""


@pytest.mark.parametrize("form", ["{}", "{}IfExists", "ForAllValues:{}", "ForAnyValue:{}IfExists", "foranyvalue:{}"])
def test_every_operator_of_the_reference_is_one(form: str) -> None:
    names = NAMES.split()
    assert len(names) == 27
    assert [name for name in names if not is_operator(form.format(name))] == []
    assert is_operator(form.format("stringlike"))


@pytest.mark.parametrize(
    "name", ["", "IfExists", "ForAllValues:", "ForAllValue:StringEquals", "String Equals", "StringContains", "BoolNot",
             "StringEquals ", "ForAnyValue:ForAllValues:Bool", "StringEqualsIfExistsIfExists"],
)  # fmt: skip
def test_others_are_none(name: str) -> None:
    assert not is_operator(name)


BAD: dict[str, tuple[Any, str]] = {
    "version": ({"Version": "2099-01-01", "Statement": [ALLOW]}, "2099-01-01"),
    "version of one statement": ({"Version": "1", "Statement": ALLOW}, "Version"),
    "operator": ({"Statement": [ALLOW, ALLOW | {"Condition": {"StringFoo": {"a": "b"}}}]}, "StringFoo"),
    "principal": ({"Statement": [ALLOW | {"Principal": {"Aws": "*"}}]}, "Aws"),
    "not principal": ({"Statement": ALLOW | {"NotPrincipal": {"Role": ["a"]}}}, "Role"),
}  # fmt: skip


@pytest.mark.parametrize("case", BAD)
@pytest.mark.parametrize("before", [0, 1, 200])
def test_a_document_in_another_language_is_marked_wherever_it_stands(case: str, before: int) -> None:
    body, cause = BAD[case]
    documents = Documents()
    good = [encode({"Version": "2012-10-17", "Statement": [ALLOW | {"Sid": str(number)}]}) for number in range(before)]
    *rows, row = documents.intern_all([*good, encode(body)])
    assert all(documents.readable(one) for one in rows)
    assert not documents.readable(row)
    table = documents.document_rows().to_table()
    reasons = table["unsupported"].to_pylist()
    assert [number for number, reason in enumerate(reasons) if reason] == [row]
    assert cause in reasons[row]
    assert table["text"].to_pylist()[row] == encode(body)
    assert table["admin"].to_pylist()[row] is None


@pytest.mark.parametrize("case", BAD)
def test_a_policy_that_is_given_with_a_question_is_refused(case: str) -> None:
    body, cause = BAD[case]
    assert parse_policy(body).statements
    with pytest.raises(PolicyError, match=cause):
        parse_written(body, "session policy 1")


def test_a_policy_that_is_given_with_a_question_is_read() -> None:
    body = {"Version": "2012-10-17", "Statement": ALLOW | {"Condition": {"ForAnyValue:StringLike": {"a": "b"}}}}
    assert len(parse_written(body, "session policy 1").statements) == 1
    with pytest.raises(PolicyError, match="not an object"):
        parse_written([], "session policy 1")
