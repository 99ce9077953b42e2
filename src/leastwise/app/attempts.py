"""How often a password may be tried: by name and by address, so that guessing takes for ever."""

from __future__ import annotations

import math
from collections.abc import Sequence

from leastwise.errors import ThrottledError
from leastwise.store.throttle import Limit, Throttle

from .wiring import Workspace

ACCOUNT = Limit("account", 10, 30)
"""Ten failures of a name, then one every half minute."""
ADDRESS = Limit("address", 50, 6)
"""Fifty from an address, then one every six seconds."""
SETUP = Limit("setup", 10, 30)

Asked = Sequence[tuple[Limit, str]]


def let_in(workspace: Workspace, asked: Asked) -> None:
    """Counts a try as a failure, until it is given back. ThrottledError where there were too many."""
    if seconds := Throttle(workspace.engine).take(asked, workspace.now()):
        raise ThrottledError("too many failures to sign in; try again later", math.ceil(seconds))


def exhausted(workspace: Workspace, asked: Asked) -> bool:
    """Whether the next try would not be let in."""
    return Throttle(workspace.engine).wait(asked, workspace.now()) > 0


def give_back(workspace: Workspace, asked: Asked) -> None:
    """The try was no failure."""
    Throttle(workspace.engine).give_back(asked)
