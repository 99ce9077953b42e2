"""`leastwise serve`."""

from __future__ import annotations

from typing import Annotated

import typer

from ..options import DatabaseOption, HomeOption, workspace


def register(app: typer.Typer) -> None:
    """Add the command."""

    @app.command()
    def serve(
        host: Annotated[str, typer.Option(help="Address to listen at.")] = "127.0.0.1",
        port: Annotated[int, typer.Option(min=0, max=65535, help="Port; 0 takes a free one.")] = 8765,
        public_url: Annotated[
            str | None, typer.Option("--public-url", help="Where browsers find it: https://HOST.", show_default=False)
        ] = None,
        proxy: Annotated[
            list[str] | None, typer.Option("--proxy", help="Address of a proxy to believe.", show_default=False)
        ] = None,
        without_sign_in: Annotated[
            bool, typer.Option("--without-sign-in", help="Nobody signs in; on this machine only.")
        ] = False,
        home: HomeOption = None,
        database: DatabaseOption = None,
    ) -> None:
        """Serve the API and the page, until Ctrl-C or SIGTERM."""
        from leastwise.api.server import Listening, serve

        where = Listening(host, port, public_url, tuple(proxy or ()), without_sign_in)
        serve(workspace(home, database), where, lambda line: print(line, flush=True))
