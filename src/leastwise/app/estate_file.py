"""`estate.yaml`: what no API knows. Validated whole; every error names the file, the key and the cause."""

from __future__ import annotations

import re
from contextlib import suppress
from datetime import datetime
from pathlib import Path
from typing import Any, Literal

import msgspec
import yaml

from leastwise import shipped
from leastwise.errors import EstateFileError

_NESTED = 300
"""So deep anything is surely read by libyaml."""
_BEGINNING = re.compile(r"^[-?: \t]+", re.MULTILINE)
"""All by which a line nests, but for brackets: blanks, and signs of what begins in the line."""


class Account(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    """What an account is called, which environment it belongs to, and whether it stands in no organization."""

    name: str = ""
    environment: str = ""
    organization: Literal["", "none"] = ""


class CrownJewel(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    """A resource that matters most."""

    resource: str
    sensitivity: str = "confidential"
    label: str = ""


class Match(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    """What an owner owns; every key given must match. Globs are allowed in `principal`, `resource` and `path`."""

    path: str = ""
    tag: str = ""
    account: str = ""
    principal: str = ""
    resource: str = ""


class Owner(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    """A team, and what it owns; the first match of the list wins. `*` stands for the tag's own value."""

    match: Match
    team: str


class TrustException(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    """An account outside the zone of trust that is trusted for some resources only."""

    account: str
    resources: list[str] = []


class Zone(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    """Who belongs to us."""

    organizations: list[str] = []
    accounts: list[str] = []
    tenants: list[str] = []
    domains: list[str] = []
    identity_providers: list[str] = []
    exceptions: list[TrustException] = []


class Vendor(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    """A third party with access."""

    name: str
    account: str
    resources: list[str] = []
    external_id: bool = True


class PublicOnPurpose(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    """A resource that is meant to be public."""

    resource: str
    reason: str


class Person(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    """The principals of one person in several systems, and those that are not theirs though something says so."""

    name: str
    principals: list[str]
    apart: list[str] = []


class KeptLog(msgspec.Struct, forbid_unknown_fields=True, frozen=True, rename={"begin": "from", "end": "to"}):
    """That all of a log of some accounts was taken in, from one time to another: said where files do not show it."""

    log: str
    accounts: list[str]
    begin: datetime
    end: datetime


class EstateFile(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    """The whole file."""

    version: int
    company: str = ""
    clock: datetime | None = None
    sources: list[dict[str, Any]] = []
    accounts: dict[str, Account] = {}
    environments: dict[str, list[str]] = {}
    crown_jewels: list[CrownJewel] = []
    owners: list[Owner] = []
    zone_of_trust: Zone = Zone()
    vendors: list[Vendor] = []
    break_glass: list[str] = []
    public_on_purpose: list[PublicOnPurpose] = []
    people: list[Person] = []
    logs: list[KeptLog] = []


class _Unique(yaml.constructor.SafeConstructor):
    """YAML without silent loss: a key that stands twice is an error."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        seen = set()
        for key_node, _ in node.value:
            if key_node.tag == "tag:yaml.org,2002:merge":
                continue
            key = self.construct_object(key_node, deep=True)
            if not isinstance(key, str | int):
                raise yaml.constructor.ConstructorError(None, None, f"{key!r} is no key", key_node.start_mark)
            if key in seen:
                raise yaml.constructor.ConstructorError(None, None, f"{key} stands twice", key_node.start_mark)
            seen.add(key)
        return super().construct_mapping(node, deep=deep)


class _UniqueKeys(_Unique, yaml.SafeLoader):
    """Read by Python, whatever it is."""


class _Quick(_Unique, shipped.loader()):  # type: ignore[misc]
    """Read by libyaml, where it is there: some five times as quick."""


def read_estate_file(path: Path, required: bool = False) -> EstateFile | None:
    """The validated file; None when there is none and it is not required. Raises EstateFileError."""
    try:
        if path.exists() and not path.is_file():
            raise EstateFileError(path, "is not a file")
        text = path.read_bytes().decode("utf-8")
    except FileNotFoundError:
        if required:
            raise EstateFileError(path, "no such file") from None
        return None
    except (OSError, UnicodeDecodeError) as error:
        raise EstateFileError(path, f"cannot be read: {getattr(error, 'strerror', None) or error}") from None
    return parse_estate(path, text)


def parse_estate(path: object, text: str) -> EstateFile:
    """The validated content. Raises EstateFileError naming line or key."""
    try:
        loaded = _loaded(text)
    except (ValueError, RecursionError) as error:
        cause = "is nested too deeply" if isinstance(error, RecursionError) else f"holds a value that is none: {error}"
        raise EstateFileError(path, cause) from None
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        place = f"line {mark.line + 1}" if mark else ""
        raise EstateFileError(path, getattr(error, "problem", None) or str(error), place) from None
    if not isinstance(loaded, dict):
        raise EstateFileError(path, "must be a mapping with `version: 1`")
    try:
        found = msgspec.convert(loaded, EstateFile)
    except msgspec.ValidationError as error:
        raise _readable(path, error) from None
    if found.version != 1:
        raise EstateFileError(path, f"version {found.version} is not known; this Leastwise reads version 1", "version")
    if found.clock is not None and found.clock.tzinfo is None:
        raise EstateFileError(path, "needs a time zone, as in 2026-11-01T00:00:00Z", "clock")
    _check_names(path, found)
    return found


def _loaded(text: str) -> Any:
    """What the file says. Raises ValueError, RecursionError, yaml.YAMLError with Python's words, as they are known."""
    if _shallow(text):
        with suppress(ValueError, yaml.YAMLError):
            return yaml.load(text, _Quick)  # noqa: S506 - a SafeLoader
    return yaml.load(text, _UniqueKeys)  # noqa: S506 - a SafeLoader


def _shallow(text: str) -> bool:
    """Whether what it says nests so little that libyaml can surely read it (see `shipped`)."""
    deepest = max((len(found[0]) for found in _BEGINNING.finditer(text)), default=0)
    return text.count("[") + text.count("{") + deepest <= _NESTED


def _readable(path: object, error: msgspec.ValidationError) -> EstateFileError:
    """The validator's words as ours: which key, and what to do."""
    cause, _, place = str(error).partition(" - at ")
    place = place.strip("`").removeprefix("$").removeprefix(".")
    if place.startswith("key"):
        _, _, below = place.partition(" in ")
        return EstateFileError(
            path, "its keys must be texts: put numbers in quotes", below.strip("`").removeprefix("$.")
        )
    unknown = re.search(r"unknown field `([^`]+)`", cause)
    if unknown:
        return EstateFileError(path, f"unknown key {unknown[1]}", place)
    if "got `int`" in cause:
        cause += "; put numbers in quotes"
    return EstateFileError(path, cause, place)


def _check_names(path: object, found: EstateFile) -> None:
    """What the types cannot say: sources name a provider, matches are not empty, principals belong to one person."""
    for index, source in enumerate(found.sources):
        if not isinstance(source.get("provider"), str):
            raise EstateFileError(path, "Object missing required field `provider`", f"sources[{index}]")
    for index, owner in enumerate(found.owners):
        if owner.match == Match():
            raise EstateFileError(
                path, "matches nothing: give path, tag, account, principal or resource", f"owners[{index}]"
            )
        if owner.match.principal and owner.match.resource:
            raise EstateFileError(path, "nothing is a principal and a resource: give one", f"owners[{index}].match")
        if not owner.team:
            raise EstateFileError(path, "names no team", f"owners[{index}]")
    for index, log in enumerate(found.logs):
        if log.begin.tzinfo is None or log.end.tzinfo is None:
            raise EstateFileError(path, "needs times with a zone, as in 2026-11-01T00:00:00Z", f"logs[{index}]")
        if log.begin >= log.end:
            raise EstateFileError(path, "ends before it begins", f"logs[{index}]")
    holder: dict[str, str] = {}
    for index, person in enumerate(found.people):
        both = sorted({one.lower() for one in person.principals} & {one.lower() for one in person.apart})
        if both:
            raise EstateFileError(path, f"{both[0]} is among the principals and apart from them", f"people[{index}]")
        for principal in person.principals:
            other = holder.setdefault(principal, person.name)
            if other != person.name:
                raise EstateFileError(path, f"{principal} is already linked to {other}", f"people[{index}]")
