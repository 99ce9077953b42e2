"""The tables that events are read by: written as YAML in `data/events`, compiled with iam-dataset's map into one file.

`compile` makes the file; here it is read, each source's rows when first asked for. Its header names the sources,
licences and dates, as the catalogue's does.
"""

from __future__ import annotations

from functools import cache, cached_property
from pkgutil import get_data

import msgspec

from leastwise.providers.aws.catalog.facts import Source
from leastwise.providers.aws.catalog.packed import Packed

FILE = "events.lwc"
SOURCES, OUTCOMES, PASSING, TOUCHING = "*sources", "*outcomes", "*passing", "*touching"
"""Blocks that belong to no event source."""
ANY = "*"
"""The row of a source for events that are no action and have no row of their own."""


class When(msgspec.Struct, frozen=True, array_like=True):
    """What the request changes: whether it has (`present`) any of the parameters, and what is needed then.

    A parameter that ends in `*` stands for all that begin so. `instead` replaces the permissions, `add` adds to them.
    """

    parameters: list[str]
    present: bool
    instead: list[str]
    add: list[str]


class Row(msgspec.Struct, frozen=True, array_like=True):
    """An event: its kind (`permissions.Kind`), what it needs, what it may need, and why; empty: iam-dataset says so.

    `also` are further permissions that a caller needs besides, some only for some requests.
    """

    kind: str
    needs: list[str] = []
    possible: list[str] = []
    when: list[When] = []
    also: list[str] = []
    why: str = ""


class PassedTo(msgspec.Struct, frozen=True, array_like=True):
    """To which service a call (`ecs:RunTask`, `ecs:*`) passes the role of a parameter; empty: of any parameter."""

    call: str
    parameter: str
    service: str


class Passing(msgspec.Struct, frozen=True):
    """Calls that pass roles, besides those of which the catalogue says so, and to which service."""

    further: dict[str, str]
    services: list[PassedTo]


class Touch(msgspec.Struct, frozen=True, array_like=True):
    """A rule for the resource of a service's calls, see `data/events/resources.yaml`.

    `calls` are permissions, none means all of the service's; `path` leads to the parameter's value; `arn` is the ARN's
    pattern, with `{partition}`, `{region}`, `{account}`, `{value}` and other parameters' names; `form` is what the
    value must match; `named` tells type and name of a resource whose ARN cannot be built from the name.
    """

    calls: list[str]
    path: list[str]
    arn: str
    form: str = ""
    named: str = ""


class Bucket(msgspec.Struct, frozen=True, array_like=True):
    """A pattern of ARNs and the form under which their usage is counted together."""

    pattern: str
    put: str


class Touching(msgspec.Struct, frozen=True):
    """Rules by service, services whose ARNs are never built by the catalogue's patterns, and buckets by service."""

    rules: dict[str, list[Touch]]
    never: dict[str, list[str]]
    buckets: dict[str, list[Bucket]]


class Tables:
    """The tables of one file. Each is decoded when first asked for, and kept."""

    def __init__(self, packed: Packed) -> None:
        self._packed = packed
        self._rows: dict[str, dict[str, Row]] = {}

    @property
    def sources(self) -> tuple[Source, ...]:
        """Where the tables come from."""
        return tuple(self._packed.header.sources)

    @property
    def counts(self) -> dict[str, int]:
        """How many rows there are, by origin."""
        return self._packed.header.counts

    def rows(self, source: str) -> dict[str, Row]:
        """The rows of an event source (`s3`), by the event's name in lower case."""
        found = self._rows.get(source)
        if found is None:
            known = not source.startswith("*")
            found = self._rows[source] = (self._packed.decoded(source, dict[str, Row]) if known else None) or {}
        return found

    def prefixes(self, source: str) -> tuple[str, ...]:
        """Prefixes of permissions that an event source's calls have besides, or instead of, its own name."""
        return self._prefixes.get(source, ())

    @cached_property
    def _prefixes(self) -> dict[str, tuple[str, ...]]:
        return self._packed.decoded(SOURCES, dict[str, tuple[str, ...]]) or {}

    @cached_property
    def outcomes(self) -> dict[str, str]:
        """Error codes, in the form of `outcomes.plain`, and what they tell."""
        return self._packed.decoded(OUTCOMES, dict[str, str]) or {}

    @cached_property
    def passing(self) -> Passing:
        """Which calls pass roles, and to which service."""
        return self._packed.decoded(PASSING, Passing) or Passing({}, [])

    @cached_property
    def touching(self) -> Touching:
        """Where the resource of a call stands."""
        return self._packed.decoded(TOUCHING, Touching) or Touching({}, {}, {})


@cache
def bundled() -> Tables:
    """The tables that came with this version."""
    raw = get_data("leastwise.providers.aws", f"data/{FILE}")
    return Tables(Packed(FILE, raw or b"", check=False))
