"""The table `powers_view`: each identity with what it can become and get at, and what makes that dangerous."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.compute as pc

from leastwise.engine.columns import arrow_schema
from leastwise.model.decision import State
from leastwise.model.tables import POWERS_VIEW
from leastwise.rules.views import columns_of

from .escalation_graph import EscalationGraph
from .estate import OpenEstate
from .meant import meant

if TYPE_CHECKING:
    from leastwise.graph.paths import Path

_WORDS: Mapping[State | None, str] = {
    State.ALLOWED: "yes", State.CONDITIONAL: "conditional", State.UNKNOWN: "unknown", None: "no",
}  # fmt: skip
_ASSUMING = ("account", "principal")
"""Kinds of subjects of which an external id can be required."""


class Powers:
    """Works the table out.

    Args:
        estate: with the read models of the identities.
        graph: of the same estate.
    """

    def __init__(self, estate: OpenEstate, graph: EscalationGraph) -> None:
        self._estate, self._graph = estate, graph
        administrators, jewels = graph.targets("admin"), self._jewels()
        self._admin, self._worth = Reaching(graph, administrators), Reaching(graph, jewels)

    def _jewels(self) -> list[int]:
        from leastwise.errors import NotFoundError

        try:
            return list(meant(self._graph, self._estate.overlays.file, "jewels").nodes)
        except NotFoundError:
            return []  # there are none, or none that was read

    def table(self) -> pa.Table:
        """A row for each identity."""
        identities = self._estate.view("identities")
        ids = identities["id"].cast(pa.string()).to_pylist()
        keys, public, strangers = self._keys(), self._public(), self._strangers()
        made = {
            "oldest_key": [keys.get(id) for id in ids],
            "public": [sorted(public.get(id, ())) for id in ids],
            "strangers": [sorted(strangers.get(id, ())) for id in ids],
            **self._ways(ids),
        }  # fmt: skip
        schema = arrow_schema(POWERS_VIEW)
        columns = {name: pa.array(values, schema.field(name).type) for name, values in made.items()}
        wanted = [name for name in columns_of("powers") if name in identities.column_names or name in columns]
        return pa.table({name: columns[name] if name in columns else identities[name] for name in wanted})

    def _ways(self, ids: Sequence[str]) -> dict[str, list[Any]]:
        found: dict[str, list[Any]] = defaultdict(list)
        for id in ids:
            admin, worth = self._admin.path(id), self._worth.path(id)
            best = admin or worth
            found["administers"].append(_WORDS[None if admin is None else admin.state])
            found["administers_in"].append(None if admin is None else len(admin.hops))
            found["administered"].append(self._admin.reached(id, self._account))
            found["jewels"].append(_WORDS[None if worth is None else worth.state])
            found["jewels_in"].append(None if worth is None else len(worth.hops))
            found["reached"].append(self._worth.reached(id, self._graph.named))
            found["way"].append("" if best is None else self._told(best))
        return found

    def _account(self, id: str) -> str:
        return self._graph.lies_in(id) or self._graph.named(id)

    def _told(self, path: Path) -> str:
        return "; then ".join(f"{hop.rule.title}: {self._graph.named(hop.target)}" for hop in path.hops)

    def _keys(self) -> dict[str, datetime]:
        """The creation of the oldest active key of each holder."""
        view = self._estate.view("credentials_view")
        view = view.filter(pc.and_(pc.equal(view["kind"], "access_key"), pc.fill_null(view["active"], False)))
        found: dict[str, datetime] = {}
        for holder, created in _columns(view, "principal", "created"):
            if created is not None and (holder not in found or created < found[holder]):
                found[holder] = created
        return found

    def _public(self) -> dict[str, set[str]]:
        """The things that anyone may use, by the identity that each runs as."""
        view = self._estate.view("resources_view")
        found: dict[str, set[str]] = defaultdict(set)
        for id, principal, public, meant_so in _columns(view, "id", "principal", "public", "public_meant"):
            if principal and public == "yes" and not meant_so:
                found[principal].add(id)
        return found

    def _strangers(self) -> dict[str, set[str]]:
        """Accounts of strangers that need no external id, where one is to be expected, by whom they may become."""
        view = self._estate.view("trusts_view")
        names = ("principal", "subject_kind", "subject_account", "account", "external_id", "external_id_expected")
        found: dict[str, set[str]] = defaultdict(set)
        for principal, kind, outside, account, required, expected in _columns(view, *names):
            if kind in _ASSUMING and outside and outside != account and expected and not required:
                found[principal].add(outside)
        return found


class Reaching:
    """Ways to some nodes: the best of each identity, and to which of them it has one that is no guess.

    Args:
        graph: of the estate.
        targets: the nodes.
    """

    def __init__(self, graph: EscalationGraph, targets: Sequence[int]) -> None:
        from leastwise.graph.paths import Searching

        self._graph, self._searching = graph, Searching(graph.networks, targets)
        self._ends: dict[int, list[int]] = defaultdict(list)
        for target in targets:
            for node in graph.networks[1].reaching([target]):
                if node != target:
                    self._ends[node].append(target)

    def path(self, id: str) -> Path | None:
        """The best way of an identity; None where it has none."""
        node = self._graph.numbers.get(id)
        return None if node is None else self._searching.path(node)

    def reached(self, id: str, named: Callable[[str], str]) -> list[str]:
        """Which of the nodes an identity surely gets to, or can, by what they are called."""
        ends = self._ends.get(self._graph.numbers.get(id, -1), ())
        return sorted(named(self._graph.gates.nodes[one]) for one in ends)


def _columns(view: pa.Table, *names: str) -> Iterable[tuple[Any, ...]]:
    return zip(*(_plain(view[name]) for name in names), strict=True)


def _plain(column: pa.ChunkedArray) -> list[Any]:
    found: list[Any] = column.to_pylist()
    return found
