"""What a vendor publishes for everyone."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class CatalogPart:
    """A source of a provider's catalogue that is in force.

    `date` is the day that the data is of (YYYY-MM-DD), empty when the source does not say; `compiled` the day it was
    taken over, empty when that is not recorded. `place` is `bundled`, or the file it was read from.
    """

    part: str
    source: str
    version: str
    licence: str
    date: str
    compiled: str
    place: str
    counts: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Catalog:
    """What a vendor publishes for everyone: its permissions, what they apply to, its own bundles.

    `file` is the name of the file that an update writes. `use(folder)` puts that file of a folder in force unless the
    bundled one is newer, None the bundled one; InputError when it is damaged, and the bundled one is in force then.
    `parts` are the sources in force. `compile(source, scratch, today)` gives the file's content from the vendor's
    data in a folder or archive, or, for None, from the newest there is, which it fetches into the folder `scratch`;
    InputError when that is not to be had, damaged, incomplete, or older than what is bundled. `kinds` are the raw
    documents of a snapshot that hold such data, too.
    """

    file: str
    use: Callable[[Path | None], object]
    parts: Callable[[], Sequence[CatalogPart]]
    compile: Callable[[Path | None, Path, str], bytes]
    kinds: frozenset[str] = frozenset()
