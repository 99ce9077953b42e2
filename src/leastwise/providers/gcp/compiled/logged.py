"""What audit logs do not tell of somebody, though they may of others."""

from __future__ import annotations

from functools import cached_property

from pyroaring import BitMap

from leastwise.engine.holdings import Hidden

from ..evaluate.membership import is_agent
from ..language.members import Kind, Member
from .estate import Compiled
from .numbers import Numbers

_BIGQUERY = "bigquery.googleapis.com"


class Logged:
    """Tells it of one estate."""

    def __init__(self, held: Compiled, numbers: Numbers) -> None:
        self._held, self._numbers = held, numbers

    def hidden(self, who: Member) -> tuple[Hidden, ...]:
        """What logs do not tell of somebody."""
        if who.kind is Kind.SERVICE_ACCOUNT and is_agent(who.id, self._held.estate):
            return self._of_agents
        return self._of_outsiders if self._outside(who) else ()

    @cached_property
    def _of_agents(self) -> tuple[Hidden, ...]:
        why = "it is a service agent: what it does inside Google stands in no log of the customer"
        return (Hidden(self._numbers.all, why),)

    @cached_property
    def _of_outsiders(self) -> tuple[Hidden, ...]:
        """Whoever reads from BigQuery is left out of its log, unless they are of the customer who owns the project.

        https://docs.cloud.google.com/logging/docs/audit#user-id
        """
        why = "BigQuery's log hides readers who are not known to be of the customer"
        return (Hidden(self._numbers.by_host.get(_BIGQUERY, BitMap()), why),)

    @cached_property
    def _domains(self) -> frozenset[str]:
        return frozenset().union(*(one.domains for one in self._held.estate.organizations.values()))

    def _outside(self, who: Member) -> bool:
        if who.kind is Kind.USER:
            return who.domain not in self._domains
        if who.kind is Kind.SERVICE_ACCOUNT:
            home = self._held.estate.home(who.id)
            return home is None or self._held.place_number(home) is None
        return False
