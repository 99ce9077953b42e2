"""Records into columns: what a batch of log files held, as the tables `events`, `changes` and `sessions`.

Nearly everything of a record repeats. Who made it is remembered by the bytes of `userIdentity`, what it needed by its
source, name and type, what it tells by these and the bytes of what was asked. Records become columns a few at a time,
while what was decoded is still near the processor; what calls tell is found for some thousands together.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

import msgspec
import numpy as np
import numpy.typing as npt
import pyarrow as pa

from leastwise.engine.columns import coded, empty, repeated, table
from leastwise.model.tables.usage import CHANGES, EVENTS, SESSIONS
from leastwise.providers.base import ReadLog

from .changing import Changed, changed, may_change
from .moments import NO_TIME, moments
from .permissions import Resolved, resolve
from .principals import who
from .quick import Quick
from .reading import UNREADABLE, Bad, read
from .record import NOTHING, Record
from .requests import Calls, Ending, asked
from .rows import AGENT, CALL, ENDING, ERROR, PLACE, SEAT, Rows, Told
from .seats import Actor, Seats
from .sessions import issued, may_issue
from .tellings import Tellings
from .waiting import WHAT, WHERE, Numbers, Waiting, Words, numbered
from .workloads import workload

LOG = "cloudtrail"
"""What usage names as its source."""
_PROVIDER = "aws"
_WORDS, _TOGETHER, _BYTES = 1 << 16, 1 << 12, 1 << 24
"""So many words are remembered of a field; what so many calls tell, or calls of so many bytes, is found together."""
_FIRST = 1 << 8
"""So many calls that are not told yet are told one by one, then twice as many, and so on."""
_FLAG = {"true": 1, "false": 0}


class _Call(NamedTuple):
    source: str
    name: str
    what: str
    read_only: int
    data: bool
    resolved: Resolved
    issues: bool
    changes: bool


class Drawing:
    """Takes batches of records; `drawn` gives what came since the last time as tables.

    `code` is compiled code that helps (`rows.native`).
    """

    def __init__(self, code: Any = None) -> None:
        self._quick = Quick()
        self._seats = Seats()
        self._rows = Rows(code, self) if code is not None else None
        self._tellings = Tellings(self._rows)
        self._calls = Numbers(self._call)
        self._kinds: list[_Call] = []
        self._places = Numbers(self._place)
        self._where: list[tuple[int, int]] = []
        self._words = {name: Words({"": 0}) for name in ("region", "account", "agent", "error")}
        self._begin()

    def _begin(self) -> None:
        self._waiting = Waiting()
        self._times: list[npt.NDArray[np.int64]] = []
        self._codes: list[dict[str, npt.NDArray[np.int32]]] = []
        self._chunks: list[dict[str, pa.Array]] = []
        self._held = 0
        self._changes: list[tuple[Any, ...]] = []
        self._issued: list[tuple[Any, ...]] = []

    @property
    def events(self) -> int:
        """How many records were taken since `drawn`."""
        return self._held + len(self._waiting.records) + (0 if self._rows is None else len(self._rows))

    def read(self, content: bytes) -> ReadLog:
        """Take the records of an unpacked file; what could not be read is told with its place."""
        content = content.strip()
        if self._rows is not None and (many := self._as_rows(self._rows, content)) >= 0:
            return ReadLog(many)
        waiting = self._waiting
        begin, bad, digest = len(waiting.records), list[Bad](), False
        try:
            for some in self._quick.pieces(content):
                self._hold(some)
        except UNREADABLE:
            waiting.keep(begin)
            batch = read(content)
            bad, digest = batch.bad, batch.digest
            self._hold(batch.records)
        if digest and len(waiting.records) == begin:
            return ReadLog(0, _places(bad), "digest file")
        times = waiting.columns["time"][begin:]
        stamps = moments(times)
        if (stamps == NO_TIME).any():
            without = np.flatnonzero(stamps == NO_TIME).tolist()
            bad += [Bad(f"record {at}", f"eventTime {times[at][:40]!r} is no time") for at in without]
            waiting.keep(begin, (begin + np.flatnonzero(stamps != NO_TIME)).tolist())
            stamps = stamps[stamps != NO_TIME]
        waiting.times.append(stamps)
        waiting.bytes += len(content)
        if len(waiting.records) >= _TOGETHER or waiting.bytes >= _BYTES:
            self._take()
        return ReadLog(len(stamps), _places(bad))

    def _as_rows(self, rows: Rows, content: bytes) -> int:
        """Take a file by compiled code; -1 if that refuses it. Files are told in the order in which they came."""
        if self._waiting.records:
            self._take()
        many = rows.take(content)
        if many < 0 or len(rows) >= _TOGETHER or rows.bytes >= _BYTES:
            self._take_rows(rows)
        return many

    def drawn(self) -> Mapping[str, pa.Table]:
        """The tables of all that was taken since the last time."""
        self._take()
        if self._rows is not None:
            self._take_rows(self._rows)
        if not self._held:
            found = {"events": empty(EVENTS), "changes": empty(CHANGES), "sessions": empty(SESSIONS)}
        else:
            found = {
                "events": self._events(),
                "changes": _table(CHANGES, self._changes),
                "sessions": _table(SESSIONS, self._issued),
            }
        self._begin()
        self._forget()
        return found

    def _forget(self) -> None:
        """Begin to remember anew where too much is remembered; what is told of a record does not depend on it."""
        many = max(map(len, self._words.values()))
        if self._rows is not None and max(len(self._seats.actors), len(self._tellings.kinds), many) > _WORDS:
            self._rows.forget()
        if len(self._seats.actors) > _WORDS:
            self._seats.forget()
        if len(self._tellings.kinds) > _WORDS:
            self._tellings.forget()
        for name, words in self._words.items():
            if len(words) > _WORDS:
                self._words[name] = Words({"": 0})
                if name in ("region", "account"):  # what was told is remembered by the numbers of places
                    self._places.clear()
                    self._where = []
                    self._tellings.forget()

    def _hold(self, records: Sequence[Record]) -> None:
        if not records:
            return
        waiting = self._waiting
        columns = dict(
            zip(Record.__struct_fields__, zip(*map(msgspec.structs.astuple, records), strict=True), strict=True)
        )
        for name, held in waiting.columns.items():
            held += columns[name]
        waiting.seated += map(self._seats.seat, columns["identity"])
        waiting.asked += asked(columns["request"], columns["resources"])
        waiting.records += records

    def _take(self) -> None:
        """Find what the waiting calls tell, and pack all of them, which takes a fifth of the memory."""
        waiting, self._waiting = self._waiting, Waiting()
        columns, size = waiting.columns, len(waiting.records)
        if not size:
            return
        columns["id"] = [id or _hashed(one) for id, one in zip(columns["id"], waiting.records, strict=True)]
        columns["ip"] = [ip or "" for ip in columns["ip"]]
        actors, owners, columns["session"], columns["credential"] = map(list, zip(*waiting.seated, strict=True))
        codes = {
            "actor": np.array(actors, np.int32),
            "call": numbered(self._calls, *(columns[name] for name in WHAT)),
            "place": numbered(self._places, *(columns[name] for name in WHERE)),
            "agent": numbered(self._words["agent"], columns["agent"]),
            "error": numbered(self._words["error"], columns["error"]),
        }
        endings = [None if not error else self._tellings.ending(one)
                   for error, one in zip(codes["error"].tolist(), waiting.records, strict=True)]  # fmt: skip
        order, kinds, *told = self._told(waiting, codes, endings, owners)
        place = np.empty(size, np.int64)
        place[order] = np.arange(size)
        codes["kind"] = np.array(kinds, np.int32)[place]
        arrays = {name: pa.array(columns[name], pa.string()) for name in ("id", "ip", "session", "credential")}
        for name, values in zip(("resource", "bucket", "facts"), told, strict=True):
            arrays[name] = pa.array(values, pa.string()).take(pa.array(place))
        answers = np.fromiter((len(one.response) for one in waiting.records), np.int64, size)
        self._pack(codes, arrays, np.concatenate(waiting.times), lambda rows: [owners[at] for at in rows],
                   waiting.records.__getitem__, answers)  # fmt: skip

    def _take_rows(self, rows: Rows) -> None:
        """As `_take`, of rows."""
        if not len(rows):
            return
        numbers = {"actor": SEAT, "call": CALL, "place": PLACE, "agent": AGENT, "error": ERROR}
        codes = {name: rows.column(which) for name, which in numbers.items()}
        some, left = _FIRST, rows.untold()
        while left:  # what the first tell may be all that there is to learn
            rows.given(self._untold(rows, left[:some], codes))
            some, left = 2 * some, rows.untold()
        arrays = rows.texts()
        codes["kind"] = rows.kinds()
        self._pack(codes, arrays, rows.times(), rows.owners, rows.record, rows.answers())
        rows.clear()

    def _untold(self, rows: Rows, left: Sequence[int], codes: Mapping[str, npt.NDArray[np.int32]]) -> Iterator[Told]:
        """What these rows tell, and whoever tells the others learns of it."""
        waiting = Waiting()
        waiting.records = [rows.record(at) for at in left]
        waiting.asked = asked([one.request for one in waiting.records], [one.resources for one in waiting.records])
        endings = [self._tellings.ending(one) for one in waiting.records]
        some = {name: codes[name][left] for name in ("call", "place")}
        order, *parts = self._told(waiting, some, endings, rows.owners(left))
        return zip(map(left.__getitem__, order), *parts, strict=True)

    def _pack(
        self, codes: dict[str, npt.NDArray[np.int32]], arrays: dict[str, pa.Array], times: npt.NDArray[np.int64],
        owners: Callable[[Sequence[int]], Sequence[str]], record: Callable[[int], Record], answers: npt.NDArray[Any],
    ) -> None:  # fmt: skip
        """Hold what was told, as columns; what changed something or began a session is looked at again."""
        where = np.array(self._where, np.int32)[codes["place"]]
        codes["region"], codes["account"] = where[:, 0], where[:, 1].copy()
        if not codes["account"].all():  # old records do not say whose log they are in
            of, without = self._words["account"], np.flatnonzero(codes["account"] == 0).tolist()
            codes["account"][without] = [of[one] for one in owners(without)]
        self._times.append(times)
        self._codes.append(codes)
        self._chunks.append(arrays)
        self._held += len(times)
        issues, changes = (np.array([getattr(one, name) for one in self._kinds], bool)[codes["call"]]
                           for name in ("issues", "changes"))  # fmt: skip
        rare = np.flatnonzero((changes | (issues & (answers > len(NOTHING)))) & (codes["error"] == 0)).tolist()
        seats = list(self._seats.actors) if rare else []
        for at in rare:
            one, kind, time, by = record(at), self._kinds[codes["call"][at]], int(times[at]), seats[codes["actor"][at]]
            id, session, resource, bucket = (
                arrays[name][at].as_py() for name in ("id", "session", "resource", "bucket")
            )
            if kind.changes and (what := changed(one, resource or bucket)) is not None:
                self._change(one, what, by, session, time, id)
            if kind.issues and len(one.response) > len(NOTHING):
                self._issue(one, time, id)

    def _told(
        self, waiting: Waiting, codes: Mapping[str, npt.NDArray[np.int32]], endings: Sequence[Ending | None],
        owners: Sequence[str],
    ) -> tuple[list[Any], ...]:  # fmt: skip
        """What each call tells, as columns; the first says which call it is, in what order they were told."""
        records, called = waiting.records, codes["call"]
        calls = Calls(records, waiting.asked, codes["place"].tolist(), endings, owners)
        order = np.argsort(called, kind="stable")
        begins = np.flatnonzero(np.diff(called[order], prepend=-1)).tolist()
        columns: tuple[list[Any], ...] = [], [], [], [], []
        for begin, end in zip(begins, [*begins[1:], len(order)], strict=True):
            some = order[begin:end].tolist()
            number = int(called[some[0]])
            found = self._tellings.tell(calls.some(some), number, self._kinds[number].resolved)
            columns[0].extend(map(some.__getitem__, found.which))
            parts: tuple[list[Any], ...] = found.kinds, *found.texts
            for column, told in zip(columns[1:], parts, strict=True):
                column += told
        return columns

    def number(self, table: int, record: Record) -> int:
        """See `rows.Meaning`."""
        if table == CALL:
            return self._calls[tuple(getattr(record, name) for name in WHAT)]
        if table == PLACE:
            return self._places[tuple(getattr(record, name) for name in WHERE)]
        if table == ENDING:
            return 0 if self._rows is None else self._rows.ended(self._tellings.ending(record))
        return self._words["agent"][record.agent] if table == AGENT else self._words["error"][record.error]

    def seat(self, record: Record) -> tuple[int, str, str, str]:
        """See `rows.Meaning`."""
        return self._seats.seat(record.identity)

    def _call(self, what: tuple[Any, ...]) -> int:
        source, name, type, category, management, read_only = what
        insight = category == "Insight" or type == "AwsCloudTrailInsight"
        resolved = Resolved("insight") if insight else resolve(source, name, type)
        data = category in ("Data", "NetworkActivity") or str(management).lower() == "false"
        called = resolved.kind in ("call", "free", "unknown")
        flag = _FLAG.get(str(read_only).lower(), 2)
        issues, changes = called and may_issue(name), called and may_change(source, name)
        self._kinds.append(_Call(source, name, resolved.kind, flag, data, resolved, issues, changes))
        return len(self._kinds) - 1

    def _place(self, where: tuple[str | None, str | int | None]) -> int:
        region, recipient = where
        account = "" if recipient is None else str(recipient).zfill(12) if recipient else ""
        self._where.append((self._words["region"][region or ""], self._words["account"][account]))
        return len(self._where) - 1

    def _change(self, one: Record, what: Changed, by: Actor, session: str, time: int, id: str) -> None:
        """What a call changed."""
        principal = by.principal
        if not principal or by.kind == "account":
            caller = who(one.identity)
            principal = caller.id or caller.unique
        self._changes.append(
            (_PROVIDER, one.account, what.what, what.subject, what.object, what.verb, time, principal, session, "",
             by.source_identity, id)
        )  # fmt: skip

    def _issue(self, one: Record, time: int, id: str) -> None:
        """The session that a call began."""
        by = who(one.identity)
        if (began := issued(one, by)) is not None:
            self._issued.append(
                (_PROVIDER, began.key, time, began.by or by.via, began.by_key, began.role, began.session,
                 workload(began, by), began.source_identity, id)
            )  # fmt: skip

    def _events(self) -> pa.Table:
        numbers = {name: np.concatenate([one[name] for one in self._codes]) for name in self._codes[0]}
        actor, call, kind = numbers["actor"], numbers["call"], numbers["kind"]
        size = len(actor)
        columns: dict[str, Any] = {
            name: pa.concat_arrays([one[name] for one in self._chunks]) for name in self._chunks[0]
        }
        for name in ("bucket", "facts"):  # what is counted by is looked at again and again
            columns[name] = columns[name].dictionary_encode()
        columns |= {
            "time": pa.array(np.concatenate(self._times)).cast(pa.timestamp("us", tz="UTC")),
            "provider": repeated(_PROVIDER, size),
            "origin": repeated("", size),
            "log": repeated(LOG, size),
            "grant_id": repeated("", size),
        }
        actors = list(self._seats.actors)
        for name in Actor._fields:
            values = [getattr(one, name) for one in actors]
            if name == "temporary":
                columns[name] = pa.array(np.array(values, bool)[actor])
            elif name == "mfa":
                columns[name] = _flags(np.array([2 if one is None else int(one) for one in values])[actor])
            else:
                columns[name] = coded(actor, values)
        for name in ("source", "name", "what"):
            columns[name] = coded(call, [getattr(one, name) for one in self._kinds])
        columns["read_only"] = _flags(np.array([one.read_only for one in self._kinds])[call])
        columns["data"] = pa.array(np.array([one.data for one in self._kinds])[call])
        kinds = list(self._tellings.kinds)
        for at, name in enumerate(("permission", "target", "outcome")):
            columns[name] = coded(kind, [one[at] for one in kinds])
        for name, words in self._words.items():
            columns[name] = coded(numbers[name], list(words))
        return table(EVENTS, columns)


def _flags(values: npt.NDArray[np.int64]) -> pa.Array:
    """0 no, 1 yes, 2 not known."""
    return pa.array(values == 1, mask=values == 2)


def _table(spec: Any, rows: list[tuple[Any, ...]]) -> pa.Table:
    if not rows:
        return empty(spec)
    return table(spec, dict(zip(spec.names(), map(list, zip(*rows, strict=True)), strict=True)))


def _places(bad: list[Bad]) -> tuple[tuple[str, str], ...]:
    return tuple((one.place, one.why) for one in bad)


def _hashed(one: Record) -> str:
    """An id for a record that has none: the same for the same record."""
    hash = hashlib.blake2b(digest_size=16)
    for part in (one.time, one.source, one.name, one.region, one.ip, one.agent, one.error, one.recipient):
        hash.update(f"{part}\x1f".encode("utf-8", "surrogatepass"))
    for raw in (one.identity, one.resources, one.request, one.response, one.more):
        hash.update(bytes(raw) + b"\x1f")
    return f"hash:{hash.hexdigest()}"
