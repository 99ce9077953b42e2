"""The graph of an estate made: who can become whom, of all its providers together."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING

from leastwise.engine.quiet import without_collector
from leastwise.model.decision import Circumstances
from leastwise.model.snapshot import Estate

from .asking import Asking, compiled_name, kept_or_made
from .eligible import unread_offers
from .escalation_graph import EscalationGraph, Part
from .graph_facts import READS, GraphFacts
from .parts import parts_of
from .routing import changed_tables
from .scope_tables import scope_tables
from .wiring import Workspace

if TYPE_CHECKING:
    from leastwise.engine.access import Relates
    from leastwise.engine.arrays import Arrays
    from leastwise.graph.gates import Gates
    from leastwise.providers.base import Provider, ScopeTables
    from leastwise.rules.escalation import EscalationRule


def has_paths(asking: Asking, workspace: Workspace) -> bool:
    """Whether the provider that answers has escalation rules."""
    return workspace.provider(asking.provider).escalating is not None


def graph_for(
    workspace: Workspace, asking: Asking, further: Sequence[Gates] = (), outside: Sequence[str] = ()
) -> EscalationGraph:
    """The graph of an estate, with the changes that the question brings, of all its providers that have one.

    `further` are gates that lead from one provider to another, besides those that federation makes; `outside` names
    somebody of a system that no provider collects, who is asked about.

    Raises:
        InputError: the changes do not apply.
        UsageError: `outside` has the form of somebody outside, and names nobody.
    """
    from .federation import Federated

    further = (*further, Federated(workspace, asking.every).gates(outside))
    mine = {one.provider: one for one in asking.every if has_paths(one, workspace)}
    clouds = {name: one.name for one in workspace.providers().values() for name in one.directories}
    return EscalationGraph([part for one in mine.values() for part in _parts(workspace, one)], further, clouds)


def _parts(workspace: Workspace, asking: Asking) -> Iterator[Part]:
    """The graph of what one provider answers of; one for each of its scopes that is a world of its own."""
    provider = workspace.provider(asking.provider)
    alone = frozenset(id for id, account in asking.file.accounts.items() if account.organization == "none")
    for estate in parts_of(asking.estate, provider).values() or (asking.estate,):
        making = Making(provider, _scopes(workspace, asking, estate, provider), alone)
        made = (
            making.part(asking.moment or workspace.now())
            if asking.overlay
            else _kept(workspace, asking, estate, making)
        )
        # No permission is asked of what can be activated, so that no answer names it.
        mine = [one for one in estate.manifests if one.scope.provider == provider.name]
        yield replace(made, unread=[*asking.unread, *unread_offers(workspace, mine)])


def _kept(workspace: Workspace, asking: Asking, estate: Estate, making: Making) -> Part:
    """The part as it was kept; made and kept where it was not, or at a time at which conditions say something else."""
    from leastwise.graph.keeping import FORMAT, kept, moment_of, opened

    provider, moment = making.provider, asking.moment or workspace.now()
    told = json.dumps([FORMAT, making.formed, sorted(making.alone), repr(making.rules)])
    name = compiled_name(estate, provider, hashlib.sha256(told.encode()).hexdigest())
    shaded = f"{name[:24]}.shaded"

    def answers() -> Relates:
        return making.relates(kept_or_made(workspace, shaded, making.compiled))

    def made() -> Arrays:
        return kept(making.gates(answers(), moment), moment)

    arrays = kept_or_made(workspace, name, made)
    if not _alike(asking, provider.name, moment_of(arrays), moment):
        return making.part(moment)
    return making.told(opened(arrays, making.rules, making.shadows), answers)


def _alike(asking: Asking, provider: str, one: datetime | None, other: datetime) -> bool:
    """Whether every answer is the same at two moments."""
    if one is None:
        return False
    begin, end = sorted((one, other))
    mine = (each for each in asking.every if each.provider == provider)
    return begin == end or not any(each.access.moments(None, Circumstances(), begin, end) for each in mine)


def _scopes(workspace: Workspace, asking: Asking, estate: Estate, provider: Provider) -> Sequence[ScopeTables]:
    answering, escalating = provider.answering, provider.escalating
    assert answering is not None
    assert escalating is not None
    read: dict[str, tuple[str, ...]] = {}
    for told in (answering.reads(), escalating.reads(), READS):
        for name, columns in told.items():
            read[name] = tuple(dict.fromkeys((*read.get(name, ()), *columns)))
    if asking.overlay is not None:
        changed = changed_tables(workspace, asking.estate, estate, provider, asking.overlay, read)
        if changed is not None:
            return changed
    return scope_tables(workspace, estate, provider.name, read, provider.directories)


def graph_of(
    provider: Provider,
    scopes: Sequence[ScopeTables],
    alone: Collection[str],
    moment: datetime | None,
    rules: Sequence[EscalationRule] | None = None,
) -> EscalationGraph:
    """The graph of some scopes of a provider that has one; by some rules, or all that are of it."""
    return EscalationGraph([part_of(provider, scopes, alone, moment, rules)])


def part_of(
    provider: Provider,
    scopes: Sequence[ScopeTables],
    alone: Collection[str],
    moment: datetime | None,
    rules: Sequence[EscalationRule] | None = None,
) -> Part:
    """The same as a part of the graph of an estate."""
    return Making(provider, scopes, alone, rules).part(moment)


class Making:
    """Makes the part of one provider out of some scopes.

    Args:
        provider: one that has escalation rules.
        scopes: the tables.
        alone: accounts above which nothing stands.
        rules: by which; None: all that are of the provider.
    """

    def __init__(
        self,
        provider: Provider,
        scopes: Sequence[ScopeTables],
        alone: Collection[str],
        rules: Sequence[EscalationRule] | None = None,
    ) -> None:
        from leastwise.rules.escalation import load_escalation

        assert provider.answering is not None
        assert provider.escalating is not None
        self.provider, self.alone, self._scopes = provider, alone, scopes
        self._answering, self._escalating = provider.answering, provider.escalating
        with without_collector():
            self._shaded, self.shadows = provider.escalating.shaded(scopes)
        self.formed = provider.answering.format
        every = load_escalation() if rules is None else rules
        self.rules = [rule for rule in every if rules is not None or rule.provider == provider.name]

    def compiled(self) -> Arrays:
        """The arrays of the scopes with shadows."""
        return self._answering.compile(self._shaded)

    def relates(self, arrays: Arrays) -> Relates:
        """What answers from arrays."""
        return self._escalating.relates(arrays, self.alone)

    def gates(self, access: Relates, moment: datetime | None) -> Gates:
        """The gates as they are at a moment."""
        from leastwise.graph.gates import Building
        from leastwise.graph.links import Links

        links = Links([one.tables for one in self._shaded], self.shadows)
        with without_collector():
            return Building(access, links, self.shadows, GraphFacts(self._shaded).told(), moment).gates(self.rules)

    def told(self, gates: Gates, answers: Callable[[], Relates]) -> Part:
        """The part that some gates are."""
        return Part(self.provider.name, gates, GraphFacts(self._scopes), answers, sides=self._escalating.sides)

    def part(self, moment: datetime | None) -> Part:
        """The part as it is at a moment."""
        access = self.relates(self.compiled())
        return self.told(self.gates(access, moment), lambda: access)
