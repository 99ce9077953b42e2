"""Steps that ask for no permission: what the provider says of who is, or can be, somebody else besides."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

from leastwise.model.decision import State
from leastwise.model.shadows import Shadows

Pair = tuple[str, str]


def needless(link: str, shadows: Shadows) -> Iterator[tuple[list[Pair], State, str]]:
    """Pairs of somebody and whom he becomes by a link, those that are alike together: with the state and what is asked.

    None of what joins two ways, which is found when there are ways.
    """
    alike: dict[tuple[State, str], list[Pair]] = defaultdict(list)
    if link == "offered":
        for pair, requires in sorted(shadows.offered.items()):
            alike[State.CONDITIONAL, requires].append(pair)
    elif link == "leads":
        for pair, state in sorted(shadows.leads.items()):
            alike[state, ""].append(pair)
    elif link == "perhaps":
        for pair, unread in sorted(shadows.perhaps.items()):
            alike[State.UNKNOWN, unread].append(pair)
    return ((pairs, state, text) for (state, text), pairs in alike.items())
