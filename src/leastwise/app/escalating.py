"""The graph of an estate made: who can become whom, of all its providers together."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING

from leastwise.model.snapshot import Estate

from .asking import Asking, scope_tables
from .escalation_graph import EscalationGraph, Part
from .graph_facts import READS, GraphFacts
from .overlay import READS as OVERLAY_READS
from .overlay import laid_over
from .parts import parts_of
from .wiring import Workspace

if TYPE_CHECKING:
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
        scopes = _scopes(workspace, asking, estate, provider)
        made = part_of(provider, scopes, alone, asking.moment or workspace.now())
        yield replace(made, unread=asking.unread)


def _scopes(workspace: Workspace, asking: Asking, estate: Estate, provider: Provider) -> Sequence[ScopeTables]:
    answering, escalating = provider.answering, provider.escalating
    assert answering is not None
    assert escalating is not None
    changed = asking.overlay is not None and answering.changing is not None
    read: dict[str, tuple[str, ...]] = {}
    for told in (answering.reads(), escalating.reads(), READS, OVERLAY_READS if changed else {}):
        for name, columns in told.items():
            read[name] = tuple(dict.fromkeys((*read.get(name, ()), *columns)))
    scopes = scope_tables(workspace, estate, provider.name, read, provider.directories)
    if asking.overlay is None or answering.changing is None:
        return scopes
    return laid_over(asking.overlay, scopes, answering.changing)


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
    from leastwise.graph.gates import Building
    from leastwise.graph.links import Links
    from leastwise.rules.escalation import load_escalation

    assert provider.answering is not None
    assert provider.escalating is not None
    shaded, shadows = provider.escalating.shaded(scopes)
    access = provider.escalating.relates(provider.answering.compile(shaded), alone)
    if rules is None:
        rules = [rule for rule in load_escalation() if rule.provider == provider.name]
    links = Links([one.tables for one in shaded], shadows)
    gates = Building(access, links, shadows, GraphFacts(shaded).told(), moment).gates(rules)
    return Part(provider.name, gates, GraphFacts(scopes), access, sides=provider.escalating.sides)
