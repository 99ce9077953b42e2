"""The catalogue's sources in force, and a newer file from newer answers."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import msgspec

from leastwise.errors import InputError
from leastwise.providers.base import CatalogPart
from leastwise.providers.packed import Source
from leastwise.providers.updating import hold_to, parts_of

from . import bundled, current
from .compile import Told, compile_catalog
from .packed import Packed
from .published import read_published


def parts() -> Sequence[CatalogPart]:
    """The sources in force: of the roles, then of what stands beside them."""
    return parts_of(current())


def compiled(source: Path | None, scratch: Path, today: str) -> bytes:
    """The file of facts from saved answers in a file or folder; what they lack is as it is bundled.

    Raises:
        InputError: no source is named, it cannot be read, or lacks too much of what is bundled.
    """
    if source is None:
        raise InputError(
            "entra catalogue",
            "Microsoft Graph answers for its roles and permissions only who is signed in: save the answers of GET "
            "/roleManagement/directory/roleDefinitions?$expand=inheritsPermissionsFrom and of GET "
            "/servicePrincipals(appId='00000003-0000-0000-c000-000000000000') in a folder, and name it with --from",
        )
    found, known = read_published(source), bundled()
    app_roles, scopes = (sum(one.delegated is each for one in found.values) for each in (False, True))
    counts = {"roles": len(found.roles), "app roles": app_roles, "scopes": scopes}
    hold_to(source, {what: count for what, count in counts.items() if count}, known.counts)
    tiers = {name: tier for name in known.actions if (tier := known.tiers.get(name.lower()))}
    told = {one.id: one.tier for one in known.values}
    values = [msgspec.structs.replace(one, tier=told.get(one.id, "")) for one in found.values] or list(known.values)
    whole = Told(found.roles or known.named(), tiers, values, dict(known.requests))
    first = Source("Microsoft, saved answers", today, "", today, today)
    raw = compile_catalog(whole, [first, *known.sources])
    # What cannot be read back must not come into force.
    made = Packed(source, raw)
    made.roles(), made.values(), made.requests()
    return raw
