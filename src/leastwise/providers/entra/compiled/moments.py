"""The moments at which something begins or ends: assignments, and memberships by PIM for groups.

https://learn.microsoft.com/entra/id-governance/privileged-identity-management/pim-configure
"""

from __future__ import annotations

from datetime import datetime

import numpy as np

from .held import Compiled, moment
from .instants import micros


def moments(held: Compiled, begin: datetime, end: datetime) -> tuple[datetime, ...]:
    """The moments between two (both left out), ascending, at which an answer may change."""
    names = [f"{one}.{which}" for one in ("assignment", "timed") for which in ("since", "until")]
    found = np.unique(np.concatenate([held.arrays[name] for name in names]))
    inside = found[(found > micros(begin)) & (found < micros(end))]
    return tuple(map(moment, inside.tolist()))
