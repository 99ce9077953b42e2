"""The first line of a proposal, which no reader sees: by it a proposal is found again, updated and closed."""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass

from leastwise.model.proposal import CHANGE

_HEX = r"[0-9a-f]{16}"
_LINE = re.compile(
    rf"<!-- leastwise (?P<kind>change|issue) (?P<key>{_HEX}) owner (?P<owner>{_HEX})"
    rf" plans (?P<plans>{_HEX}(?:,{_HEX})*)(?P<closed> closed)? -->"
)


@dataclass(frozen=True, slots=True)
class Marker:
    """What the first line says.

    Args:
        kind: `change` or `issue`.
        key: the same for one owner, module and kind at any time.
        owner: a hash of the owner's name.
        plans: ids of the plans.
        closed: Leastwise itself closed it, so that it may be opened again.
    """

    kind: str
    key: str
    owner: str
    plans: tuple[str, ...]
    closed: bool = False

    @property
    def line(self) -> str:
        """It as it is written."""
        end = " closed" if self.closed else ""
        return f"<!-- leastwise {self.kind} {self.key} owner {self.owner} plans {','.join(self.plans)}{end} -->"


def marker_of(body: str) -> Marker | None:
    """The marker of a text; None where its first line is none."""
    found = _LINE.fullmatch(body.partition("\n")[0].strip())
    if found is None:
        return None
    plans = tuple(found["plans"].split(","))
    return Marker(found["kind"], found["key"], found["owner"], plans, found["closed"] is not None)


def marked(kind: str, owner: str, module: str, plans: tuple[str, ...]) -> Marker:
    """The marker for some plans of one owner and module."""
    return Marker(kind, _hash(kind, owner, module), _hash(owner), plans)


def branch_of(kind: str, owner: str, module: str) -> str:
    """The branch of a change, the same for one owner and module at any time; empty for an issue."""
    if kind != CHANGE:
        return ""
    # What git and every host take in a branch's name.
    words = re.sub(r"[^a-z0-9]+", "-", f"{owner} {module}".lower()).strip("-")[:60].strip("-")
    return f"leastwise/{f'{words}-' if words else ''}{_hash(kind, owner, module)[:8]}"


def _hash(*parts: str) -> str:
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()[:16]
