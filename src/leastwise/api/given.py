"""What an endpoint is given: the workspace, the estate in force, and its caller."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Annotated

from fastapi import Depends, Request

from leastwise.app.memory import Memory
from leastwise.app.serving import Opened, Serving
from leastwise.app.wiring import Workspace

from .jobs.running import Runner
from .metrics import Metrics
from .rates import Rates
from .security.oidc import Oidc
from .settings import ApiSettings


@dataclass(frozen=True)
class Server:
    """What one application holds; `request.app.state.server`."""

    workspace: Workspace
    settings: ApiSettings
    serving: Serving
    metrics: Metrics
    rates: Rates
    oidc: Oidc | None = None
    setup_token: str | None = field(default=None, repr=False)
    """What the first admin is made by; None where there was one when the server started, or nobody signs in."""
    memory: Memory = field(default_factory=Memory)
    runner: Runner | None = None
    """What does jobs; None where this server does none."""


def server(request: Request) -> Server:
    """The application's."""
    found: Server = request.app.state.server
    return found


def _workspace(request: Request) -> Workspace:
    return server(request).workspace


def _opened(request: Request) -> Opened:
    return server(request).serving.opened()


GivenServer = Annotated[Server, Depends(server)]
GivenWorkspace = Annotated[Workspace, Depends(_workspace)]
GivenEstate = Annotated[Opened, Depends(_opened)]
"""The estate in force, the same for the whole of a request."""
