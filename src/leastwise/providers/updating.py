"""What updating a catalogue shares: the sources in force as parts, saved answers, and what a newer file may lack."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from leastwise.errors import InputError

from .base import CatalogPart
from .packed import Published

_LEAST_SHARE = 0.9
"""Of what is bundled. A vendor retires few things; what has less was cut off, or lacks a part."""


def parts_of(facts: Published[Any]) -> list[CatalogPart]:
    """The sources of a catalogue in force: the first, which the counts are of, then what stands beside it."""
    return [
        CatalogPart(
            "facts" if not at else f"facts, {source.name.partition(' ')[0]}", source.name, source.version,
            source.licence, source.date, source.compiled, facts.place, facts.counts if not at else {},
        )
        for at, source in enumerate(facts.sources)
    ]  # fmt: skip


def hold_to(named: object, found: Mapping[str, int], known: Mapping[str, int]) -> None:
    """Raises InputError where a file, so named, has too few things of a kind beside those that are known."""
    for what, count in found.items():
        if count < known[what] * _LEAST_SHARE:
            raise InputError(named, f"knows {count} {what}, the bundled catalogue {known[what]}; is it whole?")


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
