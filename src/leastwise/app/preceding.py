"""What must stand where grants at scopes are taken away: the precondition of each change of a plan."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from leastwise.model.plan import Change, digest
from leastwise.providers.base.draft import Draft
from leastwise.providers.base.granting import Grant, Granting, MisfitError


class Preceding:
    """Tells of changes what stands there, as the tables of an estate have it.

    Args:
        draft: the tables.
        granting: how grants are found in them.
    """

    def __init__(self, draft: Draft, granting: Granting) -> None:
        self._draft, self._granting = draft, granting
        self._standing: dict[str, dict[tuple[str, str], list[Grant]]] = {}

    def of(self, changes: Sequence[Change]) -> tuple[Change, ...]:
        """The changes, each with the digest of what it takes away or changes.

        Raises:
            ValueError: something does not stand as a change tells it, or in several ways.
        """
        return tuple(self._preceded(one) for one in changes)

    def _preceded(self, change: Change) -> Change:
        match change.verb:
            case "unassign":
                return replace(change, before=digest(json.dumps(self._one(change.told).values()).encode()))
            case "put" | "delete" if "on" not in change.told:
                stood = self._granting.definition(self._draft, str(change.told["policy"]))
                if stood is None:
                    raise ValueError(f"{change.told['policy']}: no such bundle of the customer's own in the estate")
                return replace(change, before=digest(stood))
        return change

    def _one(self, told: Mapping[str, Any]) -> Grant:
        on = str(told["on"])
        if on not in self._standing:
            self._standing[on] = self._at(on)
        key = str(told["bundle"]), str(told["principal"])
        found = [one for one in self._standing[on].get(key, ()) if _meets(told, one)]
        if len(found) != 1:
            ways = f"stands {len(found)} times" if found else "does not stand as its tables have it"
            raise ValueError(f"{key[0]} of {key[1]} on {on} {ways}")
        return found[0]

    def _at(self, on: str) -> dict[tuple[str, str], list[Grant]]:
        """The grants of a place itself, by bundle and principal. Raises ValueError."""
        found: dict[tuple[str, str], list[Grant]] = {}
        try:
            place = self._granting.place(self._draft, on)
            for one in self._granting.standing(self._draft, place).grants:
                found.setdefault((one.bundle, one.principal), []).append(one)
        except MisfitError as error:
            raise ValueError(str(error)) from None
        return found


def _meets(told: Mapping[str, Any], one: Grant) -> bool:
    """Whether a grant is the one that a change tells: active or eligible, for whom, under which condition."""
    if (bool(told.get("eligible")), told.get("for", "")) != (one.eligible, one.behalf):
        return False
    wanted = told.get("condition")
    if not wanted or not one.condition:
        return not wanted and not one.condition
    has, asked = json.loads(one.condition), {"expression": wanted} if isinstance(wanted, str) else wanted
    return all(has.get(key) == value for key, value in asked.items())
