"""The application: its routes, each with the one right that it needs, inside the frame of every request."""

from __future__ import annotations

import secrets
from typing import Annotated, Any

from fastapi import FastAPI
from fastapi.routing import APIRoute
from starlette.types import ASGIApp

from leastwise import __version__
from leastwise.app.accounts import has_admin
from leastwise.app.duties import Caller, Right
from leastwise.app.serving import Serving
from leastwise.app.wiring import Workspace

from . import probes
from .described import described
from .given import Server
from .jobs.running import Runner
from .metrics import Metrics
from .page import Page, page_by_now, read_page
from .paths import CONVERTOR, EncodedId
from .problems import DOCUMENTED, install
from .rates import Rates
from .requests import RequestFrame
from .routes import routers
from .routing import PREFIX
from .security.oidc import Oidc
from .security.oidc_settings import read_oidc
from .security.rights import declared, needs
from .settings import ApiSettings


class Api(FastAPI):
    """The application, with the frame around all of it, what catches errors included."""

    framed: ASGIApp

    def build_middleware_stack(self) -> ASGIApp:
        """What answers a request: the frame stands outside of everything."""
        held: Server = self.state.server
        answering = Page(super().build_middleware_stack(), read_page(), page_by_now)
        return RequestFrame(answering, held.settings, held.metrics)


def create_app(workspace: Workspace, settings: ApiSettings) -> FastAPI:
    """The application of a workspace; opens the state database. Raises StoreError."""
    workspace.engine  # noqa: B018 - made here, by one thread
    app = Api(
        title="Leastwise",
        version=__version__,
        summary="Who can do what in your clouds, what they use, and the smallest change that closes the gap.",
        openapi_url=None,
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,
    )
    app.state.server = _server(workspace, settings)
    install(app)
    for router in routers():
        app.router.routes.extend(router.routes)
    app.router.routes.extend(probes.router.routes)

    @app.get(f"{PREFIX}/openapi.json", tags=["server"], responses=DOCUMENTED)
    def openapi(caller: Annotated[Caller, needs(Right.ANYONE)]) -> dict[str, Any]:
        """This description."""
        return described(app)

    check(app)
    return app


def _server(workspace: Workspace, settings: ApiSettings) -> Server:
    issuer = None if settings.open_to is not None else read_oidc(workspace.environ)
    oidc = None if issuer is None else Oidc(issuer, f"{settings.public_url}{PREFIX}/session/oidc/callback")
    setup = None if settings.open_to is not None or has_admin(workspace) else secrets.token_urlsafe(24)
    rates = Rates(settings.requests_a_second, settings.requests_at_once)
    return Server(workspace, settings, Serving(workspace), Metrics(), rates, oidc, setup, runner=Runner(workspace))


def check(app: FastAPI) -> None:
    """Every route declares one right, and its parameters in paths are ids. AssertionError otherwise: our own fault."""
    for route in app.routes:
        assert isinstance(route, APIRoute), f"{route}: is no endpoint"
        rights = list(declared(route.dependant))
        assert len(rights) == 1, f"{route.path}: declares {len(rights)} rights, and must declare one"
        strange = [name for name, one in route.param_convertors.items() if not isinstance(one, EncodedId)]
        assert not strange, f"{route.path}: declare {strange} as in {{{strange[0]}:{CONVERTOR}}}"
