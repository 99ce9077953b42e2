"""Who gets into which dynamic group by writing attributes of himself, or by inviting a guest.

https://learn.microsoft.com/entra/identity/users/groups-dynamic-membership
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from leastwise.model.decision import State
from leastwise.providers.microsoft.shadows import writing

from .language.joining import BASIC, INVITED, PROFILE, WRITTEN, joins
from .language.memberships import RuleError, parse_membership_rule
from .language.steering import OF_INVITERS

TITLES = {
    BASIC: "whoever can change basic properties of his own in",
    PROFILE: "whoever can change names and locations of his own in",
    INVITED: "a guest whom somebody invites to",
}
_SURE = {True: State.ALLOWED, None: State.CONDITIONAL}
_USER, _PAUSED = "user", "paused"


class Steering:
    """What the rules of the groups of a tenant read.

    Args:
        principals: its rows.
        members: of each group whoever would be only its member.
        tenant: its id.
    """

    def __init__(self, principals: Iterable[Mapping[str, Any]], members: Mapping[str, str], tenant: str) -> None:
        self.leads: dict[tuple[str, str], State] = {}
        self._tenant = tenant
        for row in principals:
            told = dict(row["details"] or ())
            if row["native"] == "group" and told.get("dynamic") == "yes":
                for word, state in _leading(told).items():
                    self.leads[writing(word, tenant), members[row["id"]]] = state

    @property
    def writes(self) -> dict[str, str]:
        """Who writes what, by the words of `joining`; none where no group reads it."""
        found = {source for source, _ in self.leads}
        return {word: id for word in WRITTEN if (id := writing(word, self._tenant)) in found}

    @property
    def titles(self) -> dict[str, str]:
        """The same as people are told it, by id."""
        return {id: f"{TITLES[word]} {self._tenant}" for word, id in self.writes.items()}


def _leading(told: Mapping[str, str]) -> dict[str, State]:
    """How surely who writes what gets into a group; nothing is known of a rule that is not told, or does not parse."""
    try:
        rule = parse_membership_rule(told.get("rule", ""))
    except RuleError:
        return dict.fromkeys(WRITTEN, State.UNKNOWN)
    if rule.comparisons[0].kind != _USER:
        return {}
    paused = told.get("rule_state", "").lower() == _PAUSED
    found = {word: joins(rule, word) for word in WRITTEN if set(rule.attributes) & _read(word)}
    # Who is processed only later joins later.
    return {word: State.CONDITIONAL if paused else _SURE[sure] for word, sure in found.items() if sure is not False}


def _read(word: str) -> frozenset[str]:
    """What of a rule has to do with what is written; of a guest also what follows from his invitation."""
    return WRITTEN[word] | (OF_INVITERS if word == INVITED else frozenset())
