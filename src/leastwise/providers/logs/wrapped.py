"""Records of logs in what carries them: pages, lists, messages, envelopes, one in the other."""

from __future__ import annotations

import base64
import binascii
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar

import msgspec

from .nested import Object
from .values import Bad, values

Record = TypeVar("Record")
_DEEPEST = 4


class NotUsageError(Exception):
    """A record that is nobody's use of a permission; its text says what it is instead."""


class ElsewhereError(Exception):
    """A record of a log of another provider, whose name is its text."""


class UnreadableRecordError(Exception):
    """A record that lacks what every one has; its text says what."""


@dataclass(slots=True)
class Batch(Generic[Record]):
    """What a file holds, in its order. `others` counts records that are nobody's use, by what they are.

    `elsewhere` counts those of other providers, by whose they are.
    `take` is given the records in place of `records`; `line` is offered each line before, and says whether it took it.
    """

    take: Callable[[Record], None] | None = None
    line: Callable[[bytes], bool] | None = None
    records: list[Record] = field(default_factory=list)
    bad: list[Bad] = field(default_factory=list)
    others: Counter[str] = field(default_factory=Counter)
    elsewhere: Counter[str] = field(default_factory=Counter)


@dataclass(frozen=True, slots=True)
class Wrapping(Generic[Record]):
    """How a vendor's records are found in a file.

    `record` says what a value is: a record, or None when it carries others at most; it raises NotUsageError,
    ElsewhereError or UnreadableRecordError. `lists` and `wrappers` are the names under which a value carries many or
    one; `empty` are the names of lists that may have nothing; `table` gives the rows of a value that is a table, None
    when it is none.
    """

    name: str
    record: Callable[[Object], Record | None]
    lists: tuple[str, ...]
    wrappers: tuple[str, ...]
    empty: tuple[str, ...]
    table: Callable[[Object], Iterable[Any] | None] = lambda value: None

    def read(self, content: bytes, batch: Batch[Record]) -> Batch[Record]:
        """The records of an unpacked file. Nothing is raised: what cannot be read is in `bad`, and the rest goes on."""
        values(content, lambda value, place: self._take(batch, value, place, 0), batch.bad.append, batch.line)
        return batch

    def _take(self, batch: Batch[Record], value: Any, place: str, depth: int) -> None:
        try:
            record = self.record(value) if isinstance(value, dict) else None
        except NotUsageError as other:
            batch.others[str(other)] += 1
            return
        except ElsewhereError as whose:
            batch.elsewhere[str(whose)] += 1
            return
        except (UnreadableRecordError, RecursionError) as error:
            batch.bad.append(Bad(place, str(error)))
            return
        if record is not None:
            (batch.take or batch.records.append)(record)
            return
        inner = list(self._inside(value)) if depth < _DEEPEST else []
        for name, one in inner:
            first = depth == 0 and place == "record 0"
            self._take(batch, one, f"record {name[1:-1]}" if first else f"{place}{name}", depth + 1)
        if not inner and not self._is_empty(value):
            batch.bad.append(Bad(place, f"is no {self.name}"))

    def _is_empty(self, value: Any) -> bool:
        """Whether it is a list of records, a page or a table of them, that has none."""
        return value == [] or (isinstance(value, dict) and any(value.get(name) == [] for name in self.empty))

    def _inside(self, value: Any) -> Iterator[tuple[str, Any]]:
        """The values in a wrapper or a list, each with its place there."""
        if isinstance(value, list):
            yield from _numbered(value)
        elif isinstance(value, dict):
            rows = self.table(value)
            if rows is not None:
                yield from _numbered(rows)
                return
            for name in self.lists:
                if isinstance(value.get(name), list):
                    yield from _numbered(value[name])
                    return
            for name in self.wrappers:
                one = value.get(name)
                found = _unwrapped(one) if isinstance(one, str) else one if isinstance(one, dict | list) else None
                if found is not None:
                    yield f".{name}", found
                    return


def _numbered(many: Iterable[Any]) -> Iterator[tuple[str, Any]]:
    yield from ((f"[{at}]", one) for at, one in enumerate(many))


def _unwrapped(data: str) -> Any:
    """What a message carries, in base64 or as a text of JSON; None when it is neither."""
    try:
        raw = data.encode() if data.lstrip()[:1] in ("{", "[") else base64.b64decode(data, validate=True)
        return msgspec.json.decode(raw)
    except (binascii.Error, ValueError, RecursionError):
        return None
