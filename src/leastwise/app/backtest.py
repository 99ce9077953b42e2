"""How grants by use would have done in a month that is held out, in the logs that are held."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import numpy as np

from leastwise.errors import UsageError
from leastwise.model.gap import Window
from leastwise.model.plan import Recommendation, Replay
from leastwise.rightsizing.backtesting import Measured, measured, proposals
from leastwise.rightsizing.foreseeing import SPAN

from .gap import GapOf
from .likely import MANY, Foreseeing
from .recommended import replay_values
from .rightsizing import Rightsizing, Wish

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence


@dataclass(frozen=True, slots=True)
class Backtest:
    """How each level did; `people` are those of whom something is told, `held_out` the number of days held out."""

    levels: Mapping[str, Measured]
    people: int
    held_out: int


def backtest_of(found: GapOf, principals: Sequence[str] = ()) -> Backtest:
    """Grants by what was done up to the last month of the window, held against that month.

    Only permissions are looked at, not resources; what would be kept because it cannot be observed is not counted, as
    nothing tells whether it was used.

    Args:
        found: the gap whose window ends with the month that is held out.
        principals: the ids of those who are counted; all who are learned from where none are named.

    Raises:
        UsageError: the window is too short to hold out a month; or no use is known in it.
    """
    window = found.window
    if window.days <= SPAN:
        raise _short(window)
    whole = Foreseeing(found, tuple(principals), MANY)
    if not len(whole.calls[0]):
        raise UsageError("--backtest: no log of the window tells a use")
    who, what, day, count = whole.calls
    end = whole.doings.end - SPAN
    known = whole.doings.before(end)
    later = np.zeros(known.shape, np.int64)
    inside = day >= end
    np.add.at(later, (who[inside], what[inside]), count[inside])
    level = np.unique([f"{kin.service} {kin.reads}" for kin in whole.kin_of_names()], return_inverse=True)[1]
    offered = proposals(known, whole.granted, level, whole.careful)
    counted = [row for row, id in enumerate(whole.people) if not principals or id in set(principals)]
    levels = {
        name: measured(given[counted], known.used[counted], later[counted], known.kinship)
        for name, given in offered.items()
    }
    return Backtest(levels, len(counted), SPAN)


def held_out(found: GapOf, principals: Sequence[str], wish: Wish) -> list[tuple[Recommendation, Replay | None]]:
    """For each principal the smallest grant by the time before the last month, and the calls of that month under it.

    Resources and conditions count here, and what is kept because it cannot be observed. None for whom nothing would be
    changed; nothing at all where the provider's grants are not made smaller.

    Raises:
        UsageError: as `backtest_of`.
    """
    window = found.window
    if found.workspace.provider(found.asking.provider).shrinking is None:
        return []
    if window.days <= SPAN:
        raise _short(window)
    begin = window.end - timedelta(days=SPAN)
    earlier = GapOf(found.workspace, found.asking, replace(window, end=begin), found)
    maker = Rightsizing(earlier, wish)
    made = [maker.of(one, thorough=False) for one in principals]
    return [(one, maker.held_out(one, begin, window.end) if one.changes else None) for one in made]


def _short(window: Window) -> UsageError:
    return UsageError(f"--backtest: the window of {window.days} days has no time before the last {SPAN}")


def backtest_values(one: Backtest) -> dict[str, Any]:
    """It as the JSON interface has it."""
    return {
        "held_out_days": one.held_out,
        "items": [measured_values(name, each) for name, each in one.levels.items()],
        "next": None,
    }


def measured_values(level: str, one: Measured) -> dict[str, Any]:
    """How one level did, as the JSON interface has it."""
    return {
        "level": level,
        "principals": one.principals,
        "granted": one.granted,
        "used": one.used,
        "denied": one.denied,
        "under_privilege": round(one.under, 4),
        "over_privilege": round(one.over, 4),
        "principals_denied": one.hindered,
        "principals_denied_share": round(one.hindered_share, 4),
        "calls": one.calls,
        "calls_denied": one.calls_denied,
        "reduction": round(one.reduction, 4),
    }


def held_out_values(one: Recommendation, replay: Replay | None) -> dict[str, Any]:
    """One recommendation held against the last month, as the JSON interface has it."""
    return {
        "principal": one.principal,
        "sentence": one.sentence,
        "blocked": one.blocked,
        "replay": None if replay is None else replay_values(replay),
    }
