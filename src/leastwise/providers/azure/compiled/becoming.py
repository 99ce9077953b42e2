"""Everybody who can become a managed identity that can, or may give the role to himself.

Ways that are sure, each with its page:
- whoever writes a federated credential of an identity signs in as it with a token of his own issuer
  (https://learn.microsoft.com/entra/workload-id/workload-identity-federation-create-trust-user-assigned-managed-identity),
- whoever runs commands on a virtual machine asks there for tokens of its identities
  (https://learn.microsoft.com/azure/virtual-machines/run-command-overview,
  https://learn.microsoft.com/entra/identity/managed-identities-azure-resources/how-to-use-vm-token),
- whoever may assign an identity, write a machine that there is, and run commands on that, attaches it to the machine
  (https://learn.microsoft.com/entra/identity/managed-identities-azure-resources/how-to-configure-managed-identities),
- whoever writes role assignments gives himself a role (`granting`).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np

from leastwise.engine.arrays import Array
from leastwise.model.decision import RANK, Link
from leastwise.providers.bulk.becoming import Jointly, Through, follow
from leastwise.providers.bulk.listing import Found, Telling, Told

from ..evaluate.request import Request
from ..language.ids import arm_id
from ..language.operations import Plane
from .anywhere import Anywhere
from .granting import Granting
from .relating import Relating
from .who import Who

_TRUSTS = "microsoft.managedidentity/userassignedidentities/federatedidentitycredentials/write"
_ASSIGNS = "microsoft.managedidentity/userassignedidentities/assign/action"
_MACHINE = "compute:virtualmachines"
_WRITES = "microsoft.compute/virtualmachines/write"
_RUNS = {
    _MACHINE: (
        "microsoft.compute/virtualmachines/runcommand/action",
        "microsoft.compute/virtualmachines/runcommands/write",
        "microsoft.compute/virtualmachines/extensions/write",
    ),
    "compute:virtualmachinescalesets": (
        "microsoft.compute/virtualmachinescalesets/virtualmachines/runcommand/action",
    ),
}  # fmt: skip
"""Operations that run commands, by the kind of what they run on."""


@dataclass(frozen=True, slots=True)
class _Way:
    """A managed identity that leads on."""

    number: int
    told: Telling

    @property
    def target(self) -> int:
        """Which identity."""
        return self.number


class Becoming:
    """Finds those who can become managed identities, or give themselves roles, under the circumstances of a question.

    Args:
        who: the estate.
        anywhere: of it.
        asked: the question; its caller does not matter.
    """

    def __init__(self, who: Who, anywhere: Anywhere, asked: Request) -> None:
        self._who, self._anywhere, self._held, self._asked = who, anywhere, who.held, asked
        self._granting = Granting(who)
        self._missing: dict[str, None] = {}

    def find(self, found: Found, *, somewhere: bool) -> tuple[str, ...]:
        """Find those who can become one of those found, and those who give themselves what is asked.

        Returns what was not read of these. `somewhere`: what is asked is whether there is a resource.
        """
        for asked in self._anywhere_written() if somewhere else [self._asked]:
            for numbers, told in self._granting.themselves(asked):
                found.add(numbers, told)
        follow(list(self._starts(found, found.numbers())), lambda way: self._further(way, found))
        return tuple(self._missing)

    def _anywhere_written(self) -> Iterator[Request]:
        """The question, of any resource that lies where somebody may write role assignments."""
        places = self._held.assignments.place
        written = self._granting.written(self._anywhere.at(self._asked, 0))
        numbers = self._anywhere.granting(written, Plane.CONTROL).numbers
        for place in np.unique(places[numbers]).tolist():
            yield self._anywhere.at(self._asked, place)

    def _starts(self, found: Found, numbers: Array) -> Iterator[_Way]:
        for number in numbers.tolist():
            told = found.told(number)
            if told is not None and (number in self._identities or number in self._hosts):
                yield _Way(number, told)

    def _further(self, way: _Way, found: Found) -> Iterator[_Way]:
        """Find whoever takes a step to an identity; the identities that lead on from there."""
        id = self._held.members[way.number]
        for kind, numbers, step in self._steps(way.number):
            link = Link(kind, id, self._held.word("name", way.number) or id)
            yield from self._starts(found, found.add(numbers, Through(step, link, way.told)))

    # --- steps

    def _steps(self, number: int) -> Iterator[tuple[str, Array, Telling]]:
        """Who can become an identity in one step, and the kind of that."""
        identity = self._identities.get(number)
        if identity is not None:
            for numbers, told in self._let_in(_TRUSTS, identity):
                yield "federated_credential", numbers, told
            for numbers, told in self._let_in(_ASSIGNS, identity):
                for kept, machine in self._machinists:
                    yield "assigned_identity", np.intersect1d(numbers, kept), Jointly(told, machine)
        for host, operations in self._hosts.get(number, ()):
            for operation in operations:
                for numbers, told in self._let_in(operation, host):
                    yield "run_command", numbers, told

    def _let_in(self, operation: str, resource: str) -> Iterator[tuple[Array, Telling]]:
        """Who can do something to a resource, or gives himself the role to."""
        at = arm_id(resource)
        asked = replace(
            self._asked, operation=operation, plane=Plane.CONTROL, resource=at, estate=self._held.estate_of(at)
        )
        self._missing |= dict.fromkeys(self._who.unread(asked))
        yield from self._who.let_in(asked)
        yield from self._granting.themselves(asked)

    @cached_property
    def _machinists(self) -> list[tuple[Array, Telling]]:
        """Who can write a machine that there is and run commands on it, the surest answer of each."""
        held = self._held
        about = np.array([kind == _MACHINE for kind in held.place_kinds], np.bool_)
        relating = Relating(self._who, self._anywhere)

        def related(operation: str) -> list[tuple[Array, Array, Telling]]:
            asked = replace(self._asked, operation=operation, plane=Plane.CONTROL)
            found = relating.relation(asked, operation, about)
            numbers = {id: held.member_number(id) or 0 for id in found.principals}
            return [
                (
                    np.array(sorted(numbers[found.principals[one]] for one in each.principals), np.int64),
                    np.array(each.resources.to_array()),
                    Told(each.state, each.missing, lambda each=each: each.residual),  # type: ignore[misc]
                )
                for each in found.rectangles
            ]

        running = [one for operation in _RUNS[_MACHINE] for one in related(operation)]
        best = Found(held)
        for who, where, told in related(_WRITES):
            for others, places, run in running:
                both = np.intersect1d(who, others)
                if len(both) and len(np.intersect1d(where, places)):
                    best.add(both, Jointly(told, run))
        gathered: dict[int, tuple[Telling, list[int]]] = {}
        for number in best.numbers().tolist():
            one = best.told(number)
            assert one is not None
            gathered.setdefault(id(one), (one, []))[1].append(number)
        parts = sorted(gathered.values(), key=lambda part: RANK[part[0].state])
        return [(np.array(numbers, np.int64), one) for one, numbers in parts]

    # --- identities

    @cached_property
    def _identities(self) -> dict[int, str]:
        """The resource of each identity of the user's, by its number."""
        told = self._held.facts["identities"].items()
        return {number: id for who, id in told if (number := self._held.member_number(who)) is not None}

    @cached_property
    def _hosts(self) -> dict[int, list[tuple[str, tuple[str, ...]]]]:
        """What each identity is attached to and commands can be run on, with the operations that do it."""
        found: dict[int, list[tuple[str, tuple[str, ...]]]] = {}
        for resource, principal in self._held.facts["hosts"]:
            number, place = self._held.member_number(principal), self._held.place_number(resource.lower())
            if number is not None and place is not None:
                kind = self._held.place_kinds[int(self._held.arrays["place.kind"][place])]
                if kind in _RUNS:
                    found.setdefault(number, []).append((resource, _RUNS[kind]))
        return found
