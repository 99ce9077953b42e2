"""What opens storage accounts and workspaces, in which Azure's logs and the directory's lie side by side."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from leastwise.providers.fetching import LogSource, Wanted

from .log_names import OBJECTS, TABLES

if TYPE_CHECKING:
    from .log_access import Opened


def stored(opened: Callable[[], Opened]) -> dict[str, Callable[[Wanted], LogSource]]:
    """By the beginning of a place's URL what opens it, signed in by what `opened` gives; imported when it is called."""

    def objects(wanted: Wanted) -> LogSource:
        from .log_objects import Objects

        return Objects(wanted, opened())

    def tables(wanted: Wanted) -> LogSource:
        from .log_tables import Tables

        return Tables(wanted, opened())

    return {OBJECTS: objects, TABLES: tables}
