"""What a method needs, where its entry has no `authorizationInfo`.

Our own table (`data/methods.yaml`) comes first, then the catalogue's permission of the method's own name, then the
bundled map of methods. What none of them knows is `unknown`, and none of its permissions is known.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache, lru_cache
from pkgutil import get_data
from typing import Any, Literal

from leastwise import shipped
from leastwise.providers.gcp import catalog
from leastwise.providers.gcp.language.names import written

from .entry import Entry
from .methods import bundled, keys_of_name

What = Literal["call", "free", "sign_in", "service", "unknown"]
_VERSIONED = re.compile(r"^(?:v\d+\w*|alpha|beta)\.")
_K8S = "io.k8s."
_HOSTS = {"cloudsql": "sqladmin", "k8s": "container"}
"""Services that audit logs call otherwise than the map of methods."""


@dataclass(frozen=True, slots=True)
class Resolved:
    """What a method is, what it needs, and what it may need. `why` is the reason where it needs nothing."""

    what: What
    permissions: tuple[str, ...] = ()
    possible: tuple[str, ...] = ()
    why: str = ""


def resolve(service: str, method: str, noun: str) -> Resolved:
    """What a method needs. `noun` is the kind of what it touched (`noun_of`)."""
    return _resolve(catalog.current(), service, method, noun)


@lru_cache(maxsize=1 << 14)
def _resolve(facts: catalog.Catalog, service: str, method: str, noun: str) -> Resolved:
    for pattern, row in _own().get(service, ()):
        if pattern.fullmatch(method) and (not row.get("noun") or row["noun"] == noun):
            return Resolved(
                row.get("what", "call"), tuple(row.get("needs", ())), tuple(row.get("possible", ())), row.get("why", "")
            )
    if not method:
        return Resolved("unknown", why="the entry names no method")
    if method.startswith(_K8S):
        return Resolved("call", (written(method),))
    if method.rpartition(".")[2] == "TestIamPermissions":
        return Resolved("free", why="everybody may ask what they may do")
    named = written(_VERSIONED.sub("", method))
    if facts.knows(named):
        return Resolved("call", (named,))
    label = service.removesuffix(".googleapis.com") or _VERSIONED.sub("", method).partition(".")[0]
    table = bundled()
    for host in dict.fromkeys((label, _HOSTS.get(label, label))):
        for key in keys_of_name(method, noun):
            found = table.get(f"{host}:{key}")
            if found is not None:
                return Resolved("call", tuple(map(written, found[0])), tuple(map(written, found[1])))
    return Resolved("unknown", why=f"no table knows the method {method}")


def noun_of(entry: Entry) -> str:
    """The kind of what a call touched, in the plural of names of resources (`projects`, `buckets`); or empty."""
    parts = [one for one in entry.resource.removeprefix("//").split("/") if one]
    if entry.resource.startswith("//"):
        parts = parts[1:]
    if len(parts) > 1:
        return parts[-2] if len(parts) % 2 == 0 else parts[-1]
    return ""


@cache
def _own() -> Mapping[str, list[tuple[re.Pattern[str], Mapping[str, Any]]]]:
    """Our own rows by service; each names a method, or a pattern of methods in which `*` stands for anything."""
    told = shipped.values(get_data("leastwise.providers.gcp", "data/methods.yaml") or b"")
    return {
        service: [(re.compile(re.escape(name).replace(r"\*", ".*")), row) for name, rows in methods.items()
                  for row in (rows if isinstance(rows, list) else [rows])]
        for service, methods in told.items()
    }  # fmt: skip
