"""Which permissions principals will need in the next month, learned from what they came to need in the last ones.

A logistic regression is fitted to the home's own past: what was done up to a month before the end is what is seen, and
what of the granted permissions came into use in that month is what is to be told. The same weights then say what will
come into use after the end. What is seen of a cell: both linear models of `likely.py`, the nearest peers, how often
another permission that comes with it on the same days is used, what else of the same thing and service is used, what
the vendor says a call needs besides, and how long and how busily the principal is there. All of it is in closed form
or counted, and the same for the same logs.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise

import numpy as np
import numpy.typing as npt

from .doings import Doings, Numbers
from .likely import Likely, Matrix, chance_of, logistic

Cells = Numbers
SPAN = 30
"""Days for which is foreseen."""
_LEAST = 40
"""With fewer new uses in the past to learn from, chances are those of hidden uses (`Likely`)."""
_EMPTY = 30
"""Cells that stayed unused are learned from, for each that did not."""
_PASTS = (1, 2)
"""The ends of pasts to learn from, in spans before the end."""
_SEED = 20261123
_SPARE = 30.0
"""How much it counts that somebody is spared every denial, against one denial less."""
ENOUGH = 0.36
"""From which worth on it is advised to keep a permission; found on seeds of the simulator that are not reported."""
_CAREFUL = 0.15
"""What does harm has to be so likely at least."""
_PIECE = 64
"""So many principals are looked at together, which bounds memory."""
_MAIN = (4, 5, 6, 8, 10, 12, 15, 16)
"""What is seen that counts in pairs too."""


@dataclass(frozen=True)
class Foresight:
    """The chances of granted permissions that were not used so far.

    Args:
        doings: what was done.
        granted: who was granted what.
        careful: permissions that do harm: of them only those are advised that are rather likely.
    """

    doings: Doings
    granted: npt.NDArray[np.bool_]
    careful: npt.NDArray[np.bool_]

    def chances(self, principal: int) -> tuple[Numbers, Matrix]:
        """The permissions that one is granted and did not use, each with the chance that it will in the next month."""
        open_ = np.flatnonzero(self.granted[principal] & ~self.doings.used[principal])
        return open_, self._told(np.stack([np.full(len(open_), principal), open_], 1))

    def worths(self, principal: int) -> tuple[Numbers, Matrix, Matrix, npt.NDArray[np.bool_]]:
        """The same with what it is worth to grant each, see `worth`, and whether that is advised."""
        open_, chances = self.chances(principal)
        worths = worth(chances)
        return open_, chances, worths, self._advised(open_, chances, worths)

    def _advised(self, permissions: Numbers, chances: Matrix, worths: Matrix) -> npt.NDArray[np.bool_]:
        """Of which permissions it is advised to grant them."""
        if not self.learned:
            # Nothing says how soon what was hidden is needed.
            return np.zeros(len(chances), bool)
        return (worths >= ENOUGH) & (~self.careful[permissions] | (chances >= _CAREFUL))

    @cached_property
    def chosen(self) -> npt.NDArray[np.bool_]:
        """Who is advised to be granted what besides what it used."""
        found = np.zeros(self.doings.shape, bool)
        for begin in range(0, self.doings.shape[0], _PIECE):
            some = slice(begin, begin + _PIECE)
            cells: Cells = np.argwhere(self.granted[some] & ~self.doings.used[some])
            cells[:, 0] += begin
            told = self._told(cells)
            ends = np.searchsorted(cells[:, 0], np.arange(begin, begin + _PIECE + 1))
            for first, last in pairwise(ends.tolist()):
                mine, chances = cells[first:last], told[first:last]
                found[mine[:, 0], mine[:, 1]] = self._advised(mine[:, 1], chances, worth(chances))
        return found

    def _told(self, cells: Cells) -> Matrix:
        if not len(cells):
            return np.zeros(0)
        if self._fitted is None:
            return self._by_hiding(cells)
        weights, mean, spread = self._fitted
        told = (seen(self.doings, cells, self._by_grants(self.doings)) - mean) / spread
        return chance_of(weights[0] + _paired(told) @ weights[1:])

    def _by_hiding(self, cells: Cells) -> Matrix:
        """Chances by uses of the same time that were hidden; none for what nobody used."""
        place = self.doings.places[cells[:, 1]]
        return np.where(place >= 0, self._hiding[cells[:, 0], np.maximum(place, 0)], 0.0)

    @cached_property
    def _hiding(self) -> Matrix:
        found = Likely(self.doings.matrix).chances
        return found if found.shape[1] else np.zeros((len(found), 1))

    @cached_property
    def learned(self) -> bool:
        """Whether there was a past to learn from; else chances are those of uses that were hidden."""
        return self._fitted is not None

    @cached_property
    def _fitted(self) -> tuple[Matrix, Matrix, Matrix] | None:
        """Weights (first the constant), and the mean and spread of what is seen."""
        random = np.random.default_rng(_SEED)
        known, came, lacking = [], [], [0.0, 0.0]
        for back in _PASTS:
            past = self.doings.before(self.doings.end - back * SPAN)
            cells, labels = self._past(past)
            if not labels.any():
                continue
            hits, rest = np.flatnonzero(labels), np.flatnonzero(~labels)
            some = np.sort(random.permutation(rest)[: _EMPTY * len(hits)])
            lacking = [lacking[0] + len(some), lacking[1] + len(rest)]
            taken = np.concatenate([hits, some])
            known.append(seen(past, cells[taken], self._by_grants(past)))
            came.append(labels[taken].astype(np.float64))
        if not came or sum(one.sum() for one in came) < _LEAST:
            return None
        found = np.vstack(known)
        mean, spread = found.mean(0), found.std(0) + 1e-9
        weights = logistic(_paired((found - mean) / spread), np.concatenate(came))
        # Only some of the cells without a use were learned from.
        weights[0] += np.log(max(lacking[0], 1.0) / max(lacking[1], 1.0))
        return weights, mean, spread

    def _by_grants(self, doings: Doings) -> Matrix:
        """The share of the others who are granted the same, of those who did something, who use each permission."""
        if doings is self.doings:
            return self._by_grants_now
        return _shared(doings, self._grants)

    @cached_property
    def _by_grants_now(self) -> Matrix:
        return _shared(self.doings, self._grants)

    @cached_property
    def _grants(self) -> Numbers:
        """A number for each principal, the same for those who are granted the same."""
        same: Numbers = np.unique(np.packbits(self.granted, axis=1), axis=0, return_inverse=True)[1].ravel()
        return same

    def _past(self, past: Doings) -> tuple[Cells, npt.NDArray[np.bool_]]:
        """What was granted and not used up to then by those who were there, and whether it was in the span after."""
        later = self.doings.before(past.end + SPAN).uses(past.end)
        there = (past.used.sum(1) > 0) & (later.sum(1) > 0)
        cells: Cells = np.argwhere(self.granted & ~past.used & there[:, None])
        return cells, later[cells[:, 0], cells[:, 1]]


def worth(chances: Matrix) -> Matrix:
    """What it is worth to grant somebody each of some permissions, by the chances that they will be needed.

    A denial less is worth its chance. That no denial is left is worth more, and each permission has a part in it: the
    gain of the best beginning of the list, from the likeliest on, shared by its members.
    """
    order = np.argsort(-chances, kind="stable")
    denied = -np.log1p(-np.minimum(chances[order], 0.999))
    total = float(denied.sum())
    spared = np.exp(-(total - np.concatenate([[0.0], np.cumsum(denied)])))
    gain = np.zeros(len(chances))
    at = 0
    while at < len(gain):
        slopes = (spared[at + 1 :] - spared[at]) / np.arange(1, len(gain) - at + 1)
        best = int(np.argmax(slopes))
        if slopes[best] < 1e-5:
            break
        gain[at : at + best + 1] = slopes[best]
        at += best + 1
    found = chances.copy()
    found[order] += _SPARE * gain
    return found


def seen(doings: Doings, cells: Cells, alike: Matrix) -> Matrix:
    """What is seen of cells (principal, permission) that are not used; see the module.

    Args:
        doings: what was done.
        cells: at which is looked.
        alike: the share of those granted the same who use each of `doings.columns`.
    """
    rows, columns = cells[:, 0], cells[:, 1]
    place = doings.places[columns]
    warm = (place >= 0).astype(np.float64)
    at = np.maximum(place, 0)

    def of(matrix: Matrix) -> Matrix:
        return warm * matrix[rows, at] if matrix.shape[1] else warm

    kin = doings.kinship
    same, around = doings.things[rows, kin.thing[columns]], doings.services[rows, kin.service[columns]]
    peers, close = (of(one) for one in doings.by_peers)
    expected, associated = of(doings.expected), of(doings.associated)
    by_permissions, by_principals = of(doings.by_permissions), of(doings.by_principals)
    support = doings.support[columns]
    tenure = np.maximum(doings.end - doings.first, 1)[rows]
    return np.stack(
        [
            by_permissions, np.tanh(5 * by_permissions), by_principals, np.tanh(5 * by_principals),
            np.log(peers + 0.01), np.log(close + 0.01), np.log(expected + 0.003), -np.exp(-expected),
            np.log(associated + 0.01), associated, np.log1p(same), (same > 0).astype(np.float64),
            np.log1p(around), (around > 0).astype(np.float64), 1.0 - warm, np.log1p(support),
            np.log1p(doings.adopted[columns]), np.log1p(doings.newly[rows]), np.log1p(doings.width[rows]),
            np.log(of(alike) + 0.02), of(alike),
            np.log(tenure), (support == 1).astype(np.float64), peers, doings.needed[rows, columns].astype(np.float64),
        ],
        axis=1,
    )  # fmt: skip


def _paired(told: Matrix) -> Matrix:
    """What is seen, and the products of its main parts."""
    main = told[:, _MAIN]
    one, other = np.triu_indices(len(_MAIN))
    pairs: Matrix = np.clip(main[:, one] * main[:, other], -9.0, 9.0)
    return np.hstack([told, pairs])


def _shared(doings: Doings, group: Numbers) -> Matrix:
    """For each principal the share of the others of its group, of those who did something, who use each permission."""
    counts = np.zeros((int(group.max(initial=-1)) + 1, doings.matrix.shape[1]))
    np.add.at(counts, group, doings.matrix)
    there = (doings.width > 0).astype(np.float64)
    sizes = np.bincount(group, weights=there, minlength=len(counts))
    others: Matrix = (sizes[group] - there)[:, None]
    # A half of one who does not is added, so that few show little.
    return (counts[group] - doings.matrix) / (others + 0.5)
