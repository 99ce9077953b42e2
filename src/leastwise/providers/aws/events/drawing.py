"""Records into columns: what a batch of log files held, as the tables `events`, `changes` and `sessions`.

Nearly everything of a record repeats. Who made it is remembered by the bytes of `userIdentity`, what it needed by its
source, name and type, what it tells by these and the bytes of what was asked; a record is then a few small numbers,
which become columns for a whole batch at once.
"""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Mapping, Sequence
from itertools import compress
from operator import attrgetter
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from leastwise.engine.columns import coded, empty, repeated, table
from leastwise.model.tables.usage import CHANGES, EVENTS, SESSIONS
from leastwise.providers.base import ReadLog

from .changing import changed, may_change
from .forms import Telling
from .moments import NO_TIME, moments
from .permissions import Resolved, resolve
from .principals import who
from .quick import Quick
from .reading import Bad, read
from .record import Record
from .requests import Calls
from .seats import Actor, Seats
from .sessions import issued, may_issue
from .tellings import Tellings
from .workloads import workload

LOG = "cloudtrail"
"""What usage names as its source."""
_PROVIDER = "aws"
_WORDS, _LISTED = 1 << 16, 1 << 14
_FLAG = {"true": 1, "false": 0}
_IDENTITY = attrgetter("identity")
_WHAT = attrgetter("source", "name", "type", "category", "management", "read_only")
_WHERE = attrgetter("region", "recipient")


class _Call(NamedTuple):
    source: str
    name: str
    what: str
    read_only: int
    data: bool


class _Words(dict[Any, int]):
    """Numbers of words, in the order in which they came."""

    def __missing__(self, word: Any) -> int:
        self[word] = number = len(self)
        return number


class Drawing:
    """Takes batches of records; `drawn` gives what came since the last time as tables."""

    def __init__(self) -> None:
        self._quick = Quick()
        self._seats = Seats()
        self._tellings = Tellings()
        self._calls: dict[tuple[Any, ...], tuple[int, Resolved, bool]] = {}
        self._kinds: list[_Call] = []
        self._places: dict[tuple[str | None, str | int | None], tuple[int, int]] = {}
        self._words = {name: _Words({"": 0}) for name in ("region", "account", "agent", "error")}
        self._begin()

    def _begin(self) -> None:
        self._numbers: dict[str, list[int]] = {
            name: [] for name in ("actor", "call", "region", "account", "agent", "error", "kind")
        }
        self._texts: dict[str, list[str]] = {
            name: [] for name in ("id", "credential", "session", "ip", "resource", "bucket", "facts")
        }
        self._times: list[npt.NDArray[np.int64]] = []
        self._codes: list[dict[str, npt.NDArray[np.int32]]] = []
        self._chunks: list[dict[str, pa.Array]] = []
        self._held = 0
        self._changes: list[tuple[Any, ...]] = []
        self._issued: list[tuple[Any, ...]] = []

    @property
    def events(self) -> int:
        """How many records were taken since `drawn`."""
        return self._held + len(self._texts["id"])

    def read(self, content: bytes) -> ReadLog:
        """Take the records of an unpacked file; what could not be read is told with its place."""
        batch = read(content, self._quick)
        if batch.digest and not batch.records:
            return ReadLog(0, _places(batch.bad), "digest file")
        records, stamps = batch.records, moments([one.time for one in batch.records])
        if (stamps == NO_TIME).any():
            for at in np.flatnonzero(stamps == NO_TIME).tolist():
                batch.bad.append(Bad(f"record {at}", f"eventTime {records[at].time[:40]!r} is no time"))
            records = [one for one, stamp in zip(records, stamps.tolist(), strict=True) if stamp != NO_TIME]
            stamps = stamps[stamps != NO_TIME]
        if records:
            self._times.append(stamps)
            self._take(records, stamps)
            if len(self._texts["id"]) > _LISTED:
                self._pack()
        return ReadLog(len(records), _places(batch.bad))

    def drawn(self) -> Mapping[str, pa.Table]:
        """The tables of all that was taken since the last time."""
        if not self.events:
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

    def _pack(self) -> None:
        """Turn lists into arrays, which take a fifth of the memory."""
        self._held = self.events
        self._codes.append({name: np.array(values, np.int32) for name, values in self._numbers.items()})
        self._chunks.append({name: pa.array(values, pa.string()) for name, values in self._texts.items()})
        for values in (*self._numbers.values(), *self._texts.values()):
            values.clear()  # type: ignore[attr-defined]

    def _forget(self) -> None:
        """Begin to remember anew where too much is remembered; what is told of a record does not depend on it."""
        if len(self._seats.actors) > _WORDS:
            self._seats.forget()
        if len(self._tellings.kinds) > _WORDS:
            self._tellings.forget()
        for name, words in self._words.items():
            if len(words) > _WORDS:
                self._words[name] = _Words({"": 0})
                self._places.clear()

    def _take(self, records: Sequence[Record], stamps: npt.NDArray[np.int64]) -> None:
        texts, numbers = self._texts, self._numbers
        ids = [one.id or _hashed(one) for one in records]
        actors, owners, sessions, keys = zip(*map(self._seats.seat, map(_IDENTITY, records)), strict=True)
        whats, wheres = list(map(_WHAT, records)), list(map(_WHERE, records))
        calls = [one or self._calls.get(what) or self._call(what)
                 for what, one in zip(whats, map(self._calls.get, whats), strict=True)]  # fmt: skip
        places = [one or self._places.get(where) or self._place(where)
                  for where, one in zip(wheres, map(self._places.get, wheres), strict=True)]  # fmt: skip
        called, resolved, rare = zip(*calls, strict=True)
        regions, accounts = zip(*places, strict=True)
        kinds, resources, buckets, facts = zip(*self._told(records, called, resolved, places, owners), strict=True)
        if 0 in accounts:  # old records do not say whose log they are in
            of = self._words["account"]
            accounts = tuple([one or of[owner] for one, owner in zip(accounts, owners, strict=True)])
        agent, error = self._words["agent"], self._words["error"]
        numbers["agent"] += [agent[one.agent or ""] for one in records]
        numbers["error"] += [error[one.error or ""] for one in records]
        texts["ip"] += [one.ip or "" for one in records]
        columns: tuple[tuple[str, Sequence[int]], ...] = (
            ("actor", actors), ("call", called), ("region", regions), ("account", accounts), ("kind", kinds),
        )  # fmt: skip
        for name, values in columns:
            numbers[name] += values
        words: tuple[tuple[str, Sequence[str]], ...] = (
            ("id", ids), ("session", sessions), ("credential", keys), ("resource", resources), ("bucket", buckets),
            ("facts", facts),
        )  # fmt: skip
        for name, told in words:
            texts[name] += told
        for at in compress(range(len(records)), rare):
            if not records[at].error:
                self._rare(records[at], ids[at], int(stamps[at]), resources[at] or buckets[at])

    def _told(
        self,
        records: Sequence[Record],
        called: Sequence[int],
        resolved: Sequence[Resolved],
        places: Sequence[object],
        owners: Sequence[str],
    ) -> list[Telling]:
        """What each call tells; those of one kind are told together."""
        found: list[Any] = [None] * len(records)
        calls = Calls(records, places, list(map(self._tellings.ending, records)), owners)
        kinds: dict[int, list[int]] = defaultdict(list)
        for at, number in enumerate(called):
            kinds[number].append(at)
        for number, some in kinds.items():
            for at, one in zip(some, self._tellings.tell(calls.some(some), number, resolved[some[0]]), strict=True):
                found[at] = one
        return found

    def _call(self, what: tuple[Any, ...]) -> tuple[int, Resolved, bool]:
        source, name, type, category, management, read_only = what
        insight = category == "Insight" or type == "AwsCloudTrailInsight"
        resolved = Resolved("insight") if insight else resolve(source, name, type)
        data = category in ("Data", "NetworkActivity") or str(management).lower() == "false"
        rare = resolved.kind in ("call", "free", "unknown") and (may_issue(name) or may_change(source, name))
        found = self._calls[what] = len(self._kinds), resolved, rare
        self._kinds.append(_Call(source, name, resolved.kind, _FLAG.get(str(read_only).lower(), 2), data))
        return found

    def _place(self, where: tuple[str | None, str | int | None]) -> tuple[int, int]:
        region, recipient = where
        account = "" if recipient is None else str(recipient).zfill(12) if recipient else ""
        words = self._words
        found = self._places[where] = words["region"][region or ""], words["account"][account]
        return found

    def _rare(self, one: Record, id: str, time: int, resource: str) -> None:
        """Sessions that the call began, and what it changed."""
        what = changed(one, resource)
        issues = len(one.response) > len("null") and may_issue(one.name)
        if what is None and not issues:
            return
        by = who(one.identity)
        if issues and (began := issued(one, by)) is not None:
            self._issued.append(
                (_PROVIDER, began.key, time, began.by or by.via, began.by_key, began.role, began.session,
                 workload(began, by), began.source_identity, id)
            )  # fmt: skip
        if what is not None:
            self._changes.append(
                (_PROVIDER, one.account, what.what, what.subject, what.object, what.verb, time, by.id or by.unique,
                 by.session, "", by.source_identity, id)
            )  # fmt: skip

    def _events(self) -> pa.Table:
        self._pack()
        numbers = {name: np.concatenate([one[name] for one in self._codes]) for name in self._numbers}
        actor, call, kind = numbers["actor"], numbers["call"], numbers["kind"]
        size = len(actor)
        columns: dict[str, Any] = {name: pa.concat_arrays([one[name] for one in self._chunks]) for name in self._texts}
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
