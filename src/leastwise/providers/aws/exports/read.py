"""Exported files → one `Collected` a scope. Nothing is returned unless every file could be read."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path

from leastwise.errors import InputError, UnknownFormatError
from leastwise.model.scope import Collected, Coverage, RawDocument, Scope

from . import recognise as kinds
from .collect import collect_roots, holds, read_collect
from .files import HEAD, Found, modified, name_of, parse, read_bytes
from .readers import READERS

Progress = Callable[[str, int, int], None]
_SUFFIXES = (".json", ".csv", ".jsonl", ".ndjson", ".json.gz", ".jsonl.gz", ".csv.gz")


@dataclass(slots=True)
class _Scope:
    documents: list[RawDocument] = field(default_factory=list)
    coverage: list[Coverage] = field(default_factory=list)
    newest: datetime | None = None


def recognises(path: Path) -> bool:
    """Whether a file or folder looks like AWS exports; only the beginning of a file is read."""
    if path.is_dir():
        return bool(collect_roots(path)) or any(recognises(one) for one in _files(path))
    if not path.name.lower().endswith(_SUFFIXES):
        return False
    try:
        most = None if path.name.lower() == "organization.json" else HEAD
        return kinds.recognise(path, read_bytes(path, most)) is not None
    except InputError:
        return False


def read_exports(
    paths: Sequence[Path], taken: datetime | None = None, progress: Progress | None = None
) -> list[Collected]:
    """One `Collected` a scope, by scope key; see `providers.base.ReadExports`.

    A file given by its own path that is no AWS export is an error; one met inside a folder becomes a coverage record of
    every scope that the import touches.
    """
    scopes: dict[Scope, _Scope] = {}
    unknown: list[Path] = []
    work = list(_work(paths))
    for done, (path, explicit, reader) in enumerate(work):
        if progress:
            progress(path.name, done, len(work))
        found = reader(path)
        if found is None:
            if explicit:
                if path.suffix.lower() == ".json":
                    parse(path, read_bytes(path))
                raise UnknownFormatError(path, "not an AWS export that Leastwise knows (see docs/how-to/aws.md)")
            unknown.append(path)
            continue
        _add(scopes, found, path)
    if not scopes:
        raise UnknownFormatError(paths[0] if len(paths) == 1 else "the given paths", "no AWS export found")
    return [_collected(scope, scopes[scope], taken, unknown) for scope in sorted(scopes)]


def _work(paths: Sequence[Path]) -> Iterator[tuple[Path, bool, Callable[[Path], list[Found] | None]]]:
    for path in paths:
        try:
            if not path.exists():
                raise InputError(path, "no such file or folder")
        except OSError as error:
            raise InputError(path, f"cannot be read: {error.strerror}") from None
        if path.is_dir():
            roots = collect_roots(path)
            for root in roots:
                yield root, True, read_collect
            files = [one for one in _files(path) if not any(holds(root, one) for root in roots)]
            if not files and not roots:
                raise InputError(path, "the folder holds no exported file")
            for one in files:
                yield one, False, _read_file
        else:
            yield path, True, _read_file


def _files(folder: Path) -> list[Path]:
    """Export files below a folder. A dangling link or a pipe is kept: reading it says what is wrong."""
    return sorted(one for one in folder.rglob("*") if one.name.lower().endswith(_SUFFIXES) and not one.is_dir())


def _read_file(path: Path) -> list[Found] | None:
    data = read_bytes(path)
    kind = kinds.recognise(path, data)
    return None if kind is None else READERS[kind](path, data)


def _add(scopes: dict[Scope, _Scope], found: list[Found], path: Path) -> None:
    for one in found:
        time = max((document.time for document in one.documents if document.time), default=modified(path))
        held = scopes.setdefault(one.scope, _Scope())
        held.documents.extend(one.documents)
        held.coverage.extend(one.coverage)
        held.newest = max(held.newest or time, time)


def _collected(scope: Scope, held: _Scope, taken: datetime | None, unknown: list[Path]) -> Collected:
    left_out = [kinds.not_recognised(name_of(path)) for path in unknown]
    time = taken or held.newest
    if time is None:
        raise InputError(scope.key, "no file tells when this was taken")
    documents = held.documents if taken is None else [replace(one, time=taken) for one in held.documents]
    return Collected(scope, time, tuple(documents), tuple(held.coverage + left_out), readable=bool(documents))
