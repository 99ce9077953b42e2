"""Amazon Resource Names: their fields, and patterns of them as the Resource element and ARN operators read them.

https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_resource.html: wildcards stay inside the
field between two colons; a `*` that ends the pattern goes on across colons; an ARN of fewer than six fields is
completed with wildcards.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache
from typing import NamedTuple

from leastwise.engine.patterns import Pattern, Token, Wild, glob, join, tokens_across

_FIELDS = 6
_REPEATS = (Wild.ANY, Wild.ANY_WITHIN)
_INSIDE = (Wild.ANY_WITHIN, Wild.ONE_WITHIN)


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
    return pattern_of((text,) if "*" not in text and "?" not in text else tuple(tokens_across(text)))


def pattern_of(tokens: tuple[Token, ...]) -> Pattern:
    """The pattern of a value whose literal parts may come from variables, and are then never wildcards."""
    if not (tokens and isinstance(tokens[0], str) and tokens[0].startswith("arn:")):
        return Pattern(join(tokens))
    fields = _fields(tokens)
    if len(fields) == 2 and fields[-1] == [Wild.ANY]:
        return Pattern(("arn:", Wild.ANY))
    built: list[Token] = []
    for place, field in enumerate(fields):
        last = place == len(fields) - 1
        built += [":"] if place else []
        built += field if place == _FIELDS - 1 or (last and field[-1:] == [Wild.ANY]) else map(_within, field)
    if len(fields) < _FIELDS and built[-1:] != [Wild.ANY]:
        built += [":", Wild.ANY]
    return Pattern(join(built))


def arn_like(text: tuple[Token, ...]) -> Pattern | None:
    """The pattern of a value of ArnLike or ArnEquals, or None when it is no ARN.

    Each of the six fields is compared on its own.
    https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html
    """
    if text == (Wild.ANY,):
        return Pattern(text)
    fields = _fields(text)
    if len(fields) != _FIELDS:
        return None
    built: list[Token] = []
    for place, field in enumerate(fields):
        built += [":"] if place else []
        built += field if place == _FIELDS - 1 else map(_within, field)
    return Pattern(join(built))


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


def _within(token: Token) -> Token:
    return (
        {Wild.ANY: Wild.ANY_WITHIN, Wild.ONE: Wild.ONE_WITHIN}.get(token, token) if isinstance(token, Wild) else token
    )


def _fields(tokens: tuple[Token, ...]) -> list[list[Token]]:
    """The tokens of each field; the sixth takes the rest."""
    fields: list[list[Token]] = [[]]
    for token in tokens:
        if isinstance(token, Wild):
            fields[-1].append(token)
            continue
        parts = token.split(":", _FIELDS - len(fields))
        for index, part in enumerate(parts):
            if index:
                fields.append([])
            if part:
                fields[-1].append(part)
    return fields


def request_pattern(text: str) -> Pattern:
    """The pattern of a resource that a question names with wildcards."""
    return resource_pattern(text) if text.startswith("arn:") else glob(text)


def spans(tokens: str) -> bool:
    """Whether a text has a wildcard."""
    return "*" in tokens or "?" in tokens
