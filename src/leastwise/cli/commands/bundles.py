"""`leastwise bundles mine`: the fewest permission bundles for some principals."""

from __future__ import annotations

from typing import Annotated

import typer

from leastwise.errors import UsageError

from ..answers import opened_each
from ..cubes import short
from ..options import Asked, at_moment, spread, workspace
from ..render import emit, estate_line

_COLUMNS = {"bundle": "Bundle", "count": "Permissions", "holders": "Principals", "what": "What", "who": "Who"}


def register(app: typer.Typer) -> None:
    """Add the commands."""
    bundles = typer.Typer(help="Find permission bundles for principals.", no_args_is_help=True)
    app.add_typer(bundles, name="bundles")
    _mine(bundles)


def _mine(app: typer.Typer) -> None:
    @app.command()
    @spread
    def mine(
        asked: Asked,
        principals: Annotated[list[str] | None, typer.Argument(help="Principals, by id or unique name.")] = None,
        group: Annotated[
            list[str] | None, typer.Option("--group", help="Those of that group; may be repeated.")
        ] = None,
        tag: Annotated[
            list[str] | None, typer.Option("--tag", help="KEY=VALUE of those who are meant; may be repeated.")
        ] = None,
        by: Annotated[str, typer.Option("--by", help="Give what they used, or what they are granted.")] = "used",
        window: Annotated[
            str | None,
            typer.Option("--window", help="Days up to the estate's time, as in 90d (the default).", show_default=False),
        ] = None,
    ) -> None:
        """Find the fewest bundles that give each of some principals exactly what it has (role mining)."""
        from leastwise.app.gaps import Gaps
        from leastwise.app.likely import Foreseeing
        from leastwise.app.mining import bundled_values, bundles_of
        from leastwise.app.several import several_of

        if asked.overlay is not None:
            raise UsageError("bundles mine: --with is for questions about access")
        here = workspace(asked.home, asked.database)
        gaps = Gaps.opened(here, opened_each(asked, at_moment(asked.at)), window)
        found, members = several_of(gaps, principals or [], group or [], tag or [])
        mined = bundles_of(Foreseeing(found, tuple(members)), members, by)
        whole = gaps.answer({"provider": found.asking.provider, **gaps.header(), **bundled_values(mined)})
        access = found.asking.access
        rows = [
            {**one, "count": len(one["permissions"]), "holders": len(one["members"]),
             "what": short(list(access.folded(one["permissions"]))), "who": short(one["members"])}
            for one in whole["items"]
        ]  # fmt: skip
        sure = "there cannot be fewer" if mined.found.exact else f"there cannot be fewer than {mined.found.at_least}"
        from leastwise.app.wording import number_of

        holders = number_of(len(mined.members), "principal")
        told = f"{number_of(len(rows), 'bundle')} for {holders} ({sure}), by what is {by}."
        if mined.idle:
            told += f" {len(mined.idle)} more {'has' if len(mined.idle) == 1 else 'have'} nothing."
        if mined.unread:
            left = f"{len(mined.unread)} {'is' if len(mined.unread) == 1 else 'are'} left out"
            told += f" {left}: not everything that gives something was read."
        closing = f"{told} {estate_line(whole['estate'], whole['coverage'])}"
        emit(asked.form, whole, rows, _COLUMNS, closing, ("bundle", "permissions", "members"))
