"""Hops asked again: what decides each permission that a hop needs."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

from leastwise.errors import NotFoundError, UsageError
from leastwise.model.decision import Circumstances, Decision, State

from .asking import decision_values
from .escalation_graph import EscalationGraph, Part

if TYPE_CHECKING:
    from leastwise.graph.paths import Hop
    from leastwise.rules.escalation import Need


class Evidence:
    """Asks whoever answers of a principal; each question once.

    Args:
        graph: whose hops they are.
        moment: when requests are made.
    """

    def __init__(self, graph: EscalationGraph, moment: datetime) -> None:
        self._graph, self._moment = graph, moment
        self._known: dict[tuple[int, str, str, str | None, tuple[tuple[str, tuple[str, ...]], ...]], Decision] = {}

    def of(self, hop: Hop) -> list[list[dict[str, Any]]]:
        """What a hop needs as the JSON interface has it: of every step any one, each with the decision on it."""
        return [[self._need(hop, need, on) for need, on in step] for step in self._graph.steps(hop)]

    def _need(self, hop: Hop, need: Need, on: str) -> dict[str, Any]:
        principal = self._graph.asker(hop, need)
        told = {
            "principal": self._graph.named(principal), "permission": need.permission, "on": on,
            "given": {key: list(values) for key, values in need.given.items()}, "open": list(need.open),
        }  # fmt: skip
        return {**told, "decision": decision_values(self.decision(hop, need, on))}

    def decision(self, hop: Hop, need: Need, on: str) -> Decision:
        """What the evaluator says of one need of a hop; UNKNOWN where it cannot be asked."""
        part = self._part(hop)
        principal = self._graph.asker(hop, need)
        if not on:
            return Decision(State.UNKNOWN, missing=(f"what {need.permission} is about is not known",))
        if part is None:
            return Decision(State.UNKNOWN, missing=(f"{hop.rule.provider} is not asked",))
        resource = None if on == "*" else on
        key = (id(part), principal, need.permission, resource, (*sorted(need.given.items()), ("", need.open)))
        if key not in self._known:
            given = Circumstances(context=need.given, moment=self._moment, open=need.open)
            try:
                self._known[key] = part.access.can(principal, need.permission, resource, given)
            except (NotFoundError, UsageError) as error:
                self._known[key] = Decision(State.UNKNOWN, missing=(str(error),))
        return self._known[key]

    def _part(self, hop: Hop) -> Part | None:
        """Who answers: of several parts of one provider the one that knows who goes."""
        mine = [one for one in self._graph.parts if one.provider == hop.rule.provider]
        return next((one for one in mine if one.facts.known(hop.source)), mine[0] if mine else None)
