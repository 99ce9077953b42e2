"""Whose audit logs files are, where nobody says it: the readers tell whether the first records are their own."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from . import log_files
from .log_files import LogFile, UnreadableError

if TYPE_CHECKING:
    from leastwise.providers.base import Logs

_BEGINNING = 1 << 16
"""So many bytes of a file are looked at first."""
_SAMPLE, _TRIES = 5, 50
"""So many objects are shown to the readers, and so many braces tried for the beginning of one."""


@dataclass(slots=True)
class Owned:
    """Files by the provider whose logs they are, and those that are nobody's who is known."""

    by: dict[str, list[LogFile]] = field(default_factory=dict)
    unknown: list[LogFile] = field(default_factory=list)


def owners(files: Sequence[LogFile], logs: Mapping[str, Logs]) -> Owned:
    """Whose each file is. What cannot be read or taken apart goes to whoever has the files beside it."""
    found, unclear, last = Owned(), list[LogFile](), ""
    for file in files:
        named = next((name for name, one in logs.items() if one.skips(file.name)), None)
        try:
            owner = named or _owner(file, logs, last)
        except UnreadableError:
            unclear.append(file)
            continue
        if owner is None:
            found.unknown.append(file)
        else:
            last = owner
            found.by.setdefault(owner, []).append(file)
    if unclear:
        found.by.setdefault(next(iter(found.by), next(iter(logs))), []).extend(unclear)
    return found


def _owner(file: LogFile, logs: Mapping[str, Logs], last: str) -> str | None:
    """The provider whose records a file holds; None where nobody knows them. Raises UnreadableError for no records."""
    begun = log_files.beginning(file.path, _BEGINNING)
    shown = list(_objects(begun))
    names = [*([last] if last else []), *(name for name in logs if name != last)]
    found = _whose(b"\n".join(shown) if shown else begun, logs, names)
    if found is None and len(begun) >= _BEGINNING:
        # Tables tell what their rows are by columns, which no part of them does.
        content = file.content()
        if content.data is not None:
            found = _whose(log_files.unpacked(content.data), logs, names)
    if found is None and not shown:
        raise UnreadableError("no records")
    return found


def _whose(content: bytes, logs: Mapping[str, Logs], names: Sequence[str]) -> str | None:
    """The first that takes an event from some records, else the first that knows them for no events."""
    knows = None
    for name in names:
        read = logs[name].begin().read(content)
        if read.events:
            return name
        if knows is None and read.skipped and not read.bad and not read.elsewhere:
            knows = name
    return knows


def _objects(content: bytes) -> Iterator[bytes]:
    """The first objects of JSON that stand whole in the beginning of a file, the outermost that do."""
    text, at, count = content.decode("utf-8", "replace"), 0, 0
    decoder = json.JSONDecoder()
    for _ in range(_TRIES):
        at = text.find("{", at)
        if at < 0 or count == _SAMPLE:
            return
        try:
            _, end = decoder.raw_decode(text, at)
        except (ValueError, RecursionError):
            at += 1
            continue
        yield text[at:end].encode("utf-8", "replace")
        at, count = end, count + 1
