"""Paths as plain values: shadows by what they stand for, hops with what each needs."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import TYPE_CHECKING, Any

from leastwise.model.decision import State

from .evidence import Evidence
from .worth import Worth, Worths

if TYPE_CHECKING:
    from leastwise.graph.paths import Beyond, Hop, Path

    from .escalation_graph import EscalationGraph

_STATES = (State.ALLOWED, State.CONDITIONAL, State.UNKNOWN)


class Telling:
    """Tells of one graph, with what decides each step at a moment."""

    def __init__(self, graph: EscalationGraph, moment: datetime) -> None:
        self._graph, self._evidence = graph, Evidence(graph, moment)

    def hop(self, hop: Hop) -> dict[str, Any]:
        """A hop as the JSON interface has it."""
        return {
            "from": self._graph.named(hop.source), "from_name": self._graph.name(hop.source),
            "to": self._graph.named(hop.target), "to_name": self._graph.name(hop.target), "provider": hop.rule.provider,
            "rule": hop.rule.id, "title": hop.rule.title, "gain": hop.rule.gain, "state": str(hop.state),
            "through": "" if hop.after >= 0 and hop.together < 0 else hop.thing,
            "missing": hop.missing, "provided": hop.rule.provided,
            "first": self._first(hop),
            "presupposes": [one.so for one in hop.rule.where],
            "needs": self._evidence.of(hop),
            "technique": hop.rule.technique, "checks": list(hop.rule.checks), "remediation": hop.rule.remediation,
            "joins": self._joins(hop),
        }  # fmt: skip

    def _first(self, hop: Hop) -> list[str]:
        """What is changed before the step can be made, and by whom."""
        graph = self._graph
        return [
            f"{graph.named(one.who)} {one.text} {graph.named(graph.place(hop, one.steps[0][0]))}"
            for one in graph.done(hop) if one.text
        ]  # fmt: skip

    def _joins(self, hop: Hop) -> list[dict[str, Any]]:
        """The ways that a hop joins: to an identity (none to oneself), and to the power over what it may do; or to all
        who do something so that it opens.
        """
        from leastwise.graph.joints import ways_joined

        if hop.together >= 0:
            ways = {one.who: one.way for one in self._graph.done(hop)}
            return [self.path(one) for one in ways.values() if one is not None]
        both = ways_joined(self._graph.gates, hop) if hop.after >= 0 else ()
        return [self.path(one) for one in both if one is not None]

    def path(self, path: Path) -> dict[str, Any]:
        """A path as the JSON interface has it."""
        first, last = path.hops[0].source, path.hops[-1].target
        providers = [self._graph.provider(first), *(one.rule.provider for one in path.hops)]
        return {
            "from": self._graph.named(first), "from_name": self._graph.name(first),
            "to": self._graph.named(last), "to_name": self._graph.name(last), "state": str(path.state),
            "providers": list(dict.fromkeys([*filter(None, (*providers, self._graph.provider(last)))])),
            "hops": [self.hop(one) for one in path.hops],
        }  # fmt: skip

    def blast(self, reached: Iterable[tuple[Beyond, State]], worths: Worths) -> list[dict[str, Any]]:
        """What can be reached, as the JSON interface has it: what matters most first, of that the surest."""
        told = [(worths.of(self._graph.gates.nodes[one.node]), one, state) for one, state in reached]
        told.sort(key=lambda each: (each[0].rank, _STATES.index(each[2]), each[1].steps))
        return [self._reached(one, state, worth) for worth, one, state in told]

    def _reached(self, one: Beyond, state: State, worth: Worth) -> dict[str, Any]:
        graph = self._graph
        id = graph.gates.nodes[one.node]
        first = graph.gates.nodes[one.first] if one.first != one.node else ""
        return {
            "provider": graph.provider(id), "id": graph.named(id), "name": graph.name(id),
            "what": graph.what(id), "kind": graph.kind(id),
            "account": graph.lies_in(id), "sensitivity": worth.sensitivity, "environment": worth.environment,
            "steps": one.steps, "through": graph.named(first), "through_name": graph.name(first), "state": str(state),
        }  # fmt: skip
