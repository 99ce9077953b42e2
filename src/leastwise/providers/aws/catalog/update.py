"""The catalogue's sources in force, and a newer file of facts from a newer package."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from leastwise.errors import InputError
from leastwise.providers.base import CatalogPart
from leastwise.providers.updating import hold_to

from . import bundled, current
from .compile import compile_catalog
from .managed import managed_counts, managed_source
from .package import Package, fetch_package, read_package
from .packed import Packed
from .second import Second


def parts() -> Sequence[CatalogPart]:
    """The sources in force: of the facts the first and the second one, of the managed policies the only one."""
    facts = current()
    first, *others = facts.sources
    policies = managed_source()
    return [
        CatalogPart(
            "facts", first.name, first.version, first.licence, first.date, first.compiled, facts.place, facts.counts
        ),
        *(
            CatalogPart(
                "facts, second source", one.name, one.version, one.licence, one.date, one.compiled, facts.place, {}
            )
            for one in others
        ),
        CatalogPart(
            "managed policies", policies.name, policies.version, policies.licence, policies.date, policies.compiled,
            "bundled", managed_counts(),
        ),
    ]  # fmt: skip


def compiled(source: Path | None, scratch: Path, today: str) -> bytes:
    """The file of facts from a package's folder or tarball, by default the newest; the second source stays as bundled.

    Raises:
        InputError: the package cannot be fetched or read, is older than the bundled facts, or lacks too much of them.
    """
    place = source or fetch_package(scratch)
    package = read_package(place)
    named = source or f"{place.name} as npm fetched it"
    _check(named, package)
    raw = compile_catalog(package, bundled().second(Second), today)
    # Whatever it is that cannot be read back must not come into force.
    made = Packed(named, raw)
    for prefix in made.header.blocks:
        if not prefix.startswith("*"):
            made.service(prefix)
    return raw


def _check(named: object, package: Package) -> None:
    known = bundled()
    date = known.sources[0].date
    if package.date < date:
        raise InputError(named, f"is of {package.date}, older than the bundled catalogue of {date}")
    actions = sum(len(one.actions) for one in package.services.values())
    hold_to(named, {"services": len(package.services), "actions": actions}, known.counts)
