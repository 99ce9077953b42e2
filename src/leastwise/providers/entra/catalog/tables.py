"""What Microsoft's pages tell beside the roles (`data/tables.yaml`): read when a question first needs it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pkgutil import get_data
from typing import Any

import yaml

from ..language.actions import DIRECTORY, Action, parse_action


@dataclass(frozen=True, slots=True)
class Upon:
    """A table of whom administrators may act upon.

    Args:
        actions: that it is about.
        actors: roles that each role may act upon, by template ids.
    """

    actions: tuple[Action, ...]
    actors: Mapping[str, frozenset[str]]


@dataclass(frozen=True, slots=True)
class Tables:
    """All tables.

    Args:
        upon: whom administrators may act upon, by action.
        anybody: roles that act upon everybody.
        nobody: roles that act upon nobody who holds a role.
        unsaid: roles of which the pages tell two things at an administrative unit.
        member, guest, restricted: the roles that users have by being one.
        switches: what the authorization policy can take from all users.
        invites: what needs that the policy lets somebody invite guests.
        own: what members and guests may do to themselves.
        owners: what owners may do, by the kind of object.
        known: actions that no built-in role names, as they are written.
        custom: actions that custom roles can hold, in lower case.
        requests: values that allow requests which the published list lacks.
    """

    upon: tuple[Upon, ...]
    anybody: frozenset[str]
    nobody: frozenset[str]
    unsaid: frozenset[str]
    member: str
    guest: str
    restricted: str
    switches: Mapping[str, tuple[Action, ...]]
    invites: tuple[Action, ...]
    own: Mapping[str, tuple[Action, ...]]
    owners: Mapping[str, tuple[Action, ...]]
    known: tuple[str, ...]
    custom: frozenset[str]
    requests: Mapping[str, tuple[str, ...]]


@cache
def tables() -> Tables:
    """The tables that came with this version."""
    whole: dict[str, Any] = yaml.safe_load(get_data("leastwise.providers.entra", "data/tables.yaml") or b"")
    upon, defaults = whole["upon"], whole["defaults"]
    return Tables(
        upon=tuple(_upon(upon[name]) for name in ("reset", "sensitive")),
        anybody=frozenset(upon["anybody"]),
        nobody=frozenset(upon["nobody"]),
        unsaid=frozenset(upon["unsaid"]),
        member=defaults["member"],
        guest=defaults["guest"],
        restricted=defaults["restricted"],
        switches={name: _actions(listed) for name, listed in defaults["switches"].items()},
        invites=_actions(defaults["invites"]),
        own={name: _actions(listed) for name, listed in defaults["self"].items()},
        owners={kind: _actions(listed) for kind, listed in whole["owners"].items()},
        known=tuple(f"{DIRECTORY}/{one}" for one in whole["known"]),
        custom=frozenset(f"{DIRECTORY}/{one}".lower() for listed in whole["custom"].values() for one in listed),
        requests={request: tuple(values) for request, values in whole["requests"].items()},
    )


def _upon(told: Mapping[str, Any]) -> Upon:
    return Upon(_actions(told["actions"]), {actor: frozenset(roles) for actor, roles in told["actors"].items()})


def _actions(listed: list[str]) -> tuple[Action, ...]:
    return tuple(parse_action(f"{DIRECTORY}/{one}") for one in listed)
