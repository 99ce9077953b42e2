"""How much harm permissions of the directory and of Graph can do, by the tiers of the catalogue and by their words."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache

from . import catalog
from .catalog import Catalog
from .language.actions import parse_action

_CREDENTIALS = ("password", "credentials", "authenticationmethods", "privatekey", "key")
_RIGHTS = ("approleassignedto", "owners", "permissions", "roleassignments", "oauth2permissiongrants", "directoryroles")
_CONTENT = ("mail", "files", "chat", "channelmessage", "notes", "calendars", "sites", "contacts", "callrecords")
_WORST = "0"
TIERS = ("0", "1", "2")
"""From the control of everything to ordinary use."""


def sensitivity() -> Mapping[str, str]:
    """A word of `model.gap.SENSITIVITIES` for each action and each permission of Graph."""
    return _sensitivity(catalog.current())


@lru_cache(maxsize=2)
def _sensitivity(facts: Catalog) -> Mapping[str, str]:
    found = {name: of_action(name, facts.tiers.get(name.lower(), "")) for name in facts.actions}
    return found | {one.value: of_value(one.value, one.tier) for one in facts.values}


def of_action(name: str, tier: str) -> str:
    """The word for an action of a role."""
    action = parse_action(name)
    parts = (action.base, *action.properties)
    if action.reads:
        return "credential exposure" if any(one in _CREDENTIALS for one in parts) else "read"
    if tier == _WORST:
        return "escalation"
    if any(one in _CREDENTIALS for one in parts):
        return "credential exposure"
    if any(one in _RIGHTS for one in parts):
        return "permissions management"
    return "destructive" if action.verb in ("delete", "disable") else "write"


def of_value(value: str, tier: str) -> str:
    """The word for an app role or a scope."""
    low = value.lower()
    reads = ".read" in low and ".readwrite" not in low
    if reads:
        return "data read" if low.startswith(_CONTENT) else "read"
    return "escalation" if tier == _WORST else "write"


@lru_cache(maxsize=2)
def _tiers(facts: Catalog) -> Mapping[tuple[str, bool], str]:
    """The worst tier of each value, in lower case, as an app role and as a scope."""
    found: dict[tuple[str, bool], str] = {}
    for one in facts.values:
        key = one.value.lower(), one.delegated
        found[key] = min(found.get(key, TIERS[-1]), one.tier or _WORST)
    return found


def rank(value: str, *, delegated: bool) -> tuple[int, ...]:
    """What a permission of Graph costs: the requests that it allows, in the place of its tier, the worst first; and one
    for itself. Such costs add up: the least opens least of the worst tier, then of the next, then is fewest.

    After the tiers come scopes that are about the signed-in user alone. Of a value of which no tier is told the worst
    is taken.
    """
    facts = catalog.current()
    low = value.lower()
    own = delegated and ".all" not in low and not low.startswith("directory.")
    tier = "" if own else _tiers(facts).get((low, delegated), _WORST)
    opens = facts.breadth.get(value, len(facts.requests))
    return (*(opens if tier == one else 0 for one in (*TIERS, "")), 1)
