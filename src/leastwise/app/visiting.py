"""A principal of one scope, asked about in another: it is there whoever it is known to come in as."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from leastwise.model.decision import Circumstances, Decision, Link, State

if TYPE_CHECKING:
    from leastwise.engine.access import Access

_SUREST = (State.ALLOWED, State.CONDITIONAL, State.UNKNOWN, State.DENIED)


@dataclass(frozen=True, slots=True)
class Visitor:
    """The principal of a question.

    Args:
        named: as the question names it.
        home: the scope that it is of.
        there: the scope of the resource.
        known: the ids that are known to be the same there.
    """

    named: str
    home: str
    there: str
    known: Sequence[str]

    def can(self, access: Access, permission: str, resource: str | None, given: Circumstances) -> Decision:
        """The surest answer of those as whom it comes in; UNKNOWN where nobody is known to be it.

        Raises UsageError, NotFoundError.
        """
        # What is asked is refused in the same words, whoever asks.
        access.objection(permission, resource)
        if not self.known:
            why = f"as whom {self.named} of {self.home} comes into {self.there}: nobody there is known to be the same"
            return Decision(State.UNKNOWN, missing=(why,))
        found = [self._as(access, one, permission, resource, given) for one in self.known]
        return min(found, key=lambda one: _SUREST.index(one.state))

    def _as(
        self, access: Access, one: str, permission: str, resource: str | None, given: Circumstances
    ) -> Decision:  # fmt: skip
        decision = access.can(one, permission, resource, given)
        return replace(decision, chain=(Link("visitor", one, one), *decision.chain))
