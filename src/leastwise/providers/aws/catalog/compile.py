"""Compile the catalogue's file from its sources. Where they differ the first is right; the second adds.

The same sources give the same bytes.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping

import msgspec

from .corrections import corrected
from .facts import LEVELS, Source
from .package import LICENCE as FIRST_LICENCE
from .package import NAME as FIRST_NAME
from .package import Package, PackageAction, PackageService, PackageType, UsedType
from .packed import FORMAT, NAMES, SECOND, ActionRow, Header, ServiceBlock, TypeRow, UseRow, pack
from .second import LICENCE as SECOND_LICENCE
from .second import NAME as SECOND_NAME
from .second import Second

_ACTION = re.compile(r"[a-z0-9-]+:[A-Za-z0-9]+")


def compile_catalog(
    package: Package, second: Second | None, compiled: str, told: Mapping[str, int] | None = None
) -> bytes:
    """The catalogue's file; `compiled` is today as YYYY-MM-DD.

    The second source may be what a catalogue kept of it. `told` is how many facts the two tell differently, which
    can be counted only when the second is whole (`differing`).
    """
    package = corrected(package)
    extra = second.services if second else {}
    blocks: dict[str, bytes] = {}
    names: dict[str, list[str]] = {}
    added: dict[str, PackageService] = {}
    aliases: dict[str, list[str]] = {}
    counts = {"services": 0, "actions": 0, "resource_types": 0, "condition_keys": 0}
    for prefix in sorted({*package.services, *extra}):
        service, more = _joined(package.services.get(prefix), extra.get(prefix))
        if more is not None:
            added[prefix] = more
        block = _block(prefix, service, package, second)
        for alias in sorted({name.partition(":")[0] for name in block.defined} - {prefix, "aws"}):
            aliases.setdefault(alias, []).append(prefix)
        names[prefix] = [one.name for one in block.actions]
        blocks[prefix] = msgspec.json.encode(block)
        for part, number in zip(counts, (1, len(block.actions), len(block.types), len(block.defined)), strict=True):
            counts[part] += number
    blocks[NAMES] = msgspec.json.encode(names)
    if second is not None:
        blocks[SECOND] = msgspec.json.encode(Second(second.version, second.compiled, added, second.dependent))
    header = Header(
        format=FORMAT,
        sources=list(_sources(package, second, compiled)),
        counts=counts,
        differences=dict(told or {}),
        rcp=sorted(package.rcp),
        global_keys=dict(sorted(package.global_keys.items())),
        aliases=dict(sorted(aliases.items())),
        blocks={},
    )
    return pack(header, blocks)


def level(text: str) -> int:
    """The position in `LEVELS` of the strongest level that a text names: `Tagging, Write` is Tagging."""
    named = {one.strip().lower() for one in text.split(",")}
    known = [at for at, one in enumerate(LEVELS) if one.lower() in named]
    return max(known) if known else LEVELS.index("Write")


def differing(package: Package, second: Second) -> dict[str, list[str]]:
    """What the two sources tell differently, by kind: actions as `prefix:Name`, condition keys by name."""
    found: dict[str, list[str]] = {
        kind: [] for kind in ("only_first", "only_second", "level", "resource_types", "key_type")
    }
    for prefix in sorted({*package.services, *second.services}):
        one, other = (part.services.get(prefix) or PackageService("", {}, {}, {}) for part in (package, second))
        for name in sorted({*one.actions, *other.actions}):
            here, there = one.actions.get(name), other.actions.get(name)
            shown = f"{prefix}:{(here or there or one.actions[name]).name}"
            if here is None or there is None:
                found["only_second" if here is None else "only_first"].append(shown)
                continue
            if level(here.access_level) != level(there.access_level):
                found["level"].append(f"{shown} {here.access_level} | {there.access_level}")
            if _types(here) != _types(there):
                found["resource_types"].append(shown)
        for name in sorted(one.keys.keys() & other.keys.keys()):
            if one.keys[name].type != other.keys[name].type:
                found["key_type"].append(f"{prefix} {name} {one.keys[name].type} | {other.keys[name].type}")
    return found


def _types(action: PackageAction) -> set[str]:
    return {one.name.lower() for one in action.resource_types}


def _sources(package: Package, second: Second | None, compiled: str) -> Iterator[Source]:
    yield Source(FIRST_NAME, package.version, FIRST_LICENCE, package.date, compiled)
    if second is not None:
        yield Source(SECOND_NAME, second.version, SECOND_LICENCE, "", second.compiled)


def _joined(
    first: PackageService | None, second: PackageService | None
) -> tuple[PackageService, PackageService | None]:
    """A service as both sources tell it, and the part that only the second tells."""
    if first is None or second is None:
        found = first or second or PackageService("", {}, {}, {})
        return found, None if first else found
    actions = {name: one for name, one in second.actions.items() if name not in first.actions}
    if not actions:
        return first, None
    used = {one.name.lower() for action in actions.values() for one in action.resource_types}
    types = {name: one for name, one in second.types.items() if name in used and name not in first.types}
    keys = {name: one for name, one in second.keys.items() if name not in first.keys}
    both = PackageService(first.name, first.actions | actions, first.types | types, first.keys | keys)
    return both, PackageService(second.name, actions, types, keys)


def _dependent(prefix: str, action: PackageAction, second: Second | None) -> list[str]:
    """What both sources say that a caller needs besides; prose among it is left out."""
    found = {*action.dependent_actions, *(name for one in action.resource_types for name in one.dependent_actions)}
    if second is not None:
        found.update(second.dependent.get(f"{prefix}:{action.name}".lower(), ()))
    return sorted(name for name in found if _ACTION.fullmatch(name))


def _block(prefix: str, service: PackageService, package: Package, second: Second | None) -> ServiceBlock:
    keys: dict[str, int] = {}
    known = package.services[prefix].actions if prefix in package.services else {}

    def positions(names: Iterable[str]) -> list[int]:
        return sorted({keys.setdefault(name, len(keys)) for name in names})

    types = sorted(service.types.values(), key=lambda one: one.key.lower())
    at = {one.key.lower(): number for number, one in enumerate(types)}
    type_rows = [TypeRow(one.key, _arns(one), positions(one.condition_keys)) for one in types]
    action_rows = [
        ActionRow(
            one.name,
            level(one.access_level),
            [
                UseRow(at[use.name.lower()], use.required, positions(use.condition_keys))
                for use in _uses(one)
                if use.name.lower() in at
            ],
            positions(one.condition_keys),
            _dependent(prefix, one, second),
            "" if name in known else SECOND_NAME,
        )
        for name, one in sorted(service.actions.items())
    ]
    defined = {one.key: one.type for _, one in sorted(service.keys.items())}
    return ServiceBlock(service.name, list(keys), defined, type_rows, action_rows)


def _uses(action: PackageAction) -> Iterable[UsedType]:
    """The types that it takes, each once: a type that any row requires is required."""
    found: dict[str, UsedType] = {}
    for one in action.resource_types:
        lower = one.name.lower()
        if other := found.get(lower):
            keys = [*other.condition_keys, *one.condition_keys]
            one = UsedType(one.name, one.required or other.required, keys)
        found[lower] = one
    return found.values()


def _arns(type: PackageType) -> list[str]:
    return [one.strip() for one in re.split(r",\s*(?=arn:)", type.arn)]
