"""Every operator with a key that is there, absent, malformed or of several values, and with each quantifier."""

from __future__ import annotations

import pytest
from evaluate_support import under

KEY = "aws:Example"
# operator: (value in the policy, a value that meets it, one that does not, malformed ones)
PLAIN: dict[str, tuple[str, str, str, tuple[str, ...]]] = {
    "StringEquals": ("ab", "ab", "AB", ()),
    "StringEqualsIgnoreCase": ("ab", "AB", "abc", ()),
    "StringLike": ("a?c*", "abcd", "ac", ()),
    "NumericEquals": ("10", "10.0", "11", ("ten", "", "0x10")),
    "NumericLessThan": ("10", "9.5", "10", ("ten", "")),
    "NumericLessThanEquals": ("10", "10", "10.1", ("ten",)),
    "NumericGreaterThan": ("10", "11", "10", ("ten",)),
    "NumericGreaterThanEquals": ("10", "10", "9", ("ten",)),
    "DateEquals": ("2020-01-01", "1577836800", "2020-01-02", ("soon", "2020-13-01")),
    "DateLessThan": ("2020-01-01", "2019-12-31T23:59:59Z", "2020-01-01", ("soon",)),
    "DateLessThanEquals": ("2020-01-01", "2020-01-01", "2020-01-01T00:00:01Z", ("soon",)),
    "DateGreaterThan": ("2020-01-01", "2020-01-02", "2020-01-01", ("soon",)),
    "DateGreaterThanEquals": ("2020-01-01", "2020-01-01", "2019", ("soon",)),
    "Bool": ("true", "TRUE", "false", ("t", "1", "")),
    "BinaryEquals": ("YQ==", "YQ==", "Yg==", ("?",)),
    "IpAddress": ("10.0.0.0/8", "10.1.2.3", "11.0.0.1", ("10.0.0", "::zz", "2001:db8::1/64")),
    "ArnEquals": ("arn:aws:sns:*:111111111111:t?*", "arn:aws:sns:a:111111111111:t1:x", "arn:aws:sqs:a:1:t1", ("x",)),
    "ArnLike": ("arn:aws:s3:::b*", "arn:aws:s3:::bucket", "arn:aws:s3:::c", ("arn:aws:s3", "bucket")),
}  # fmt: skip
NEGATED = {
    "StringNotEquals": "StringEquals",
    "StringNotEqualsIgnoreCase": "StringEqualsIgnoreCase",
    "StringNotLike": "StringLike",
    "NumericNotEquals": "NumericEquals",
    "DateNotEquals": "DateEquals",
    "NotIpAddress": "IpAddress",
    "ArnNotEquals": "ArnEquals",
    "ArnNotLike": "ArnLike",
}
ROWS = [(name, *row, False) for name, row in PLAIN.items()]
ROWS += [(name, *PLAIN[plain], True) for name, plain in NEGATED.items()]
SEVERAL = ("ForAllValues:", "ForAnyValue:")
YES, NO = "allowed", "denied"

rows = pytest.mark.parametrize(
    ("name", "value", "good", "bad", "broken", "negated"), ROWS, ids=[row[0] for row in ROWS]
)


def meant(holds: bool) -> str:
    return YES if holds else NO


@rows
def test_one_value(name: str, value: str, good: str, bad: str, broken: tuple[str, ...], negated: bool) -> None:
    for form in (name, name + "IfExists", name.lower(), name.upper()):
        assert under({form: {KEY: value}}, {KEY: good}) == meant(not negated)
        assert under({form: {KEY: value}}, {KEY: bad}) == meant(negated)


@rows
def test_an_absent_key(name: str, value: str, good: str, bad: str, broken: tuple[str, ...], negated: bool) -> None:
    assert under({name: {KEY: value}}, {}) == meant(negated)
    assert under({name + "IfExists": {KEY: value}}, {}) == YES
    assert under({"ForAllValues:" + name: {KEY: value}}, {}) == YES
    assert under({"ForAnyValue:" + name: {KEY: value}}, {}) == NO
    assert under({"ForAnyValue:" + name + "IfExists": {KEY: value}}, {}) == YES


@rows
def test_a_malformed_value_meets_nothing(
    name: str, value: str, good: str, bad: str, broken: tuple[str, ...], negated: bool
) -> None:
    for one in broken:
        for form in (name, name + "IfExists", "ForAnyValue:" + name):
            assert under({form: {KEY: value}}, {KEY: one}) == NO
    if broken:
        assert under({name: {KEY: "no such thing"}}, {KEY: good}) == NO
        assert under({name: {KEY: ["no such thing", value]}}, {KEY: good}) == meant(not negated)


@rows
def test_several_values_in_the_policy(
    name: str, value: str, good: str, bad: str, broken: tuple[str, ...], negated: bool
) -> None:
    other = {"Bool": "true"}.get(name, value)
    assert under({name: {KEY: [other, value]}}, {KEY: good}) == meant(not negated)
    assert under({name: {KEY: [other, value]}}, {KEY: bad}) == meant(negated)


@rows
def test_a_key_of_several_values_needs_a_quantifier(
    name: str, value: str, good: str, bad: str, broken: tuple[str, ...], negated: bool
) -> None:
    both, all_good, all_bad = {KEY: (good, bad)}, {KEY: (good, good)}, {KEY: (bad, bad)}
    for context in (both, all_good, all_bad):
        assert under({name: {KEY: value}}, context) == NO
    assert under({"ForAllValues:" + name: {KEY: value}}, both) == NO
    assert under({"ForAnyValue:" + name: {KEY: value}}, both) == YES
    for quantifier in SEVERAL:
        assert under({quantifier + name: {KEY: value}}, all_good) == meant(not negated)
        assert under({quantifier + name: {KEY: value}}, all_bad) == meant(negated)


@rows
def test_a_key_that_is_not_known_leaves_the_answer_open(
    name: str, value: str, good: str, bad: str, broken: tuple[str, ...], negated: bool
) -> None:
    for form in (name, name + "IfExists", *(quantifier + name for quantifier in SEVERAL)):
        assert under({form: {KEY: value}}, {}, strict=False) == "depends"


@pytest.mark.parametrize(
    ("wanted", "context", "holds"),
    [
        ("true", {}, True), ("false", {}, False), ("true", {KEY: "x"}, False), ("false", {KEY: "x"}, True),
        ("true", {KEY: ""}, True), ("false", {KEY: ""}, False), ("true", {KEY: ("", "")}, True),
        ("false", {KEY: ("", "x")}, True), (True, {}, True), (False, {}, False), ("maybe", {}, False),
        ("maybe", {KEY: "x"}, False), (["true", "false"], {}, True), (["true", "false"], {KEY: "x"}, True),
    ],
)  # fmt: skip
def test_null(wanted: object, context: dict[str, str], holds: bool) -> None:
    assert under({"Null": {KEY: wanted}}, context) == meant(holds)


@pytest.mark.parametrize(
    "name", ["StringsEqual", "", "IfExists", "ForAllValues:", "ForAllValue:StringEquals", "String Equals", "BoolNot"]
)
def test_an_operator_that_is_none_holds_never(name: str) -> None:
    assert under({name: {KEY: "x"}}, {KEY: "x"}) == NO
    assert under({name: {KEY: "x"}}, {}, strict=False) == NO


def test_all_operators_of_a_block_and_all_keys_of_an_operator_must_hold() -> None:
    both = {"StringEquals": {"aws:a": "1", "aws:b": "2"}, "Bool": {"aws:c": "true"}}
    whole = {"aws:a": "1", "aws:b": "2", "aws:c": "true"}
    assert under(both, whole) == YES
    for missing in whole:
        assert under(both, {key: value for key, value in whole.items() if key != missing}) == NO


def test_no_values_are_met_by_nothing() -> None:
    assert under({"StringEquals": {KEY: []}}, {KEY: "x"}) == NO
    assert under({"StringNotEquals": {KEY: []}}, {KEY: "x"}) == NO


def test_names_of_keys_are_compared_without_case() -> None:
    assert under({"StringEquals": {"AWS:eXample": "x"}}, {KEY: "x"}) == YES


def test_json_numbers_and_booleans_stand_for_their_texts() -> None:
    assert under({"NumericEquals": {KEY: 10}}, {KEY: "10"}) == YES
    assert under({"Bool": {KEY: True}}, {KEY: "true"}) == YES
    assert under({"StringEquals": {KEY: True}}, {KEY: "true"}) == YES


@pytest.mark.parametrize(
    ("pattern", "arn", "holds"),
    [
        ("arn:aws:iam::*:role/a", "arn:aws:iam::1:role/a", True),
        ("arn:aws:*:*:role/a", "arn:aws:iam::1:role/a", False),
        ("arn:*:iam::1:role/*", "arn:aws-cn:iam::1:role/a/b:c", True),
        ("*", "arn:aws:iam::1:role/a", True),
        ("arn:aws:iam::1:role/A", "arn:aws:iam::1:role/a", False),
        ("arn:aws:iam::1:r?le/a", "arn:aws:iam::1:role/a", True),
        ("arn:aws:s3:::b/*", "arn:aws:s3:::b/x:y/z", True),
        ("arn:aws:*", "arn:aws:iam::1:role/a", False),
    ],
)
def test_fields_of_an_arn_are_compared_one_by_one(pattern: str, arn: str, holds: bool) -> None:
    for name in ("ArnLike", "ArnEquals"):
        assert under({name: {KEY: pattern}}, {KEY: arn}) == meant(holds)


def test_string_like_has_no_fields() -> None:
    assert under({"StringLike": {KEY: "arn:*:role/a"}}, {KEY: "arn:aws:iam::1:role/a"}) == YES
