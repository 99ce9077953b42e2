"""Which permissions a call needs: from an event's source and name, by the catalogue and the tables.

An event is named after an operation of an API; the permission is mostly `PREFIX:Name`, but not always. In this order:
our own tables (`data/events/names.yaml`: other permissions, several, none at all, or such that depend on the request);
the catalogue's action of that name, the version taken off (`CreateFunction20150331`) where it has none; iam-dataset's
map of SDK methods. The prefix is the source's first label, or what `data/events/sources.yaml` says.

https://docs.aws.amazon.com/service-authorization/latest/reference/reference.html
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any, Literal

from leastwise.providers.aws.catalog import Action, Catalog, current

from .record import Record, tree
from .tables import ANY, Row, Tables, When, bundled

Kind = Literal["call", "free", "sign_in", "service", "console", "insight", "unknown"]
"""`call` needs permissions; `free` is a call that no policy decides; `service` is what a service did of itself, no
call; `console` is a click in the console that is no call of a known action; `unknown` is in no table."""

_VERSION = re.compile(r"(?:_?20\d\d_\d\d_\d\d|20\d{6}(?:v\d+)?)$")
_BEHIND = (".amazonaws.com.cn", ".amazonaws.com", ".aws.internal", ".api.aws")


@dataclass(frozen=True, slots=True)
class Resolved:
    """What an event needs.

    `permissions` are always needed, as the catalogue writes them. Of `possible`, at least one was needed, and the
    record does not tell which: none of them may be called unused. `when` says how the request changes `permissions`
    (`needed`). Of a `free` call, `permissions` are the action that is called like it, if there is one: a grant of it is
    not to be called unused, but was not needed. `dependent` are permissions that a caller may need besides (`implied`).
    `why` is the page of our own table, empty when the catalogue or the map decided. `presumed` is the permission that
    an unknown call of a known service is likely to need, for it may be newer than the catalogue; a guess.
    """

    kind: Kind
    permissions: tuple[str, ...] = ()
    possible: tuple[str, ...] = ()
    when: tuple[When, ...] = ()
    dependent: tuple[str, ...] = ()
    why: str = ""
    presumed: str = ""

    @property
    def known(self) -> bool:
        """Whether it is understood, be it as something that needs no permission."""
        return self.kind not in ("unknown", "console")

    def needed(self, record: Record) -> tuple[str, ...]:
        """The permissions that this call needed. Only where there is a `when` is the request looked at."""
        if self.kind != "call":
            return ()
        if not self.when:
            return self.permissions
        return narrowed(self, tree(record.request))


def resolve(
    source: str, name: str, type: str | None = "", tables: Tables | None = None, catalog: Catalog | None = None
) -> Resolved:
    """What an event needs, by its source (`s3.amazonaws.com`), name and type (`AwsApiCall`).

    A pure function of the three: remember it by them.
    """
    if type == "AwsCloudTrailInsight":
        return Resolved("insight")
    tables, catalog = tables or bundled(), catalog or current()
    label = _label(source)
    names = _names(name)
    row = next((one for text in names if (one := tables.rows(label).get(text)) is not None), None)
    if type == "AwsServiceEvent" and (row is None or row.kind == "call"):
        return Resolved("service")
    if row is not None and row.why and row.kind == "call":
        return _told(row, catalog)
    action = _like(label, names, tables, catalog)
    if row is not None and row.why:
        return Resolved(_KIND[row.kind], (action.name,) if action and row.kind == "free" else (), why=row.why)
    if action is not None:
        also = row.also if row is not None and action.name in row.needs else ()
        return Resolved("call", (action.name,), dependent=tuple(sorted({*action.dependent, *also})))
    if row := row or _mapped(label, names, tables):
        return _told(row, catalog)
    rest = tables.rows(label).get(ANY)
    if rest is not None or type == "AwsConsoleSignIn":
        return Resolved("sign_in", why=rest.why if rest is not None else "")
    if type == "AwsConsoleAction":
        return Resolved("console")
    prefix = next((one for one in (label, *tables.prefixes(label)) if catalog.service(one) is not None), "")
    plain = _VERSION.sub("", name)
    return Resolved("unknown", presumed=f"{prefix}:{plain}" if prefix and plain.isascii() and plain.isalnum() else "")


def narrowed(resolved: Resolved, request: dict[str, Any]) -> tuple[str, ...]:
    """The permissions that a call with these parameters needed."""
    needed = list(resolved.permissions)
    for one in resolved.when:
        if any(_has(request, name) for name in one.parameters) == one.present:
            needed = [*(one.instead or needed), *one.add]
    return tuple(dict.fromkeys(needed))


def _has(request: dict[str, Any], name: str) -> bool:
    if name.endswith("*"):
        return any(one.startswith(name[:-1]) for one in request)
    return request.get(name) not in (None, "", [], {})


def _label(source: str) -> str:
    """`runtime.sagemaker.amazonaws.com` → `runtime.sagemaker`."""
    lower = source.strip().lower()
    for end in _BEHIND:
        if lower.endswith(end):
            return lower.removesuffix(end)
    return lower


def _names(name: str) -> tuple[str, ...]:
    """The name, and without its version."""
    lower = name.lower()
    plain = _VERSION.sub("", lower)
    return (lower,) if plain in ("", lower) else (lower, plain)


def _like(label: str, names: tuple[str, ...], tables: Tables, catalog: Catalog) -> Action | None:
    """The action that an event is called like."""
    prefixes = tables.prefixes(label)
    for prefix in prefixes if label in prefixes else (label, *prefixes):
        service = catalog.service(prefix)
        found = next((one for name in names if (one := service.action(name)) is not None), None) if service else None
        if found is not None:
            return found
    return None


def _mapped(label: str, names: tuple[str, ...], tables: Tables) -> Row | None:
    """The map's row under another prefix of the source."""
    rows = (tables.rows(prefix).get(name) for prefix in tables.prefixes(label) for name in names)
    return next((row for row in rows if row is not None), None)


_KIND: dict[str, Kind] = {"call": "call", "free": "free", "sign_in": "sign_in", "service": "service"}


def _told(row: Row, catalog: Catalog) -> Resolved:
    needs = {name: found for name in [*row.needs, *row.possible] if (found := catalog.action(name)) is not None}
    dependent = {*row.also, *(name for found in needs.values() for name in found.dependent)}
    return Resolved(
        _KIND[row.kind],
        tuple(row.needs),
        tuple(row.possible),
        tuple(row.when),
        tuple(sorted(dependent)),
        row.why,
    )
