"""Whom outside the zone of trust the estate lets in."""

from __future__ import annotations

from leastwise.model.decision import Circumstances

from ..asking import Asking
from ..external import External, Wanted, external_values
from ..external import external as ways_in
from .told import Told


def external(asking: Asking, wanted: Wanted, given: Circumstances) -> Told[External]:
    """Every resource and role that somebody outside the zone of trust can reach. Raises UsageError."""
    found = ways_in(asking, wanted, asking.given(given))
    return Told(external_values(found), found, used=found.used)
