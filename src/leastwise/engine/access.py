"""The port through which everybody asks a provider about access."""

from __future__ import annotations

from datetime import datetime
from typing import Protocol

from leastwise.model.decision import Circumstances, Cube, Decision, WhoCan


class Access(Protocol):
    """Answers from one estate of one provider. The answers to one question in every direction agree.

    Every question raises UsageError when it cannot be asked, NotFoundError when it names a principal that is known not
    to exist.
    """

    def can(self, subject: str, permission: str, resource: str | None, given: Circumstances) -> Decision:
        """Whether a subject has a permission on a resource; without one, or with a pattern, on any that it means."""
        ...

    def who_can(
        self, permission: str, resource: str | None, given: Circumstances, *, transitive: bool = False
    ) -> WhoCan:
        """Every principal that has a permission on a resource, those outside the estate included.

        With `transitive` also those that can become one of them.
        """
        ...

    def what_can(self, subject: str, resource: str | None, given: Circumstances) -> tuple[Cube, ...]:
        """Everything that a subject may do (on a resource)."""
        ...

    def moments(
        self, permission: str | None, given: Circumstances, begin: datetime, end: datetime
    ) -> tuple[datetime, ...]:
        """The moments between two (both left out), ascending, at which conditions on the time of the request change.

        Between two neighbours every answer about the permission (None: about any) is the same.
        """
        ...
