"""What operators and functions of conditions give, and what is an error."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from leastwise.providers.gcp.evaluate.conversions import function
from leastwise.providers.gcp.evaluate.values import (
    EvaluationError,
    UnsupportedError,
    arithmetic,
    clock,
    compare,
    contained,
    equal,
    extract,
    method,
    parse_date,
    parse_span,
    parse_stamp,
)
from leastwise.providers.gcp.language.cel import Constant, Span, Stamp, UInt, moment, seconds

NAME = "projects/_/buckets/acme-orders-aaa/objects/data_lake/orders/order_date=2019-11-03/aef87g87ae0876"


@pytest.mark.parametrize(
    ("template", "found"),
    [
        ("/order_date={date}/", "2019-11-03"),
        ("buckets/{name}/", "acme-orders-aaa"),
        ("/orders/{empty}order_date", ""),
        ("{start}/objects/data_lake", "projects/_/buckets/acme-orders-aaa"),
        ("orders/{end}", "order_date=2019-11-03/aef87g87ae0876"),
        ("{all}", NAME),
        ("/orders/{none}/order_date=", ""),
        ("/orders/order_date=2019-11-03/{id}/data_lake", ""),
    ],
)
def test_extract_as_the_page_has_it(template: str, found: str) -> None:
    assert extract(NAME, template) == found


@pytest.mark.parametrize("template", ["", "no identifier", "{a}{b}", "{a", "{a b}", "{}"])
def test_a_template_has_one_identifier(template: str) -> None:
    with pytest.raises(EvaluationError):
        extract("text", template)


@given(st.text(), st.text(max_size=3), st.text(max_size=3))
def test_what_is_extracted_stands_between(text: str, before: str, after: str) -> None:
    if "{" in before + after or "}" in before + after:
        return
    found = extract(text, f"{before}{{x}}{after}")
    assert found in text
    if found:
        assert f"{before}{found}{after}" in text


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("2026-01-01T00:00:00Z", "2026-01-01T00:00:00Z"),
        ("2026-01-01T00:00:00.5+02:00", "2025-12-31T22:00:00.5Z"),
        ("2026-01-01t00:00:00.123456789z", "2026-01-01T00:00:00.123456789Z"),
        ("0001-01-01T00:00:00Z", "0001-01-01T00:00:00Z"),
        ("1969-12-31T23:59:59.999Z", "1969-12-31T23:59:59.999Z"),
    ],
)
def test_moments(text: str, shown: str) -> None:
    assert moment(parse_stamp(text)) == shown


@pytest.mark.parametrize(
    "text", ["", "2026-01-01", "2026-13-01T00:00:00Z", "2026-01-01T00:00:00", "0001-01-01T00:00:00+23:00"]
)
def test_no_moments(text: str) -> None:
    with pytest.raises(EvaluationError):
        parse_stamp(text)


def test_dates() -> None:
    assert parse_date("2026-03-01") == parse_stamp("2026-03-01T00:00:00Z")
    with pytest.raises(EvaluationError):
        parse_date("2026-3-1")


@pytest.mark.parametrize(
    ("text", "nanos"),
    [("90s", 90 * 10**9), ("1h30m", 5400 * 10**9), ("-1.5s", -1_500_000_000), ("1ms", 10**6), ("0", 0)],
)
def test_durations(text: str, nanos: int) -> None:
    assert parse_span(text) == Span(nanos)
    assert parse_span(f"{seconds(Span(nanos))}s") == Span(nanos)


@pytest.mark.parametrize("text", ["", "s", "1", "1d", "1s 2s"])
def test_no_durations(text: str) -> None:
    with pytest.raises(EvaluationError):
        parse_span(text)


@pytest.mark.parametrize(
    ("name", "zone", "found"),
    [
        ("getHours", "Europe/Berlin", 1),
        ("getHours", "-05:00", 19),
        ("getDate", "-05:00", 28),
        ("getDayOfWeek", "UTC", 0),
        ("getDayOfWeek", "-05:00", 6),
        ("getFullYear", "UTC", 2026),
        ("getMilliseconds", "UTC", 250),
    ],
)
def test_the_clock_in_a_zone(name: str, zone: str, found: int) -> None:
    # Clocks of Berlin go forward on this Sunday at 01:00 UTC.
    assert clock(name, parse_stamp("2026-03-29T00:30:00.25Z"), zone) == found
    assert clock("getHours", parse_stamp("2026-03-29T01:00:00Z"), "Europe/Berlin") == 3


def test_no_zone() -> None:
    with pytest.raises(EvaluationError):
        clock("getHours", Stamp(0), "Mars/Base")


@pytest.mark.parametrize(
    ("left", "right", "same"),
    [
        (1, 1.0, True),
        (1, UInt(1), True),
        ("1", 1, False),
        (True, 1, False),
        ((1, 2), (1, 2), True),
        ((1,), (1, 2), False),
        (None, None, True),
    ],
)
def test_equality(left: Constant, right: Constant, same: bool) -> None:
    assert equal(left, right) is same
    assert equal(right, left) is same


@pytest.mark.parametrize(
    ("sign", "left", "right", "found"),
    [
        ("+", "a", "b", "ab"),
        ("+", (1,), (2,), (1, 2)),
        ("-", 1, 2, -1),
        ("/", -7, 2, -3),
        ("%", -7, 2, -1),
        ("+", Stamp(1), Span(2), Stamp(3)),
        ("-", Stamp(3), Stamp(1), Span(2)),
        ("-", Span(3), Span(1), Span(2)),
        ("+", UInt(1), UInt(2), UInt(3)),
        ("*", 1.5, 2.0, 3.0),
    ],
)
def test_arithmetic(sign: str, left: Constant, right: Constant, found: Constant) -> None:
    assert arithmetic(sign, left, right) == found


@pytest.mark.parametrize(
    ("sign", "left", "right"),
    [
        ("/", 1, 0),
        ("+", 1, "a"),
        ("+", 2**63 - 1, 1),
        ("-", UInt(0), UInt(1)),
        ("+", Stamp(1), Stamp(1)),
        ("-", Span(1), Stamp(1)),
        ("%", 1.0, 1.0),
    ],
)
def test_arithmetic_that_has_no_value(sign: str, left: Constant, right: Constant) -> None:
    with pytest.raises(EvaluationError):
        arithmetic(sign, left, right)


def test_order() -> None:
    assert compare("<", "a", "b")
    assert compare(">=", Stamp(2), Stamp(2))
    assert compare("<", 1, 1.5)
    with pytest.raises(EvaluationError):
        compare("<", "a", 1)


def test_lists() -> None:
    assert contained("a", ("a", "b"))
    assert method("hasOnly", ("a",), (("a", "b"),)) is True
    assert method("hasOnly", (), ((),)) is True
    assert method("size", ("a",), ()) == 1
    with pytest.raises(EvaluationError):
        contained("a", "abc")


def test_what_is_not_known_is_no_error() -> None:
    with pytest.raises(UnsupportedError):
        method("sha256", "a", ())
    with pytest.raises(UnsupportedError):
        function("hash", ("a",))
    with pytest.raises(EvaluationError):
        method("startsWith", 1, ("a",))


def test_conversions() -> None:
    assert function("int", ("7",)) == 7
    assert function("int", (UInt(7),)) == 7
    assert function("string", (7,)) == "7"
    assert function("string", (Span(1_500_000_000),)) == "1.5s"
    assert function("timestamp", (Stamp(3),)) == Stamp(3)
    assert function("double", ("1.5",)) == 1.5
    assert function("double", (3,)) == 3.0
    assert function("uint", (3,)) == UInt(3)
    assert function("bool", ("true",)) is True
    assert function("bytes", ("é",)) == "é".encode()
    assert function("dyn", (3,)) == 3
    assert function("matches", ("abc", "^a")) is True
    for name, value in (("uint", -1), ("uint", "x"), ("double", "1_0"), ("bool", "yes"), ("bytes", 1), ("int", " 7")):
        with pytest.raises(EvaluationError):
            function(name, (value,))
    assert function("size", ("é",)) == 1
    assert method("matches", "abc", ("^a",)) is True
    assert method("lowerAscii", "ÄbC", ()) == "Äbc"
    with pytest.raises(EvaluationError):
        method("matches", "abc", ("(",))
