"""Which permissions somebody is likely to need next, told by who uses what: linear models, calibrated by holding out.

Two linear models without a hidden layer see each cell: by the other permissions of the same principal (Steck 2019,
"Embarrassingly shallow autoencoders for sparse data", https://arxiv.org/abs/1905.03375), and by the other principals of
the same permission, the same model of the transposed matrix. How much to trust either, and what the mere counts of the
principal and of the permission say, is learned from the matrix itself: a tenth of its uses is hidden, several times,
and a logistic regression is fitted to tell them from cells without a use. Everything is deterministic.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt

Matrix = npt.NDArray[np.float64]
Cells = npt.NDArray[np.int64]
"""Two columns: rows and columns of cells."""

_BY_PERMISSIONS, _BY_PRINCIPALS = 1.0, 3.0
"""How much the two linear models are held back (ridge)."""
_FOLDS = 3
_HIDDEN = 10
"""One use in so many is hidden."""
_EMPTY = 20
"""Cells without a use for each that is hidden."""
_SEED = 20190508
_RIDGE, _ROUNDS, _STILL = 1.0, 25, 1e-6
_SHARP = 5.0
PEERS = 20
"""So many nearest principals are counted as peers."""


@dataclass(frozen=True, slots=True)
class Peers:
    """How many of the nearest principals use a permission: `17 of 20 nearest peers use it`."""

    using: int
    of: int

    def __str__(self) -> str:
        return f"{self.using} of {self.of} nearest peers use it"


def linear(uses: Matrix, ridge: float) -> Matrix:
    """The item-based linear model in closed form: each cell by the other cells of its row.

    Args:
        uses: rows of zeros and ones.
        ridge: greater than 0.
    """
    rows, columns = uses.shape
    if columns <= rows:
        inverse = np.linalg.inv(uses.T @ uses + ridge * np.eye(columns))
        weights = -inverse / np.diag(inverse)
        np.fill_diagonal(weights, 0.0)
        return np.asarray(uses @ weights)
    # The same by the smaller matrix of rows (Woodbury).
    inner = np.linalg.inv(uses @ uses.T + ridge * np.eye(rows))
    spread = inner @ uses
    diagonal = (1.0 - np.einsum("ri,ri->i", uses, spread)) / ridge
    return np.asarray(uses - spread / np.maximum(diagonal, 1e-12))


class Likely:
    """The chances of all cells of a matrix of uses.

    Args:
        uses: a row for each principal, a column for each permission; 1 where it used it.
    """

    def __init__(self, uses: npt.NDArray[np.generic]) -> None:
        self._uses: Matrix = (np.asarray(uses) != 0).astype(np.float64)

    @cached_property
    def chances(self) -> Matrix:
        """How likely each cell is one that will be used, from 0 to 1; of cells that are used too."""
        rows, columns = self._uses.shape
        if not rows or not columns:
            return np.zeros((rows, columns))
        weights, mean, spread = self._fitted
        cells = np.indices((rows, columns)).reshape(2, -1).T
        told = weights[0] + ((_seen(self._uses, cells) - mean) / spread) @ weights[1:]
        return chance_of(told).reshape(rows, columns)

    @cached_property
    def _fitted(self) -> tuple[Matrix, Matrix, Matrix]:
        """Weights (first the constant), and the mean and spread of what is seen."""
        random = np.random.default_rng(_SEED)
        used, free = np.argwhere(self._uses > 0), np.argwhere(self._uses == 0)
        seen, hidden = [], []
        for _ in range(_FOLDS if len(used) > 1 and len(free) else 0):
            count = max(1, len(used) // _HIDDEN)
            chosen = used[random.choice(len(used), count, replace=False)]
            empty = free[random.choice(len(free), min(_EMPTY * count, len(free)), replace=False)]
            rest = self._uses.copy()
            rest[chosen[:, 0], chosen[:, 1]] = 0.0
            seen.append(_seen(rest, np.vstack([chosen, empty])))
            hidden.append(np.r_[np.ones(count), np.zeros(len(empty))])
        if not seen:
            # Nobody uses anything, or all of them everything: there is nothing to learn from.
            width = _seen(self._uses, np.zeros((1, 2), np.int64)).shape[1]
            level = 0.0 if not len(free) else -6.0
            return np.r_[level, np.zeros(width)], np.zeros(width), np.ones(width)
        found = np.vstack(seen)
        mean, spread = found.mean(0), found.std(0) + 1e-9
        return logistic((found - mean) / spread, np.concatenate(hidden)), mean, spread

    def peers(self, principal: int, permission: int, count: int = PEERS) -> Peers:
        """How many of the principals whose uses are most like one's (cosine, itself left out) use a permission."""
        norms = np.sqrt(self._uses.sum(1))
        own = self._uses[principal].copy()
        own[permission] = 0.0
        alike = (self._uses @ own) / np.maximum(norms, 1e-9)
        alike[principal] = -1.0
        nearest = np.argsort(-alike, kind="stable")[:count]
        nearest = nearest[alike[nearest] > 0]
        return Peers(int(self._uses[nearest, permission].sum()), len(nearest))


def _seen(uses: Matrix, cells: Cells) -> Matrix:
    """What is seen of cells: both linear models, and counts of the row and column, apart for columns hardly used."""
    rows, columns = cells[:, 0], cells[:, 1]
    by_permissions = linear(uses, _BY_PERMISSIONS)[rows, columns]
    by_principals = linear(uses.T, _BY_PRINCIPALS).T[rows, columns]
    often, width = uses.sum(0), uses.sum(1)
    alone = (uses * (often == 1)).sum(1)
    row, lone = _scaled(width)[rows], _scaled(alone)[rows]
    support = often[columns]
    column = np.log1p(support) / np.log1p(max(len(uses), 1))
    cold, single = (support == 0).astype(float), (support == 1).astype(float)
    warm = 1.0 - cold
    return np.stack(
        [
            warm * by_permissions, warm * by_principals, warm * np.tanh(_SHARP * by_permissions),
            warm * np.tanh(_SHARP * by_principals), warm * row, warm * column, warm * row * column,
            cold, cold * row, cold * lone, single, single * row, single * lone,
        ],
        axis=1,
    )  # fmt: skip


def _scaled(counts: Matrix) -> Matrix:
    """The logarithm of counts, the largest of them 1."""
    logs: Matrix = np.log1p(counts)
    return logs / max(float(logs.max(initial=0.0)), 1e-9)


def logistic(seen: Matrix, hidden: Matrix) -> Matrix:
    """The weights of a logistic regression, the first the constant: Newton's method, held back by a ridge."""
    whole = np.c_[np.ones(len(seen)), seen]
    weights = np.zeros(whole.shape[1])
    ridge = _RIDGE * np.eye(len(weights))
    ridge[0, 0] = 0.0
    for _ in range(_ROUNDS):
        chance = chance_of(whole @ weights)
        slope = whole.T @ (hidden - chance) - ridge @ weights
        bend = (whole * np.maximum(chance * (1.0 - chance), 1e-12)[:, None]).T @ whole + ridge
        step = np.linalg.solve(bend, slope)
        weights += step
        if np.abs(step).max() < _STILL:
            break
    return weights


def chance_of(told: Matrix) -> Matrix:
    """The chance that a logistic regression tells, from its sum."""
    found: Matrix = 1.0 / (1.0 + np.exp(-np.clip(told, -40.0, 40.0)))
    return found
