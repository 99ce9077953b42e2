"""Checks everything stored against what was recorded when it was written; changes nothing."""

from __future__ import annotations

import os
import stat
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import Engine

from leastwise.errors import IntegrityError, StoreError
from leastwise.model.snapshot import Manifest, SnapshotState, StoredFile

from . import anchor, binding, chain, key
from .database import damage, unreadable
from .files import file_sha256
from .home import Home
from .lake.checking import stored
from .ledger import Ledger
from .lock import is_locked
from .pins import broken_seals
from .schema import METADATA

_ATTEMPTS = 5


@dataclass(frozen=True, slots=True)
class Problem:
    """Something that is not as it was recorded.

    `snapshot` is its id (a scope key for a whole chain, empty for a stray file), `file` a path below the home folder
    or `state database`.
    """

    snapshot: str
    file: str
    cause: str


_DATABASE = "state database"


def verify(home: Home, ledger: Ledger, ids: Collection[str] | None = None) -> tuple[Problem, ...]:
    """Every difference found, in a stable order; empty when all is well.

    Recomputes the hash of every chain row and file, the links and sequence of every chain, compares the chains with
    the anchor, the redaction key and the owner of the database with what is pinned, and mutes and settings with their
    seals; lets SQLite check its file; and looks for files and folders that no snapshot lists. Safe beside a writer:
    what is being written or deleted meanwhile is no problem.

    Args:
        home: the home folder.
        ledger: the chain rows.
        ids: check the files of these snapshots only; all else is always checked.

    Raises:
        StoreError: the database cannot be read, though it is not damaged.
    """
    damaged = [Problem("", _DATABASE, f"damaged: {cause}") for cause in damage(ledger.engine)]
    damaged += [Problem("", _DATABASE, f"{table}: {cause}") for table, cause in unreadable(ledger.engine, METADATA)]
    try:
        lake = stored(ledger.engine)
        mine = {file.path for files in lake.values() if not isinstance(files, IntegrityError) for file in files}
        found = (*_state_problems(home, ledger), *_snapshot_problems(home, ledger, ids, mine))
        return (*damaged, *found, *_lake_problems(home, ledger.engine, lake))
    except StoreError:
        if not damaged:
            raise
        return tuple(damaged)


def _state_problems(home: Home, ledger: Ledger) -> Iterator[Problem]:
    for table, cause in broken_seals(ledger.engine):
        yield Problem("", _DATABASE, f"{table}: {cause}")
    for file, fault in ((binding.FILE, binding.owner_fault), (key.FILE, key.key_fault)):
        try:
            if found := fault(home, ledger.engine):
                yield Problem("", file, found)
        except StoreError as error:
            yield Problem("", file, str(error).removeprefix(f"{file}: "))


def _lake_problems(
    home: Home, engine: Engine, lake: Mapping[str, tuple[StoredFile, ...] | IntegrityError]
) -> Iterator[Problem]:
    """Files of the usage lake that are not as written; parts that others took the place of meanwhile do not count."""
    for part, files in lake.items():
        if isinstance(files, IntegrityError):
            yield Problem("", _DATABASE, str(files))
            continue
        found = [problem for file in files if (problem := _file_problem(home, "", file)) is not None]
        if found and part in stored(engine):
            yield from found


def _snapshot_problems(
    home: Home, ledger: Ledger, ids: Collection[str] | None, lake: Collection[str]
) -> Iterator[Problem]:
    busy = is_locked(home)
    present = set(_walk(home))
    heads, rows = _consistent(home, ledger)
    yield from _chain_problems(rows)
    yield from _anchor_problems(heads, rows, (home.snapshots / anchor.FILE).is_symlink())
    manifests = list(_readable(rows))
    gone = {m.tombstone_of for m in manifests if m.state is SnapshotState.DELETED}
    live = [m for m in manifests if m.state is not SnapshotState.DELETED and m.id not in gone]
    file_problems = [p for m in live if ids is None or m.id in ids for p in _file_problems(home, m)]
    if file_problems:
        gone_now = {row["tombstone_of"] for row in ledger.rows()} - gone
        file_problems = [p for p in file_problems if p.snapshot not in gone_now]
    yield from file_problems
    listed = {file.path for manifest in live for file in manifest.files.values()} | {f"snapshots/{anchor.FILE}", *lake}
    live_ids = {manifest.id for manifest in live}
    for path in sorted(present - listed):
        owner = _owner(path)
        if ids is not None and owner not in ids:
            continue
        # A writer moves files into place before it commits, and a deletion records itself before it removes them.
        came_and_went = path.endswith("/") or busy or is_locked(home) or owner in ledger.ids()
        if came_and_went and not _is_there(home.path / path):
            continue
        if (busy or is_locked(home)) and owner not in live_ids:
            continue
        yield Problem(owner, path, _stray(path))


def _walk(home: Home) -> Iterator[str]:
    """Every file, link and empty folder where only snapshots and usage lie; a folder ends with a slash."""
    for top in (home.raw, home.snapshots, home.lake):
        for place, folders, names in os.walk(top):
            for name in names:
                yield home.relative(Path(place, name))
            for name in folders:
                if Path(place, name).is_symlink():
                    yield home.relative(Path(place, name))
            if not folders and not names and Path(place) != top:
                yield home.relative(Path(place)) + "/"


def _is_there(path: Path) -> bool:
    """Whether it still is what `_walk` saw: a file, a link, or an empty folder."""
    if path.is_symlink() or not path.is_dir():
        return os.path.lexists(path)
    try:
        return not any(path.iterdir())
    except OSError:
        return False


def _stray(path: str) -> str:
    if path.startswith("lake/"):
        return "belongs to nothing"
    return "belongs to no snapshot; the next write removes what a killed one left"


def _consistent(home: Home, ledger: Ledger) -> tuple[anchor.Heads | IntegrityError | None, list[dict[str, Any]]]:
    heads = _heads(home)
    for _ in range(_ATTEMPTS):
        rows = ledger.rows()
        again = _heads(home)
        if isinstance(heads, IntegrityError) or heads == again:
            break
        heads = again
    return heads, rows


def _heads(home: Home) -> anchor.Heads | IntegrityError | None:
    try:
        return anchor.read(home)
    except IntegrityError as error:
        return error


def _chain_problems(rows: list[dict[str, Any]]) -> Iterator[Problem]:
    before: dict[str, tuple[int, str]] = {}
    for row in rows:
        key = row["scope_key"]
        if cause := chain.row_fault(row, before.get(key, (0, ""))):
            yield Problem(row["id"], _DATABASE, cause)
        before[key] = (row["sequence"], row["hash"])


def _anchor_problems(
    heads: anchor.Heads | IntegrityError | None, rows: list[dict[str, Any]], link: bool
) -> Iterator[Problem]:
    file = f"snapshots/{anchor.FILE}"
    newest = {row["scope_key"]: (row["sequence"], row["hash"], row["previous"]) for row in rows}
    if isinstance(heads, IntegrityError):
        yield Problem("", file, "its bytes are not what was written")
        return
    if link:
        yield Problem("", file, "is a link")
    if heads is None:
        if newest:
            yield Problem("", file, "missing")
        return
    for scope in sorted(newest.keys() | heads.keys()):
        try:
            anchor.lags(scope, heads.get(scope, (0, "")), newest.get(scope, (0, "", "")))
        except IntegrityError as error:
            yield Problem(scope, file, str(error))


def _readable(rows: list[dict[str, Any]]) -> Iterator[Manifest]:
    for row in rows:
        try:
            yield chain.decode(row)
        except IntegrityError:
            continue  # reported by the chain check


def _file_problems(home: Home, manifest: Manifest) -> Iterator[Problem]:
    for file in manifest.files.values():
        if (problem := _file_problem(home, manifest.id, file)) is not None:
            yield problem


def _file_problem(home: Home, owner: str, file: StoredFile) -> Problem | None:
    path, cause = home.path / file.path, ""
    try:
        found = path.lstat()
        if not stat.S_ISREG(found.st_mode):
            cause = "is a link or no file at all"
        elif found.st_size != file.size:
            cause = f"{found.st_size} bytes instead of {file.size}"
        elif file_sha256(path) != file.sha256:
            cause = "its bytes are not what was written (SHA-256 differs)"
    except FileNotFoundError:
        cause = "missing"
    except OSError as error:
        cause = f"cannot be read: {error.strerror}"
    return Problem(owner, file.path, cause) if cause else None


def _owner(path: str) -> str:
    parts = path.split("/")
    if parts[0] == "snapshots":
        return parts[1] if len(parts) > 2 else ""
    return parts[3] if len(parts) > 4 else ""
