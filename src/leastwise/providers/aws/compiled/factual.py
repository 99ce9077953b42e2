"""Which facts of a principal differ between two estates: tags, MFA, unique id, where its account stands."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from leastwise.engine.arrays import Array

from .context import MFA, TAGS
from .side import Side

STANDING = frozenset({"aws:principalorgid", "aws:principalorgpaths"})
"""The keys that tell where the account of a principal stands."""
_UNIQUE = "aws:userid"


@dataclass(frozen=True, slots=True)
class Facts:
    """What differs of one principal.

    Args:
        keys: condition keys in lower case; `aws:principaltag/` for all tags, `aws:multifactorauth` for all of MFA.
        names: the entries of Principal that say another thing of it: the unique ids that it had and has, if these
            differ; all that name it, if it has a permissions boundary now and had none, or the other way round: Deny
            with NotPrincipal denies who has one whatever it lists.
            https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_notprincipal.html
    """

    keys: frozenset[str] = frozenset()
    names: frozenset[str] = frozenset()


NOTHING = Facts()


def changed_facts(old: Side, new: Side, before: Array, numbers: Array) -> list[Facts]:
    """The facts that differ of some principals, given by their numbers in both estates."""
    differs = (old.prints.facts[before] != new.prints.facts[numbers]).any(axis=1)
    found = [NOTHING] * len(numbers)
    standing = _Standing(old, new)
    for place in np.flatnonzero(differs).tolist():
        found[place] = _facts(old, new, int(before[place]), int(numbers[place]), standing)
    bound = _bounded(old)[before] != _bounded(new)[numbers]
    for place in np.flatnonzero(bound).tolist():
        names = found[place].names | _names(new, int(numbers[place]))
        found[place] = Facts(found[place].keys, names)
    return found


def _bounded(side: Side) -> Array:
    """Mask of the principals that have a permissions boundary, also one that was not read."""
    found: Array = np.asarray(side.estate.arrays["principal.boundary"]) != -1
    return found


def _names(side: Side, number: int) -> frozenset[str]:
    """The entries of Principal that name a user or role: by itself, with its account, or with everyone."""
    id, account = side.estate.principal_ids[number], side.estate.word("principal.account", number) or ""
    unique = side.estate.word("principal.unique", number) or ""
    root = f"arn:{id.split(':')[1]}:iam::{account}:root"
    return frozenset(filter(None, (id, account, root, unique, "*")))


def _facts(old: Side, new: Side, before: int, number: int, standing: _Standing) -> Facts:
    sides = ((old, before), (new, number))
    keys = set(STANDING) if standing.differs(new.estate.word("principal.account", number) or "") else set()
    mfa, bringing = ({value(one) for one in sides} for value in (_mfa, _bringing))
    if len(mfa) > 1:
        keys.add(MFA)
    if len(bringing) > 1:
        keys.add(TAGS)
    first, second = ({key.lower(): value for key, value in side.estate.tags(n).items()} for side, n in sides)
    keys |= {f"{TAGS}{key}" for key, _ in first.items() ^ second.items()}
    unique = [side.estate.word("principal.unique", n) or "" for side, n in sides]
    if unique[0] == unique[1]:
        return Facts(frozenset(keys))
    return Facts(frozenset({*keys, _UNIQUE}), frozenset(filter(None, unique)))


def _mfa(one: tuple[Side, int]) -> int:
    return int(one[0].estate.arrays["principal.mfa"][one[1]])


def _bringing(one: tuple[Side, int]) -> bool:
    return bool(one[0].access.bringing[one[1]])


class _Standing:
    """Whether accounts stand elsewhere in their organizations than before; what was looked at is kept."""

    def __init__(self, old: Side, new: Side) -> None:
        self._sides, self._known = (old, new), dict[str, bool]()

    def differs(self, account: str) -> bool:
        known = self._known.get(account)
        if known is None:
            first, second = (side.prints.standing(account) for side in self._sides)
            known = self._known[account] = first != second
        return known
