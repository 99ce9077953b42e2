"""Amazon Resource Names: their fields, and patterns of them as the Resource element and ARN operators read them.

https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_resource.html: wildcards stay inside the
field between two colons; a `*` that ends the pattern goes on across colons; an ARN of fewer than six fields is
completed with wildcards.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache
from typing import NamedTuple

from leastwise.engine.patterns import Dialect, Pattern, Token, Wild, glob, join

_FIELDS = 6
_REPEATS = (Wild.ANY, Wild.ANY_WITHIN)
_INSIDE = (Wild.ANY_WITHIN, Wild.ONE_WITHIN)
RESOURCE_ARN = Dialect(one="?", fixed=_FIELDS - 1, begins="arn:", completes=True)
"""Values of Resource and NotResource; one that is no ARN is compared as a text."""
COMPARED_ARN = Dialect(one="?", fixed=_FIELDS - 1)
"""Values of ArnLike and ArnEquals."""


class Arn(NamedTuple):
    """The six fields of an ARN."""

    partition: str
    service: str
    region: str
    account: str
    resource: str


def parse_arn(text: str) -> Arn | None:
    """The fields of an ARN, or None for another text."""
    fields = text.split(":", _FIELDS - 1)
    return Arn(*fields[1:]) if len(fields) == _FIELDS and fields[0] == "arn" else None


@lru_cache(maxsize=65536)
def resource_pattern(text: str) -> Pattern:
    """The pattern of a value of Resource or NotResource without variables."""
    return RESOURCE_ARN.pattern(text)


def pattern_of(tokens: tuple[Token, ...]) -> Pattern:
    """The pattern of a value whose literal parts may come from variables, and are then never wildcards."""
    return RESOURCE_ARN.of(tokens)


def arn_like(text: tuple[Token, ...]) -> Pattern | None:
    """The pattern of a value of ArnLike or ArnEquals, or None when it is no ARN.

    Each of the six fields is compared on its own.
    https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html
    """
    if text == (Wild.ANY,):
        return Pattern(text)
    return COMPARED_ARN.of(text) if len(COMPARED_ARN.segments(text)) == _FIELDS else None


def remainders(pattern: Pattern, beginning: str) -> Iterator[Pattern]:
    """What a pattern leaves open behind a literal beginning: one of these must take in the rest of a text."""
    steps = [step for token in pattern.tokens for step in (token if isinstance(token, str) else (token,))]
    live = _reached(steps, {0})
    for letter in beginning:
        moved = set()
        for place in live:
            step = steps[place] if place < len(steps) else None
            if step == letter or (isinstance(step, Wild) and (step not in _INSIDE or letter != ":")):
                moved.add(place if step in _REPEATS else place + 1)
        live = _reached(steps, moved)
    # What stands behind a repeat that is open is taken in by what begins with it.
    kept = (place for place in live if not (place and place - 1 in live and steps[place - 1] in _REPEATS))
    yield from (Pattern(join(steps[place:])) for place in sorted(kept))


def _reached(steps: list[Token], places: set[int]) -> set[int]:
    """The places, and those that follow repeats that take nothing."""
    reached, waiting = set(), list(places)
    while waiting:
        place = waiting.pop()
        reached.add(place)
        if place < len(steps) and steps[place] in _REPEATS and place + 1 not in reached:
            waiting.append(place + 1)
    return reached


def request_pattern(text: str) -> Pattern:
    """The pattern of a resource that a question names with wildcards."""
    return resource_pattern(text) if text.startswith("arn:") else glob(text)


def spans(tokens: str) -> bool:
    """Whether a text has a wildcard."""
    return "*" in tokens or "?" in tokens
