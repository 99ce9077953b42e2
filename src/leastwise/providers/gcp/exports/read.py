"""Exported files → one `Collected` a tree. Nothing is returned unless every file could be read."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

import msgspec

from leastwise.errors import InputError
from leastwise.model.scope import PART, Collected, Coverage, CoverageStatus, RawDocument, Scope
from leastwise.providers.base import Progress
from leastwise.providers.files import HEAD, modified, name_of, read_bytes
from leastwise.providers.gcp.tree import Tree

from .items import Item, first_object, read_items
from .place import listed_by, told_by
from .scoping import Placed, group, place
from .shapes import ASSETS, GET_IAM_POLICY, ORG_POLICY_V1, SEARCH, kind_of, refusal, refused_text

_SUFFIXES = tuple(
    f"{suffix}{packed}" for suffix in (".json", ".jsonl", ".ndjson", ".dump") for packed in ("", ".gz")
)  # fmt: skip
_SIGNS = re.compile(
    rb'"asset_?[tT]ype"\s*:\s*"[a-z0-9.]+\.[a-z]+/|"lifecycleState"\s*:|gserviceaccount\.com"|"projectNumber"\s*:'
    rb'|"(?:iam_policy|iamPolicy|includedPermissions|principalSet|deniedPrincipals|groupKey|preferredMemberKey)"\s*:'
    rb'|"terraform_version"\s*:|"logName"\s*:\s*"(?:projects|folders|organizations)/'
)
"""What only files of this vendor (or Terraform's about it) hold, for those too long to be read whole."""
_UNTOLD = (
    "an allow policy that does not say of which resource: name the file get-iam-policy--projects-ID.json, or put it "
    "in a folder projects-ID (docs/how-to/google-cloud.md)"
)


@dataclass(slots=True)
class _File:
    path: Path
    data: bytes
    placed: list[Placed] = field(default_factory=list)
    notes: list[Coverage] = field(default_factory=list)
    more: bool = False


def recognises(path: Path) -> bool:
    """Whether a file or folder looks like Google Cloud exports; only the beginning of a file is read."""
    if path.is_dir():
        return any(recognises(one) for one in _files(path))
    if not path.name.lower().endswith((*_SUFFIXES, ".log")):
        return False
    try:
        head = read_bytes(path, HEAD)
    except InputError:
        return False
    first = first_object(head)
    if first is None:
        return _SIGNS.search(head) is not None
    return kind_of(first) is not None or bool(refusal(first) and _SIGNS.search(head))


def read_exports(
    paths: Sequence[Path], taken: datetime | None = None, progress: Progress | None = None
) -> list[Collected]:
    """One `Collected` a tree, by scope key; see `providers.base.ReadExports`.

    What is no export of objects that are known is an error for a file given by its own path; of one met inside a
    folder, or among others that are known, it becomes a coverage record of every scope that the import touches.
    """
    tree = Tree()
    files: list[_File] = []
    work = list(_work(paths))
    for done, (path, explicit) in enumerate(work):
        if progress:
            progress(path.name, done, len(work))
        files.append(_read(path, explicit, len(files), tree))
    placed = [one for file in files for one in file.placed]
    grouped = group(placed, tree)
    for one in grouped.lost:
        _note(files[one.file], "names no organization, folder or project; left out", one.item.place)
    notes = [note for file in files for note in file.notes]
    if not grouped.scopes:
        where = paths[0] if len(paths) == 1 else "the given paths"
        reason = next((note.detail for note in notes), "no Google Cloud export found")
        raise InputError(where, reason if len(files) == 1 else f"no Google Cloud export found ({reason})")
    return [_collected(scope, grouped.scopes[scope], files, notes, taken, tree) for scope in sorted(grouped.scopes)]


def _work(paths: Sequence[Path]) -> Iterator[tuple[Path, bool]]:
    for path in paths:
        try:
            if not path.exists():
                raise InputError(path, "no such file or folder")
        except OSError as error:
            raise InputError(path, f"cannot be read: {error.strerror}") from None
        if path.is_dir():
            files = _files(path)
            if not files:
                raise InputError(path, "the folder holds no exported file")
            yield from ((one, False) for one in files)
        else:
            yield path, True


def _files(folder: Path) -> list[Path]:
    """Export files below a folder. A dangling link or a pipe is kept: reading it says what is wrong."""
    return sorted(one for one in folder.rglob("*") if one.name.lower().endswith(_SUFFIXES) and not one.is_dir())


def _read(path: Path, explicit: bool, number: int, tree: Tree) -> _File:
    try:
        data = read_bytes(path)
    except InputError as error:
        if explicit or not error.args or "is empty" not in str(error):
            raise
        file = _File(path, b"")
        _note(file, "the file is empty: it tells of nothing")
        return file
    file = _File(path, data)
    try:
        content = read_items(path, data)
        reason = next((found for found in (refusal(one.value) for one in content.items[:1]) if found), None)
    except InputError:
        reason = refused_text(data)
        if reason is None:
            raise
    if reason is not None:
        if explicit:
            raise InputError(path, reason)
        _note(file, reason)
        return file
    file.more = content.more
    _sort(file, content.items, explicit, number, tree)
    return file


def _sort(file: _File, items: Sequence[Item], explicit: bool, number: int, tree: Tree) -> None:
    """Tell what each object is. Raises InputError for a file given by its own path that holds none that is known."""
    resource = told_by(file.path)
    unknown: list[Item] = []
    for item in items:
        kind = kind_of(item.value)
        if kind is None:
            unknown.append(item)
        elif kind in (GET_IAM_POLICY, ORG_POLICY_V1) and not resource:
            if explicit:
                raise InputError(file.path, _UNTOLD)
            _note(file, _UNTOLD)
        else:
            told = resource if kind in (GET_IAM_POLICY, ORG_POLICY_V1) else ""
            file.placed.append(place(item, kind, number, told, tree))
    if unknown:
        if explicit and not file.placed:
            raise InputError(
                file.path, "not a Google Cloud export that Leastwise knows (see docs/how-to/google-cloud.md)"
            )
        _note(file, f"{len(unknown)} objects of a form that is not known; left out", unknown[0].place)
    elif not items and all(listed := listed_by(file.path)):
        kind, of = listed
        file.placed.append(place(Item({"resource": of}, ""), kind, number, of, tree))
    elif not items:
        _note(file, "holds no object: it tells of nothing")


def _note(file: _File, reason: str, place: str = "") -> None:
    name = name_of(file.path)
    record = Coverage(
        "import", name, CoverageStatus.UNSUPPORTED, f"{reason} ({place})" if place else reason, "its content"
    )
    if all((one.call, one.detail.partition(" (")[0]) != (name, reason) for one in file.notes):
        file.notes.append(record)


def _collected(
    scope: Scope, placed: Sequence[Placed], files: Sequence[_File], notes: Sequence[Coverage], taken: datetime | None,
    tree: Tree,
) -> Collected:  # fmt: skip
    top = tree.name(scope.id if "/" in scope.id else f"projects/{scope.id}")
    parts: dict[tuple[int, str, str], list[Placed]] = {}
    for one in placed:
        if one.kind == SEARCH and one.resource and tree.name(one.node) != top:
            continue  # that a part of the tree has no policies says nothing of the rest
        parts.setdefault((one.file, one.kind, one.resource), []).append(one)
    documents = [_document(scope, files[number], kind, resource, held, taken)
                 for (number, kind, resource), held in parts.items()]  # fmt: skip
    coverage = {call_of(kind): Coverage(*call_of(kind), CoverageStatus.OK) for _, kind, _ in parts}
    for number, kind, _ in parts:
        if files[number].more:
            detail = f"{name_of(files[number].path)} is a page that names a next one, which is missing"
            coverage[call_of(kind)] = Coverage(
                *call_of(kind), CoverageStatus.FAILED, detail, "what the next page holds"
            )
    time = taken or max(modified(files[one.file].path) for one in placed)
    return Collected(scope, time, tuple(documents), (*coverage.values(), *notes))


def call_of(kind: str) -> tuple[str, str]:
    """Service and call of a kind, as coverage names them."""
    service, _, call = kind.partition(".")
    return (service, call.replace(":", "/")) if call else ("cloudresourcemanager", kind)


def _document(
    scope: Scope, file: _File, kind: str, resource: str, held: Sequence[Placed], taken: datetime | None
) -> RawDocument:
    whole = len(held) == len(file.placed) and not file.notes
    body = file.data if whole else b"".join(msgspec.json.encode(one.item.value) + b"\n" for one in held)
    name = name_of(file.path)
    if file.more and not whole:
        name = f"{name}{PART}"
    elif len({one.kind for one in file.placed}) > 1:
        name = f"{name}#{kind.removeprefix(ASSETS).strip(':.') or kind}"
    return RawDocument(scope, call_of(kind)[0], kind, name, body, resource, taken or modified(file.path))
