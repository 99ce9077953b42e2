"""The demo's audit logs: unpacked from `logs.json` into the files that trails of CloudTrail write.

Records repeat, so the archive holds shapes with places left open, sessions, and a row a record: its session, its shape,
seconds since the row before. What every record has of its own (ids, serial numbers) follows from the seed and the row's
number. Places: `i` identity, `t` time, `d` its day, `e` event id, `r` request id, `h` 32 hexadecimal digits, `x` 16 of
them in capitals, `n` eight digits; `key`, `name` and `begun` of the record's own session, in its identity; `ak`, `an`
and `ae` are key, name and end of the session that the call began.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from datetime import UTC, datetime
from itertools import accumulate
from pathlib import Path
from typing import Any

from isal import igzip

PACKED = "logs.json"
_LASTS = 3600
"""Seconds that a session lasts, as the call that began it says."""
_DIGITS = 10**8


def write_logs(packed: Path, target: Path) -> int:
    """Write every log file below a folder, `<bucket>/AWSLogs/…`; returns the number of records in them.

    Some records stand in two files: an account's trail and the organization's both have them.
    """
    held = json.loads(packed.read_bytes())
    rows = _Rows(held)
    count = 0
    for name, *place in held["files"]:
        numbers = place[0] if isinstance(place[0], list) else range(place[0], place[0] + place[1])
        path = target / name
        path.parent.mkdir(parents=True, exist_ok=True)
        text = '{"Records":[' + ",".join(map(rows.record, numbers)) + "]}"
        path.write_bytes(igzip.compress(text.encode(), 1, mtime=0))
        count += len(numbers)
    return count


def records(packed: bytes) -> Iterator[tuple[str, str]]:
    """Every file's name with each of its records as text."""
    held = json.loads(packed)
    rows = _Rows(held)
    for name, *place in held["files"]:
        numbers = place[0] if isinstance(place[0], list) else range(place[0], place[0] + place[1])
        yield from ((name, rows.record(number)) for number in numbers)


class _Rows:
    """The rows of the packed form, each made a record when it is asked for."""

    def __init__(self, held: dict[str, Any]) -> None:
        self._seed = hashlib.blake2b(held["seed"].encode(), digest_size=64)
        self._shapes: list[str] = held["shapes"]
        self._session: list[int] = held["rows"]["session"]
        self._shape: list[int] = held["rows"]["shape"]
        self._time = list(accumulate(held["rows"]["time"]))
        self._about: dict[int, int] = dict(held["about"])
        sessions = held["sessions"]
        self._keys: list[str] = sessions["key"]
        self._names: list[str] = sessions["name"]
        self._identities = [
            held["identities"][identity] % {"key": key, "name": name, "begun": _iso(begun)}
            for identity, key, name, begun in zip(
                sessions["identity"], self._keys, self._names, sessions["begun"], strict=True
            )
        ]

    def record(self, row: int) -> str:
        """The record as JSON."""
        own = self._seed.copy()
        own.update(b"%d" % row)
        digits = own.hexdigest()
        time = _iso(self._time[row])
        places = {
            "i": self._identities[self._session[row]], "t": time, "d": time[:10], "e": _uuid(digits[:32]),
            "r": _uuid(digits[32:64]), "h": digits[64:96], "x": digits[96:112].upper(),
            "n": f"{int(digits[112:], 16) % _DIGITS:08d}",
        }  # fmt: skip
        about = self._about.get(row)
        if about is not None:
            ends = datetime.fromtimestamp(self._time[row] + _LASTS, UTC)
            expiry = f"{ends:%b} {ends.day}, {ends.year}, {ends:%I:%M:%S %p}"
            places |= {"ak": self._keys[about], "an": self._names[about], "ae": expiry}
        return self._shapes[self._shape[row]] % places


def _uuid(digits: str) -> str:
    return f"{digits[:8]}-{digits[8:12]}-4{digits[13:16]}-a{digits[17:20]}-{digits[20:]}"


def _iso(when: int) -> str:
    return datetime.fromtimestamp(when, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
