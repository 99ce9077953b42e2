"""Roles of Azure as shadows need them: what each gives, where it can be assigned, who holds custom ones and where.

A custom role is rewritten by whoever may write its definition at all places where it can be assigned. Whoever holds it
somewhere can do everything there then.
https://learn.microsoft.com/azure/role-based-access-control/custom-roles#who-can-create-delete-update-or-view-a-custom-role
"""

from __future__ import annotations

import hashlib
import json
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from leastwise.model.decision import State
from leastwise.providers.microsoft.shadows import Added, members, rewritten

from . import catalog
from .compiled.assigned import Assigned
from .compiled.placing import Placed
from .language.ids import ROOT
from .language.roles import Entry, Role, parse_role

EVERYTHING = "5ead0e00-0000-4000-8000-000000000001"
"""The role of ours that has all operations."""
_DEFINITIONS = "/providers/Microsoft.Authorization/roleDefinitions/"


@dataclass(frozen=True, slots=True)
class Custom:
    """A role of the tenant, and where it can be assigned; none where that is not told."""

    role: Role
    scopes: tuple[str, ...]


class Roles:
    """The roles that an estate tells, and Azure's own.

    Args:
        own: its trees, the newest first.
        places: of the estate.
    """

    def __init__(self, own: Sequence[Added], places: Placed) -> None:
        self.custom: dict[str, Custom] = {}
        self._places = places
        for one in own:
            texts = [row["text"] for row in one.rows("documents")]
            for row in one.rows("policies"):
                if row["kind"] == "custom_role" and row["document"] is not None:
                    told = json.loads(texts[row["document"]])
                    scopes = tuple(str(scope) for scope in told.get("assignableScopes", ()))
                    self.custom.setdefault(row["id"], Custom(parse_role(told), scopes))

    def keys(self) -> list[str]:
        """All of them, sorted."""
        return sorted({*catalog.current().roles, *self.custom})

    def entries(self, key: str) -> tuple[Entry, ...]:
        """What a role gives; nothing where no list and no catalogue tells it."""
        known = self.custom.get(key)
        role = known.role if known is not None else catalog.role(key)
        return () if role is None else role.entries

    def title(self, key: str) -> str:
        """What people call a role."""
        known = self.custom.get(key)
        role = known.role if known is not None else catalog.role(key)
        return key if role is None else role.title

    def defined_at(self, key: str) -> tuple[tuple[str, ...], State]:
        """The places at which a definition must be writable; CONDITIONAL where they are not told, UNKNOWN if not read.

        At what is no place of the estate nobody has more than at what it lies in.
        """
        scopes = self.custom[key].scopes
        found = [self._known(one) for one in scopes]
        known = tuple(dict.fromkeys(one for one in found if one is not None))
        if not scopes:
            return (), State.CONDITIONAL
        return known, State.ALLOWED if None not in found else State.UNKNOWN

    def _known(self, scope: str) -> str | None:
        """A place of the estate, or the nearest above it in its own container; None where that is not known."""
        key = scope.lower().rstrip("/") or ROOT
        while key not in self._places.numbers:
            key = key.rpartition("/")[0]
            if not key:
                return None
        return self._places.ids[self._places.numbers[key]]


class Rewriting:
    """Who holds which custom role where, and who that is once the role gives everything.

    Args:
        roles: of the estate.
        assigned: who is given what.
        places: of the estate.
        over: of each place whoever can do everything there.
        inside: who is in which group.
        groups: of each group whoever would be only its member.
        added: to what shadows are added.
    """

    def __init__(
        self, roles: Roles, assigned: Assigned, places: Placed, over: Mapping[str, str],
        inside: Mapping[str, list[str]], groups: Mapping[str, str], added: Added,
    ) -> None:  # fmt: skip
        self._roles, self._places, self._over, self._added = roles, places, over, added
        held: dict[tuple[str, str, str], dict[str, None]] = defaultdict(dict)
        for row in assigned.given:
            number = places.numbers.get(row.key)
            if row.role in roles.custom and number is not None:
                holders = members(inside, row.principal, groups)
                held[row.role, places.ids[number], row.condition].update((one, None) for one in holders)
        self.titles: dict[str, str] = {}
        self.rewriting: dict[str, Mapping[str, Sequence[str]]] = {}
        self.above: dict[str, str] = {}
        self.defined: dict[str, tuple[str, ...]] = {}
        self.so: dict[str, State] = {}
        for (role, place, condition), several in sorted(held.items()):
            self._add(role, place, condition, list(several))

    def pairs(self) -> Iterator[tuple[str, str]]:
        """Each role where it is held, and whoever has everything there then."""
        return ((thing, shadow) for thing, several in self.rewriting.items() for shadow in several)

    def _add(self, role: str, place: str, condition: str, holders: Sequence[str]) -> None:
        thing = f"{'' if place == ROOT else place}{_DEFINITIONS}{role}"
        shadow = self._over[place]
        if condition:
            mark = digest([condition])
            thing, shadow = f"{thing}?{mark}", self._limited(role, place, condition, mark)
        top = self._places.tops[self._places.numbers[place.lower()]]
        self.above[shadow] = self._over.get(self._places.ids[top], "")
        self.rewriting[thing] = {shadow: holders}
        self.defined[thing], self.so[thing] = self._roles.defined_at(role)
        # Where that is not told, it is so at the place where the role is held at least.
        self.defined[thing] = self.defined[thing] or (place,)

    def _limited(self, role: str, place: str, condition: str, mark: str) -> str:
        """Whoever has everything at a place under a condition."""
        shadow = self._added.user(rewritten(role, place, mark), "")
        told = {"roleDefinitionId": EVERYTHING, "principalId": shadow, "condition": condition}
        self._added.assigned(place, told | {"conditionVersion": "2.0"})
        self.titles[shadow] = f"whoever holds {self._roles.title(role)} at {place} once it gives everything"
        return shadow


def digest(texts: Iterable[str]) -> str:
    """A short mark of some texts."""
    return hashlib.sha256(json.dumps(sorted(texts)).encode()).hexdigest()[:12]


def written(entries: Iterable[Entry]) -> list[dict[str, Any]]:
    """Entries as a role definition has them; those without exceptions and conditions as one, for they only add up."""
    whole: dict[str, dict[str, None]] = {"actions": {}, "dataActions": {}}
    found: dict[Entry, None] = {}
    for one in entries:
        if one.condition or one.not_actions.texts or one.not_data_actions.texts:
            found[one] = None
            continue
        whole["actions"] |= dict.fromkeys(one.actions.texts)
        whole["dataActions"] |= dict.fromkeys(one.data_actions.texts)
    told: list[dict[str, Any]] = [
        {
            "actions": [*one.actions.texts], "notActions": [*one.not_actions.texts],
            "dataActions": [*one.data_actions.texts], "notDataActions": [*one.not_data_actions.texts],
            **({"condition": one.condition, "conditionVersion": "2.0"} if one.condition else {}),
        }
        for one in found
    ]  # fmt: skip
    return [{name: [*several] for name, several in whole.items()}, *told]
