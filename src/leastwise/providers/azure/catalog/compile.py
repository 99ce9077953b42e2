"""The file of the catalogue from what was published."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import msgspec

from leastwise.providers.packed import Source, pack

from ..language.operations import Patterns, Plane
from ..language.roles import Role
from .packed import FORMAT, OPERATIONS, ROLES, EntryRow, Header, OperationBlock, RoleBlock, RoleRow

_DIGITS = {
    frozenset({Plane.CONTROL}): "1",
    frozenset({Plane.DATA}): "2",
    frozenset({Plane.CONTROL, Plane.DATA}): "3",
}


def compile_catalog(
    roles: Sequence[Role], operations: Mapping[str, frozenset[Plane]], sources: Sequence[Source]
) -> bytes:
    """The file's content. `operations` are names with planes, `sources` those of the roles, then the others."""
    names = sorted(operations, key=lambda name: (name.lower(), name))
    entries = [entry for role in roles for entry in role.entries]
    texts = {text for entry in entries for plane in Plane for one in entry.of(plane) for text in one.texts}
    patterns = sorted({text.strip() for text in texts})
    places = {text: at for at, text in enumerate(patterns)}
    rows = [_row(role, places) for role in sorted(roles, key=lambda role: role.key)]
    blocks = {
        OPERATIONS: msgspec.json.encode(OperationBlock(names, "".join(_DIGITS[operations[name]] for name in names))),
        ROLES: msgspec.json.encode(RoleBlock(patterns, rows)),
    }
    counts = {
        "roles": len(rows),
        "conditions in roles": sum(1 for entry in entries if entry.condition),
        "operations": len(names),
        "data operations": sum(Plane.DATA in planes for planes in operations.values()),
    }
    header = Header(format=FORMAT, sources=list(sources), counts=counts, blocks={})
    return pack(header, blocks)


def _row(role: Role, places: Mapping[str, int]) -> RoleRow:
    def numbers(patterns: Patterns) -> list[int]:
        return [places[text.strip()] for text in patterns.texts]

    entries = [
        EntryRow(
            numbers(one.actions),
            numbers(one.not_actions),
            numbers(one.data_actions),
            numbers(one.not_data_actions),
            one.condition,
        )
        for one in role.entries
    ]
    return RoleRow(role.key, role.title, entries)
