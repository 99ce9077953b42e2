"""The catalogue's sources in force, and a newer file from newer roles."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from leastwise.errors import InputError
from leastwise.providers.base import CatalogPart
from leastwise.providers.packed import Source
from leastwise.providers.updating import hold_to, parts_of

from . import bundled, current
from .compile import Others, compile_catalog
from .lookup import Catalog
from .packed import LEVELS, Packed
from .published import read_roles


def parts() -> Sequence[CatalogPart]:
    """The sources in force: of the roles, then of what stands beside them."""
    return parts_of(current())


def compiled(source: Path | None, scratch: Path, today: str) -> bytes:
    """The file of facts from answers of `roles.list` in a file or folder; what is beside the roles stays as bundled.

    Raises:
        InputError: no source is named, it cannot be read, or lacks too much of what is bundled.
    """
    if source is None:
        raise InputError(
            "gcp catalogue",
            "Google answers for its roles only who is signed in: save the pages of "
            "https://iam.googleapis.com/v1/roles?view=FULL&pageSize=1000 in a folder, and name it with --from",
        )
    roles = read_roles(source)
    known = bundled()
    permissions = {name for role in roles for name in role.permissions or ()}
    hold_to(source, {"roles": len(roles), "permissions": len(permissions)}, known.counts)
    first = Source("Google, IAM roles.list", today, "", today, today)
    raw = compile_catalog(roles, _others(known), [first, *known.sources[1:]])
    # What cannot be read back must not come into force.
    made = Packed(source, raw)
    made.permissions(), made.roles(), made.agents(), made.services()
    return raw


def _others(known: Catalog) -> Others:
    levels: dict[str, list[str]] = {level: [] for level in LEVELS}
    for name in known.permissions:
        for level in known.levels(name):
            levels[level].append(name)
    return Others(levels, known.tags, known.agents, known.hosts)
