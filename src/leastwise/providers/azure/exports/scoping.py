"""To which tree each object of the imported files belongs: the container at which what was read begins.

What lies below one management group belongs together, and so do containers of one tenant. What names no container, or
one above those that were read, belongs to the only tree that its file, or else the import, is of; what lies at the
root of a tenant belongs to every tree of the import.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from leastwise.model.scope import Scope
from leastwise.providers.azure.language.ids import ROOT
from leastwise.providers.azure.placing import about_container, node_of
from leastwise.providers.azure.tree import MANAGEMENT_GROUPS, Tree
from leastwise.providers.items import Item

_GROUPS = MANAGEMENT_GROUPS.lower()


@dataclass(frozen=True, slots=True)
class Placed:
    """An object with its kind, the number of its file, and the key of the container it lies in.

    `holds`: whether it says that this container, or something in it, was read; an assignment that is inherited tells of
    its scope nothing else.
    """

    file: int
    item: Item
    kind: str
    node: str
    holds: bool


@dataclass(slots=True)
class Grouped:
    """Objects by scope, and those of which nothing says where they belong."""

    scopes: dict[Scope, list[Placed]] = field(default_factory=dict)
    lost: list[Placed] = field(default_factory=list)


def place(item: Item, kind: str, file: int, tree: Tree) -> Placed:
    """The object with its container; the tree learns what it tells of containers."""
    tree.learn(item.value, kind)
    node = node_of(item.value, kind, tree)
    return Placed(
        file, item, kind, node, node not in ("", ROOT) and (about_container(kind) or not node.startswith(_GROUPS))
    )


def group(placed: Sequence[Placed], tree: Tree) -> Grouped:
    """The objects by the scope that they belong to."""
    tops = {node: _top(node, tree) for node in {one.node for one in placed} - {"", ROOT}}
    read = {tops[one.node] for one in placed if one.holds} or set(tops.values())
    by_file: dict[int, set[str]] = {}
    for one in placed:
        if tops.get(one.node) in read:
            by_file.setdefault(one.file, set()).add(tops[one.node])
    members: dict[str, list[Placed]] = {}
    found = Grouped()
    for one in placed:
        owners = _owners(one, tops.get(one.node, ""), read, by_file.get(one.file, set()))
        if not owners:
            found.lost.append(one)
        for owner in owners:
            members.setdefault(owner, []).append(one)
    for held in members.values():
        found.scopes.setdefault(_scope(held, tree), []).extend(held)
    return found


def _owners(one: Placed, top: str, read: set[str], of_file: set[str]) -> list[str]:
    """The trees that an object belongs to."""
    if top in read:
        return [top]
    if one.node == ROOT:
        return sorted(of_file or read)
    for several in (of_file, read):
        if len(several) == 1:
            return list(several)
    # Roles that are not the tenant's own are the same everywhere.
    return sorted(of_file or read) if one.node == "" else [top] if top else []


def _top(node: str, tree: Tree) -> str:
    """The name of the tree that a container is in: its tenant where that is told, else what is highest above it."""
    tenant = tree.tenant(node)
    return f"{_GROUPS}{tenant}" if tenant else tree.path(node)[-1]


def _scope(held: Sequence[Placed], tree: Tree) -> Scope:
    """The lowest container that everything lies in that was read; the tenant's own group where that is not told."""
    nodes = {one.node for one in held if one.holds} or {one.node for one in held} - {"", ROOT}
    paths = [tree.path(node)[::-1] for node in nodes]
    if len(paths) > 1 and len({path[0] for path in paths}) > 1:
        top = next((f"{_GROUPS}{tenant}" for node in sorted(nodes) if (tenant := tree.tenant(node))), min(nodes))
    else:
        top = ""
        for level in zip(*paths, strict=False):
            if len(set(level)) > 1:
                break
            top = level[0]
    kind = "management_group" if top.startswith(_GROUPS) else "subscription"
    return Scope("azure", kind, tree.name(top))
