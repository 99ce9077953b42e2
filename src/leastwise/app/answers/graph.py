"""The escalation graph: paths, blast radius, exposure, privileged principals, choke points, toxic combinations."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from leastwise.errors import UsageError

from ..asking import Asking
from ..choking import Choking
from ..escalating import graph_for, has_paths
from ..escalation_graph import EscalationGraph
from ..estate import OpenEstate
from ..evidence import Evidence
from ..exposure import privileged as privileged_of
from ..exposure import shares
from ..holder import holder_of
from ..meant import Meant, meant
from ..path_search import Wanted, search
from ..path_values import Telling
from ..person_reach import joint_reach, person_accounts
from ..posture import FindingRow
from ..toxic import toxic as toxic_of
from ..wiring import Workspace
from ..worth import Worths
from .told import Told

if TYPE_CHECKING:
    from leastwise.graph.paths import Path


@dataclass(frozen=True)
class Graphed:
    """An estate with its graph.

    Args:
        workspace: where it lies.
        asking: the estate as all its providers answer of it.
        graph: the graph of all providers that have escalation rules.
        unasked: the providers that have none.
    """

    workspace: Workspace
    asking: Asking
    graph: EscalationGraph
    unasked: tuple[str, ...]

    @property
    def moment(self) -> datetime:
        """When requests are made of which a question does not say when: now."""
        return self.asking.moment or self.workspace.now()


def graphed(workspace: Workspace, asking: Asking, *outside: str) -> Graphed:
    """An estate with its graph; `outside` are texts that may name somebody outside the estate.

    Raises:
        UsageError: no provider of the estate has escalation rules.
    """
    having = {one.provider for one in asking.every if has_paths(one, workspace)}
    every = {one.provider for one in asking.every}
    if not having:
        raise UsageError(f"no escalation rules are about {', '.join(sorted(every))} yet")
    return Graphed(workspace, asking, graph_for(workspace, asking, (), outside), tuple(sorted(every - having)))


@dataclass(frozen=True, slots=True)
class Wish:
    """Which paths; see the options of `leastwise paths`. `most`: 0 for all."""

    source: str | None = None
    to: str = "admin"
    through: str | None = None
    shortest: int = 1
    cross_cloud: bool = False
    most: int = 100
    sure: bool = False

    @property
    def named(self) -> tuple[str, ...]:
        """Texts that may name somebody outside the estate."""
        return tuple(filter(None, (self.source, self.through)))


@dataclass(frozen=True, slots=True)
class Found:
    """Paths, of how many principals there are some, and what was meant by where they lead."""

    paths: Sequence[Path]
    count: int
    targets: Meant

    def cut(self, wish: Wish) -> bool:
        """Whether there are more than are listed."""
        return bool(wish.most) and wish.source is None and self.count > wish.most


def find_paths(at: Graphed, wish: Wish) -> Found:
    """The paths that are wished for. Raises UsageError, NotFoundError."""
    graph = at.graph
    targets = meant(graph, at.asking.file, wish.to)
    begin = None if wish.source is None else graph.sources(wish.source)
    via = None if wish.through is None else graph.source(wish.through)
    wanted = Wanted(targets.nodes, begin, via, wish.shortest, wish.most or None, wish.sure, wish.cross_cloud)
    return Found(*search(graph, wanted), targets)


def paths(at: Graphed, wish: Wish, found: Found) -> Told[Found]:
    """Paths with every step."""
    telling = Telling(at.graph, at.moment)
    body = {
        "to": wish.to, "items": [telling.path(one) for one in found.paths], "next": None, "missing": at.graph.missing,
        "unfollowed": list(found.targets.unfollowed),
    }  # fmt: skip
    return Told(body, found, (*at.asking.used, *found.targets.used), at.unasked)


def blast_radius(at: Graphed, principal: str, *, person: bool = False) -> Told[None]:
    """What one can become, and the data that it can get at; of a person all accounts together.

    Raises:
        UsageError, NotFoundError: nobody, or several, are called so.
    """
    graph = at.graph
    accounts = person_accounts(at.asking, at.workspace, principal) if person else []
    begin = principal if person else holder_of(at.asking, at.workspace, graph, principal)
    worths = Worths(graph, at.asking.file)
    reached = joint_reach(graph, accounts) if person else graph.reached(graph.source(begin))
    items = Telling(graph, at.moment).blast(reached, worths)
    counts = Counter((one["what"], one["sensitivity"] or "none said", one["state"]) for one in items)
    summary = [
        {"what": what, "sensitivity": said, "state": state, "count": count}
        for (what, said, state), count in sorted(counts.items())
    ]
    body = {
        "principal": begin, "accounts": accounts, "items": items, "next": None, "summary": summary,
        "missing": graph.missing,
    }  # fmt: skip
    return Told(body, None, (*at.asking.used, *sorted(worths.used)), at.unasked)


def exposure(at: Graphed, target: str) -> Told[Meant]:
    """How many identities reach something, by kind. Raises UsageError, NotFoundError."""
    targets = meant(at.graph, at.asking.file, target)
    followed = bool(targets.nodes) or not targets.unfollowed
    body = {
        "target": target, "items": [one.to_json(followed=followed) for one in shares(at.graph, targets.nodes)],
        "next": None, "missing": at.graph.missing, "unfollowed": list(targets.unfollowed),
    }  # fmt: skip
    return Told(body, targets, (*at.asking.used, *targets.used), at.unasked)


def privileged(at: Graphed, *, sure: bool = False) -> Told[None]:
    """Who is, or can become, an administrator."""
    graph = at.graph
    items: list[dict[str, Any]] = [
        {
            "provider": graph.provider(one.id), "principal": one.id, "name": graph.name(one.id),
            "kind": one.kind, "state": str(one.best.state), "steps": len(one.best.hops),
            "administers": [
                {"account": account, "state": str(state)} for account, state in one.accounts.items()
            ],
            "first": one.best.hops[0].rule.title, "rule": one.best.hops[0].rule.id,
            "path": [graph.named(hop.target) for hop in one.best.hops],
        }
        for one in privileged_of(graph) if not sure or str(one.best.state) == "ALLOWED"
    ]  # fmt: skip
    return Told({"items": items, "next": None, "missing": graph.missing}, None, unasked=at.unasked)


def choke_points(
    at: Graphed, to: Sequence[str] = (), most: int = 10, *, standing: bool = False, sure: bool = False
) -> Told[None]:
    """The fewest grants whose removal takes the way from the most. Raises UsageError, NotFoundError."""
    graph, file = at.graph, at.asking.file
    wanted = list(to) or ["admin", *(["jewels"] if file.crown_jewels else [])]
    targets = [meant(graph, file, one) for one in wanted]
    nodes = sorted({node for one in targets for node in one.nodes})
    unfollowed = list(dict.fromkeys(one for each in targets for one in each.unfollowed))
    choking = Choking(graph, Evidence(graph, at.moment), file, sure=sure)
    found = choking.points(nodes, most, standing=standing)
    body = {
        "to": wanted, "reaching": found.reaching, "left": found.left,
        "items": [choking.values(grant, one) for grant, one in found.points], "next": None,
        "missing": graph.missing, "unfollowed": unfollowed,
    }  # fmt: skip
    used = (*at.asking.used, *(one for each in targets for one in each.used))
    return Told(body, None, tuple(dict.fromkeys(used)), at.unasked)


def toxic(at: Graphed, estate: OpenEstate, *, muted: bool = False) -> Told[None]:
    """Combinations that are worse than their parts."""
    result = toxic_of(estate, at.graph)
    mutes = at.workspace.mutes.active(at.workspace.now())
    rows = [FindingRow(one, mutes.get(one.key)) for one in result.findings]
    items = [one.to_json() for one in rows if muted or one.muted is None]
    unknown = [
        {"rule": one.rule, "title": one.title, "rows": one.rows, "missing": sorted(one.columns)}
        for one in result.unknown
    ]
    body = {"items": items, "next": None, "unknown": unknown, "missing": at.graph.missing}
    return Told(body, None, (*at.asking.used, *sorted(estate.overlays.used)), at.unasked)
