"""The reference's other two directions: who can, over everybody whom assignments name, and what can, over all
operations that are known or named; each asked one by one, those alike once.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace

from leastwise.engine.formula import Formula
from leastwise.model.decision import State
from leastwise.providers.conditions import ConditionError

from ..language.operations import DATA, Patterns, Plane, canonical, literal
from ..language.parse import parse_condition
from ..language.roles import Entry
from ..language.tree import ActionMatches, Attribute, Node
from ..language.vaults import needs
from .allow import Grant, allow, grant, reaching
from .conditions import attributes, leaves
from .decide import access, layers
from .deny import meant, within
from .explain import STATES
from .request import Request
from .systems import other_systems
from .vaults import vault_of
from .worlds import solver


@dataclass(frozen=True, slots=True)
class Listed:
    """Who can.

    Args:
        states: state of each that is not denied, by object id.
        unlisted: whether something that was not read may let in others.
        missing: what that is.
    """

    states: Mapping[str, State]
    unlisted: bool
    missing: tuple[str, ...]


class Told:
    """States of many decisions that come to the same formulas; each is solved once."""

    def __init__(self) -> None:
        self._solver, self._known = solver(), dict[Formula, State]()

    def state(self, asked: Request) -> State:
        """The state of one decision."""
        formula = access(asked, layers(asked))
        if formula not in self._known:
            self._known[formula] = STATES[self._solver.verdict(formula).outcome]
        return self._known[formula]


def who_can(asked: Request) -> Listed:
    """Who can do what is asked; the principal of the question does not matter.

    Groups stand as their members, and as themselves where these were not read.
    """
    told, found = Told(), dict[str, State]()
    for who in everybody(asked):
        answer = told.state(replace(asked, who=who))
        if answer is not State.DENIED:
            found[who] = answer
    planes = (asked.plane,) if asked.plane is not None else tuple(Plane)
    missing = tuple(dict.fromkeys(one for plane in planes for one in allow(asked, plane).unread))
    return Listed(dict(sorted(found.items())), bool(missing), missing)


def everybody(asked: Request) -> list[str]:
    """Everybody whom an assignment that may give the operation names, and whom a deny assignment leaves out."""
    planes = (asked.plane,) if asked.plane is not None else tuple(Plane)
    found: dict[str, None] = {}
    for one in reaching(asked):
        if any(grant(asked, plane, one).has is not False for plane in planes):
            found.update(dict.fromkeys(asked.estate.expanded(one.principal, one.type)))
    for plane in planes:
        vault = vault_of(asked, plane)
        for policy in (vault.policies or ()) if vault is not None else ():
            found.update(dict.fromkeys(asked.estate.expanded(policy.principal)))
    for deny in asked.estate.denies:
        for listed in deny.excluded:
            found.update(dict.fromkeys(asked.estate.expanded(listed.id, listed.type)))
    return sorted(found)


def what_can(asked: Request) -> dict[str, State]:
    """What the principal is not denied on the resource, by operation, with each state.

    All operations that are known, and those that its roles name; of the request's plane, or of both where it names
    none: a name of the control plane stands as it is, and with `data:` for the data plane where it is on both.
    """
    told, found = Told(), dict[str, State]()
    planes = (asked.plane,) if asked.plane is not None else tuple(Plane)
    for plane in planes:
        alike: dict[object, State] = {}
        looked = _Looked(asked, plane)
        for name in looked.names():
            question = replace(asked, operation=canonical(name), plane=plane)
            on = asked.estate.planes(question.operation)
            if asked.plane is None and on and plane not in on:
                continue  # a role may name it beside its plane, where it gives nothing
            signature = looked.signature(question.operation)
            if signature not in alike:
                alike[signature] = told.state(question)
            if alike[signature] is not State.DENIED:
                twice = (
                    asked.plane is None
                    and plane is Plane.DATA
                    and Plane.CONTROL in asked.estate.planes(question.operation)
                )
                found[f"{DATA}{name}" if twice else name] = alike[signature]
    return dict(sorted(found.items()))


def unknown_roles(asked: Request) -> list[str]:
    """What may give the principal more than is known: roles that were not read, and scopes."""
    return sorted({f"the role definition {one.assignment.role}" for one in _mine(asked) if one.role is None})


def _mine(asked: Request) -> Iterator[Grant]:
    """The assignments that may be the principal's, on the resource."""
    for one in reaching(asked):
        made = grant(asked, asked.plane or Plane.CONTROL, one)
        if made.member is not False:
            yield made


class _Looked:
    """What tells operations apart for one principal, resource and plane."""

    def __init__(self, asked: Request, plane: Plane) -> None:
        self._asked, self._plane = asked, plane
        roles = [role for one in _mine(asked) if (role := one.role) is not None]
        mine = [entry for role in dict.fromkeys(roles) for entry in role.entries]
        texts = [one.assignment.condition for one in _mine(asked)]
        denied: list[Entry] = []
        for one in asked.estate.denies:
            if within(asked, one) is not False and meant(asked, one):
                denied += one.entries
                texts.append(one.condition)
        self._mine = mine
        self._entries = [entry.of(plane) for entry in (*mine, *denied)]
        texts += (entry.condition for entry in (*mine, *denied))
        self._actions, self._attributes = _parts(texts)

    def names(self) -> Iterable[str]:
        """All operations of the plane that are known, and those that the roles name without wildcards."""
        found = dict.fromkeys(self._asked.estate.every(self._plane))
        known = {canonical(one) for one in found}
        for entry in self._mine:
            for text in entry.of(self._plane)[0].texts:
                if literal(text) and canonical(text) not in known:
                    known.add(canonical(text))
                    found[text.strip()] = None
        return found

    def signature(self, operation: str) -> object:
        """Equal for two operations of which every assignment and condition says the same."""
        held = tuple(given.take(operation) and not left_out.take(operation) for given, left_out in self._entries)
        question = replace(self._asked, operation=operation, plane=self._plane)
        if vault_of(question, self._plane) is not None:
            return needs(operation) or operation
        if others := tuple(other_systems(question, self._plane)):
            return operation, others
        if not any(held):
            return held
        always = tuple(question.always(one) for one in self._attributes)
        return held, tuple(one.take(operation) for one in self._actions), always


def _parts(texts: Iterable[str]) -> tuple[list[Patterns], list[Attribute]]:
    """The patterns of operations and the attributes in some conditions; one that does not parse has none."""
    actions: dict[str, None] = {}
    found: dict[Attribute, None] = {}
    for text in dict.fromkeys(texts):
        node: Node | None = None
        if text.strip():
            try:
                node = parse_condition(text)
            except ConditionError:
                continue
        if node is not None:
            actions.update(dict.fromkeys(one.pattern for one in leaves(node) if isinstance(one, ActionMatches)))
            found.update(dict.fromkeys(attributes(node)))
    return [Patterns((one,)) for one in actions], list(found)
