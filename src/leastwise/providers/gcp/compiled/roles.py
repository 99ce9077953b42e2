"""Roles as rows of permissions, and which roles hold a permission."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec
import numpy as np

from leastwise.engine.arrays import Array
from leastwise.engine.sparse import lookup_of, rows_of, texts_of

from ..evaluate.allow import canonical_set
from ..language.roles import Role, parse_role
from .reads import Trees

_KINDS = ("basic_role", "predefined_role", "custom_role")


def roles_of(trees: Trees, arrays: dict[str, Array], facts: dict[str, Any]) -> None:
    """Keep the roles that were read: names, why they give nothing, whether their permissions were told, and these."""
    found = {}
    for tree in trees.trees:
        texts = tree.table("documents", ("text",)).column("text")
        for row in tree.rows("policies"):
            if row["kind"] in _KINDS:
                body = msgspec.json.decode(texts[row["document"]].as_py())
                found[_key(trees, row["id"])] = _role(row["id"], body)
    names = sorted(found)
    permissions = sorted(set().union(*(one.permissions or () for one in found.values())))
    number = {name: place for place, name in enumerate(permissions)}
    pairs = [(at, number[each]) for at, name in enumerate(names) for each in sorted(found[name].permissions or ())]
    held = np.array(pairs, np.int32).reshape(-1, 2)
    by_role = rows_of(held[:, 0], held[:, 1], len(names))
    arrays["role.permissions.starts"], arrays["role.permissions.values"] = by_role.starts, by_role.values
    known = texts_of(permissions)
    arrays["permission.starts"], arrays["permission.blob"] = known.starts, known.blob
    sums = lookup_of(permissions)
    arrays["permission.sums"], arrays["permission.order"] = sums.sums, sums.order
    facts["roles"] = [[name, found[name].inert, found[name].permissions is not None] for name in names]


def _role(name: str, body: Mapping[str, Any]) -> Role:
    """The role of a document; one of an odd name holds what is told, too."""
    try:
        return parse_role(body)
    except ValueError:
        held = body.get("includedPermissions")
        told = canonical_set(frozenset(map(str, held))) if isinstance(held, list) else None
        return Role(name, told, "deleted" if body.get("deleted") is True else "")


def _key(trees: Trees, name: str) -> str:
    """A role's name with the id of its project where that is known."""
    owner, _, rest = name.partition("/roles/")
    project = owner.removeprefix("projects/")
    return f"projects/{trees.projects.id(project) or project}/roles/{rest}" if project != owner else name
