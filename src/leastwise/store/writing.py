"""The files of one snapshot: written aside, synced, moved into place, removed."""

from __future__ import annotations

import filecmp
import hashlib
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from types import MappingProxyType

import pyarrow as pa

from leastwise.model.scope import Collected, Scope
from leastwise.model.snapshot import StoredFile
from leastwise.model.tables import SCHEMA_VERSION

from .clock import compact, to_text
from .files import remove_tree, safe_name, sync, sync_tree
from .home import Home
from .parquet import write_table
from .raw import write_segments


def snapshot_id(collected: Collected, hashes: Sequence[str], engine_version: str) -> str:
    """`aws-222222222222-20261101T000000Z-1a2b3c4d`: equal for equal scope, time, content, coverage and versions."""
    scope = collected.scope
    digest = hashlib.sha256()

    def feed(*parts: str) -> None:
        digest.update(("\x1f".join(parts) + "\x1e").encode("utf-8", "surrogatepass"))

    feed(scope.provider, scope.kind, scope.id, to_text(collected.time), str(collected.readable))
    feed(engine_version, str(SCHEMA_VERSION))
    for call in collected.coverage:
        account = [call.account] if call.account else []
        feed(call.service, call.call, call.status.value, call.detail, call.affects, *account)
    for document, sha256 in zip(collected.documents, hashes, strict=True):
        time = to_text(document.time) if document.time else ""
        feed(document.service, document.kind, document.name, document.resource, time, sha256)
    name = f"{safe_name(scope.provider)}-{safe_name(scope.id)}"
    return f"{name}-{compact(collected.time)}-{digest.hexdigest()[:8]}"


def raw_folder(home: Home, scope: Scope, identifier: str) -> Path:
    """Where the raw segments of a snapshot lie."""
    return home.raw / safe_name(scope.provider) / safe_name(scope.id) / identifier


def table_folder(home: Home, identifier: str) -> Path:
    """Where the tables of a snapshot lie."""
    return home.snapshots / identifier


def write_raw(home: Home, identifier: str, collected: Collected, hashes: Sequence[str]) -> dict[str, StoredFile]:
    """Writes the raw segments and their index under tmp; `write_tables` goes on, and then the bodies can be gone.

    Returns what the manifest says of each file, by `raw/<file>`.

    Raises:
        OSError: as the operating system says; the caller then calls `discard`.
    """
    draft = home.tmp / identifier
    for folder in (draft, draft / "raw", draft / "tables"):
        folder.mkdir(mode=0o700)
    place = raw_folder(home, collected.scope, identifier)
    written = write_segments(draft / "raw", collected.documents, hashes, collected.scope, collected.time)
    return {
        f"raw/{name}": StoredFile(home.relative(place / name), sha256, size) for name, sha256, size in written.values()
    }


def write_tables(
    home: Home, identifier: str, scope: Scope, tables: Mapping[str, pa.Table], raw: Mapping[str, StoredFile],
    earlier: Mapping[str, StoredFile] = MappingProxyType({}),
) -> dict[str, StoredFile]:  # fmt: skip
    """Writes the tables beside the `raw` files, syncs all, moves it into place; returns what the manifest says of it.

    The keys of tables are their bare names. A file that is the same as that of an `earlier` snapshot becomes a second
    name of it.

    Raises:
        OSError: as the operating system says; the caller then calls `discard`.
    """
    draft = home.tmp / identifier
    raw_draft, table_draft = draft / "raw", draft / "tables"
    raw_place, table_place = raw_folder(home, scope, identifier), table_folder(home, identifier)
    files = dict(raw)
    for name, table in tables.items():
        file = f"{name}.parquet"
        sha256, size = write_table(table_draft / file, table)
        files[name] = StoredFile(home.relative(table_place / file), sha256, size, table.num_rows)
    for key, stored in files.items():
        _share(home, raw_draft / key.removeprefix("raw/") if key.startswith("raw/") else table_draft / f"{key}.parquet",
               stored, earlier.get(key))  # fmt: skip
    sync_tree(draft)
    for folder in (raw_place.parent.parent, raw_place.parent):
        folder.mkdir(mode=0o700, exist_ok=True)
    raw_draft.rename(raw_place)
    table_draft.rename(table_place)
    for folder in (raw_place.parent, raw_place.parent.parent, home.raw, home.snapshots):
        sync(folder)
    draft.rmdir()
    return files


def _share(home: Home, file: Path, stored: StoredFile, earlier: StoredFile | None) -> None:
    """Makes a new file another name of an earlier one that has the same bytes now, not only when it was recorded."""
    if earlier is None or (earlier.sha256, earlier.size) != (stored.sha256, stored.size):
        return
    held, spare = home.path / earlier.path, file.with_name(f"{file.name}.link")
    # Sharing only saves room: where the file system cannot, or the earlier file is gone, the new one stays.
    with suppress(OSError):
        if not held.is_symlink() and filecmp.cmp(held, file, shallow=False):
            spare.hardlink_to(held)
            spare.replace(file)


def discard(home: Home, identifier: str, raw_place: Path) -> None:
    """Removes all files of a snapshot; OSError as the operating system says."""
    # Moved first, so that a crash in the middle leaves rubbish in tmp and not a snapshot with holes.
    for number, folder in enumerate((table_folder(home, identifier), raw_place)):
        if folder.exists():
            grave = home.tmp / f"{identifier}.{number}.deleted"
            remove_tree(grave)
            folder.rename(grave)
    for folder in home.tmp.glob(f"{identifier}*"):
        remove_tree(folder)
    for folder in (raw_place.parent, raw_place.parent.parent):
        with suppress(OSError):
            folder.rmdir()


def folders(home: Home) -> dict[str, list[Path]]:
    """Every snapshot folder there is, by snapshot id: of tables, of raw segments, or both."""
    found: dict[str, list[Path]] = {}
    for folder in (*_folders(home.snapshots.iterdir()), *_folders(home.raw.glob("*/*/*"))):
        found.setdefault(folder.name, []).append(folder)
    return found


def _folders(paths: Iterable[Path]) -> list[Path]:
    return [path for path in paths if path.is_dir() and not path.is_symlink()]
