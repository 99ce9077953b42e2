"""What a subject can do: a reading of its effective set."""

from __future__ import annotations

from leastwise.model.decision import Cube

from .access import AwsAccess, Circumstances
from .effective import Effective, Standing


def what_can(access: AwsAccess, subject: str, resource: str | None, given: Circumstances) -> tuple[Cube, ...]:
    """Everything that a user, role or outsider may do: cubes, the widest first. Raises UsageError."""
    return Effective(access, [Standing.of(access, subject)], resource, given).cubes()
