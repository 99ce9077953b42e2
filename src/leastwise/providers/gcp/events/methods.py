"""The bundled table of methods: which permissions each needs. Made by tools/build_gcp_events.py.

A method is found by its service and a key of its verb and noun, in which its several spellings agree:
`v1.compute.instances.insert`, `compute.instances.insert`; `google.iam.admin.v1.CreateServiceAccount` and
`iam.projects.serviceAccounts.create`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from pkgutil import get_data

import msgspec

from leastwise.providers.packed import BlockFile, Source, pack

FILE = "methods.lwc"
FORMAT = 1
_METHODS = "methods"
_STANDARD = frozenset(("get", "list", "create", "insert", "update", "patch", "delete", "aggregatedlist"))
_SAME = {"insert": "create", "create": "insert", "patch": "update", "update": "patch"}
_VERSION = re.compile(r"(?:v\d+\w*|alpha|beta)")

Needs = tuple[tuple[str, ...], tuple[str, ...]]
"""Permissions that every call of a method needs, and those that it may need."""


class Header(msgspec.Struct, frozen=True):
    """What stands in the file's first line."""

    format: int
    sources: list[Source]
    counts: dict[str, int]
    blocks: dict[str, tuple[int, int]]


def compile_methods(given: Mapping[str, Sequence[str]], sources: Sequence[Source]) -> bytes:
    """The file of a map from methods, as discovery documents name them, to permissions."""
    table: dict[str, list[Needs]] = {}
    for method, permissions in given.items():
        service, *path, verb = method.split(".")
        if not path or not permissions:
            continue
        needs = _needs(path[-1], verb, permissions)
        for key in _keys_of(path, verb):
            table.setdefault(f"{service}:{key}", []).append(needs)
    rows = {key: _merged(found) for key, found in sorted(table.items())}
    header = Header(FORMAT, list(sources), {"methods": len(given), "keys": len(rows)}, {})
    return pack(header, {_METHODS: msgspec.json.encode(rows)})


def _needs(noun: str, verb: str, permissions: Sequence[str]) -> Needs:
    """The permission that is called as the method is, or the only one, is needed; the others may be."""
    distinct = tuple(dict.fromkeys(permissions))
    verbs = {verb, _SAME.get(verb, verb), "list" if verb == "aggregatedList" else verb}
    same = tuple(one for one in distinct if tuple(one.split(".")[-2:]) in {(noun, each) for each in verbs})
    needed = same or (distinct if len(distinct) == 1 else ())
    return needed, tuple(one for one in distinct if one not in needed)


def _merged(found: Sequence[Needs]) -> Needs:
    """Methods of one key on several kinds of container: what all of them need is needed, the rest may be."""
    needed = tuple(one for one in found[0][0] if all(one in needs for needs, _ in found))
    rest = dict.fromkeys(one for needs, possible in found for one in (*needs, *possible))
    return needed, tuple(one for one in rest if one not in needed)


def _keys_of(path: Sequence[str], verb: str) -> Iterator[str]:
    noun = path[-1]
    yield key(verb, noun)
    if len(path) > 1 and path[-2] not in ("projects", "locations", "zones", "regions", "folders", "organizations"):
        yield key(verb, f"{_single(path[-2])}{noun}")
    if verb.lower() not in (*_STANDARD, "setiampolicy", "getiampolicy", "testiampermissions"):
        yield key(verb, "")


def key(verb: str, noun: str) -> str:
    """Verb and noun as the table has them."""
    return f"{verb.lower()}{_single(noun.lower())}"


def _single(noun: str) -> str:
    """A noun without the sign of the plural; the same for both numbers is all that counts."""
    return noun.removesuffix("ies") + "y" if noun.endswith("ies") else noun.removesuffix("s")


def keys_of_name(method: str, noun: str) -> Iterator[str]:
    """The keys under which a method that a log names may be found. `noun` is the kind of what it touched."""
    parts = [one for one in method.split(".") if not _VERSION.fullmatch(one)]
    if not parts:
        return
    last = parts[-1]
    if last[:1].isupper():
        word = last.removesuffix("Internal")
        yield _single(word.lower())
        verb = re.match(r"[A-Z][a-z]+", word)
        if verb is not None and verb[0].lower() in _SAME:
            yield _single(f"{_SAME[verb[0].lower()]}{word[verb.end() :]}".lower())
        yield key(word, noun)
        return
    if len(parts) > 1:
        yield key(last, parts[-2])
        if last.lower() in _SAME:
            yield key(_SAME[last.lower()], parts[-2])
    yield key(last, noun)
    if last.lower() not in _STANDARD:
        yield key(last, "")


@cache
def bundled() -> Mapping[str, Needs]:
    """The table: `SERVICE:KEY` → what is needed, and what may be. InputError when the file is damaged."""
    raw = get_data("leastwise.providers.gcp", f"data/{FILE}") or b""
    found = BlockFile(FILE, raw, Header, FORMAT, check=False).decoded(_METHODS, dict[str, Needs])
    return found or {}
