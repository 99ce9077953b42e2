"""What a vendor's catalogues have in common: answers of its interfaces saved as files, and the sources in force."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Protocol

from leastwise.errors import InputError

from .base import CatalogPart
from .packed import Source


class Facts(Protocol):
    """A catalogue that is in force."""

    @property
    def sources(self) -> Sequence[Source]:
        """Where its facts are from."""
        ...

    @property
    def counts(self) -> Mapping[str, int]:
        """How many there are of each kind."""
        ...

    @property
    def place(self) -> str:
        """`bundled`, or where it lies."""
        ...


def parts_of(facts: Facts) -> Sequence[CatalogPart]:
    """The sources in force: the first with its counts, then what stands beside it."""
    return [
        CatalogPart(
            "facts" if not at else f"facts, {source.name.partition(' ')[0]}", source.name, source.version,
            source.licence, source.date, source.compiled, facts.place, facts.counts if not at else {},
        )
        for at, source in enumerate(facts.sources)
    ]  # fmt: skip


def saved_answers(place: Path, link: str, kind: str) -> Iterator[tuple[Path, int, Mapping[str, Any]]]:
    """The objects of the answers in a file, or in all files of a folder, each with its file and number.

    Args:
        place: the file or folder.
        link: the field by which a page names the next one.
        kind: of which things answers are lists, for errors.

    Raises:
        InputError: a file cannot be read, is no list of objects, or has a page after it that is missing.
    """
    try:
        files = sorted(path for path in place.rglob("*.json") if path.is_file()) if place.is_dir() else [place]
        contents = [(file, file.read_bytes()) for file in files]
    except OSError as error:
        raise InputError(place, error.strerror or str(error)) from None
    links = pages = 0
    for file, raw in contents:
        whole = _decoded(file, raw)
        if isinstance(whole, Mapping) and "value" in whole:
            pages, links = pages + 1, links + bool(whole.get(link))
        several = whole.get("value", [whole]) if isinstance(whole, Mapping) else whole
        if not isinstance(several, list) or not all(isinstance(one, Mapping) for one in several):
            raise InputError(file, f"is no list of {kind}")
        yield from ((file, number, one) for number, one in enumerate(several, 1))
    if links and links == pages:
        raise InputError(place, "the last page is missing (each of them names a next one)")


def _decoded(file: Path, raw: bytes) -> object:
    try:
        return json.loads(raw)
    except (json.JSONDecodeError, UnicodeDecodeError) as error:
        raise InputError(file, f"is no JSON ({error})") from None
