"""Records decoded in one go, with words that are known instead of new texts.

Most texts of a record are words that the records before had as well: services, regions, agents. Once some records have
been seen, a decoder is made that knows the words and gives the same text each time, which is then quick to look up. A
word that it does not know is as good, only slower; when there were many of these, the decoder is made anew.

What it cannot read is no error: `record.Record` takes everything, and is tried next.
"""

from __future__ import annotations

import enum
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from operator import attrgetter
from typing import Any

import msgspec

from .record import Record

_FIELDS = ("source", "name", "type", "category", "region", "recipient", "agent", "error")
_SAMPLE, _AGAIN, _MOST = 2_000, 500, 4_096
"""Records after which words are known; words not known after which they are looked at again; most words of a field."""
_SELDOM = 20
"""Of so many records one has a word that is not known, without anything being learnt."""
_HEAD, _TAIL, _NEXT = b'{"Records":[', b"]}", b'},{"eventVersion":'
_PIECE = 1 << 17
"""Bytes that are decoded at a time: what comes of them is looked at while it is still near the processor."""
_SHARE = 4
"""A field has words if it has so many times fewer than records."""


class Word(enum.StrEnum):
    """A text that is known; the same text is the same object. It is written, hashed and compared as the text is."""

    __hash__ = str.__hash__

    @classmethod
    def _missing_(cls, value: object) -> Word:
        found = str.__new__(cls, value)
        found._value_ = found._name_ = str(value)
        _MISSED.append(1)
        return found


_MISSED: list[int] = []


class Quick:
    """Decodes files of records; learns words of what it has decoded."""

    def __init__(self) -> None:
        self._begin(Record)
        self._words: dict[str, dict[str, None]] = {name: {} for name in _READ}
        self._seen, self._missed, self._again = 0, 0, 0

    def _begin(self, record: Any) -> None:
        file: Any = msgspec.defstruct("File", [("records", list[record])], rename={"records": "Records"}, gc=False)
        self._whole = msgspec.json.Decoder[Any](file)
        self._list = msgspec.json.Decoder[Any](list[record])

    def pieces(self, content: bytes) -> Iterator[Sequence[Record]]:
        """The records of a trail's file, some at a time; msgspec.MsgspecError or UnicodeError, also after some were
        given, if they are not as nearly all are.
        """
        _MISSED.clear()
        seen = []
        for piece in cut(content):
            records: list[Record] = (
                self._list.decode(piece) if piece is not content else self._whole.decode(piece).records
            )
            seen += records
            yield records
        missed = len(_MISSED)
        if not self._again or missed * _SELDOM > len(seen):
            self._look(seen, missed)

    def _look(self, records: Sequence[Record], missed: int) -> None:
        """Collect words, and make the decoder anew when there are enough that it does not know."""
        self._seen += len(records)
        self._missed += missed
        for name, words in list(self._words.items()):
            for one in map(_READ[name], records):
                if one is not None:
                    words[str(one)] = None
            if len(words) > _MOST:
                del self._words[name]
        if self._missed < self._again or self._seen < _SAMPLE:
            return
        self._missed, self._again = 0, max(_AGAIN, 2 * self._again)
        for name, words in list(self._words.items()):
            if len(words) * _SHARE > self._seen:
                del self._words[name]
        self._begin(_record_of(self._words))


def cut(content: bytes) -> Iterator[Any]:
    """A file's list of records as several lists; the content as it is where it does not begin and end as nearly all do.

    It is cut before what looks like the beginning of a record. If each piece is a list then all are one, and its
    members are theirs; a cut that is not between members leaves pieces that are no JSON.
    """
    if not (content.startswith(_HEAD) and content.endswith(_TAIL)):
        yield content
        return
    last, begin, view = len(content) - len(_TAIL), len(_HEAD), memoryview(content)
    while (end := content.find(_NEXT, begin + _PIECE, last)) >= 0:
        yield b"".join((b"[", view[begin : end + 1], b"]"))
        begin = end + 2
    yield b"".join((b"[", view[begin:last], b"]"))


def _record_of(words: Mapping[str, Iterable[str]]) -> Any:
    """The type of records whose fields have these words."""
    kinds: dict[str, Any] = {}
    for name, some in words.items():
        members = {f"w{at}": one for at, one in enumerate(some)}
        kinds[name] = Word(name, members) if members else str  # type: ignore[call-arg]
    fields: dict[str, Any] = {}
    for name in ("source", "name"):
        fields[name] = kinds.get(name, str)
    for name in ("type", "category", "region", "agent", "error"):
        fields[name] = kinds.get(name, str) | None
    fields["recipient"] = kinds.get("recipient", str) | int | None
    return narrowed(Record, fields)


def narrowed(base: type[msgspec.Struct], types: Mapping[str, Any]) -> Any:
    """A struct like another one, with other types of some fields."""
    fields = [one for one in msgspec.structs.fields(base) if one.name in types]
    found = [
        (one.name, types[one.name]) if one.required else (one.name, types[one.name], one.default) for one in fields
    ]
    names = {one.name: one.encode_name for one in msgspec.structs.fields(base)}
    config = base.__struct_config__
    return msgspec.defstruct(
        base.__name__, found, bases=(base,), rename=names, gc=False, frozen=config.frozen, kw_only=True,
        omit_defaults=config.omit_defaults,
    )  # fmt: skip


_READ: dict[str, Callable[[Record], Any]] = {name: attrgetter(name) for name in _FIELDS}
