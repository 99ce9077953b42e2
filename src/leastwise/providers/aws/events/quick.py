"""Records decoded in one go, with words that are known instead of new texts.

Most texts of a record are words that the records before had as well: services, regions, agents. Once some records have
been seen, a decoder is made that knows the words and gives the same text each time, which is then quick to look up. A
word that it does not know is as good, only slower; when there were many of these, the decoder is made anew.

What it cannot read is no error: `record.Record` takes everything, and is tried next.
"""

from __future__ import annotations

import enum
from collections.abc import Callable, Iterable, Mapping, Sequence
from operator import attrgetter
from typing import Any

import msgspec

from .record import Record

_FIELDS = ("source", "name", "type", "category", "region", "recipient", "agent", "error")
_SAMPLE, _AGAIN, _MOST = 2_000, 500, 4_096
"""Records after which words are known; words not known after which they are looked at again; most words of a field."""
_SELDOM = 20
"""Of so many records one has a word that is not known, without anything being learnt."""
_SHARE = 4
"""A field has words if it has so many times fewer than records."""


class _File(msgspec.Struct, rename={"records": "Records"}, gc=False):
    records: list[Record]


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
        self._decoder: msgspec.json.Decoder[Any] = msgspec.json.Decoder(_File)
        self._words: dict[str, dict[str, None]] = {name: {} for name in _READ}
        self._seen, self._missed, self._again = 0, 0, 0

    def read(self, content: bytes) -> list[Record]:
        """The records of a trail's file; msgspec.MsgspecError or UnicodeError if they are not as nearly all are."""
        _MISSED.clear()
        records: list[Record] = self._decoder.decode(content).records
        missed = len(_MISSED)
        if not self._again or missed * _SELDOM > len(records):
            self._look(records, missed)
        return records

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
        self._decoder = msgspec.json.Decoder(_file_of(self._words))


def _file_of(words: Mapping[str, Iterable[str]]) -> Any:
    """The type of a file whose fields have these words."""
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
    known = narrowed(Record, fields)
    return msgspec.defstruct("File", [("records", list[known])], rename={"records": "Records"}, gc=False)  # type: ignore[valid-type]


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
