"""What somebody is likely to need next, and what those of a job use, each with its reasons."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Next:
    """A permission that is granted, was not used, and may be needed next.

    Args:
        chance: that it will be used in the next month, from 0 to 1.
        worth: what it is worth to keep it; see `rightsizing.foreseeing.worth`.
        advised: it is worth enough to be kept.
        reasons: why, in words.
    """

    permission: str
    sensitivity: str
    chance: float
    worth: float
    advised: bool
    reasons: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class JobNeed:
    """A permission that some who do a job use: how many of how many."""

    permission: str
    sensitivity: str
    using: int
    of: int

    @property
    def share(self) -> float:
        """The share of those who use it."""
        return self.using / self.of if self.of else 0.0


@dataclass(frozen=True, slots=True)
class Job:
    """What those of a job use.

    Args:
        members: who they are, by the vendor's ids.
        idle: those of them who used nothing in the window; they do not count.
        needs: what enough of them use, the most used first.
        covered: the share of what one used that the others' needs would have given it, the mean of all; None with
            fewer than two.
        whole: how many of them would have had all that they used by the others' needs.
    """

    members: tuple[str, ...]
    idle: tuple[str, ...]
    needs: tuple[JobNeed, ...]
    covered: float | None
    whole: int
