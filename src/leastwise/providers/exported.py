"""Exported files of a vendor whose objects say what they are: read whole, or nothing.

What is no export of objects that are known is an error for a file given by its own path when nothing else is read; of
one met among others it becomes a coverage record of every scope that the import touches.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

import msgspec

from leastwise.errors import InputError
from leastwise.model.scope import Coverage, CoverageStatus, RawDocument, Scope

from .base import Progress
from .files import HEAD, modified, name_of, read_bytes
from .items import Content, Item

_PLAIN = "texts or numbers, where an object is expected: it tells of nothing"
SUFFIXES = tuple(f"{suffix}{packed}" for suffix in (".json", ".jsonl", ".ndjson") for packed in ("", ".gz"))


@dataclass(frozen=True, slots=True)
class Vendor:
    """How a vendor's files are told apart.

    Args:
        title: the vendor, as in *no TITLE export found*.
        guide: the page of the documentation that lists the forms.
        read_items: the objects of a file; InputError.
        first_object: the first object of the beginning of a file.
        kind_of: the kind of raw document that holds an object; None for one that is not known.
        refusal: why a file whose first object this is is not imported; None for any other.
        elsewhere: whether an object is another provider's, which reads it beside this one.
        suffixes: how the names of its files end.
        refused_text: why a file that cannot be read as objects, but says what it is, is not imported; None for others.
        listed: the kind of a list, and of what, by path and bytes of a file that holds nothing; empty for others.
    """

    title: str
    guide: str
    read_items: Callable[[object, bytes], Content]
    first_object: Callable[[bytes], Mapping[str, Any] | None]
    kind_of: Callable[[Mapping[str, Any]], str | None]
    refusal: Callable[[Mapping[str, Any]], str | None]
    elsewhere: Callable[[Mapping[str, Any]], bool]
    suffixes: tuple[str, ...] = SUFFIXES
    refused_text: Callable[[bytes], str | None] = lambda _: None
    listed: Callable[[Path, bytes], tuple[str, str]] = lambda path, data: ("", "")


@dataclass(slots=True)
class File:
    """A file: what is known of its objects, with the kind of each, and what is to be said of the rest."""

    path: Path
    data: bytes
    explicit: bool = False
    """Given by its own path, not met in a folder."""
    known: list[tuple[Item, str]] = field(default_factory=list)
    notes: list[Coverage] = field(default_factory=list)
    more: bool = False
    left: int = 0
    """Objects that were left to another provider, or out."""
    strange: int = 0
    """Those of them that nobody knows."""
    of: str = ""
    """What it is an empty list of; without a kind, of something that another provider reads."""

    def note(self, reason: str, place: str = "") -> None:
        """Say something of it in the coverage, once."""
        name = name_of(self.path)
        detail = f"{reason} ({place})" if place else reason
        if all(one.detail.partition(" (")[0] != reason for one in self.notes):
            self.notes.append(Coverage("import", name, CoverageStatus.UNSUPPORTED, detail, "its content"))


def recognises(path: Path, vendor: Vendor, signs: Callable[[bytes], bool]) -> bool:
    """Whether a file or folder looks like exports of the vendor; only the beginning of a file is read.

    `signs` decides about a beginning that holds no whole object, or another's first one and perhaps more.
    """
    if path.is_dir():
        return any(recognises(one, vendor, signs) for one in _files(path, vendor))
    if not path.name.lower().endswith((*vendor.suffixes, ".log")):
        return False
    try:
        head = read_bytes(path, HEAD)
    except InputError:
        return False
    first = vendor.first_object(head)
    if first is None:
        return signs(head)
    if vendor.kind_of(first) is not None:
        return True
    return (2 * len(head) >= HEAD or vendor.refusal(first) is not None) and signs(head)


def read_files(paths: Sequence[Path], vendor: Vendor, progress: Progress | None) -> list[File]:
    """Every file, with its objects told apart.

    Raises:
        InputError: naming a file that cannot be read or is broken, or that none holds anything that is known.
    """
    files: list[File] = []
    work = list(_work(paths, vendor))
    for done, (path, explicit) in enumerate(work):
        if progress:
            progress(path.name, done, len(work))
        files.append(_read(path, explicit, vendor))
    if not any(file.known for file in files):
        where = paths[0] if len(paths) == 1 else "the given paths"
        reason = next((note.detail for file in files for note in file.notes), "")
        if len(files) == 1 and reason:
            raise InputError(where, reason)
        raise InputError(where, f"no {vendor.title} export found" + (f" ({reason})" if reason else ""))
    return files


def _work(paths: Sequence[Path], vendor: Vendor) -> Iterator[tuple[Path, bool]]:
    for path in paths:
        try:
            if not path.exists():
                raise InputError(path, "no such file or folder")
        except OSError as error:
            raise InputError(path, f"cannot be read: {error.strerror}") from None
        if path.is_dir():
            files = _files(path, vendor)
            if not files:
                raise InputError(path, "the folder holds no exported file")
            yield from ((one, False) for one in files)
        else:
            yield path, True


def _files(folder: Path, vendor: Vendor) -> list[Path]:
    """Export files below a folder. A dangling link or a pipe is kept: reading it says what is wrong."""
    return sorted(one for one in folder.rglob("*") if one.name.lower().endswith(vendor.suffixes) and not one.is_dir())


def _read(path: Path, explicit: bool, vendor: Vendor) -> File:
    try:
        data = read_bytes(path)
    except InputError as error:
        if explicit or "is empty" not in str(error):
            raise
        file = File(path, b"", explicit)
        file.note("the file is empty: it tells of nothing")
        return file
    file = File(path, data, explicit)
    try:
        content = vendor.read_items(path, data)
        told = (vendor.refusal(one.value) for one in content.items[:1])
        reason = _PLAIN if content.plain else next((found for found in told if found), None)
    except InputError:
        reason = vendor.refused_text(data)
        if reason is None:
            raise
    if reason is not None:
        if explicit:
            raise InputError(path, reason)
        file.note(reason)
        return file
    file.more = content.more
    _sort(file, content.items, vendor)
    return file


def _sort(file: File, items: Sequence[Item], vendor: Vendor) -> None:
    """Tell what each object is. Raises InputError for a file given by its own path that holds none that is known."""
    unknown: list[Item] = []
    for item in items:
        kind = vendor.kind_of(item.value)
        if kind is not None:
            file.known.append((item, kind))
        elif vendor.elsewhere(item.value):
            file.left += 1
        else:
            unknown.append(item)
    if unknown:
        if file.explicit and not file.known and not file.left:
            raise InputError(file.path, f"no {vendor.title} export that Leastwise knows (see {vendor.guide})")
        file.left += len(unknown)
        file.strange = len(unknown)
        file.note(f"{len(unknown)} objects of a form that is not known; left out", unknown[0].place)
    elif not items:
        kind, file.of = vendor.listed(file.path, file.data)
        if kind:
            file.known.append((Item({"resource": file.of}, ""), kind))
        elif not file.of:
            file.note("holds no object: it tells of nothing")


def call_of(kind: str) -> tuple[str, str]:
    """Service and call of a kind, as coverage names them."""
    service, _, call = kind.partition(".")
    return service, call.replace(":", "/")


def coverage_of(
    files: Sequence[tuple[File, str]], named: Callable[[str], tuple[str, str]] = call_of
) -> list[Coverage]:  # fmt: skip
    """How each call ended, by the files that hold its answers: failed where one is a page whose next one is missing."""
    found = {named(kind): Coverage(*named(kind), CoverageStatus.OK) for _, kind in files}
    for file, kind in files:
        if file.more:
            detail = f"{name_of(file.path)} is a page that names a next one, which is missing"
            found[named(kind)] = Coverage(*named(kind), CoverageStatus.FAILED, detail, "what the next page holds")
    return list(found.values())


def document_of(
    scope: Scope, file: File, kind: str, held: Sequence[Item], resource: str, taken: datetime | None
) -> RawDocument:
    """The objects of one kind in a file as a raw document: its bytes where it holds nothing else."""
    name = name_of(file.path)
    if len({one for _, one in file.known}) > 1:
        name = f"{name}#{kind}"
    return RawDocument(
        scope, call_of(kind)[0], kind, name, body_of(file, held), resource, taken or modified(file.path)
    )  # fmt: skip


def body_of(file: File, held: Sequence[Item]) -> bytes:
    """Some objects of a file as bytes: its own where it holds nothing else."""
    return file.data if is_all(file, held) else b"".join(msgspec.json.encode(one.value) + b"\n" for one in held)


def is_all(file: File, held: Sequence[Item]) -> bool:
    """Whether some objects of a file are all that it holds."""
    return len(held) == len(file.known) and not file.left and not file.notes
