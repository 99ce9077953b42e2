"""The port through which everybody asks a provider about access."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Protocol

from leastwise.model.decision import Circumstances, Cube, Decision, WhoCan

from .containment import Containment


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

    def contains(self, inner: Sequence[Mapping[str, Any]], outer: Sequence[Mapping[str, Any]]) -> Containment:
        """Whether everything that the policies of `inner` allow together is allowed by those of `outer` together.

        Policies are in the vendor's form. The answer is a proof, a request that is a counter-example, or not proven.
        """
        ...
