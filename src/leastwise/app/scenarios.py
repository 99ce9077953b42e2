"""Cases about paths, run on the graph of the estate that they describe."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from leastwise.errors import NotFoundError
from leastwise.model.conformance import CaseResult, CaseVerdict
from leastwise.model.decision import State

from .escalating import graph_of
from .escalation_graph import EscalationGraph

if TYPE_CHECKING:
    from leastwise.graph.paths import Path as Way
    from leastwise.providers.base import Provider, Scenario


def run_scenario(provider: Provider, suite: str, body: Mapping[str, Any], folder: Path) -> CaseVerdict:
    """The verdict on a case. Paths that need what the case does not tell count where it says nothing else.

    Raises:
        CaseError: it cannot be read.
    """
    assert provider.escalating is not None
    scenario = provider.escalating.scenarios[suite](body, folder)
    graph = _graph(provider, scenario)
    told, wrong = [], []
    for source in scenario.sources:
        accepted, called = scenario.wanted[source]
        way = _best(graph, scenario, source)
        # What the case does not tell may be there: a path that needs it answers neither yes nor no.
        found = "no" if way is None else "perhaps" if way.state is State.UNKNOWN else "yes"
        name = source.rsplit("/", 1)[-1]
        text = "no path" if way is None else f"{way.state}: {' > '.join(hop.rule.id for hop in way.hops)}"
        told.append(text if len(scenario.sources) == 1 else f"{name} {text}")
        if found not in accepted:
            wrong.append(f"{name}: {called} is expected")
    expected = sorted({called for _, called in scenario.wanted.values()})
    result = CaseResult.FAILED if wrong else CaseResult.PASSED
    return CaseVerdict(result, ", ".join(expected), "; ".join(told), "; ".join(wrong))


def _best(graph: EscalationGraph, scenario: Scenario, source: str) -> Way | None:
    for target in scenario.targets:
        try:
            found, _ = graph.paths(target, source)
        except NotFoundError:
            continue
        if found:
            return found[0]
    return None


_LAST: list[tuple[Scenario, EscalationGraph]] = []


def _graph(provider: Provider, scenario: Scenario) -> EscalationGraph:
    """The graph of a case; that of the last one where it is about the same accounts."""
    if not _LAST or _LAST[0][0].scopes is not scenario.scopes:
        _LAST[:] = [(scenario, graph_of(provider, scenario.scopes, scenario.alone, scenario.at))]
    return _LAST[0][1]
