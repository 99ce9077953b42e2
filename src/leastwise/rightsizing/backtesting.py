"""How well grants would have done in a time that was held out: what would have been denied, and what was too much."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from .doings import Doings, Kinship, Numbers
from .foreseeing import Foresight

Flags = npt.NDArray[np.bool_]
EXACT, SERVICE, LIKELY = "exact", "service", "likely"


@dataclass(frozen=True, slots=True)
class Measured:
    """How grants did.

    Args:
        principals: who did something before the time held out, and in it; only they count.
        granted: pairs of a principal and a permission that it was given.
        used: pairs that were used in the time held out.
        denied: of these those that were not given.
        calls: all calls in that time, or days with calls where only these are known.
        calls_denied: those of pairs that were not given.
        hindered: principals with at least one denial.
        whole: pairs if everybody had all permissions of each service that it used.
    """

    principals: int
    granted: int
    used: int
    denied: int
    calls: int
    calls_denied: int
    hindered: int
    whole: int

    @property
    def under(self) -> float:
        """Under-privilege: the share of the pairs used that were not given."""
        return _share(self.denied, self.used)

    @property
    def over(self) -> float:
        """Over-privilege: the share of the pairs given that were not used."""
        return _share(self.granted - (self.used - self.denied), self.granted)

    @property
    def hindered_share(self) -> float:
        """The share of principals with a denial."""
        return _share(self.hindered, self.principals)

    @property
    def denied_share(self) -> float:
        """The share of calls that would have been denied."""
        return _share(self.calls_denied, self.calls)

    @property
    def reduction(self) -> float:
        """How much less is given than all of each service used."""
        return 1.0 - _share(self.granted, self.whole) if self.whole else 0.0


def _share(some: int, of: int) -> float:
    return some / of if of else 0.0


def measured(given: Flags, before: Flags, later: Numbers, kinship: Kinship) -> Measured:
    """How grants did.

    Args:
        given: who would have been granted what.
        before: who used what before the time held out.
        later: how often who used what in it.
        kinship: of the permissions.
    """
    there = before.any(1) & (later > 0).any(1)
    given, before, later = given[there], before[there], later[there]
    used = later > 0
    denied = used & ~given
    return Measured(
        principals=int(there.sum()), granted=int(given.sum()), used=int(used.sum()), denied=int(denied.sum()),
        calls=int(later.sum()), calls_denied=int(later[denied].sum()), hindered=int(denied.any(1).sum()),
        whole=int(_around(before, kinship.service).sum()),
    )  # fmt: skip


def _around(used: Flags, group: Numbers) -> Flags:
    """Everything of the groups of which each used something."""
    touched = np.zeros((used.shape[0], int(group.max(initial=-1)) + 1), bool)
    rows, columns = np.nonzero(used)
    touched[rows, group[columns]] = True
    return touched[:, group]


def proposals(doings: Doings, granted: Flags, level: Numbers, careful: Flags) -> Mapping[str, Flags]:
    """Who would be granted what, by level: what it used; its services at the access levels used; with likely ones.

    Args:
        doings: up to the time held out.
        granted: who was granted what then: nobody is given more.
        level: of each permission its service and access level, as a number.
        careful: see `Foresight`.
    """
    return {
        EXACT: doings.used,
        SERVICE: doings.used | (_around(doings.used, level) & granted),
        LIKELY: doings.used | Foresight(doings, granted, careful).chosen,
    }
