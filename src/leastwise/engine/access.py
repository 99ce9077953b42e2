"""The port through which everybody asks a provider about access."""

from __future__ import annotations

from typing import Protocol

from leastwise.model.decision import Circumstances, Cube, Decision, WhoCan
from leastwise.model.exposure import Exposed, Inside


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

    def inside(self) -> Inside:
        """The accounts and organizations that the estate holds or names as ours."""
        ...

    def exposed(self, inside: Inside, given: Circumstances, *, services: bool = False) -> Exposed:
        """What those outside can reach: every resource and role that lets somebody in who is none of ours.

        Args:
            inside: our accounts and organizations; whoever is in none of them is outside.
            given: the circumstances.
            services: all services of the vendor; else those that a policy names without saying for whom they act.
        """
        ...
