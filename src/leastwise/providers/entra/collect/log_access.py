"""Whose credentials fetch the directory's logs, and which directory that is."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from typing import Any

from leastwise.providers.microsoft import log_access as shared

from .asking import Asking
from .source import read_source
from .tenant import tenant


class Access(shared.Access):
    """Calls signed by who reads the logs; safe to use from many threads."""

    def __init__(self, sign_in: Mapping[str, Any]) -> None:
        """UsageError when the keys are wrong, or there are no credentials."""
        source = read_source({"in_flight": shared.AT_ONCE, **sign_in, "services": []})
        self._source, self._asking = source, Asking(source)
        super().__init__(source, self._asking)

    @cached_property
    def tenant(self) -> str:
        """The directory that is signed in to. UsageError when that cannot be told."""
        return tenant(self._source, self._asking).id
