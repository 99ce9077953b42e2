"""What root users gain and lost by what stands above their accounts: no policy of their own says what they may do.

https://docs.aws.amazon.com/IAM/latest/UserGuide/id_root-user.html
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import numpy as np

from leastwise.engine.arrays import Array
from leastwise.model.comparison import Change
from leastwise.model.decision import Cube

from ..evaluate.principals import Principal
from .actions import actions
from .effective import Standing
from .factual import STANDING
from .side import Side, unless_unread
from .telling import Places, keys_of, meets, united
from .traits import traits_of


def root_change(root: Principal, presence: str, gained: Iterable[Cube], lost: Iterable[Cube]) -> Change:
    """The change of a root user, named as `who-can` names it."""
    name = root.id.rsplit(":", 1)[-1]
    return Change(root.id, name, "root", root.account, True, presence, tuple(gained), tuple(lost))


class Rooted:
    """The root users of the accounts of two estates, whose users and roles were read in one of them at least."""

    def __init__(self, old: Side, new: Side) -> None:
        self._old, self._new = old, new

    def changes(self) -> Iterator[Change]:
        """What changed by guardrails, by where accounts stand, and by accounts that came or went."""
        before, now = (side.access.roots for side in (self._old, self._new))
        for account in sorted(before.keys() | now.keys()):
            root = now.get(account) or before[account]
            if account not in before:
                yield root_change(root, "new", self._all(self._new, self._old, root), ())
            elif account not in now:
                yield root_change(root, "removed", (), self._all(self._old, self._new, root))
            else:
                yield from self._kept(root)

    def _all(self, side: Side, other: Side, root: Principal) -> tuple[Cube, ...]:
        """All that a root user may do in one of the estates, for want of it in the other."""
        found = side.holding([Standing.of(side.access, root.id)], (), None).cubes()
        return unless_unread(found, root.account, other, "before" if other is self._old else "now")

    def _kept(self, root: Principal) -> Iterator[Change]:
        """What changed for the root user of an account of both."""
        account, sides = root.account, (self._old, self._new)
        standing = len({side.prints.standing(account) for side in sides}) > 1
        if not standing and len({side.prints.guardrails(account) for side in sides}) < 2:
            return
        among = self._concerned(account, standing=standing)
        places = self._places(account, among, standing=standing)
        if among is not None and not among.any() and not places:
            return
        mask = among if among is None else np.logical_or.reduce([among, *places.values()])
        first, second = (side.holding([Standing.of(side.access, root.id)], (), mask) for side in sides)
        gained, lost = second.minus(first, places), first.minus(second, places)
        if gained or lost:
            yield root_change(root, "both", gained, lost)

    def _concerned(self, account: str, *, standing: bool) -> Array | None:
        """Mask of the permissions that guardrails above an account may decide otherwise than before; None for all."""
        sides = (self._old, self._new)
        if len({side.unguarded(account) for side in sides}) > 1:
            return None
        told = [side.guarding(account) for side in sides]
        mask = np.zeros(len(actions().names), bool)
        for key in told[0].keys() ^ told[1].keys():
            mask |= actions().mask(told[0].get(key) or told[1][key])
        for statement in (s for one in told for s in one.values()) if standing else ():
            if meets(keys_of(traits_of([statement])), STANDING):
                mask |= actions().mask(statement)
        return mask

    def _places(self, account: str, among: Array | None, *, standing: bool) -> Places:
        """The resources that read where the account stands, and those beyond the guardrails at home."""
        mask = np.ones(len(actions().names), bool) if among is None else among
        found = []
        for side in (self._old, self._new):
            told = [*side.telling.abroad(account, mask)]
            told += side.telling.reading(STANDING, account).items() if standing else ()
            found += [side.telling.on(*one) for one in told]
        return united(found)
