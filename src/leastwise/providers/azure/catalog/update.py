"""The catalogue's sources in force, and a newer file from newer answers."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from leastwise.errors import InputError
from leastwise.providers.base import CatalogPart
from leastwise.providers.packed import Source
from leastwise.providers.updating import hold_to, parts_of

from ..language.operations import Plane
from ..language.roles import Role
from . import bundled, current
from .compile import compile_catalog
from .lookup import Catalog
from .packed import Packed
from .published import read_published


def parts() -> Sequence[CatalogPart]:
    """The sources in force: of the roles, then of what stands beside them."""
    return parts_of(current())


def compiled(source: Path | None, scratch: Path, today: str) -> bytes:
    """The file of facts from saved answers in a file or folder; of roles or operations that it lacks, the bundled ones.

    Raises:
        InputError: no source is named, it cannot be read, or lacks too much of what is bundled.
    """
    if source is None:
        raise InputError(
            "azure catalogue",
            "Azure answers for its roles and operations only who is signed in, and no snapshot holds them: collect, or "
            "save the output of `az role definition list -o json` and `az provider operation list -o json` in a "
            "folder, and name it with --from",
        )
    found, known = read_published(source), bundled()
    if today < known.sources[0].date:
        raise InputError(source, f"is of {today}, the bundled catalogue of {known.sources[0].date}")
    counts = {"roles": len(found.roles), "operations": len(found.operations)}
    hold_to(source, {what: count for what, count in counts.items() if count}, known.counts)
    first = Source("Microsoft, saved answers", today, "", today, today)
    roles = list(found.roles.values()) or _roles(known)
    raw = compile_catalog(roles, found.operations or _operations(known), [first, *known.sources])
    # What cannot be read back must not come into force.
    made = Packed(source, raw)
    made.operations(), made.roles()
    return raw


def _roles(known: Catalog) -> list[Role]:
    return [role for key in known.roles if (role := known.role(key)) is not None]


def _operations(known: Catalog) -> dict[str, frozenset[Plane]]:
    both: dict[str, frozenset[Plane]] = {}
    for plane in Plane:
        for name in known.every(plane):
            both[name] = both.get(name, frozenset()) | {plane}
    return both
