"""Distinct statements: parsed once each, however many documents say them.

Documents differ more than their statements: the same few sentences are put together in ever new ways. So statements
are interned by their bytes before documents are, and the table of statements is gathered from the distinct ones.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import chain
from typing import cast

import msgspec
import numpy as np
import numpy.typing as npt
import pyarrow as pa

from leastwise.model.tables import STATEMENTS
from leastwise.providers.rows import Rows

from .breadth import allowed, denied, every_resource, narrow
from .grammar import Statement, Texts, decode_statement, encode, objection, principals, texts
from .lately import Lately

ALLOWS, DENIES, WILD_ACTIONS, WILD_RESOURCES, UNCONDITIONAL = (1 << bit for bit in range(5))
"""What a statement says, as bits; those of a document are the union of its statements' bits (more in `breadth`)."""

_UNREAD, _WIDE = -1, 1 << 5
"""Of a row of action patterns: not read yet; and whether some of them make a statement wide (see `breadth.narrow`)."""

_BATCH = 2048
_KNOWN, _KNOWN_OF_MUCH = 1 << 11, 1 << 16
_TAKEN = 1 << 15
_NONE: list[str] = []


class Statements:
    """Interns statements by their bytes; numbers go up in the order in which they are first seen.

    Parsed statements are turned into columns a batch at a time and then dropped, and so is what tells them apart when
    it was not asked for lately: memory that is used again is much cheaper than memory that is new. A statement that is
    seen again after a long time has two numbers. Where there is `much` to read, more is remembered: reading it again
    would cost most then, and what is remembered is little beside the rest.
    """

    def __init__(self, much: bool = False) -> None:
        self.objections: dict[int, str] = {}
        self.bits: list[int] = []
        self.patterns: list[int] = []
        self.pattern_sets: list[tuple[str, ...]] = []
        self._known: Lately[tuple[int, bytes]] = Lately(_KNOWN_OF_MUCH if much else _KNOWN)
        self._set_numbers: dict[tuple[str, ...], int] = {}
        self._set_bits: list[int] = []
        self._words: dict[str, str] = {}
        self._pending: list[Statement] = []
        self._rows = Rows(STATEMENTS)

    def numbers(self, raws: Iterable[msgspec.Raw]) -> tuple[list[int], list[bytes]]:
        """The number of each statement given as JSON, and its canonical form.

        Raises msgspec's errors if one has not a statement's shape.
        """
        keys = list(map(bytes, raws))
        found = self._known.find(keys)
        if None in found:
            new = list(dict.fromkeys([key for key, one in zip(keys, found, strict=True) if one is None]))
            added = dict(zip(new, self._add(list(map(decode_statement, new))), strict=True))
            self._known.keep(added.items())
            found = [added[key] if one is None else one for key, one in zip(keys, found, strict=True)]
        told = cast(list[tuple[int, bytes]], found)
        return [number for number, _ in told], [said for _, said in told]

    def close(self) -> None:
        """Lets go of what tells statements apart: there will be no new ones."""
        self._flush()
        self._known.clear()

    def parsed(self, number: int) -> Statement | None:
        """The statement, if it was seen so lately that it is still at hand."""
        at = number - len(self.bits) + len(self._pending)
        return self._pending[at] if at >= 0 else None

    def _add(self, found: list[Statement]) -> list[tuple[int, bytes]]:
        objections = [(number, objection(one)) for number, one in enumerate(found, len(self.bits))]
        self.objections.update([one for one in objections if one[1]])
        added = list(enumerate(map(encode, found), len(self.bits)))
        said = list(map(self._read, found))
        self.bits += [bits for bits, _ in said]
        self.patterns += [patterns for _, patterns in said]
        if len(self._pending) + len(found) > _BATCH:
            self._flush()
        self._pending += found
        return added

    def pattern_set(self, patterns: tuple[str, ...]) -> int:
        """The number of a row of action patterns."""
        known = self._set_numbers.get(patterns)
        if known is None:
            patterns = tuple([self._words.setdefault(one, one) for one in patterns])
            known = self._set_numbers[patterns] = len(self.pattern_sets)
            self.pattern_sets.append(patterns)
            self._set_bits.append(_UNREAD)
        return known

    def _read(self, one: Statement) -> tuple[int, int]:
        """What a statement says as bits, and the number of its action patterns; of a Deny only what it takes away."""
        if one.Effect == "Deny":
            return DENIES | denied(one), self.pattern_set(())
        bits = ALLOWS if one.Condition else ALLOWS | UNCONDITIONAL
        if one.NotResource is not None or any(map(every_resource, texts(one.Resource))):
            bits |= WILD_RESOURCES
        if one.NotAction is not None:
            left_out = tuple(["!" + action for action in texts(one.NotAction)])
            return bits | allowed(one) | WILD_ACTIONS, self.pattern_set(left_out)
        number = self.pattern_set(tuple(texts(one.Action)))
        said = self._set_bits[number]
        if said == _UNREAD:
            said = self._set_bits[number] = _read_actions(self.pattern_sets[number])
        return bits | (said & WILD_ACTIONS) | (allowed(one) if said & _WIDE else 0), number

    def merged_set(self, numbers: list[int]) -> int:
        """The number of the row of distinct patterns in several rows, in order."""
        if len(numbers) == 1:  # as of most documents
            patterns = self.pattern_sets[numbers[0]]
            if len(set(patterns)) == len(patterns):
                return numbers[0]
        distinct = dict.fromkeys(chain.from_iterable([self.pattern_sets[number] for number in numbers]))
        return self.pattern_set(tuple(distinct))

    def _flush(self) -> None:
        """Write the columns of the statements that are pending."""
        found, self._pending = self._pending, []
        if not found:
            return
        nowhere = [0] * len(found)
        self._rows.extend(
            len(found),
            document=nowhere,
            position=nowhere,
            sid=[str(one.Sid) if one.Sid != "" else None for one in found],
            effect=[one.Effect for one in found],
            actions=_lists(one.Action for one in found),
            not_actions=_lists(one.NotAction for one in found),
            resources=_lists(one.Resource for one in found),
            not_resources=_lists(one.NotResource for one in found),
            principals=[principals(one.Principal) if one.Principal else _NONE for one in found],
            not_principals=[principals(one.NotPrincipal) if one.NotPrincipal else _NONE for one in found],
            condition=[encode(one.Condition).decode() if one.Condition else None for one in found],
        )
        self._rows.pack()

    def rows(self, counts: npt.NDArray[np.int64], numbers: npt.NDArray[np.int64]) -> Rows:
        """The statements table, given how many statements each document has and their numbers, one after another.

        The statements are let go of.
        """
        self._flush()
        packed, self._rows = self._rows, Rows(STATEMENTS)
        distinct = packed.to_table().combine_chunks()
        del packed
        document = np.repeat(np.arange(len(counts), dtype=np.int32), counts)
        first = np.repeat(np.cumsum(counts) - counts, counts)
        position = (np.arange(len(numbers)) - first).astype(np.int32)
        result = Rows(STATEMENTS)
        for start in range(0, len(numbers), _TAKEN):
            part = slice(start, start + _TAKEN)
            taken = distinct.take(pa.array(numbers[part]))
            for index, values in enumerate((document, position)):
                taken = taken.set_column(index, taken.schema.field(index), pa.array(values[part]))
            result.append(taken)
        return result


def _lists(values: Iterable[Texts | None]) -> list[Sequence[str]]:
    return [(value,) if type(value) is str else value or _NONE for value in values]


def _read_actions(patterns: tuple[str, ...]) -> int:
    """What action patterns say whatever the rest of the statement is, as bits."""
    wild = any(action[-1:] == "*" and (not action.strip("*") or action.rstrip("*")[-1] == ":") for action in patterns)
    return (WILD_ACTIONS if wild else 0) | (0 if narrow(patterns) else _WIDE)
