"""Places in the order of their tree, so that what lies in one is a range: root, groups, subscriptions, resources."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from ..language.ids import ROOT, IdError, arm_id
from ..tree import MANAGEMENT_GROUPS, SUBSCRIPTIONS
from .reads import Trees

_GROUPS = MANAGEMENT_GROUPS.lower()


@dataclass(slots=True)
class Placed:
    """Columns of places.

    Args:
        keys: as ids are compared.
        ids: as they are written.
        parents: number of what each lies in, -1 for the root.
        ends: number behind the last place that lies in each.
        kinds: `root`, `management_group`, `subscription`, or the kind of the resource.
        tops: number of the container of each.
    """

    keys: list[str] = field(default_factory=list)
    ids: list[str] = field(default_factory=list)
    parents: list[int] = field(default_factory=list)
    ends: list[int] = field(default_factory=list)
    kinds: list[str] = field(default_factory=list)
    tops: list[int] = field(default_factory=list)
    numbers: dict[str, int] = field(default_factory=dict)


@dataclass(frozen=True)
class Above:
    """What is known of what lies above containers.

    Args:
        parents: as `evaluate.estate` has them: None for what is known to be at the top, nothing where that is not told.
        children: keys of containers by what holds them; what is above some is not told lies in the root.
    """

    parents: Mapping[str, str | None]
    children: Mapping[str, list[str]]


def above_of(trees: Trees) -> Above:
    """The tree of containers; of a circle, which no tree has, nothing is above."""
    parents: dict[str, str | None] = {}
    for key in trees.containers:
        above = trees.parent(key)
        if key != ROOT and above is not None:
            parents[key] = None if above == ROOT else above
    children: dict[str, list[str]] = {}
    for key in sorted(trees.containers):
        if key != ROOT:
            above = parents.get(key)
            whole = above is not None and above in trees.containers and not _circle(key, parents)
            children.setdefault(above if whole and above is not None else ROOT, []).append(key)
    return Above(parents, children)


def _circle(key: str, parents: Mapping[str, str | None]) -> bool:
    seen, at = {key}, parents.get(key)
    while at is not None:
        if at in seen:
            return True
        seen.add(at)
        at = parents.get(at)
    return False


def placed(trees: Trees, above: Above, named: Iterable[str]) -> Placed:
    """All places: containers, resources, and what else something is attached to (`named`, ids as written)."""
    found: dict[str, tuple[str, str]] = {}
    for _, row in trees.spoken("resources"):
        found.setdefault(row["id"].lower(), (row["id"], row["kind"]))
    for id in named:
        found.setdefault(id.lower(), (id, ""))
    inside: dict[str, list[str]] = {}
    for key in sorted(found, key=lambda one: one.replace("/", "\0")):
        try:
            top = arm_id(found[key][0]).top
        except IdError:
            continue
        if key != top:
            inside.setdefault(top, []).append(key)
    made = Placed()
    _enter(made, ROOT, -1, "root", ROOT, 0)
    stack = [(key, 0) for key in reversed(above.children.get(ROOT, ()))]
    stack += [(key, 0) for key in sorted(inside.keys() - trees.containers.keys() - {ROOT}, reverse=True)]
    open_ones = [0]
    _resources(made, 0, inside.get(ROOT, ()), found)
    while stack:
        key, parent = stack.pop()
        while open_ones[-1] != parent:
            made.ends[open_ones.pop()] = len(made.keys)
        told = trees.containers.get(key)
        kind = "management_group" if key.startswith(_GROUPS) else "subscription"
        prefix = MANAGEMENT_GROUPS if kind == "management_group" else SUBSCRIPTIONS
        id = f"{prefix}{told['id']}" if told is not None else key
        number = _enter(made, key, parent, kind, id, None)
        open_ones.append(number)
        _resources(made, number, inside.get(key, ()), found)
        stack += [(one, number) for one in reversed(above.children.get(key, ()))]
    while open_ones:
        made.ends[open_ones.pop()] = len(made.keys)
    return made


def _enter(made: Placed, key: str, parent: int, kind: str, id: str, top: int | None) -> int:
    number = len(made.keys)
    made.keys.append(key)
    made.ids.append(id)
    made.parents.append(parent)
    made.ends.append(number + 1)
    made.kinds.append(kind)
    made.tops.append(number if top is None else top)
    made.numbers[key] = number
    return number


def _resources(made: Placed, top: int, keys: Iterable[str], found: Mapping[str, tuple[str, str]]) -> None:
    """What lies in one container; keys are in an order in which what is above something comes before it."""
    stack: list[tuple[str, int]] = []
    for key in keys:
        while stack and not key.startswith(f"{stack[-1][0]}/"):
            made.ends[stack.pop()[1]] = len(made.keys)
        id, kind = found[key]
        stack.append((key, _enter(made, key, stack[-1][1] if stack else top, kind, id, top)))
    while stack:
        made.ends[stack.pop()[1]] = len(made.keys)
