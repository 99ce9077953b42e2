"""To which tree each object of the imported files belongs: the container at which what was read begins.

Objects that name an organization above them belong together, so do those below one folder or project of which nothing
higher is told. What names no container belongs to the only tree that its file, or else the import, is of. Within a
group, the scope is the lowest container that everything lies in.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from leastwise.model.scope import Scope
from leastwise.providers.gcp.placing import node_of
from leastwise.providers.gcp.tree import KINDS, Tree

from .items import Item


@dataclass(slots=True)
class Placed:
    """An object with its kind, what it is about where its file's path says so, and the lowest container it lies in."""

    file: int
    item: Item
    kind: str
    resource: str = ""
    node: str = ""


@dataclass(slots=True)
class Grouped:
    """Objects by scope, and those of which nothing says where they belong."""

    scopes: dict[Scope, list[Placed]] = field(default_factory=dict)
    lost: list[Placed] = field(default_factory=list)


def place(item: Item, kind: str, file: int, resource: str, tree: Tree) -> Placed:
    """The object with its container; the tree learns what it tells of containers."""
    return Placed(file, item, kind, resource, node_of(item.value, kind, resource, tree))


def group(placed: Sequence[Placed], tree: Tree) -> Grouped:
    """The objects by the scope that they belong to."""
    roots = [_root(one, tree) for one in placed]
    roots = _adopted(placed, roots)
    members: dict[str, list[Placed]] = {}
    found = Grouped()
    for one, root in zip(placed, roots, strict=True):
        if root:
            members.setdefault(root, []).append(one)
        else:
            found.lost.append(one)
    for held in members.values():
        node = _begin(held, tree)
        kind, _, id = node.partition("/")
        scope = Scope("gcp", KINDS[kind], id if kind == "projects" and tree.number(node) != id else node)
        found.scopes.setdefault(scope, []).extend(held)
    return found


def _root(one: Placed, tree: Tree) -> str:
    return tree.path(one.node)[-1] if one.node else ""


def _adopted(placed: Sequence[Placed], roots: list[str]) -> list[str]:
    """The roots, with those of what lies in no organization: the only organization of the file, or of the import.

    An export is of one tree; that nothing is told of what lies above a project does not take it out of the tree.
    """
    organizations: dict[int, set[str]] = {}
    stated: dict[int, set[str]] = {}
    for one, root in zip(placed, roots, strict=True):
        if root.startswith("organizations/"):
            organizations.setdefault(one.file, set()).add(root)
            if one.node == root:
                stated.setdefault(one.file, set()).add(root)
    organizations |= {file: own for file, own in stated.items() if len(own) == 1}
    everything = set().union(*organizations.values())
    several = {root for root in roots if root}
    of_file: dict[int, set[str]] = {}
    for one, root in zip(placed, roots, strict=True):
        of_file.setdefault(one.file, set()).update({root} - {""})
    result = []
    for one, root in zip(placed, roots, strict=True):
        own = organizations.get(one.file, set())
        if root.startswith("organizations/"):
            result.append(root)
        elif len(own) == 1:
            result.append(next(iter(own)))
        elif not root:
            result.append(_only(of_file[one.file]) or _only(everything) or _only(several))
        else:
            result.append(root)
    return result


def _only(values: set[str]) -> str:
    return next(iter(values)) if len(values) == 1 else ""


def _begin(held: Sequence[Placed], tree: Tree) -> str:
    """The lowest container that all of these lie in; the highest one where they do not all lie in one that is told."""
    paths = {one.node: tree.path(one.node)[::-1] for one in held if one.node}
    roots = {path[0] for path in paths.values()}
    if len(roots) > 1:
        return min(roots, key=lambda root: (not root.startswith("organizations/"), root))
    return list(_common(list(paths.values())))[-1]


def _common(paths: list[list[str]]) -> Iterator[str]:
    for level in zip(*paths, strict=False):
        if len(set(level)) > 1:
            return
        yield level[0]
