"""Files taken apart: every shape, and what cannot be read."""

from __future__ import annotations

import json
from typing import Any

import msgspec
import pytest
from events_support import cases, record, values
from hypothesis import given
from hypothesis import strategies as st

from leastwise.providers.aws.events.reading import read
from leastwise.providers.aws.events.record import Record, moment, tree


@pytest.mark.parametrize("case", cases("shapes"), ids=lambda case: case["id"])
def test_shapes(case: dict[str, Any]) -> None:
    found = read(case["content"].encode())
    assert [one.id for one in found.records] == case["ids"]
    assert [one.place for one in found.bad] == case["bad"]
    assert all(one.why for one in found.bad)
    assert found.digest == case.get("digest", False)


@given(st.binary(max_size=60) | st.text(max_size=60).map(str.encode))
def test_any_bytes_are_told(content: bytes) -> None:
    found = read(content)
    assert found.records == []
    assert found.bad or not content.removeprefix(b"\xef\xbb\xbf").strip() or _empty(content)


def _empty(content: bytes) -> bool:
    """Whether it is a list of nothing, which holds no record that could be bad."""
    value = json.loads(content)
    while isinstance(value, list) and value:
        value = value[0]
    return value == []


good = st.fixed_dictionaries({"eventSource": st.text(), "eventName": st.text(), "eventTime": st.text()})
mixed = st.lists(good | values, max_size=6)


@given(mixed, st.booleans())
def test_the_bad_do_not_stop_the_good(entries: list[Any], lines: bool) -> None:
    if lines:
        found = read(b"\n".join(msgspec.json.encode(one) for one in entries))
    else:
        found = read(msgspec.json.encode({"Records": entries}))
    names = [one["eventName"] for one in entries if isinstance(one, dict) and "eventSource" in one]
    assert [one.name for one in found.records] == names


def test_a_file_that_is_cut_off() -> None:
    whole = msgspec.json.encode({"Records": [{"eventSource": "a", "eventName": "b", "eventTime": "c"}] * 3})
    found = read(whole[:-20])
    assert found.records == []
    assert [one.place for one in found.bad] == ["line 1"]


def test_deep_nesting_is_a_bad_record() -> None:
    found = read(b'{"Records":' + b"[" * 5000 + b"]" * 5000 + b"}")
    assert found.records == []
    assert len(found.bad) == 1


def test_a_byte_order_mark_is_no_text() -> None:
    assert len(read(b"\xef\xbb\xbf" + msgspec.json.encode({"Records": [_plain()]})).records) == 1


def test_only_the_fields_that_are_needed_are_kept() -> None:
    found = record(tlsDetails={"tlsVersion": "TLSv1.3"}, requestParameters={"bucketName": "b"})
    assert not hasattr(found, "tlsDetails")
    assert tree(found.request) == {"bucketName": "b"}
    assert tree(found.response) == {}


@pytest.mark.parametrize(
    ("fields", "insight", "data"),
    [
        ({}, False, False),
        ({"eventCategory": "Management", "managementEvent": True}, False, False),
        ({"eventCategory": "Data", "managementEvent": False}, False, True),
        ({"managementEvent": "False"}, False, True),
        ({"eventCategory": "NetworkActivity"}, False, True),
        ({"eventCategory": "Insight"}, True, False),
        ({"eventType": "AwsCloudTrailInsight"}, True, False),
    ],
)
def test_what_kind_of_event(fields: dict[str, Any], insight: bool, data: bool) -> None:
    found = record(**fields)
    assert (found.insight, found.data_event) == (insight, data)


@pytest.mark.parametrize(
    ("given", "account"),
    [("111122223333", "111122223333"), (12345678901, "012345678901"), (None, ""), ("", ""), ("000000000001",) * 2],
)
def test_the_account_has_twelve_digits(given: str | int | None, account: str) -> None:
    assert record(recipientAccountId=given).account == account


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("2026-01-31T07:15:00Z", 1769843700),
        ("2026-01-31T07:15:00+00:00", 1769843700),
        ("2026-01-31 07:15:00.000", 1769843700),
        ("2026-01-31T09:15:00+02:00", 1769843700),
        ("2026-01-31 07:15:00.123456789", 1769843700),
        ("...", None),
        ("", None),
        ("2026-02-30T00:00:00Z", None),
    ],
)
def test_moments(text: str, seconds: int | None) -> None:
    assert moment(text) == seconds


@given(st.text(max_size=30))
def test_any_text_is_a_moment_or_none(text: str) -> None:
    assert moment(text) is None or isinstance(moment(text), int)


def test_an_object_written_as_text_is_read() -> None:
    assert tree(msgspec.Raw(b'"{\\"a\\": 1}"')) == {"a": 1}
    assert tree(msgspec.Raw(b'"a"')) == tree(msgspec.Raw(b"[1]")) == tree(msgspec.Raw(b"{")) == {}


@given(good)
def test_reading_again_what_was_read(fields: dict[str, str]) -> None:
    first = msgspec.json.decode(msgspec.json.encode(fields), type=Record)
    again = read(msgspec.json.encode(first)).records[0]
    assert again == first


def _plain() -> dict[str, str]:
    return {"eventSource": "s3.amazonaws.com", "eventName": "GetObject", "eventTime": "2026-01-31T07:15:00Z"}
