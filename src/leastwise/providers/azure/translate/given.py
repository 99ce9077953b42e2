"""A role that is given, or can be had on request, while everything that tells of it is put together."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from leastwise.providers.azure.language.assignments import Assignment


@dataclass(slots=True)
class Given:
    """One assignment.

    Args:
        assignment: as it was told first.
        kind: `role_assignment`, `activated_assignment` or `eligible_assignment`.
        source: where it was read.
        until: when it ends.
        version: of the language of its condition.
        id: of the role assignment, where an instance of a schedule tells it.
        requires: what must be done to activate it; None where that is not told.
        unread_end: what it tells of its end where that is no time.
    """

    assignment: Assignment
    kind: str
    source: str
    until: datetime | None = None
    version: str = ""
    id: str = ""
    requires: str | None = None
    unread_end: str = ""
