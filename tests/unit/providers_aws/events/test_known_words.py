"""Files decoded with known words give the records that files decoded without give, whatever words come."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest
from events_support import LOGS, corpus
from hypothesis import given, settings
from hypothesis import strategies as st

from leastwise.providers.aws.events import quick as module
from leastwise.providers.aws.events.quick import Quick, Word
from leastwise.providers.aws.events.reading import UNREADABLE, read
from leastwise.providers.aws.events.record import Record

AGENTS = [f"agent/{at}" for at in range(40)]


def raw(at: int, **more: Any) -> dict[str, Any]:
    return {
        "eventSource": f"s{at % 7}.amazonaws.com", "eventName": f"Do{at % 11}", "eventTime": "2026-01-01T00:00:00Z",
        "eventID": f"id-{at}", "eventType": "AwsApiCall", "awsRegion": f"r-{at % 3}", "userAgent": AGENTS[at % 40],
        "recipientAccountId": "222222222222", "userIdentity": {"type": "Root"}, **more,
    }  # fmt: skip


def file(*records: dict[str, Any]) -> bytes:
    return msgspec.json.encode({"Records": records})


def plain(records: list[Record]) -> list[Any]:
    return [[getattr(one, name) for name in Record.__struct_fields__] for one in records]


def quickly(quick: Quick, content: bytes) -> list[Record]:
    """The records as they are read: what cannot be read in pieces is read as a whole."""
    try:
        return [one for some in quick.pieces(content) for one in some]
    except UNREADABLE:
        return read(content).records


def taught() -> Quick:
    """One that has seen enough to know words."""
    quick = Quick()
    quickly(quick, file(*(raw(at) for at in range(2_500))))
    return quick


def test_words_are_known_after_some_records_and_are_one_object() -> None:
    quick = taught()
    one, other = quickly(quick, file(raw(1), raw(78)))
    assert isinstance(one.name, Word)
    assert one.name is other.name
    assert one.name == "Do1"
    assert hash(one.name) == hash("Do1")
    assert f"{one.name}|{one.region!s}" == "Do1|r-1"


texts = st.sampled_from([*AGENTS[:3], "Do1", "Do2", "", "new", "é", 'a"b', "w0"]) | st.text(max_size=5)


@settings(max_examples=200)
@given(
    st.lists(
        st.fixed_dictionaries(
            {"eventSource": texts, "eventName": texts},
            optional={
                "userAgent": texts | st.none(), "errorCode": texts | st.none(), "awsRegion": texts | st.none(),
                "eventType": texts | st.none(), "eventCategory": texts | st.none(),
                "recipientAccountId": st.sampled_from(["222222222222", 12, None]) | texts,
            },
        ),
        max_size=8,
    )
)  # fmt: skip
def test_known_or_not_records_are_the_same(some: list[dict[str, Any]]) -> None:
    content = file(*(raw(at, **one) for at, one in enumerate(some)))
    assert plain(quickly(TAUGHT, content)) == plain(read(content).records)


TAUGHT = taught()


def test_new_words_are_learnt_when_there_are_many() -> None:
    quick = taught()
    for turn in range(3):
        content = file(*(raw(at, eventName=f"New{at % 50}") for at in range(600)))
        assert plain(quickly(quick, content)) == plain(read(content).records), turn
    one, other = quickly(quick, file(raw(1, eventName="New1"), raw(2, eventName="New1")))
    assert one.name is other.name


def test_a_field_of_ever_new_texts_is_left_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_MOST", 50)
    quick = Quick()
    for turn in range(4):
        content = file(*(raw(at, userAgent=f"{turn} {at}") for at in range(1_000)))
        assert plain(quickly(quick, content)) == plain(read(content).records)
    (one,) = quickly(quick, file(raw(1)))
    assert type(one.agent) is str
    assert isinstance(one.name, Word)


def test_what_is_not_as_mostly_is_read_the_other_way() -> None:
    quick = taught()
    odd = raw(1, awsRegion=3)
    content = file(raw(0), odd, raw(2))
    found = read(content)
    assert [one.id for one in quickly(quick, content)] == [one.id for one in found.records] == ["id-0", "id-2"]
    assert [one.place for one in found.bad] == ["record 1"]


def test_the_records_of_others_are_read_alike() -> None:
    if not corpus():
        pytest.skip("no shared logs here")
    quick = taught()
    contents = [raw for path in sorted(LOGS.glob("*.jsonl")) for raw in map(raw_of, path.read_bytes().splitlines())]
    for content in contents * 2:
        assert plain(quickly(quick, content)) == plain(read(content).records)


def raw_of(line: bytes) -> bytes:
    return file(msgspec.json.decode(line)["raw"])


def test_known_words_leave_the_order_of_fields() -> None:
    (one,) = quickly(taught(), file(raw(1)))
    assert type(one) is not Record
    assert type(one).__struct_fields__ == Record.__struct_fields__


BEGINNING = '},{"eventVersion":'
NESTED = {"a": [{"x": 1}, {"eventVersion": "1"}]}
ODD = (
    b'{"Records":[]}',
    b'{"Records":[],"more":[{"eventVersion":"1"},{"eventVersion":"2"}]}',
    b'{"Records":[1]}',
    b'{"Records":[{"eventVersion":"1"},{"eventVersion":"2"]}',
    b'{"Records":[]}{"Records":[]}',
)


@settings(max_examples=200)
@given(
    st.lists(
        st.fixed_dictionaries(
            {}, optional={"requestParameters": st.just(NESTED), "userAgent": st.just('},{"eventVersion":')}
        ),
        max_size=6,
    ),
    st.sampled_from([1, 200, 1 << 17]),
    st.integers(0, 40),
)
def test_pieces_of_a_file_are_the_file(some: list[dict[str, Any]], size: int, off: int) -> None:
    content = file(*({"eventVersion": "1.09"} | raw(at, **one) for at, one in enumerate(some)))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(module, "_PIECE", size)
        for told in (content, content[:-off] if off else content, *ODD):
            try:
                found = [one for some in TAUGHT.pieces(told) for one in some]
            except UNREADABLE:
                continue
            assert plain(found) == plain(msgspec.json.decode(told, type=Whole).Records)


class Whole(msgspec.Struct):
    Records: list[Record]


def test_a_file_is_cut_between_records() -> None:
    content = file(*({"eventVersion": "1.09"} | raw(at) for at in range(2_000)))
    assert len([*module.cut(content)]) > 3
