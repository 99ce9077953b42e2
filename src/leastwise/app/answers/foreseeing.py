"""What principals are likely to need next, and what those who do a job use."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from leastwise.model.decision import Circumstances
from leastwise.model.likely import Job

from ..gaps import Gaps
from ..likely import Foreseeing, job_values, next_values
from ..several import several_of
from .told import Told


def likely(gaps: Gaps, principals: Sequence[str]) -> Told[list[dict[str, Any]]]:
    """What principals are likely to need next; of one alone its keys stand in the answer itself.

    Raises:
        NotFoundError, AmbiguousError: see `Gaps.about`.
    """
    each = [_next(gaps, named) for named in principals]
    body = each[0] if len(each) == 1 else {"items": each, "next": None}
    return Told(gaps.answer({**gaps.header(), **body}), each)


def _next(gaps: Gaps, named: str) -> dict[str, Any]:
    mine = gaps.of_principal(named)
    held = mine.asking.access.held(named, Circumstances())
    seen = Foreseeing(mine, (held.principal,))
    items = [next_values(one) for one in seen.of(held.principal)]
    return {
        "principal": held.principal, "provider": mine.asking.provider, "account": held.account,
        "learned_from": len(seen.people), "by_past_months": seen.foresight.learned, "items": items, "next": None,
        "missing": seen.missing(held.principal),
    }  # fmt: skip


def job(
    gaps: Gaps, named: Sequence[str], groups: Sequence[str], tags: Sequence[str], share: float
) -> Told[tuple[Job, int]]:
    """What those who do a job use; made of the job and how many do it. Raises as `several_of`."""
    found, members = several_of(gaps, named, groups, tags)
    made = Foreseeing(found, members).job(members, share)
    whole = gaps.answer({"provider": found.asking.provider, **gaps.header(), **job_values(made)})
    return Told(whole, (made, len(members)))
