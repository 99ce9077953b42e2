"""What happened in the directory in the 120 days of full logs."""

from __future__ import annotations

from collections import defaultdict
from datetime import UTC, date, datetime
from functools import cache

from demo_company.entra.activating import activating
from demo_company.entra.acts import Act
from demo_company.entra.asked import asking
from demo_company.entra.done import doing
from demo_company.entra.searched import searched
from demo_company.entra.signing import signing
from demo_company.logs.draw import FIRST


@cache
def happened() -> tuple[Act, ...]:
    """Everything, by time."""
    done = (*doing(), *activating())
    portal: dict[date, set[str]] = defaultdict(set)
    for one in done:
        if one.who:
            portal[datetime.fromtimestamp(one.when, UTC).date()].add(one.who)
    every = (*done, *signing(portal), *asking(), *searched())
    return tuple(sorted((one for one in every if one.when >= _BEGUN), key=lambda one: one.when))


_BEGUN = datetime(FIRST.year, FIRST.month, FIRST.day, tzinfo=UTC).timestamp()
