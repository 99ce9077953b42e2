"""What is used of each grant of one principal: which are needed, which give only what others give, which lie idle."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Mapping, Sequence
from functools import lru_cache

from leastwise.engine.holdings import GivenBy
from leastwise.model.gap import GrantUse, Item, Need, Use

Above = Callable[[str], Collection[str]]
"""What holds a resource, and it itself, as grants name it; nothing where grants name resources by patterns."""
_USED = (Use.USED, Use.IMPLIED)
_VARIABLE = re.compile(r"\$\{[^}]*\}")


def needs(
    items: Sequence[Item],
    names: Mapping[str, int],
    given: Sequence[GivenBy],
    above: Above,
    never: Callable[[int], bool],
    unread: Sequence[str] = (),
) -> list[GrantUse]:
    """One verdict for each grant, in their order.

    What a grant gives counts where it reaches what was touched; of a call whose resource no log told, and of a pattern
    with a variable, that may be so. Whether conditions of another grant would have let the call pass is not asked.

    Args:
        items: every permission that the principal holds, with its verdict.
        names: numbers of permissions.
        given: the grants.
        above: what a resource lies in.
        never: whether no log ever shows a permission of that number.
        unread: what was not read of what the principal holds. A grant may then reach what it is not known to reach.
    """
    made = _Reaching(above)
    held = [[item for item in items if names[item.permission] in one.permissions] for one in given]
    used = [
        [item for item in mine if item.state in _USED and made.may(one, item)]
        for one, mine in zip(given, held, strict=True)
    ]
    found = []
    for place, (one, mine) in enumerate(zip(given, held, strict=True)):
        others = [other for number, other in enumerate(given) if number != place]
        only = [item for item in used[place] if not _besides(made, item, one, others, names)]
        doubtful = (item for item in mine if item.state is Use.UNOBSERVABLE and not never(names[item.permission]))
        why = next((item.missing for item in doubtful), "")
        if not why and unread and any(item.state in _USED for item in mine):
            why = f"it was used elsewhere, and it is not known how far this grant reaches: {unread[0]}"
        found.append(_told(one, mine, used[place], only, why, made))
    return found


def _besides(made: _Reaching, item: Item, one: GivenBy, others: Sequence[GivenBy], names: Mapping[str, int]) -> bool:
    """Whether other grants surely give a used permission on all that it was used on by this one."""
    number = names[item.permission]
    giving = [other for other in others if number in other.permissions]
    if not item.done.touched:
        return any("*" in other.resources for other in giving)
    mine = [touched for touched in item.done.touched if made.reaches(one, touched, doubt=True)]
    return all(any(made.reaches(other, touched, doubt=False) for other in giving) for touched in mine)


def _told(
    one: GivenBy, mine: Sequence[Item], used: Sequence[Item], only: Sequence[Item], why: str,
    made: _Reaching,
) -> GrantUse:  # fmt: skip
    counts = {state: sum(1 for item in mine if item.state is state) for state in Use}
    counts[Use.USED] = sum(1 for item in used if item.state is Use.USED)
    counts[Use.IMPLIED] = sum(1 for item in used if item.state is Use.IMPLIED)
    elsewhere = sum(1 for item in mine if item.state in _USED) - len(used)
    if only:
        need = Need.NEEDED
    elif used:
        need = Need.COVERED
    else:
        need = Need.UNOBSERVABLE if why else Need.UNUSED
    touched = {each for item in used for each in item.done.touched if made.reaches(one, each, doubt=True)}
    return GrantUse(
        one.layer,
        one.policy,
        one.statement,
        one.source,
        one.resources,
        need,
        counts,
        elsewhere,
        tuple(item.permission for item in used),
        tuple(item.permission for item in only),
        tuple(sorted(touched)),
        max((item.done.last for item in used if item.done.last is not None), default=None),
        why,
    )


class _Reaching:
    """Whether grants reach what was touched."""

    def __init__(self, above: Above) -> None:
        self._above = lru_cache(maxsize=None)(lambda resource: frozenset(above(resource)))

    def may(self, one: GivenBy, item: Item) -> bool:
        """Whether a grant may be what let a used permission pass."""
        touched = item.done.touched
        return not touched or any(self.reaches(one, each, doubt=True) for each in touched)

    def reaches(self, one: GivenBy, touched: str, *, doubt: bool) -> bool:
        """Whether a grant reaches a resource, or a bucket of resources; where that is not sure, as `doubt` says."""
        holding = self._above(touched)
        if holding:
            return any(pattern in holding for pattern in one.resources)
        return any(_pattern(pattern, touched, doubt=doubt) for pattern in one.resources)


def _pattern(pattern: str, touched: str, *, doubt: bool) -> bool:
    if pattern == "*" or touched == "*":
        return doubt or pattern == "*"
    if _VARIABLE.search(pattern):
        return doubt and _matches(_VARIABLE.sub("*", pattern), touched)
    # What was touched may itself stand for many: of a narrower pattern it is not sure that it was one of those.
    return _matches(pattern, touched) or (doubt and _matches(touched, pattern))


def _matches(pattern: str, text: str) -> bool:
    return _expression(pattern).fullmatch(text) is not None


@lru_cache(maxsize=4096)
def _expression(pattern: str) -> re.Pattern[str]:
    return re.compile("".join({"*": ".*", "?": "."}.get(char) or re.escape(char) for char in pattern), re.DOTALL)
