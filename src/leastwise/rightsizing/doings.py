"""Who did what on which day, as arrays, and what of it tells who may do what next."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt

from leastwise.model.kin import Kin

from .likely import PEERS, Matrix, linear

Numbers = npt.NDArray[np.int64]
_BY_PERMISSIONS, _BY_PRINCIPALS = 1.0, 3.0
"""How much the two linear models are held back (ridge)."""
_SEEN_LITTLE = 3.0
"""Days that are added to those on which a permission was used, so that few of them show little."""
_CLOSE = 5
_SPAN = 30.0
"""Days for which somebody's next uses are foreseen."""
_SETTLED = 20
"""After so many days what somebody uses for the first time is new to it, and not its beginning."""


@dataclass(frozen=True)
class Kinship:
    """What permissions have to do with each other, by their numbers.

    Args:
        service: of each permission, as a number.
        thing: what each acts on, as a number.
        reads: whether each only reads.
        needs: by permission the numbers of those that a call of it needs besides.
    """

    service: Numbers
    thing: Numbers
    reads: npt.NDArray[np.bool_]
    needs: tuple[tuple[int, ...], ...]

    @classmethod
    def of(cls, names: Sequence[str], kin: Callable[[str], Kin]) -> Kinship:
        """That of some permissions, by what the vendor tells of each."""
        each = [kin(name) for name in names]
        numbers = {name: number for number, name in enumerate(names)}
        needs = tuple(tuple(numbers[other] for other in one.needs if other in numbers) for one in each)
        return cls(
            _coded([one.service for one in each]), _coded([one.thing for one in each]),
            np.array([one.reads for one in each], bool), needs,
        )  # fmt: skip


def _coded(words: Sequence[str]) -> Numbers:
    return np.unique(np.array(words, dtype=object), return_inverse=True)[1].astype(np.int64)


@dataclass(frozen=True)
class Doings:
    """What principals did, a row for each permission and day.

    Args:
        shape: how many principals and permissions there are.
        principal: the number of who did it.
        permission: its number.
        day: the day's number.
        end: the day before which all of it lies.
        kinship: of the permissions.
    """

    shape: tuple[int, int]
    principal: Numbers
    permission: Numbers
    day: Numbers
    end: int
    kinship: Kinship

    def before(self, end: int) -> Doings:
        """What was done before a day."""
        inside = self.day < end
        some = (self.principal[inside], self.permission[inside], self.day[inside])
        return Doings(self.shape, *some, end, self.kinship)

    def uses(self, begin: int) -> npt.NDArray[np.bool_]:
        """Who used what from a day on."""
        inside = self.day >= begin
        found = np.zeros(self.shape, bool)
        found[self.principal[inside], self.permission[inside]] = True
        return found

    @cached_property
    def used(self) -> npt.NDArray[np.bool_]:
        """Who used what at all."""
        return self.uses(np.iinfo(np.int64).min)

    @cached_property
    def columns(self) -> Numbers:
        """The permissions that anybody used."""
        return np.flatnonzero(self.used.any(0))

    @cached_property
    def places(self) -> Numbers:
        """The place of each permission among `columns`; -1 of those that nobody used."""
        found = np.full(self.shape[1], -1)
        found[self.columns] = np.arange(len(self.columns))
        return found

    @cached_property
    def matrix(self) -> Matrix:
        """Who used what of `columns`, as zeros and ones."""
        return self.used[:, self.columns].astype(np.float64)

    @cached_property
    def _days(self) -> Matrix:
        """On how many days who used what of `columns`."""
        found = np.zeros(self.matrix.shape)
        np.add.at(found, (self.principal, self.places[self.permission]), 1)
        return found

    @cached_property
    def first(self) -> Numbers:
        """The first day of each principal; `end` of those who did nothing."""
        found = np.full(self.shape[0], self.end)
        np.minimum.at(found, self.principal, self.day)
        return found

    @cached_property
    def _first_uses(self) -> Numbers:
        found = np.full(self.shape, self.end)
        np.minimum.at(found, (self.principal, self.permission), self.day)
        return found

    @cached_property
    def newly(self) -> Numbers:
        """How many permissions each principal took up in the last span of days, its own beginning not counted."""
        late = (self._first_uses >= self.end - _SPAN) & self.used
        found: Numbers = (late & (self._first_uses > self.first[:, None] + _SETTLED)).sum(1)
        return found

    @cached_property
    def adopted(self) -> Numbers:
        """By how many principals each permission was taken up in the last span of days."""
        found: Numbers = ((self._first_uses >= self.end - _SPAN) & self.used).sum(0)
        return found

    @cached_property
    def by_permissions(self) -> Matrix:
        """The linear model by the other permissions of the same principal."""
        return linear(self.matrix, _BY_PERMISSIONS) if self.matrix.size else self.matrix

    @cached_property
    def by_principals(self) -> Matrix:
        """The linear model by the other principals of the same permission."""
        return linear(self.matrix.T, _BY_PRINCIPALS).T if self.matrix.size else self.matrix

    @cached_property
    def alike(self) -> Matrix:
        """How alike principals are in what they use: cosine, with what few use weighing more; -1 of oneself."""
        rare = np.sqrt(np.log(len(self.matrix) / np.maximum(self.matrix.sum(0), 1.0)) + 1e-9)
        weighed = self.matrix * rare
        weighed /= np.maximum(np.linalg.norm(weighed, axis=1, keepdims=True), 1e-9)
        found: Matrix = weighed @ weighed.T
        np.fill_diagonal(found, -1.0)
        return found

    def peers(self, principal: int) -> Numbers:
        """The principals most alike one in what they use, the nearest first; none that has nothing in common."""
        alike = self.alike[principal]
        nearest: Numbers = np.argsort(-alike, kind="stable")[:PEERS]
        close: Numbers = nearest[alike[nearest] > 1e-6]
        return close

    @cached_property
    def by_peers(self) -> tuple[Matrix, Matrix]:
        """The share of peers who use each permission, weighed by how alike they are, and that of the nearest few."""
        weighed, close = np.zeros(self.matrix.shape), np.zeros(self.matrix.shape)
        for principal in range(len(self.matrix)):
            near = self.peers(principal)
            if len(near):
                alike = self.alike[principal, near]
                weighed[principal] = alike @ self.matrix[near] / alike.sum()
                close[principal] = self.matrix[near[:_CLOSE]].mean(0)
        return weighed, close

    @cached_property
    def together(self) -> Matrix:
        """On which share of the days of one permission (column) its user used another (row) too, told with caution."""
        both = np.zeros((len(self.columns), len(self.columns)))
        order = np.argsort(self.principal, kind="stable")
        ends = np.searchsorted(self.principal[order], np.arange(self.shape[0] + 1))
        for begin, end in zip(ends[:-1].tolist(), ends[1:].tolist(), strict=True):
            mine = order[begin:end]
            if not len(mine):
                continue
            some, column = np.unique(self.places[self.permission[mine]], return_inverse=True)
            days, row = np.unique(self.day[mine], return_inverse=True)
            done = np.zeros((len(days), len(some)))
            done[row, column] = 1.0
            both[np.ix_(some, some)] += done.T @ done
        shares: Matrix = both / (np.diag(both) + _SEEN_LITTLE)
        np.fill_diagonal(shares, 0.0)
        return shares

    @cached_property
    def often(self) -> Matrix:
        """On how many days of a span who uses what of `columns`."""
        return self._days / np.maximum(self.end - self.first, 1)[:, None] * _SPAN

    @cached_property
    def expected(self) -> Matrix:
        """On how many days of a span each would use a permission, by the one that most often comes with it."""
        found = np.zeros(self.matrix.shape)
        for principal, mine in enumerate(self.matrix > 0):
            if mine.any():
                found[principal] = (self.together[:, mine] * self.often[principal, mine]).max(1)
        return found

    @cached_property
    def associated(self) -> Matrix:
        """The mean share of the users of three other permissions of somebody, who use one: the three that show most."""
        both = self.matrix.T @ self.matrix
        shares = both / (np.diag(both) + 1.0)
        np.fill_diagonal(shares, 0.0)
        found = np.zeros(self.matrix.shape)
        for principal, mine in enumerate(self.matrix > 0):
            if mine.any():
                most = min(3, int(mine.sum()))
                found[principal] = np.partition(shares[:, mine], -most, axis=1)[:, -most:].mean(1)
        return found

    @cached_property
    def support(self) -> Numbers:
        """How many principals used each permission."""
        found: Numbers = self.used.sum(0)
        return found

    @cached_property
    def width(self) -> Numbers:
        """How many permissions each principal used."""
        found: Numbers = self.used.sum(1)
        return found

    @cached_property
    def things(self) -> Matrix:
        """How many permissions of each thing (see `Kin`) each principal used."""
        return _counted(self.used, self.kinship.thing)

    @cached_property
    def services(self) -> Matrix:
        """How many permissions of each service each principal used."""
        return _counted(self.used, self.kinship.service)

    @cached_property
    def needed(self) -> npt.NDArray[np.bool_]:
        """Whether something that a principal used needs a permission besides."""
        found = np.zeros(self.shape, bool)
        for permission in self.columns.tolist():
            for other in self.kinship.needs[permission]:
                found[:, other] |= self.used[:, permission]
        return found


def _counted(used: npt.NDArray[np.bool_], group: Numbers) -> Matrix:
    found = np.zeros((used.shape[0], int(group.max(initial=-1)) + 1))
    rows, columns = np.nonzero(used)
    np.add.at(found, (rows, group[columns]), 1.0)
    return found


def related(kinship: Kinship, used: Numbers) -> Numbers:
    """Some permissions, those about the same things, and those that calls of them need besides; sorted."""
    same = np.flatnonzero(np.isin(kinship.thing, kinship.thing[used]))
    needed = np.array([other for one in used.tolist() for other in kinship.needs[one]], np.int64)
    return np.unique(np.concatenate([used, same, needed]))
