"""The graph of an estate, asked: who is meant, which paths there are, what a principal reaches."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING

from leastwise.errors import NotFoundError, UsageError
from leastwise.model.decision import State
from leastwise.providers.base import Sides, one_side

from .graph_facts import GraphFacts

if TYPE_CHECKING:
    from leastwise.engine.access import Relates
    from leastwise.graph.gates import Gates
    from leastwise.graph.network import Network
    from leastwise.graph.opening import Done
    from leastwise.graph.paths import Beyond, Hop, Path
    from leastwise.rules.escalation import Need

ADMIN = "admin"
_NOBODY = frozenset({"group", "provider_service"})
"""Kinds of principals that nobody is."""
SAID: Mapping[str, str] = {
    "policies": "the policies of", "inline": "the inline policies of", "members": "the members of",
    "version": "which version is in force of a policy of", "definition": "what is given by",
}  # fmt: skip
"""What somebody has power over who has gained what is no identity (`rules.escalation.GIVES`)."""


@dataclass(frozen=True)
class Part:
    """The graph of one provider's part of an estate.

    Args:
        provider: its name.
        gates: the graph.
        facts: what the tables tell besides.
        answers: gives what answers about it, shadows included.
        unread: what could not be read of it.
        sides: see `providers.base.Escalating`.
    """

    provider: str
    gates: Gates
    facts: GraphFacts
    answers: Callable[[], Relates]
    unread: Sequence[str] = ()
    sides: Sides = one_side

    @cached_property
    def access(self) -> Relates:
        """Answers about it, shadows included."""
        return self.answers()


class EscalationGraph:
    """The graph of an estate: those of its providers, and what leads from one of them to another, as one.

    Args:
        parts: one a provider; of one whose scopes are worlds of their own one a scope.
        further: gates between them.
        clouds: of each provider that is the directory of another which that is.
    """

    def __init__(
        self, parts: Sequence[Part], further: Sequence[Gates] = (), clouds: Mapping[str, str] | None = None
    ) -> None:
        from leastwise.graph.joints import with_joints
        from leastwise.graph.union import joined

        self.parts, self._clouds = parts, clouds or {}
        made = with_joints(joined([*(one.gates for one in parts), *further]))
        # Whom no permission and no step is about can be asked about like everybody else.
        every = dict.fromkeys((*made.nodes, *(id for one in parts for id in one.facts.principals())))
        self.gates = replace(made, nodes=list(every))

    @property
    def missing(self) -> list[str]:
        """What was not read, and might add gates."""
        return list(dict.fromkeys((*self.gates.missing, *(text for one in self.parts for text in one.unread))))

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

    @cached_property
    def shadows(self) -> frozenset[str]:
        """The ids of all principals that stand for what somebody could become."""
        return frozenset(id for one in self.parts for id in one.gates.shadows.ids()) | self.gates.shadows.ids()

    @cached_property
    def data(self) -> frozenset[str]:
        """The ids of all things whose data somebody gets at."""
        gates = self.gates
        return frozenset(
            gates.nodes[node]
            for one in gates.gates
            if gates.rules[one.rule].gives == "data"
            for node in one.targets.tolist()
        )

    @cached_property
    def powers(self) -> Mapping[str, str]:
        """What is gained and is no identity, by id, as people are told it."""
        gates = self.gates
        return {
            id: f"{SAID[gates.rules[one.rule].gives]} {id.rpartition('#')[0]}"
            for one in gates.gates
            if gates.rules[one.rule].gives in SAID
            for id in (gates.nodes[node] for node in one.targets.tolist())
        }

    def provider(self, id: str) -> str:
        """Whose principal or resource it is; empty where none of the providers tells of it."""
        for one in self.parts:
            if one.facts.known(id):
                return one.facts.provider(id) or one.provider
        return self._nodes_of.get(id, "")

    @cached_property
    def _nodes_of(self) -> dict[str, str]:
        """Whose nodes are that are no principals of a table: shadows, services."""
        return {id: one.provider for one in reversed(self.parts) for id in one.gates.nodes}

    def account(self, id: str) -> str:
        """The account of a principal; empty where it has none, or is not of the estate."""
        return next((found for one in self.parts if (found := one.facts.account(id))), "")

    def named(self, id: str) -> str:
        """An id as people are told it: shadows by what they stand for."""
        return self._called.get(id, id)

    def name(self, id: str) -> str:
        """What people call somebody whose id does not tell it, also as the member of a group; else empty."""
        known = next((found for one in self.parts if (found := one.facts.name(id))), "")
        group = self._groups.get(id, "")
        return known or (f"member of {name}" if group and (name := self.name(group)) else "")

    @cached_property
    def _groups(self) -> dict[str, str]:
        return {id: group for group, id in self.gates.shadows.member.items()}

    @cached_property
    def _called(self) -> dict[str, str]:
        shadows = self.gates.shadows
        limited: dict[str, dict[str, None]] = {}
        for principal, id in (*shadows.anything.items(), *shadows.rewritten.items(), *shadows.unbounded.items()):
            limited.setdefault(id, {})[principal] = None
        found = {
            id: f"{min(several)} with any policy that its limits let through"
            if len(several) == 1 else f"any policy within the limits of {min(several)} and {len(several) - 1} others"
            for id, several in limited.items()
        }  # fmt: skip
        found |= {id: f"{principal} with another version of {policy}"
                  for policy, principal, id in shadows.versions.values()}  # fmt: skip
        found |= {id: f"member of {group} within the limits of who joins" for (group, _), id in shadows.members.items()}
        found |= {id: f"member of {group}" for group, id in shadows.member.items()}
        found |= self.powers
        found |= {id: f"whoever may do everything at {place}" for place, id in shadows.over.items()}
        found |= {id: f"administrator of {account}" for account, id in shadows.administrator.items()}
        return found | dict(shadows.others)

    # --- who is meant

    def targets(self, wanted: str) -> list[int]:
        """The nodes that are meant: `admin` for administrators of all accounts, `admin:ACCOUNT`, an id, or a name.

        Raises:
            NotFoundError: nothing has that id or name.
            UsageError: several have the name.
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
        if wanted in self.shadows or any(one.facts.known(wanted) for one in self.parts):
            return []  # it is there, and nobody reaches it
        named = self.named_thing(wanted)
        return [self.numbers[named]] if named in self.numbers else []

    def named_thing(self, wanted: str) -> str:
        """The id of the only principal of a name; else of the only resource of a name, or of ACCOUNT.NAME.

        Raises:
            NotFoundError, UsageError: nothing, or several, have the name.
        """
        found = self._named(wanted) or _only(
            wanted, "resources", {id for one in self.parts for id in one.facts.things(wanted)}
        )
        if not found:
            raise NotFoundError(f"{wanted}: nothing of the estate has this id or name")
        return found

    def source(self, wanted: str) -> int:
        """The node of a principal, by its id or a name that only one has, or of somebody outside (`outsider`).

        Raises:
            NotFoundError, UsageError: nobody, or several, have it.
        """
        from .federation import outsider

        found = self.numbers.get(wanted)
        if found is None and (outside := outsider(wanted)) is not None:
            if outside.principal not in self.numbers:
                raise NotFoundError(f"{wanted}: no trust of the estate lets {outside.principal} in")
            return self.numbers[outside.principal]
        if found is None:
            found = self.numbers.get(self._named(wanted))
        if found is None:
            raise NotFoundError(f"{wanted}: no principal of the estate has this id or name")
        return found

    def sources(self, wanted: str) -> list[int]:
        """As `source`; of a mail address, which a person has in every system, whoever has it. Raises the same."""
        if "@" in wanted and wanted not in self.numbers:
            named = {id for one in self.parts for id in one.facts.named(wanted)}
            if found := [self.numbers[id] for id in sorted(named) if id in self.numbers]:
                return found
        return [self.source(wanted)]

    def _named(self, wanted: str) -> str:
        """The id of the only principal of a name; empty where there is none. Raises UsageError."""
        return _only(wanted, "principals", {id for one in self.parts for id in one.facts.named(wanted)})

    # --- what there is

    def paths(self, wanted: str, source: str | None = None, most: int | None = None) -> tuple[list[Path], int]:
        """The best path of each principal (or of one) to what is wanted, and how many have one.

        Raises:
            NotFoundError, UsageError: nothing, or several, have an id or name that is given.
        """
        from leastwise.graph.paths import Searching

        searching = Searching(self.networks, self.targets(wanted))
        if source is not None:
            found = searching.path(self.source(source))
            return ([], 0) if found is None else ([found], 1)
        every = [one for one in searching.reaching() if self.somebody(one)]
        told = (searching.path(one) for one in (every if most is None else every[:most]))
        return [one for one in told if one is not None], len(every)

    def reached(self, source: int) -> list[tuple[Beyond, State]]:
        """Whatever a principal can become or get at, the surest first, of these the nearest."""
        from leastwise.graph.paths import ANY, beyond

        found: dict[int, tuple[Beyond, State]] = {}
        for state, network in zip(ANY, self.networks, strict=True):
            for one in beyond(network, source):
                # Powers are told with what they give together with an identity.
                if self.gates.nodes[one.node] not in self.powers:
                    found.setdefault(one.node, (one, state))
        return list(found.values())

    # --- whose and what it is

    def steps(self, hop: Hop) -> list[list[tuple[Need, str]]]:
        """What a hop needs, of every step any one, and what that is about; of a need of several each by itself."""
        from leastwise.graph.needs import singly

        found: list[list[tuple[Need, str]]] = []
        for step in self._needed(hop):
            if not step[0].every:
                found.append([(need, self.place(hop, need)) for need in step])
                continue
            told = (singly(step[0], hop.thing, one.gates.shadows.ties) for one in self.parts)
            found += [[one] for one in next(filter(None, told), ())]
        return found

    def _needed(self, hop: Hop) -> Sequence[Sequence[Need]]:
        """Every step of a hop; where several identities make it together each says who makes it."""
        if hop.together < 0:
            return hop.rule.needs
        return [[need if need.by else replace(need, by=one.who) for need in step]
                for one in self.done(hop) for step in one.steps]  # fmt: skip

    def done(self, hop: Hop) -> Sequence[Done]:
        """What is done so that a hop opens, where several identities make it together; else nothing."""
        from leastwise.graph.opening import done

        if hop.together < 0:
            return ()
        key = (hop.source, hop.target, hop.together, hop.after, hop.thing)
        if key not in self._done:
            self._done[key] = done(self.gates, hop)
        return self._done[key]

    @cached_property
    def _done(self) -> dict[tuple[str, str, int, int, str], Sequence[Done]]:
        return {}

    def place(self, hop: Hop, need: Need) -> str:
        """What a need of a hop is about; `*` for anything new."""
        if need.on:
            return need.on
        places = self.gates.shadows.places
        account = places.get(self.account(hop.about), "") if need.about == "account" else ""
        about = {"target": hop.about, "thing": hop.thing or hop.about, "account": account}.get(need.about, "*")
        if hop.missing and not hop.thing and need.about == "thing":
            about = "*"
        if need.beside:
            told = (one.gates.shadows.ties.beside.get(need.beside, {}) for one in self.parts)
            about = next((found for one in told if (found := one.get(about))), "")
        return about + need.within

    def part_of(self, principal: str) -> Part | None:
        """The part that knows a principal, or has it as a node; None where none does."""
        known = next((one for one in self.parts if one.facts.known(principal)), None)
        provider = self.provider(principal)
        return known or next((one for one in self.parts if one.provider == provider), None)

    def asker(self, hop: Hop, need: Need) -> str:
        """Who must have what a hop needs: a service, whoever goes, or whom he acts through."""
        if need.by or not hop.rule.acting:
            return need.by or hop.source
        return self._acting.get(hop.source, hop.source)

    @cached_property
    def _acting(self) -> dict[str, str]:
        """By who acts through another that other."""
        told = (each for one in self.parts for each in one.gates.shadows.ties.acting.values())
        return {acts: id for each in told for id, acts in each.items()}

    def what(self, id: str) -> str:
        """Whether a node is a principal, data, or a power: what stands for what somebody could become."""
        if id in self.shadows or id in self.powers:
            return "power"
        return "data" if id in self.data else "principal"

    def followed(self, id: str) -> bool:
        """Whether something leads to a thing, or a rule is about things of its kind."""
        resource = any(id in one.facts.resources() for one in self.parts)
        return not resource or id in self.numbers or (self.provider(id), self.kind(id)) in self._followed

    def kind(self, id: str) -> str:
        """The kind of a resource or principal; empty where it is not of the estate."""
        return next((found for one in self.parts if (found := one.facts.kind(id))), "")

    def lies_in(self, id: str) -> str:
        """The account of a principal, resource or administrator; empty where it has none, or is not of the estate."""
        found = next((found for one in self.parts if (found := one.facts.lies_in(id))), "")
        return found or self._administered.get(id, "")

    @cached_property
    def _administered(self) -> dict[str, str]:
        return {id: account for account, id in self.gates.shadows.administrator.items()}

    def identities(self) -> Mapping[str, str]:
        """The kind of each principal that somebody can be: all but groups and the vendors' own services."""
        every = {id: kind for one in self.parts for id, kind in one.facts.principals().items()}
        return {id: kind for id, kind in every.items() if kind not in _NOBODY}

    def somebody(self, node: int) -> bool:
        """Whether a node is one at which an attacker can begin: no shadow, no service of a vendor's."""
        id = self.gates.nodes[node]
        return id not in self.shadows and self.kind(id) not in _NOBODY

    @cached_property
    def _followed(self) -> frozenset[tuple[str, str]]:
        return frozenset(
            (rule.provider, kind) for rule in self.gates.rules if rule.gives == "data" for kind in rule.kinds
        )

    def cloud(self, id: str) -> str:
        """The provider of a principal or resource, that of the cloud where it is a directory's; empty if not known."""
        provider = self.provider(id)
        return self._clouds.get(provider, provider)


def _only(wanted: str, what: str, found: Collection[str]) -> str:
    if len(found) > 1:
        told = ", ".join(sorted(found)[:3])
        raise UsageError(f"{wanted}: several {what} have this name, as {told}: name one by its id")
    return next(iter(found), "")
