"""`leastwise dormant`: what nobody uses."""

from __future__ import annotations

from typing import Annotated

import typer

from ..options import Estate, at_moment, spread, workspace
from ..render import emit, estate_line

_COLUMNS = {
    "what": "What",
    "name": "Name",
    "kind": "Kind",
    "account": "Account",
    "state": "State",
    "last_used": "Last used",
    "days": "Days",
    "because": "Because",
}
_NAMES = ("what", "id", "name", "kind", "account", "holder", "state", "last_used", "days", "because")


def register(app: typer.Typer) -> None:
    """Add the command."""

    @app.command()
    @spread
    def dormant(
        options: Estate,
        window: Annotated[
            str | None, typer.Option("--window", help="Days up to the estate's time, as in 90d.", show_default=False)
        ] = None,
        account: Annotated[
            list[str] | None, typer.Option(help="Only that account; may be repeated.", show_default=False)
        ] = None,
        what: Annotated[
            list[str] | None,
            typer.Option(help="principal, credential, group or bundle; may be repeated.", show_default=False),
        ] = None,
    ) -> None:
        """List what nobody uses: principals, credentials, empty groups, bundles that reach nobody."""
        from leastwise.app.dormant import idle_values
        from leastwise.app.estate import open_estate

        here = workspace(options.home, options.database)
        estate = open_estate(here, at_moment(options.at), options.snapshot)
        answer = idle_values(estate, window, account or [], what or [])
        footer = (
            f"{answer['total']} in {answer['window']['days']} days. {estate_line(answer['estate'], answer['coverage'])}"
        )
        emit(options.form, answer, answer["items"], _COLUMNS, footer, _NAMES)
