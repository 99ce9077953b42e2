"""Running the application: the socket, the log, the line that says it is ready, and the end."""

from __future__ import annotations

import logging
import signal
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import uvicorn

from leastwise.app.duties import Duty
from leastwise.app.serving import Serving
from leastwise.app.wiring import Workspace
from leastwise.errors import LeastwiseError, UsageError

from .application import create_app
from .connection import Connection
from .logs import log_to_stderr
from .settings import ApiSettings, is_loopback

_log = logging.getLogger("leastwise.server")
PORT = 8765
"""Where it listens if nothing else is said."""
_GRACE = 10
"""Seconds that requests have to end when the server is asked to."""
_IDLE = 30
"""Seconds that a connection may stay open without a request."""


@dataclass(frozen=True, slots=True)
class Listening:
    """Where to listen, and how to be found there."""

    host: str
    port: int
    public_url: str | None = None
    proxies: tuple[str, ...] = ()
    without_sign_in: bool = False
    quiet: bool = False
    """Log no requests, for whoever sits before it."""


class _Server(uvicorn.Server):
    """uvicorn, which says when it is ready, and for which being asked to end is no failure."""

    def __init__(self, config: uvicorn.Config, ready: Callable[[], None]) -> None:
        super().__init__(config)
        self._ready = ready

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Listen, and say so."""
        await super().startup(sockets)
        if self.started:
            self._ready()

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """SIGINT and SIGTERM end the server; a second SIGINT does not wait for requests."""
        if threading.current_thread() is not threading.main_thread():
            yield
            return
        before = {one: signal.signal(one, self.handle_exit) for one in (signal.SIGINT, signal.SIGTERM)}
        try:
            yield
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)


def free_port(host: str, usual: int = PORT) -> int:
    """The usual port where nobody listens at it, else 0, which takes any."""
    try:
        socket.create_server((host, usual)).close()
    except OSError:
        return 0
    return usual


def serve(workspace: Workspace, where: Listening, say: Callable[[str], None]) -> None:
    """Serve until SIGINT or SIGTERM; requests that are being answered have ten seconds to end.

    Raises:
        UsageError: the address cannot be listened at, or must not without https.
        StoreError: the store cannot be opened.
    """
    began = time.perf_counter()
    with _bound(where) as bound:
        settings = _settings(where, bound.getsockname()[1])
        app = create_app(workspace, settings)
        app.state.server.serving.opened()
        if not where.quiet:
            log_to_stderr()

        def ready() -> None:
            say(f"leastwise is ready at {settings.public_url} ({time.perf_counter() - began:.1f} s)")

        if where.without_sign_in:
            say("Nobody signs in: whoever can reach this machine's loopback sees the estate.")
        if token := app.state.server.setup_token:
            say(f"Nobody administers this server yet. This token makes the first admin, once: {token}")
        runner = app.state.server.runner
        runner.start()
        threading.Thread(target=_prepare, args=(app.state.server.serving,), name="lists", daemon=True).start()
        try:
            _Server(_config(app, where), ready).run(sockets=[bound])
        finally:
            runner.end()


def _prepare(serving: Serving) -> None:
    """Writes lists ahead of who asks first; who asks meanwhile writes the one that he needs."""
    try:
        serving.prepare()
    except LeastwiseError as error:
        _log.warning("lists: %s", error)


def _settings(where: Listening, port: int) -> ApiSettings:
    if where.public_url is None and not is_loopback(where.host):
        raise UsageError(
            f"--host {where.host}: name the https address that browsers use with --public-url, as in "
            "https://leastwise.example.com"
        )
    if where.without_sign_in and not is_loopback(where.host):
        raise UsageError("--without-sign-in: is for this machine only; leave out --public-url and --host")
    host = f"[{where.host}]" if ":" in where.host else where.host
    return ApiSettings(
        (where.public_url or f"http://{host}:{port}").rstrip("/"),
        where.proxies,
        frozenset({Duty.VIEWER, Duty.ANALYST}) if where.without_sign_in else None,
    )


def _config(app: object, where: Listening) -> uvicorn.Config:
    return uvicorn.Config(
        app,  # type: ignore[arg-type]
        log_config=None,
        access_log=False,
        server_header=False,
        http=Connection,
        ws="none",
        lifespan="off",
        proxy_headers=bool(where.proxies),
        forwarded_allow_ips=list(where.proxies) or None,
        timeout_keep_alive=_IDLE,
        timeout_graceful_shutdown=_GRACE,
    )


@contextmanager
def _bound(where: Listening) -> Iterator[socket.socket]:
    try:
        family = socket.AF_INET6 if ":" in where.host else socket.AF_INET
        bound = socket.create_server((where.host, where.port), family=family)
    except OSError as error:
        cause = error.strerror or str(error)
        raise UsageError(f"--host {where.host} --port {where.port}: cannot be listened at: {cause}") from None
    try:
        yield bound
    finally:
        bound.close()
