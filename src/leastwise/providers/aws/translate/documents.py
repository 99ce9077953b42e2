"""Policy documents: interned by content, parsed once, and the few facts that lists need of each.

A document that does not follow the grammar is kept with its bytes and the reason, so that every answer that depends on
it can be UNKNOWN.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from hashlib import sha256 as _sha256
from typing import cast

import msgspec
import numpy as np
import numpy.typing as npt
import pyarrow as pa

from leastwise.engine.columns import binaries, table
from leastwise.model.tables import DOCUMENTS
from leastwise.providers.aws.evaluate.variables import VERSIONS
from leastwise.providers.rows import Rows

from . import breadth
from .grammar import Document, Statement, Unsupported, blamed, decode_split, encode, split, unwrap, whole
from .lately import Lately
from .statements import ALLOWS, DENIES, UNCONDITIONAL, WILD_ACTIONS, WILD_RESOURCES, Statements

_FLAGS = {
    "admin": breadth.ADMIN,
    "admin_conditional": breadth.ADMIN_CONDITIONAL,
    "admin_nearly": breadth.NEARLY,
    "admin_rest": breadth.REST,
    "admin_iam": breadth.IAM,
    "rewrites_iam": breadth.REWRITES,
    "wildcard": breadth.WILD,
    "wildcard_actions": WILD_ACTIONS,
    "wildcard_resources": WILD_RESOURCES,
    "denies": DENIES,
    "denies_admin": breadth.DENIES_ADMIN,
}


_BATCH = 128
_VERSIONS = frozenset(VERSIONS)
_KNOWN, _KNOWN_OF_MUCH = 1 << 10, 1 << 14
_PACKED = 1 << 10
_MUCH = 32 << 20
_BAD = (msgspec.DecodeError, UnicodeDecodeError, RecursionError)


class Documents:
    """Interns documents; rows are numbered in the order in which contents are first seen.

    `size` tells about how many bytes of exports they stand in.
    """

    def __init__(self, size: int = 0) -> None:
        self._hashes: list[bytes] = []
        self._texts: list[bytes] = []
        self._packed: list[pa.Array | pa.ChunkedArray] = []
        self._packed_starts: list[int] = []
        self._reasons: dict[int, str] = {}
        self._starts: list[int] = []
        self._counts: list[int] = []
        self._numbers: list[int] = []
        much = size > _MUCH
        self._known: Lately[int] = Lately(_KNOWN_OF_MUCH if much else _KNOWN)
        self._by_hash: dict[bytes, int] = {}
        self._ends: dict[tuple[str, str], tuple[bytes, bytes]] = {}
        self._statements = Statements(much)
        self._written = False

    def intern(self, raw: bytes | msgspec.Raw) -> int:
        """The row of a document given as JSON bytes: an object, or a text that holds one, URL-encoded or not."""
        return self.intern_all([raw])[0]

    def intern_all(self, raws: Sequence[bytes | msgspec.Raw]) -> list[int]:
        """As `intern`, for many documents in order: what is done for all of them at once costs half."""
        result: list[int] = []
        for start in range(0, len(raws), _BATCH):
            keys = [bytes(raw) for raw in raws[start : start + _BATCH]]
            rows = self._known.find(keys)
            if None in rows:
                new = list(dict.fromkeys([key for key, row in zip(keys, rows, strict=True) if row is None]))
                added = dict(zip(new, self._add(new), strict=True))
                self._known.keep(added.items())
                rows = [added[key] if row is None else row for key, row in zip(keys, rows, strict=True)]
            result += cast(list[int], rows)
        return result

    def intern_text(self, text: str) -> int:
        """As `intern`, for a document already taken out of its JSON string."""
        return self.intern(text.encode("utf-8", "surrogatepass"))

    def parsed(self, row: int) -> list[Statement]:
        """The statements of a document; none if it is unsupported."""
        if row in self._reasons:
            return []
        start = self._starts[row]
        lately = [self._statements.parsed(number) for number in self._numbers[start : start + self._counts[row]]]
        found = [one for one in lately if one is not None]
        return found if len(found) == len(lately) else whole(self._text(row))

    def readable(self, row: int) -> bool:
        """Whether a document follows the grammar."""
        return row not in self._reasons

    def _text(self, row: int) -> bytes:
        place = bisect_right(self._packed_starts, row) - 1
        part = self._packed[place] if place >= 0 else None
        at = row - self._packed_starts[place] if place >= 0 else row
        if part is None or at >= len(part):
            return self._texts[at - (0 if part is None else len(part))]
        return cast(bytes, part[at].as_py())

    def _add(self, raws: list[bytes]) -> list[int]:
        """The rows of new documents. Statements are numbered for all of them at once, unless one is malformed."""
        if self._written:
            raise RuntimeError("the documents are written; there can be no new ones")
        read = _split_all(raws)
        try:
            told, said = self._statements.numbers(
                [one for _, found in read if type(found) is Document for one in found.Statement]
            )
        except _BAD:
            if len(raws) > 1:
                return [row for raw in raws for row in self._add([raw])]
            read, told, said = [(raws[0], blamed(read[0][0]))], [], []
        rows, place, ends = [], 0, self._ends
        objections = self._statements.objections
        for raw, (text, found) in zip(raws, read, strict=True):
            if type(found) is Document:
                first, place = place, place + len(found.Statement)
                numbers = told[first:place]
                if not objections or objections.keys().isdisjoint(numbers):
                    start, end = ends.get((found.Id, found.Version)) or self._ends_of(found)
                    whole_text = said[first] if place == first + 1 else b",".join(said[first:place])
                    digest = _sha256(b"".join((start, whole_text, end))).digest()
                    rows.append(self._row(digest, text, numbers))
                    continue
                found = next(
                    Unsupported(f"statement {position}: {objections[one]}")
                    for position, one in enumerate(numbers)
                    if one in objections
                )
            rows.append(self._row(_sha256(raw).digest(), raw, [], str(found)))
        return rows

    def _row(self, digest: bytes, text: bytes, numbers: list[int], reason: str = "") -> int:
        row = self._by_hash.setdefault(digest, len(self._hashes))
        if row == len(self._hashes):
            self._hashes.append(digest)
            self._texts.append(text)
            if len(self._texts) >= _PACKED:
                self._pack()
            self._starts.append(len(self._numbers))
            self._counts.append(len(numbers))
            self._numbers += numbers
            if reason:
                self._reasons[row] = reason
        return row

    def _ends_of(self, document: Document) -> tuple[bytes, bytes]:
        """What stands before and after the statements in the canonical form of the document."""
        start = b'"Id":%b,' % encode(document.Id) if document.Id else b""
        end = b',"Version":%b' % encode(document.Version) if document.Version else b""
        known = self._ends[document.Id, document.Version] = (b'{%b"Statement":[' % start, b"]%b}" % end)
        return known

    def _patterns(self, counts: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
        """The distinct action patterns of each document's statements, in order, as the number of a pattern set."""
        statements = self._statements
        of = np.array(statements.patterns, dtype=np.int64)[np.array(self._numbers, dtype=np.int64)]
        starts, found = np.cumsum(counts) - counts, np.empty(len(counts), dtype=np.int64)
        for count in np.unique(counts).tolist():
            rows = np.flatnonzero(counts == count)
            keys = of[starts[rows, None] + np.arange(count)]
            first, place = _alike(keys) if len(keys) > count else (np.arange(len(keys)), np.arange(len(keys)))
            merged = [statements.merged_set(key) for key in keys[first].tolist()]
            found[rows] = np.array(merged, dtype=np.int64)[place]
        return found

    def document_rows(self) -> Rows:
        """The documents table, when all documents are there: what tells them apart and their texts are let go of."""
        self._by_hash, self._written = {}, True
        self._known.clear()
        self._statements.close()
        total = len(self._hashes)
        counts, bits = np.array(self._counts, dtype=np.int64), self._bits()
        unknown = np.zeros(total, dtype=np.bool_)
        unknown[list(self._reasons)] = True
        patterns = self._patterns(counts)
        sets = pa.array(self._statements.pattern_sets, type=pa.list_(pa.string()))
        conditional = (bits & (ALLOWS | UNCONDITIONAL)) == ALLOWS
        rows = Rows(DOCUMENTS)
        rows.append(
            table(
                DOCUMENTS,
                {
                    "hash": _hexadecimal(self._hashes),
                    "text": self._packed_texts(),
                    "unsupported": _sparse(self._reasons, total),
                    "statements": pa.array(counts, type=pa.int32()),
                    **{name: pa.array((bits & bit) != 0, mask=unknown) for name, bit in _FLAGS.items()},
                    "conditional": pa.array(conditional, mask=unknown),
                    "privileged": pa.nulls(total, pa.bool_()),
                    "actions": sets.take(pa.array(patterns)),
                },
            )
        )
        return rows

    def _pack(self) -> None:
        """Turn the texts so far into a part of their column, so that they need not be kept."""
        self._packed_starts.append(len(self._hashes) - len(self._texts))
        self._packed.append(binaries(self._texts))
        self._texts.clear()

    def _packed_texts(self) -> pa.ChunkedArray:
        """The texts as a column."""
        self._pack()
        parts = [chunk for one in self._packed for chunk in (one.chunks if isinstance(one, pa.ChunkedArray) else [one])]
        self._packed.clear()
        return pa.chunked_array(parts, pa.binary())

    def _bits(self) -> npt.NDArray[np.int64]:
        """The union of each document's statements' bits."""
        counts = np.array(self._counts, dtype=np.int64)
        found = np.zeros(len(counts), dtype=np.int64)
        given = np.flatnonzero(counts)
        if len(given):
            bits = np.array(self._statements.bits, dtype=np.int64)[np.array(self._numbers, dtype=np.int64)]
            found[given] = np.bitwise_or.reduceat(bits, (np.cumsum(counts) - counts)[given])
        return found

    def statement_rows(self) -> Rows:
        """The statements table."""
        return self._statements.rows(np.array(self._counts, dtype=np.int64), np.array(self._numbers, dtype=np.int64))


def _split_all(raws: list[bytes]) -> list[tuple[bytes, Document | Unsupported]]:
    """As `_split`, for several: most often all are plain objects with a list of statements."""
    if all(raw.startswith(b"{") for raw in raws):
        try:
            found = list(map(decode_split, raws))
            if {one.Version for one in found} <= _VERSIONS:
                return list(zip(raws, found, strict=True))
        except _BAD:
            pass  # one of them is another form, or malformed: each is then read for itself
    return [_split(raw) for raw in raws]


def _split(raw: bytes) -> tuple[bytes, Document | Unsupported]:
    """A document's own bytes with its statements apart, or why it cannot be read."""
    try:
        text = raw if raw[:1] == b"{" else unwrap(raw)
        return text, split(text)
    except Unsupported as error:
        return raw, error


def _alike(keys: npt.NDArray[np.int64]) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
    """The first of all rows that are alike, and for each row the position of its first."""
    code, width = np.zeros(len(keys), dtype=np.int64), int(keys.max(initial=0)) + 1
    for column in keys.T:
        _, code = np.unique(code * width + column, return_inverse=True)
    _, first, place = np.unique(code, return_index=True, return_inverse=True)
    return first, place


def _hexadecimal(digests: list[bytes]) -> pa.Array:
    """SHA-256 digests as texts."""
    width = 64
    offsets = np.arange(0, width * (len(digests) + 1), width, dtype=np.int32)
    text = b"".join(digests).hex().encode()
    return pa.Array.from_buffers(pa.string(), len(digests), [None, pa.py_buffer(offsets), pa.py_buffer(text)])


def _sparse(texts: dict[int, str], rows: int) -> pa.Array:
    """A text column that has a text in these rows and null in all others."""
    given = pa.array(texts.values(), pa.string())
    place = np.full(rows, -1, dtype=np.int64)
    place[list(texts)] = np.arange(len(texts))
    return given.take(pa.array(place, mask=place < 0))
