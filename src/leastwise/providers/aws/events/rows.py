"""Records as rows by compiled code, where it is there: the same answers as `drawing` gives without it, only sooner.

`native` takes trails' files apart, numbers what repeats, and tells calls of forms that were learnt. What numbers mean
is said here, by the first record that has each; calls that it cannot tell are told as ever, and it learns of that. A
file that is not as nearly all are it refuses as a whole.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence
from functools import cache
from typing import Any, Protocol

import msgspec
import numpy as np
import numpy.typing as npt
import pyarrow as pa

from .forms import Form, Holed, Telling
from .reading import UNREADABLE
from .record import Record
from .requests import Ending
from .signs import signs_of
from .skeletons import LETTERS, Skeleton

SEAT, CALL, PLACE, AGENT, ERROR, ENDING = range(6)
"""What is numbered: callers, what was called, where, agents, errors, and how calls ended."""
_TIME, _ANSWER, _KIND = -1, -2, -3
_TEXTS = ("id", "ip", "session", "credential", "resource", "bucket", "facts")
_MOST = 1 << 25
"""Bytes that are remembered before all is forgotten."""
_OFF = "LEASTWISE_PURE"
"""A variable of the environment: where it is set, compiled code is left alone."""
Told = tuple[int, int, str, str, str]
"""A row's number, and what it tells."""


class Meaning(Protocol):
    """Says what numbers mean."""

    def number(self, table: int, record: Record) -> int:
        """The number of what a record has, which is the same for what is the same (not of `SEAT`)."""
        ...

    def seat(self, record: Record) -> tuple[int, str, str, str]:
        """The number of who called, the account, the session's name and the id of the key."""
        ...


@cache
def native() -> Any:
    """The compiled code, None where there is none or it is not to be used."""
    if os.environ.get(_OFF):
        return None
    try:
        from . import _native
    except ImportError:
        return None
    return _native


class Rows:
    """Rows that wait to be told. It is the `Pupil` of whoever tells."""

    def __init__(self, code: Any, meaning: Meaning) -> None:
        self._rows: Any = code.Rows(int.from_bytes(os.urandom(8)))
        self._meaning = meaning
        self._record = msgspec.json.Decoder(Record)
        self._begin()

    def _begin(self) -> None:
        self._actors: list[int] = []
        self._owners: list[str] = []
        self._owner: dict[str, int] = {}
        self._endings: dict[tuple[str, str, bool], int] = {}
        self._skeletons: dict[int, tuple[Skeleton, int]] = {}
        self._taught: set[Any] = set()
        self._full = False
        self.bytes = 0

    def __len__(self) -> int:
        return len(self._rows)

    def take(self, content: bytes) -> int:
        """Take the records of a file; how many, or -1 where it is not as nearly all are: then nothing is taken."""
        count = int(self._rows.take(content))
        if count < 0:
            return count
        try:
            for table, number, row in self._rows.fresh():
                self._rows.resolve(table, number, self._number(table, self.record(row)))
        except UNREADABLE:
            self._rows.undo(count)
            return -1
        self.bytes += len(content)
        return count

    def _number(self, table: int, record: Record) -> int:
        if table != SEAT:
            return self._meaning.number(table, record)
        actor, owner, session, credential = self._meaning.seat(record)
        number = len(self._actors)
        self._rows.seat(number, self._owner.setdefault(owner, len(self._owner)), session, credential)
        self._actors.append(actor)
        self._owners.append(owner)
        return number

    def ended(self, ending: Ending | None) -> int:
        """The number of how a call ended, as far as that matters for its form."""
        if ending is None:
            return 0
        return self._endings.setdefault(
            (ending.error, ending.permission, bool(ending.resource)), len(self._endings) + 1
        )

    def record(self, row: int) -> Record:
        """The record of a row."""
        return self._record.decode(self._rows.record(row))

    def column(self, which: int) -> npt.NDArray[np.int32]:
        """The numbers of all rows; of callers those of their actors."""
        found = np.frombuffer(self._rows.column(which), np.int32)
        return np.array(self._actors, np.int32)[found] if which == SEAT else found

    def owners(self, rows: Sequence[int]) -> list[str]:
        """The accounts of who called."""
        seats = np.frombuffer(self._rows.column(SEAT), np.int32)[rows]
        return [self._owners[one] for one in seats.tolist()]

    def kinds(self) -> npt.NDArray[np.int32]:
        """The kinds of what rows tell, after all were told."""
        return self.column(_KIND)

    def answers(self) -> npt.NDArray[np.int32]:
        """How long the answers are."""
        return self.column(_ANSWER)

    def times(self) -> npt.NDArray[np.int64]:
        """When the calls were made, in microseconds since 1970."""
        return np.frombuffer(self._rows.column(_TIME), np.int64)

    def untold(self) -> list[int]:
        """Tell what was learnt to be told; the rows that are left, which are to be `given`."""
        return [*map(int, np.frombuffer(self._rows.tell(), np.int32))]

    def given(self, told: Iterable[Told]) -> None:
        """Take what rows tell that were left."""
        self._rows.given(list(told))

    def texts(self) -> dict[str, pa.Array]:
        """The texts of all rows as columns. All were told."""
        size = len(self._rows)
        return {
            name: pa.StringArray.from_buffers(size, pa.py_buffer(offsets), pa.py_buffer(texts))
            for name, (offsets, texts) in zip(_TEXTS, self._rows.texts(), strict=True)
        }

    def clear(self) -> None:
        """Hold no rows; what was learnt is kept, unless that is too much."""
        self._rows.clear()
        self.bytes = 0
        if self._full or self._rows.held() > _MOST:
            self.forget()

    def forget(self) -> None:
        """Begin anew: numbers that were given mean nothing any more. No row may be held."""
        self._rows.forget()
        self._begin()

    def flat(self, call: int, telling: Telling) -> None:
        """See `Pupil`."""
        if call not in self._taught:
            self._taught.add(call)
            kind, *texts = telling
            self._rows.flat(call, kind, *(((text.encode(),), ()) for text in texts))

    def form(self, call: int, skeleton: Skeleton, roles: bool, key: tuple[Any, ...], form: Form) -> None:
        """See `Pupil`. Only names that are plain are told by compiled code: their label says which forms they lack."""
        place, caller, exact, label, *ending = key
        lacking = 0
        while len(label) == 2 and isinstance(label[1], int):
            lacking, label = lacking | 1 << label[1], label[0]
        if label != ():
            return
        known = self._skeletons.get(id(skeleton))
        if known is None:
            known = self._skeletons[id(skeleton)] = skeleton, self._learnt(call, skeleton, roles)
        number, owner = known[1], self._owner.get(caller)
        ended = self._endings.get(tuple(ending)) if ending else 0
        if number < 0 or owner is None or ended is None or (number, key) in self._taught:
            return
        self._taught.add((number, key))
        texts = [form.resource, form.resource if form.same else form.bucket, form.facts]
        if max(len(one.which) for one in texts) <= _HOLES:
            self._full |= not self._rows.form(
                number,
                place,
                owner,
                ended,
                lacking,
                tuple(one.encode() for one in exact),
                form.kind,
                *map(_holed, texts),
            )

    def _learnt(self, call: int, skeleton: Skeleton, roles: bool) -> int:
        """The number of a skeleton in compiled code, -1 where it cannot be told there."""
        rules = [(head, tail, signs_of(one)) for one, head, tail in skeleton.held]
        if len(skeleton.holes) > _HOLES or not all(one.isascii() for one in skeleton.pieces):
            return -1
        if len(rules) > _HELD or any(signs is None for _, _, signs in rules):
            return -1
        told = [
            (at, head, tail, items, signs[1])
            for at, (head, tail, signs) in enumerate(rules) if signs is not None for items in signs[0]
        ]  # fmt: skip
        pieces = tuple(
            ("l", one.encode()) if at % 2 == 0 else (LETTERS[one], b"") for at, one in enumerate(skeleton.pieces)
        )
        words = tuple(sorted(one.encode() for one in skeleton.literals))
        return int(
            self._rows.skeleton(
                call, pieces, skeleton.holes, skeleton.first or (), tuple(told), words, skeleton.answer, roles
            )
        )


_HOLES, _HELD = 8, 30
"""So many names a form has at most that compiled code fills, and so many forms values are held against."""


def _holed(text: Holed) -> tuple[tuple[bytes, ...], tuple[int, ...]]:
    return tuple(one.encode() for one in text.pieces), text.which
