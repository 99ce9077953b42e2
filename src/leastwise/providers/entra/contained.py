"""Definitions of directory roles held against one another, as given to the same principals at one scope."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from leastwise.engine.containment import Containment, CounterExample, Cover, NotProven, Proved
from leastwise.engine.cubes import Cube
from leastwise.engine.patterns import Region, exactly
from leastwise.errors import UsageError
from leastwise.providers.fields import FieldError, Fields

from .evaluate.estate import Estate
from .evaluate.roles import closure
from .language.actions import Action, parse_action
from .language.ids import TENANT
from .language.roles import Entry, Role, parse_role

Documents = Sequence[Mapping[str, Any]]


def documents_contain(estate: Estate, inner: Documents, outer: Documents) -> Containment:
    """Whether everything that role definitions of `inner` give together is given by those of `outer` together.

    What they inherit is taken from the tenant and the catalogue. A counter-example is an action. Of an action
    that takes in others each is looked at, as far as they are known.

    Raises:
        UsageError: something is no role definition.
    """
    given, unknown = _entries(estate, inner, "inner")
    held, lacking = _entries(estate, outer, "outer")
    covers: list[Cover] = []
    for name, entry in given:
        for action in _known(estate, entry):
            by = [where for where, one in held if one.by(action) and one.condition in ("", entry.condition)]
            if by:
                whole = exactly(str(action))
                covers.append(Cover(Cube(Region((whole,)), name=name), (whole,), (Cube(Region((whole,)), name=by[0]),)))
            elif lacking:
                return NotProven(f"{lacking[0]} is not known, and may give {action}")
            else:
                return CounterExample(str(action), TENANT)
    if unknown:
        return NotProven(f"{unknown[0]} is not known, and may give more")
    return Proved(tuple(covers))


def _known(estate: Estate, entry: Entry) -> Iterator[Action]:
    """The actions that an entry gives: as it names them, and all known ones that these take in."""
    named = [one for one in entry.actions if entry.by(one) is not None]
    yield from named
    for text in estate.actions:
        action = parse_action(text)
        if action not in named and entry.by(action) is not None:
            yield action


def _entries(estate: Estate, documents: Documents, side: str) -> tuple[list[tuple[str, Entry]], list[str]]:
    """The entries of documents, each with where it stands, and what of them is not known. Raises UsageError."""
    found: list[tuple[str, Entry]] = []
    unknown: list[str] = []
    for number, body in enumerate(documents):
        name = f"{side}[{number}]"
        role = _role(name, body)
        found += [(f"{name}, rolePermissions/{at} ({role.title})", one) for at, one in enumerate(role.entries)]
        for key in role.inherits:
            for one in closure(estate, key):
                if isinstance(one, Role):
                    found += [(f"{name}, inherited from {one.title}", entry) for entry in one.entries]
                else:
                    unknown.append(f"the role definition {one}, which {name} inherits,")
    return found, unknown


def _role(name: str, body: object) -> Role:
    if not isinstance(body, Mapping):
        raise UsageError(f"{name}: is no definition of a directory role")
    try:
        if Fields(body).objects("rolePermissions") is None:
            raise FieldError("is no definition of a directory role, which has rolePermissions")
        return parse_role({"id": name, **body})
    except FieldError as error:
        raise UsageError(f"{name}: {error}") from None
