"""The demo's audit logs of all clouds but AWS: unpacked into the files that the clouds write into storage.

The archive holds shapes with places left open, and by file when it begins and its rows: a shape and the seconds since
the row before. A shape is one entry or several, a line each. What every entry has of its own follows from the seed, the
file's name and the row's place in it. Places: `t` the time without its zone, `u` a second later, `i` an id of eleven
digits, `g` one as a GUID.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

from isal import igzip

PACKED = {"azure": "azure-logs.json", "entra": "entra-logs.json", "gcp": "google-logs.json"}
"""The archive of each provider."""
_SECOND = timedelta(seconds=1)


def write_logs(packed: Path, target: Path) -> int:
    """Write every file below a folder, by the names that the clouds give them; returns the number of entries."""
    count = 0
    for name, texts in entries(packed.read_bytes()):
        path = target / name
        path.parent.mkdir(parents=True, exist_ok=True)
        text = "".join(f"{one}\n" for one in texts).encode()
        path.write_bytes(igzip.compress(text, 1, mtime=0) if name.endswith(".gz") else text)
        count += len(texts)
    return count


def entries(packed: bytes) -> Iterator[tuple[str, list[str]]]:
    """Every file's name with its entries as texts."""
    held = json.loads(packed)
    for name, begun, rows in held["files"]:
        yield name, list(_made(held["seed"], held["shapes"], name, begun, rows))


def _made(seed: str, shapes: Sequence[str], name: str, begun: int, rows: Sequence[int]) -> Iterator[str]:
    moment = datetime.fromtimestamp(begun, UTC)
    for place in range(0, len(rows), 2):
        moment += timedelta(seconds=rows[place + 1])
        own = hashlib.blake2b(f"{seed} {name} {place}".encode(), digest_size=16).hexdigest()
        micro = int(own[:5], 16) % 1_000_000
        told = {
            "t": f"{moment:%Y-%m-%dT%H:%M:%S}.{micro:06d}",
            "u": f"{moment + _SECOND:%Y-%m-%dT%H:%M:%S}.{micro:06d}",
            "i": own[5:16],
            "g": f"{own[:8]}-{own[8:12]}-{own[12:16]}-{own[16:20]}-{own[20:]}",
        }
        yield from (shapes[rows[place]] % told).split("\n")
