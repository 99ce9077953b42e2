"""Records into columns: what a batch of log files held, as the tables `events`, `changes` and `sessions`.

Nearly everything of a record repeats. Who made it is remembered by the bytes of `userIdentity`, what it needed by its
source, name and type, what it tells by these and the bytes of what was asked; a record is then a few small numbers,
which become columns for a whole batch at once.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from leastwise.engine.columns import coded, empty, repeated, table
from leastwise.model.tables.usage import CHANGES, EVENTS, SESSIONS
from leastwise.providers.base import ReadLog

from .changing import changed
from .facts import Told, told
from .moments import NO_TIME, moments
from .permissions import Resolved, resolve
from .principals import Who, who
from .reading import Bad, read
from .record import Record
from .sessions import issued
from .workloads import workload

LOG = "cloudtrail"
"""What usage names as its source."""
_PROVIDER = "aws"
_REMEMBERED = 1 << 24
"""So many bytes of requests are remembered; then remembering begins anew."""
_IDENTITIES, _WORDS = 1 << 15, 1 << 17
_FLAG = {True: 1, False: 0, "true": 1, "false": 0, "True": 1, "False": 0}


class _Call(NamedTuple):
    source: str
    name: str
    resolved: Resolved
    what: str


class _Words(dict[Any, int]):
    """Numbers of words, in the order in which they came."""

    def __missing__(self, word: Any) -> int:
        self[word] = number = len(self)
        return number


class Drawing:
    """Takes batches of records; `drawn` gives what came since the last time as tables."""

    def __init__(self) -> None:
        self._whos: dict[bytes, tuple[Who, int]] = {}
        self._actors = _Words()
        self._calls: dict[tuple[str, str, str | None, bool], tuple[_Call, int]] = {}
        self._tellings: dict[tuple[Any, ...], int] = {}
        self._remembered = 0
        self._told: list[Told] = []
        self._words = {name: _Words() for name in ("region", "account", "agent", "error")}
        self._begin()

    def _begin(self) -> None:
        self._rows: list[tuple[int, ...]] = []
        self._ids: list[str] = []
        self._times: list[npt.NDArray[np.int64]] = []
        self._credentials: list[str] = []
        self._sessions: list[str] = []
        self._ips: list[str] = []
        self._changes: list[tuple[Any, ...]] = []
        self._issued: list[tuple[Any, ...]] = []

    @property
    def events(self) -> int:
        """How many records were taken since `drawn`."""
        return len(self._ids)

    def read(self, content: bytes) -> ReadLog:
        """Take the records of an unpacked file; what could not be read is told with its place."""
        batch = read(content)
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
        return ReadLog(len(records), _places(batch.bad))

    def drawn(self) -> Mapping[str, pa.Table]:
        """The tables of all that was taken since the last time."""
        if not self._ids:
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
        if len(self._actors) > _WORDS or len(self._whos) > _IDENTITIES:
            self._whos, self._actors = {}, _Words()
        if len(self._told) > _WORDS or self._remembered > _REMEMBERED:
            self._tellings, self._told, self._remembered = {}, [], 0
        for name, words in self._words.items():
            if len(words) > _WORDS:
                self._words[name] = _Words()

    def _take(self, records: list[Record], stamps: npt.NDArray[np.int64]) -> None:
        whos, calls, rows = self._whos, self._calls, self._rows
        region, account, agent, error = (self._words[name] for name in ("region", "account", "agent", "error"))
        for at, one in enumerate(records):
            identity = bytes(one.identity)
            by, actor = whos.get(identity) or self._who(identity)
            what = (one.source, one.name, one.type, one.category == "Insight")
            call, number = calls.get(what) or self._call(what)
            telling = self._telling(one, call, number, by)
            id = one.id or _hashed(one)
            home = one.account or by.account
            rows.append(
                (actor, number, telling, region[one.region or ""], account[home], agent[one.agent or ""],
                 error[one.error or ""], _FLAG.get(one.read_only, 2) if one.read_only is not None else 2,
                 one.data_event)
            )  # fmt: skip
            self._ids.append(id)
            self._credentials.append(by.key)
            self._sessions.append(by.session)
            self._ips.append(one.ip or "")
            if call.what == "call" and not one.error:
                self._rare(one, by, id, int(stamps[at]), self._told[telling])

    def _who(self, identity: bytes) -> tuple[Who, int]:
        by = who(identity)
        # A caller that is named by account only has IAM's own id, if any; its own account's snapshot has that too.
        principal = by.id or (by.unique if by.kind == "account" else "")
        lasting = by.key.startswith("AKIA")
        temporary = not lasting and (by.key != "" or by.session != "")
        actor = self._actors[
            principal, by.account, by.kind, temporary, by.workload, by.source_identity, by.via, by.mfa
        ]  # fmt: skip
        found = self._whos[identity] = by, actor
        return found

    def _call(self, what: tuple[str, str, str | None, bool]) -> tuple[_Call, int]:
        source, name, type, insight = what
        resolved = Resolved("insight") if insight else resolve(source, name, type)
        found = self._calls[what] = _Call(source, name, resolved, resolved.kind), len(self._calls)
        return found

    def _telling(self, one: Record, call: _Call, number: int, by: Who) -> int:
        request, response = bytes(one.request), bytes(one.response)
        listed = bytes(one.resources)
        key = (number, one.error, one.message if one.error else "", one.region, one.recipient, by.account, request,
               response, listed)  # fmt: skip
        found = self._tellings.get(key)
        if found is None:
            found = self._tellings[key] = len(self._told)
            self._told.append(told(one, call.resolved, by.account))
            self._remembered += len(request) + len(response) + len(listed)
        return found

    def _rare(self, one: Record, by: Who, id: str, time: int, said: Told) -> None:
        """Sessions that the call began, and what it changed."""
        if (began := issued(one, by)) is not None:
            self._issued.append(
                (_PROVIDER, began.key, time, began.by or by.via, began.by_key, began.role, began.session,
                 workload(began, by), began.source_identity, id)
            )  # fmt: skip
        if one.read_only not in (True, "true") and (what := changed(one, said.resource or said.bucket)) is not None:
            account = said.target or one.account
            self._changes.append(
                (_PROVIDER, account, what.what, what.subject, what.object, what.verb, time, by.id or by.unique,
                 by.session, "", by.source_identity, id)
            )  # fmt: skip

    def _events(self) -> pa.Table:
        codes = np.array(self._rows, np.int64)
        actor, call, telling, region, account, agent, error, read_only, data = codes.T
        actors, tellings = list(self._actors), self._told
        calls = [one for one, _ in self._calls.values()]
        size = len(codes)
        columns: dict[str, Any] = {
            "id": pa.array(self._ids, pa.string()),
            "time": pa.array(np.concatenate(self._times)).cast(pa.timestamp("us", tz="UTC")),
            "provider": repeated(_PROVIDER, size),
            "credential": pa.array(self._credentials, pa.string()),
            "session": pa.array(self._sessions, pa.string()),
            "origin": repeated("", size),
            "ip": pa.array(self._ips, pa.string()),
            "log": repeated(LOG, size),
            "data": pa.array(data.astype(bool)),
            "read_only": pa.array(read_only == 1, mask=read_only == 2),
            "temporary": pa.array(np.array([one[3] for one in actors])[actor]),
        }
        mfa = np.array([2 if one[7] is None else int(one[7]) for one in actors])[actor]
        columns["mfa"] = pa.array(mfa == 1, mask=mfa == 2)
        for at, name in ((0, "principal"), (1, "owner"), (2, "kind"), (4, "workload"), (5, "source_identity"),
                         (6, "via")):  # fmt: skip
            columns[name] = coded(actor, [one[at] for one in actors])
        for name in ("source", "name", "what"):
            columns[name] = coded(call, [getattr(one, name) for one in calls])
        for name in Told.__slots__:
            columns[name] = coded(telling, [getattr(one, name) for one in tellings])
        for name, numbers in (("region", region), ("account", account), ("agent", agent), ("error", error)):
            columns[name] = coded(numbers, list(self._words[name]))
        return table(EVENTS, columns)


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
