"""How to find the resource of a permission's calls: what the catalogue and our tables say, made ready once.

A plan is made of a permission's first call and kept; there are as many as permissions that were used.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache, lru_cache

from leastwise.providers.aws.catalog import Catalog
from leastwise.providers.aws.catalog.facts import ArnPattern
from leastwise.providers.aws.catalog.lookup import Service

from .tables import Tables

PLAIN = re.compile(r"[^\s:*?]+")
"""What a parameter must be to fill a part of an ARN: a name without colon, blank or wildcard."""
_HOLE = re.compile(r"\{(\w[\w-]*)\}")
_VARIABLE = re.compile(r"\$\{(\w+)\}")
_AROUND = {"Partition": "partition", "Region": "region", "Account": "account"}
_PLANS = 4096


@dataclass(frozen=True, slots=True)
class Template:
    """A text with holes: the pieces around them, and the names of what fills them."""

    pieces: tuple[str, ...]
    names: tuple[str, ...]

    def filled(self, *sources: Mapping[str, object]) -> str | None:
        """The text, each hole filled from the first source that has it; None when one is missing, or is an ARN."""
        parts = [self.pieces[0]]
        for name, after in zip(self.names, self.pieces[1:], strict=True):
            value = next((found for source in sources if (found := source.get(name))), None)
            if not isinstance(value, str) or value.startswith("arn:"):
                return None
            parts += (value, after)
        return "".join(parts)


@dataclass(frozen=True, slots=True)
class Rule:
    """A rule of our own table: the parameter's path, the form of its value, and the ARN or the name that it tells."""

    path: tuple[str, ...]
    form: re.Pattern[str]
    arn: Template | None
    named: Template | None


@dataclass(frozen=True, slots=True)
class Shape:
    """A pattern of the catalogue to fill: `own` are its variables, as `letters` writes them, save the surroundings."""

    arn: Template
    own: frozenset[str]


class Plan:
    """What is known of a permission's resources.

    `takes` is whether it takes any; `arns` are the patterns that decide whether a text is one of them.
    """

    def __init__(self, permission: str, tables: Tables, catalog: Catalog) -> None:
        action = catalog.action(permission)
        self.prefix = permission.partition(":")[0].lower()
        service = catalog.service(self.prefix)
        self.takes = action is not None and not action.wildcard_only
        self.rules: list[Rule] = []
        self.shapes: list[list[Shape]] = []
        self.arns: tuple[str, ...] = ()
        self._patterns: list[ArnPattern] = []
        self._narrow: Service | None = None
        if action is None or service is None or not self.takes:
            return
        types = [use.type for use in action.resource_types]
        self._types = frozenset(types)
        self._patterns = [ArnPattern(arn) for type in types for arn in service.resource_types[type].arns]
        # Of S3, every object's ARN looks like a bucket's as well: the narrowest type counts.
        self._narrow = service if self.prefix == "s3" else None
        deciding = service.resource_types if self._narrow is not None else types
        self.arns = tuple(arn for type in deciding for arn in service.resource_types[type].arns)
        for one in tables.touching.rules.get(self.prefix, ()):
            if not one.calls or action.name in one.calls:
                form = compiled(one.form) if one.form else PLAIN
                arn, named = (_template(_HOLE, text) if text else None for text in (one.arn, one.named))
                self.rules.append(Rule(tuple(one.path), form, arn, named))
        never = tables.touching.never.get(self.prefix, ())
        for required in (True, False):
            uses = [one.type for one in action.resource_types if one.required == required and one.type not in never]
            shapes = [_shape(arn) for type in uses for arn in service.resource_types[type].arns]
            self.shapes.append([one for one in shapes if one is not None and "*" not in never])

    def fits(self, text: str) -> bool:
        """Whether a text is an ARN that the action takes."""
        if not text.startswith("arn:") or "\n" in text or not any(one.fits(text) for one in self._patterns):
            return False
        return self._narrow is None or any(one.name in self._types for one in self._narrow.types_of(text))


@lru_cache(_PLANS)
def plan_of(permission: str, tables: Tables, catalog: Catalog) -> Plan:
    """The plan of a permission."""
    return Plan(permission, tables, catalog)


@lru_cache(_PLANS)
def letters(name: str) -> str:
    """A name as it is compared with others: its letters and digits, in lower case."""
    return re.sub(r"[^a-z0-9]", "", name.lower())


@cache
def compiled(pattern: str) -> re.Pattern[str]:
    """A pattern of our tables."""
    return re.compile(pattern, re.DOTALL)


def _template(hole: re.Pattern[str], text: str) -> Template:
    pieces = hole.split(text)
    return Template(tuple(pieces[::2]), tuple(pieces[1::2]))


def _shape(pattern: str) -> Shape | None:
    """A pattern that parameters can fill; None when it has none of its own, or parts that nothing fills."""
    found = _template(_VARIABLE, pattern)
    own = frozenset(letters(name) for name in found.names if name not in _AROUND)
    if not own or "<" in pattern or "*" in pattern:
        return None
    names = tuple(_AROUND.get(name) or letters(name) for name in found.names)
    return Shape(Template(found.pieces, names), own)
