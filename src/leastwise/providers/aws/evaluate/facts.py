"""What is known of a request: the values of its condition keys, each known, absent, or not known."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import Enum

from leastwise.engine.patterns import Pattern

Values = tuple[str, ...]


def _carried(_: str) -> bool:
    return False


class Look(Enum):
    """What there is to say of a key without a value."""

    ABSENT = "absent"
    UNKNOWN = "unknown"
    """Present or absent, with any value."""
    PRESENT = "present"
    """Present, with any value."""


@dataclass(frozen=True, slots=True)
class Within:
    """A key that is present with one value, of which only a pattern is known."""

    pattern: Pattern


@dataclass(frozen=True, slots=True)
class Instant(Within):
    """The time of the request, known as a moment: how a request would write it is known of the pattern only.

    Args:
        value: the moment, for operators of these families.
        families: date, number.
    """

    value: str
    families: tuple[str, ...]


@dataclass(frozen=True)
class Facts:
    """The condition keys of one request; names are compared without case, as IAM does.

    Args:
        known: values by lower-case name; `Within`, `Look.ABSENT` and `Look.PRESENT` say what is known of the others.
        complete: lower-case prefixes of which every key is known (`aws:principaltag/` once the tags were read).
        strict: every key that is not known is absent.
        never: whether requests of this action never carry a key (lower-case name).
        choices: for a key that is not known, all that it can be (None: absent), where that is little.
    """

    known: Mapping[str, Values | Look | Within] = field(default_factory=dict)
    complete: tuple[str, ...] = ()
    strict: bool = False
    never: Callable[[str], bool] = _carried
    choices: Mapping[str, tuple[Values | None, ...]] = field(default_factory=dict)

    def look(self, key: str) -> Values | Look | Within:
        """The values of a key, or what is known without them."""
        name = key.lower()
        found = self.known.get(name)
        if found is not None:
            return found
        absent = self.strict or name.startswith(self.complete) or self.never(name)
        return Look.ABSENT if absent else Look.UNKNOWN
