"""The graph of an estate: who can become whom, as values that can be told."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cached_property
from typing import TYPE_CHECKING, Any

from leastwise.errors import NotFoundError, UsageError
from leastwise.model.decision import State

from .asking import Asking, scope_tables
from .graph_facts import READS, GraphFacts
from .overlay import READS as OVERLAY_READS
from .overlay import laid_over
from .wiring import Workspace

if TYPE_CHECKING:
    from leastwise.graph.gates import Gates
    from leastwise.graph.network import Network
    from leastwise.graph.paths import Beyond, Hop, Path
    from leastwise.providers.base import Provider, ScopeTables
    from leastwise.rules.escalation import EscalationRule

ADMIN = "admin"


@dataclass(frozen=True)
class EscalationGraph:
    """The graph of one provider's part of an estate.

    Args:
        provider: its name.
        gates: the graph.
        facts: what the tables tell besides.
        unread: what could not be read of the estate.
    """

    provider: str
    gates: Gates
    facts: GraphFacts
    unread: Sequence[str] = ()

    @property
    def missing(self) -> list[str]:
        """What was not read, and might add gates."""
        return list(dict.fromkeys((*self.gates.missing, *self.unread)))

    @cached_property
    def numbers(self) -> Mapping[str, int]:
        """The node of each id."""
        return {id: number for number, id in enumerate(self.gates.nodes)}

    @cached_property
    def networks(self) -> tuple[Network, ...]:
        """The gates that are surely open, with those under a condition, and all."""
        from leastwise.graph.network import Network
        from leastwise.graph.paths import LEVELS

        return tuple(Network(self.gates, states) for states in LEVELS)

    def targets(self, wanted: str) -> list[int]:
        """The nodes that are meant: `admin` for administrators of all accounts, `admin:ACCOUNT`, or an id.

        Raises:
            NotFoundError: nothing has that id.
        """
        administrators = self.gates.shadows.administrator
        if wanted == ADMIN:
            return [self.numbers[id] for id in administrators.values() if id in self.numbers]
        if wanted.startswith(f"{ADMIN}:"):
            account = wanted.partition(":")[2]
            if account not in administrators:
                raise NotFoundError(
                    f"--to: no account {account} was read; known are {', '.join(sorted(administrators))}"
                )
            return [self.numbers[administrators[account]]] if administrators[account] in self.numbers else []
        if wanted in self.numbers:
            return [self.numbers[wanted]]
        if self.facts.known(wanted):
            return []  # it is there, and nobody reaches it
        raise NotFoundError(f"{wanted}: nothing of the estate has this id")

    def source(self, wanted: str) -> int:
        """The node of a principal, by its id or a name that only one has. Raises NotFoundError, UsageError."""
        found = self.numbers.get(wanted)
        if found is not None:
            return found
        named = self.facts.named(wanted)
        if len(named) > 1:
            told = ", ".join(named[:3])
            raise UsageError(f"{wanted}: several principals have this name, as {told}: name one by its id")
        if not named or named[0] not in self.numbers:
            raise NotFoundError(f"{wanted}: no principal of the estate has this id or name")
        return self.numbers[named[0]]

    def paths(self, wanted: str, source: str | None = None, most: int | None = None) -> tuple[list[Path], int]:
        """The best path of each principal (or of one) to what is wanted, and how many have one.

        Raises:
            NotFoundError: nothing has an id that is named.
        """
        from leastwise.graph.paths import Searching

        searching = Searching(self.networks, self.targets(wanted))
        if source is not None:
            found = searching.path(self.source(source))
            return ([], 0) if found is None else ([found], 1)
        every = [one for one in searching.reaching() if self.gates.nodes[one] not in self._unreal]
        told = (searching.path(one) for one in (every if most is None else every[:most]))
        return [one for one in told if one is not None], len(every)

    def reached_values(self, source: str) -> list[dict[str, Any]]:
        """Whatever a principal can become or get at, the nearest first. Raises NotFoundError."""
        from leastwise.graph.paths import ANY, beyond

        start = self.source(source)
        found: dict[int, tuple[Beyond, State]] = {}
        for network, state in zip(self.networks, ANY, strict=True):
            for one in beyond(network, start):
                found.setdefault(one.node, (one, state))
        return [self._reached(one, state) for one, state in sorted(found.values(), key=lambda each: each[0].steps)]

    def _reached(self, one: Beyond, state: State) -> dict[str, Any]:
        nodes = self.gates.nodes
        through = self.named(nodes[one.first]) if one.first != one.node else ""
        return {
            "provider": self.provider, "id": self.named(nodes[one.node]), "what": self._what(one.node),
            "steps": one.steps, "through": through, "state": str(state),
        }  # fmt: skip

    def _what(self, node: int) -> str:
        id = self.gates.nodes[node]
        if id in self._unreal:
            return "power"
        return "data" if id in self._data else "principal"

    @cached_property
    def _unreal(self) -> frozenset[str]:
        return self.gates.shadows.ids()

    @cached_property
    def _data(self) -> frozenset[str]:
        gates = self.gates
        return frozenset(
            gates.nodes[node]
            for one in gates.gates
            if gates.rules[one.rule].gives == "data"
            for node in one.targets.tolist()
        )

    def named(self, id: str) -> str:
        """An id as people are told it: shadows by what they stand for."""
        return self._shadows.get(id, id)

    @cached_property
    def _shadows(self) -> dict[str, str]:
        shadows = self.gates.shadows
        limited: dict[str, list[str]] = {}
        for principal, id in shadows.anything.items():
            limited.setdefault(id, []).append(principal)
        found = {
            id: f"{several[0]} with any policy that its limits let through"
            if len(several) == 1 else f"any policy within the limits of {several[0]} and {len(several) - 1} others"
            for id, several in limited.items()
        }  # fmt: skip
        found |= {id: f"member of {group}" for group, id in shadows.member.items()}
        return found | {id: f"administrator of {account}" for account, id in shadows.administrator.items()}

    def hop_values(self, hop: Hop) -> dict[str, Any]:
        """A hop as the JSON interface has it."""
        shadows = self.gates.shadows
        account = shadows.places.get(self.facts.account(hop.about), "")
        places = {"target": hop.about, "thing": hop.thing or hop.about, "new": "*", "account": account}
        needs = [
            [{"principal": one.by or hop.source, "permission": one.permission, "on": f"{places[one.about]}{one.within}",
              "given": {key: list(values) for key, values in one.given.items()}} for one in step]
            for step in hop.rule.needs
        ]  # fmt: skip
        return {
            "from": self.named(hop.source), "to": self.named(hop.target), "rule": hop.rule.id, "title": hop.rule.title,
            "gain": hop.rule.gain, "state": str(hop.state), "through": hop.thing, "missing": hop.missing,
            "needs": needs, "technique": hop.rule.technique, "checks": list(hop.rule.checks),
            "remediation": hop.rule.remediation,
        }  # fmt: skip

    def path_values(self, path: Path) -> dict[str, Any]:
        """A path as the JSON interface has it."""
        return {
            "from": self.named(path.hops[0].source), "to": self.named(path.hops[-1].target), "state": str(path.state),
            "hops": [self.hop_values(one) for one in path.hops],
        }  # fmt: skip


def has_paths(asking: Asking, workspace: Workspace) -> bool:
    """Whether the provider that answers has escalation rules."""
    return workspace.provider(asking.provider).escalating is not None


def graph_for(workspace: Workspace, asking: Asking) -> EscalationGraph:
    """The graph of what one provider answers of, with the changes that the question brings.

    Raises:
        InputError: the changes do not apply.
    """
    provider = workspace.provider(asking.provider)
    answering, escalating = provider.answering, provider.escalating
    assert answering is not None
    assert escalating is not None
    reads: dict[str, tuple[str, ...]] = {}
    for told in (answering.reads(), escalating.reads(), READS):
        for name, columns in told.items():
            reads[name] = tuple(dict.fromkeys((*reads.get(name, ()), *columns)))
    if asking.overlay is not None:
        for name, columns in OVERLAY_READS.items():
            reads[name] = tuple(dict.fromkeys((*reads.get(name, ()), *columns)))
    scopes = scope_tables(workspace, asking.estate, provider.name, reads, provider.directories)
    if asking.overlay is not None:
        scopes = laid_over(asking.overlay, scopes, answering.changing)
    alone = frozenset(id for id, account in asking.file.accounts.items() if account.organization == "none")
    return replace(graph_of(provider, scopes, alone, asking.moment or workspace.now()), unread=asking.unread)


def graph_of(
    provider: Provider,
    scopes: Sequence[ScopeTables],
    alone: Collection[str],
    moment: datetime | None,
    rules: Sequence[EscalationRule] | None = None,
) -> EscalationGraph:
    """The graph of some scopes of a provider that has one; by some rules, or all that are of it."""
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
    return EscalationGraph(provider.name, gates, GraphFacts(scopes))
