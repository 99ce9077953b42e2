"""Whose a grant is, and who approves that it is made smaller: each with the reason."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from enum import IntEnum

NOBODY = "nobody is known"


class By(IntEnum):
    """What tells whose something is, the strongest first."""

    CODE = 1
    """CODEOWNERS, or estate.yaml, of the file that makes it."""
    TAG = 2
    ENTRY = 3
    """estate.yaml, by the principal."""
    CHANGED = 4
    """Who changed it last."""
    ACCOUNT = 5
    """estate.yaml, by the account."""


APPROVING = (By.CODE, By.ENTRY, By.ACCOUNT)
"""What names somebody who may approve: what others decided, not what whoever made it wrote on it."""


@dataclass(frozen=True, slots=True)
class Claim:
    """Somebody who may own it: the name as it is written, what tells it, and where, in words."""

    who: str
    by: By
    where: str


@dataclass(frozen=True, slots=True)
class Whose:
    """Owner and approver, each with why; where nobody is known the name is empty and the reason says so."""

    owner: str
    owner_by: str
    approver: str
    approver_by: str


def whose(claims: Sequence[Claim], is_subject: Callable[[str], bool]) -> Whose:
    """Owner and approver by the strongest claims.

    Args:
        claims: in any order.
        is_subject: whether a name is that of the principal itself, or of the person it belongs to: who may own it, and
            never approves.
    """
    known = sorted((one for one in claims if one.who.strip()), key=lambda one: one.by)
    owner = next(iter(known), None)
    approver, skipped = None, list[str]()
    for one in (each for each in known if each.by in APPROVING):
        others = [name for name in one.who.split() if not is_subject(name)]
        if others:
            approver = Claim(" ".join(others), one.by, one.where)
            break
        skipped.append(f"{one.who} ({one.where}) is the principal itself")
    return Whose(
        owner.who if owner else "", owner.where if owner else NOBODY,
        approver.who if approver else "", "; ".join(_reason(approver, skipped)),
    )  # fmt: skip


def _reason(approver: Claim | None, skipped: Sequence[str]) -> Iterator[str]:
    yield approver.where if approver else NOBODY
    yield from skipped


def same_name(name: str, others: Sequence[str]) -> bool:
    """Whether a name means one of others: whatever the case, with or without the sign of a mention."""
    plain = name.strip().lstrip("@").casefold()
    return any(plain == one.strip().lstrip("@").casefold() for one in others if one)
