"""How much it matters who gets at something: crown jewels, tags of sensitivity, production, administrators."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from .escalation_graph import EscalationGraph
from .estate_file import EstateFile
from .meant import sensitivity_of

PRODUCTION = "production"
_TAG = "sensitivity"


@dataclass(frozen=True)
class Worth:
    """What something is worth, the least number first.

    Args:
        rank: 0 administrators of production, 1 crown jewels, 2 other administrators, 3 things that say how sensitive
            they are, 4 other data in production, 5 other data, 6 principals and what else they could be.
        sensitivity: the word for it, of estate.yaml or a tag; empty where nothing says.
        environment: of its account, as estate.yaml has it.
    """

    rank: int
    sensitivity: str = ""
    environment: str = ""


class Worths:
    """What the things and powers of a graph are worth, as estate.yaml and tags tell; `used` collects its parts."""

    def __init__(self, graph: EscalationGraph, file: EstateFile) -> None:
        self._graph = graph
        self._jewels = sensitivity_of(graph, file)
        self._environments = _environments(file)
        self.used: set[str] = set()

    def of(self, id: str) -> Worth:
        """That of a principal, resource or administrator, by the id of its node."""
        graph = self._graph
        account = graph.lies_in(id)
        environment = self._environments.get(account, "")
        if environment:
            self.used.add("environments")
        if id in self._jewels:
            self.used.add("crown_jewels")
            return Worth(1, self._jewels[id], environment)
        if id in graph.shadows:
            administers = id in graph.gates.shadows.administrator.values()
            return Worth(6 if not administers else 0 if environment == PRODUCTION else 2, "", environment)
        if id not in graph.data:
            return Worth(6, "", environment)
        said = next((word for one in graph.parts if (word := one.facts.tags(id).get(_TAG))), "")
        return Worth(3 if said else 4 if environment == PRODUCTION else 5, said, environment)


def _environments(file: EstateFile) -> Mapping[str, str]:
    """The environment of each account: what `environments` says, else what the account's own entry says."""
    found = {id: one.environment for id, one in file.accounts.items() if one.environment}
    return found | {id: name for name, accounts in file.environments.items() for id in accounts}
