"""Policy variables: `${key}` and `${key, 'default'}` in resources and condition values.

https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_variables.html. Only documents of version 2012-10-17
have them; values put in their place are never read as wildcards.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from leastwise.engine.patterns import Token, join, tokens_across

from .facts import Facts, Look

_VARIABLE = re.compile(r"\$\{([^{}]*)\}")
_DEFAULT = re.compile(r"\s*([^,]*?)\s*(?:,\s*'([^']*)'\s*)?\Z")
_SIGNS = {"*": "*", "?": "?", "$": "$"}
VERSION = "2012-10-17"
VERSIONS = ("", "2008-10-17", VERSION)
"""Of the policy language; a document without one has the older version."""


@dataclass(frozen=True, slots=True)
class Open:
    """A place in a value that stands for a key of which the value is not known; `default` takes its place if absent."""

    key: str
    default: str | None


@dataclass(frozen=True, slots=True)
class Unresolved:
    """A variable that has neither value nor default: what holds it matches nothing."""

    key: str


Part = Token | Open


def has_variables(text: str) -> bool:
    """Whether a text of version 2012-10-17 has a variable."""
    return "${" in text


def keys_of(text: str) -> list[str]:
    """The keys, in lower case, that a text of version 2012-10-17 has as variables."""
    found = (_DEFAULT.match(inside) for inside in _VARIABLE.findall(text) if inside.strip() not in _SIGNS)
    return [one[1].lower() for one in found if one is not None]


def resolve(text: str, facts: Facts, *, wildcards: bool) -> tuple[Part, ...] | Unresolved:
    """The parts of a value with its variables put in.

    Args:
        text: the value as written.
        facts: what is known of the request.
        wildcards: whether `*` and `?` outside variables are wildcards.
    """
    parts: list[Part] = []
    end = 0
    for found in _VARIABLE.finditer(text):
        parts += _plain(text[end : found.start()], wildcards)
        end = found.end()
        part = _value(found[1], facts)
        if isinstance(part, Unresolved):
            return part
        parts += [part] if part != "" else []
    parts += _plain(text[end:], wildcards)
    return tuple(parts)


def closed(parts: tuple[Part, ...]) -> tuple[Token, ...] | None:
    """The tokens when no part is open."""
    tokens = [part for part in parts if not isinstance(part, Open)]
    return join(tokens) if len(tokens) == len(parts) else None


def _plain(text: str, wildcards: bool) -> list[Part]:
    return list(tokens_across(text)) if wildcards else [text] if text else []


def _value(inside: str, facts: Facts) -> Part | Unresolved:
    sign = _SIGNS.get(inside.strip())
    if sign is not None:
        return sign
    found = _DEFAULT.match(inside)
    if found is None:
        return Unresolved(inside)
    key, default = found[1], found[2]
    looked = facts.look(key)
    if isinstance(looked, tuple):
        # Keys with several values cannot be variables.
        return looked[0] if len(looked) == 1 else Unresolved(key)
    if looked is Look.ABSENT:
        return Unresolved(key) if default is None else default
    return Open(key.lower(), default if looked is Look.UNKNOWN else None)
