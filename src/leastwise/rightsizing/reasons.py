"""Why a permission is likely needed next, in words that can be checked against the logs."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from .doings import Doings
from .likely import Peers

_TELLING = 0.05
"""A share of days from which on it is told that two permissions come together."""


def reasons(doings: Doings, principal: int, permission: int, names: Sequence[str]) -> Iterator[str]:
    """The reasons for one cell: what the vendor says, what reads and writes the same, the peers, the same days."""
    used = np.flatnonzero(doings.used[principal])
    kin = doings.kinship
    needing = [one for one in used.tolist() if permission in kin.needs[one]]
    if needing:
        yield f"a call of {names[needing[0]]}, which it uses, needs it besides"
    same = used[kin.thing[used] == kin.thing[permission]]
    other = same[kin.reads[same] != kin.reads[permission]]
    if len(other):
        does = "reads" if kin.reads[permission] else "writes"
        yield f"it {does} what {names[int(other[0])]}, which it uses, {'writes' if does == 'reads' else 'reads'}"
    elif len(same):
        yield f"it is about the same as {names[int(same[0])]}, which it uses"
    place = int(doings.places[permission])
    if place < 0:
        return
    near = doings.peers(principal)
    peers = Peers(int(doings.used[near, permission].sum()), len(near))
    if peers.using:
        yield str(peers)
    shares = doings.together[place] * (doings.matrix[principal] > 0)
    best = int(np.argmax(shares * doings.often[principal]))
    if shares[best] >= _TELLING:
        yield f"others use it on {shares[best]:.0%} of the days on which they use {names[int(doings.columns[best])]}"
