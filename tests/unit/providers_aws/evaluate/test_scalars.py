"""Numbers, dates, addresses, flags and bytes of condition values."""

from __future__ import annotations

import string
from datetime import UTC, datetime
from decimal import Decimal
from ipaddress import ip_address, ip_network

import pytest
from hypothesis import given
from hypothesis import strategies as st

from leastwise.providers.aws.evaluate import scalars


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("10", "10"), ("10.0", "10"), ("-5", "-5"), ("+5", "5"), (".5", "0.5"), ("5.", "5"), ("1e3", "1000"),
        (" 7 ", "7"), ("0", "0"), ("1E-2", "0.01"), ("00012", "12"),
    ],
)  # fmt: skip
def test_numbers(text: str, value: str) -> None:
    assert scalars.number(text) == Decimal(value)


@pytest.mark.parametrize(
    "text", ["", "a", "1a", "0x10", "1,000", "Infinity", "NaN", "--1", "1e", "1e999999999", "1e-999999999", "9" * 401]
)
def test_what_is_no_number(text: str) -> None:
    assert scalars.number(text) is None


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("1970-01-01T00:00:00Z", 0),
        ("1970-01-01", 0),
        ("1970", 0),
        ("1970-02", 31 * 86400),
        ("2020-01-01T00:00:00Z", 1577836800),
        ("2020-01-01T00:00Z", 1577836800),
        ("2020-01-01T01:00:00+01:00", 1577836800),
        ("2020-01-01T01:00:00+0100", 1577836800),
        ("2019-12-31T19:00:00-05:00", 1577836800),
        ("2020-01-01t00:00:00z", 1577836800),
        ("1577836800", 1577836800),
        ("1577836800000", 1577836800),
        ("2020-01-01T00:00:00.5Z", "1577836800.5"),
        ("0001-01-01", -62135596800),
        ("-1", -1),
        ("2020.0", 2020),
    ],
)
def test_moments(text: str, seconds: int | str) -> None:
    assert scalars.moment(text) == Decimal(seconds)


@pytest.mark.parametrize(
    "text",
    ["", "a", "2020-13-01", "2020-02-30", "0000-01-01", "2020-01-01T25:00:00Z", "01/02/2020", "2020-1-1", "today"],
)
def test_what_is_no_moment(text: str) -> None:
    assert scalars.moment(text) is None


BASIC = ["20260601T120000Z", "2026-06-01T24:00:00Z", "2026-06-01T11:59:60Z", "2026-W23-1T12Z", "2026-152T12:00:00Z"]
BARE = ["2026-06-01T12:00:00", "2026-06-01T12:00", "0000-01-01", "2026-06-01T12:00:00,5Z"]
LARGE = ["1.78e9", "1E3", "1e999999999", "9" * 401]
PLAIN = ["2026", "2026-06", "2026-06-01", "2026-06-01T12:00Z", "2026-06-01T12:00:00.5+02:00", "1780315200", "-1", "1.5"]
NONE = ["", "a", "soon", "2026-13-01", "2026-02-30", "2026-06-01T25:00:00Z", "2026-06-01T14 :00:00Z", "01/02/2026"]


def test_what_the_page_leaves_open() -> None:
    assert [text for text in (*BASIC, *BARE, *LARGE, *PLAIN, *NONE) if scalars.doubtful("date", text)] == [
        *BASIC, *BARE, *LARGE,
    ]  # fmt: skip
    assert [text for text in (*BASIC, *BARE, *LARGE, *PLAIN, *NONE) if scalars.doubtful("number", text)] == LARGE


@given(st.text(string.digits + "-:TWZ.,+eE ", max_size=30))
def test_a_date_is_read_or_doubted_or_none(text: str) -> None:
    """What is read without doubt is a number, or names a zone wherever it names an hour."""
    if scalars.moment(text) is not None and not scalars.doubtful("date", text):
        assert (
            scalars.number(text) is not None
            or "t" not in text.lower()
            or text.strip()[-6:].lower().strip("0123456789:.")
        )


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("true", True),
        ("TRUE", True),
        ("False", False),
        (" true ", True),
        ("1", None),
        ("t", None),
        ("", None),
        ("yes", None),
    ],
)
def test_flags(text: str, value: bool | None) -> None:
    assert scalars.flag(text) is value


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("10.0.0.0/8", "10.0.0.0/8"), ("10.1.2.3/8", "10.0.0.0/8"), ("10.1.2.3", "10.1.2.3/32"),
        ("2001:db8::/32", "2001:db8::/32"), ("2001:DB8::1", "2001:db8::1/128"), ("0.0.0.0/0", "0.0.0.0/0"),
    ],
)  # fmt: skip
def test_networks(text: str, value: str) -> None:
    assert scalars.network(text) == ip_network(value)


@pytest.mark.parametrize("text", ["", "10", "10.0.0.0/33", "10.0.0", "10.0.0.0/", "123456789012", "host", "::1/129"])
def test_what_is_no_network(text: str) -> None:
    assert scalars.network(text) is None


def test_addresses() -> None:
    assert scalars.address(" 10.0.0.1 ") == ip_address("10.0.0.1")
    assert scalars.address("10.0.0.0/8") is None
    assert scalars.address("123456789012") is None


def test_bytes() -> None:
    assert scalars.binary("YQ==") == b"a"
    assert scalars.binary("") == b""
    assert scalars.binary("YQ") is None
    assert scalars.binary("ä") is None
    assert scalars.binary("Y Q==") is None


@given(st.text(max_size=20) | st.text(string.digits + "-:TZ.+eE/", max_size=30))
def test_no_text_breaks_a_reader(text: str) -> None:
    for read in (scalars.number, scalars.moment, scalars.flag, scalars.network, scalars.address, scalars.binary):
        assert read(text) == read(text)


@given(st.datetimes(min_value=datetime(1970, 1, 2), timezones=st.just(UTC)))
def test_a_written_date_and_its_seconds_are_one_moment(moment: datetime) -> None:
    whole = moment.replace(microsecond=0)
    seconds = Decimal(int(whole.timestamp()))
    assert scalars.moment(whole.isoformat()) == seconds
    assert scalars.moment(f"{seconds}.0") == (seconds / 1000 if seconds >= scalars.MILLISECONDS else seconds)
