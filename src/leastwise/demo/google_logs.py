"""The demo's audit logs of Google Cloud: unpacked from `google-logs.json` into the files that a sink writes.

The archive holds shapes with places left open, `t` time and `i` id, and by file the rows: a shape and the seconds since
the row before, the first since midnight of the file's day. What every entry has of its own follows from the seed, the
file's name and the row's place in it.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

from isal import igzip

PACKED = "google-logs.json"


def write_logs(packed: Path, target: Path) -> int:
    """Write every file below a folder, `<bucket>/cloudaudit.googleapis.com/…`; returns the number of entries."""
    count = 0
    for name, texts in entries(packed.read_bytes()):
        path = target / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(igzip.compress("".join(f"{one}\n" for one in texts).encode(), 1, mtime=0))
        count += len(texts)
    return count


def entries(packed: bytes) -> Iterator[tuple[str, list[str]]]:
    """Every file's name with its entries as texts."""
    held = json.loads(packed)
    for name, rows in held["files"]:
        yield name, list(_made(held["seed"], held["shapes"], name, rows))


def _made(seed: str, shapes: Sequence[str], name: str, rows: Sequence[int]) -> Iterator[str]:
    year, month, day = map(int, name.split("/")[-4:-1])
    moment = datetime(year, month, day, tzinfo=UTC)
    for place in range(0, len(rows), 2):
        moment += timedelta(seconds=rows[place + 1])
        own = hashlib.blake2b(f"{seed} {name} {place}".encode(), digest_size=8).hexdigest()
        micro = int(own[:5], 16) % 1_000_000
        yield shapes[rows[place]] % {"t": f"{moment:%Y-%m-%dT%H:%M:%S}.{micro:06d}Z", "i": own[5:]}
