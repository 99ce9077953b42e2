"""Documents, interned by content, with their statements."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import msgspec

from .rows import Facts

_ENCODER = msgspec.json.Encoder(order="deterministic")
_MOST_ACTIONS = 20
"""So many stand beside every grant of a bundle; of more, only their number: some bundles have thousands."""


HARMLESS: dict[str, bool | None] = dict.fromkeys(
    ("admin", "admin_conditional", "admin_nearly", "admin_rest", "admin_iam", "rewrites_iam", "wildcard",
     "wildcard_actions", "wildcard_resources", "conditional", "denies", "denies_admin"), False,
)  # fmt: skip
"""Flags of the table documents for what gives access within one resource."""


def canonical(value: Any) -> str:
    """A JSON value with sorted keys and no spaces."""
    return _ENCODER.encode(value).decode()


@dataclass(frozen=True, slots=True)
class Statement:
    """One binding, rule or entry; see the table statements."""

    effect: str
    actions: Sequence[str] = ()
    principals: Sequence[str] = ()
    condition: str | None = None
    not_actions: Sequence[str] = ()
    not_principals: Sequence[str] = ()
    resources: Sequence[str] = ()
    sid: str | None = None


class Documents:
    """The documents of a snapshot, in the order in which they came first."""

    def __init__(self, facts: Facts) -> None:
        self._facts = facts
        self._rows: dict[str, int] = {}
        self.statements: list[Sequence[Statement]] = []

    def intern(
        self,
        value: Any,
        statements: Sequence[Statement],
        unsupported: str | None = None,
        flags: Mapping[str, bool | None] | None = None,
    ) -> int:
        """The row of a document; `flags` are columns of the table documents that hold of it."""
        content = _ENCODER.encode(value)
        key = hashlib.sha256(content).hexdigest()
        known = self._rows.get(key)
        if known is not None:
            return known
        row = self._rows[key] = len(self._rows)
        self.statements.append(statements)
        actions = dict.fromkeys(action for one in statements if one.effect == "Allow" for action in one.actions)
        self._facts.documents.add(
            hash=key, text=content, unsupported=unsupported, statements=len(statements),
            actions=list(actions) if len(actions) <= _MOST_ACTIONS else [f"{len(actions)} permissions"],
            **(flags or {}),
        )  # fmt: skip
        for position, one in enumerate(statements):
            self._facts.statements.add(
                document=row, position=position, sid=one.sid, effect=one.effect, actions=list(one.actions),
                not_actions=list(one.not_actions), resources=list(one.resources), principals=list(one.principals),
                not_principals=list(one.not_principals), condition=one.condition,
            )  # fmt: skip
        return row
