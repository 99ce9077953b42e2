"""`leastwise whois`."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from ..options import Estate, at_moment, spread, workspace
from ..render import emit, estate_line

_SHOWN = {
    "what": "What", "provider": "Provider", "account": "Account", "principal": "Whose", "state": "State",
    "last_used": "Last used", "person": "Person", "told": "Besides", "missing": "Not known",
}  # fmt: skip


def register(app: typer.Typer) -> None:
    """Add the command."""

    @app.command()
    @spread
    def whois(
        id: Annotated[
            str,
            typer.Argument(
                metavar="ID", help="Any id of an identity or credential, an address, or a workload as github:ORG/REPO."
            ),
        ],
        read: Estate,
    ) -> None:
        """Tell what an id is: whose, where, in which state, last used when, by which person; and what is not known."""
        from leastwise.app.answers.record import whois as told
        from leastwise.app.estate import open_estate
        from leastwise.app.whois import COLUMNS

        body = told(open_estate(workspace(read.home, read.database), at_moment(read.at), read.snapshot), id)
        rows, footer = [_row(one) for one in body["items"]], estate_line(body["estate"], body["coverage"])
        emit(read.form, body, rows, _SHOWN, footer, COLUMNS)


def _row(one: dict[str, Any]) -> dict[str, Any]:
    """An answer with what only some have put together."""
    told = [*one["chain"], *(f"opens {target}" for target in one["opens"])]
    if one["because"]:
        told.append(f"by {one['because']}")
    return {**one, "told": told}
