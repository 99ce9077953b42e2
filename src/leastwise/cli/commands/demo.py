"""`leastwise demo`."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from ..options import DatabaseOption, Format, FormatOption, HomeOption
from ..render import emit_json

if TYPE_CHECKING:
    from leastwise.app.wiring import Workspace


def register(app: typer.Typer) -> None:
    """Add the command."""

    @app.command()
    def demo(
        reset: Annotated[bool, typer.Option("--reset", help="Start again from the bundled data.")] = False,
        logs: Annotated[
            bool, typer.Option("--logs/--no-logs", help="Take in its audit logs of 120 days, too, before the summary.")
        ] = False,
        page: Annotated[
            bool | None,
            typer.Option(
                "--serve/--no-serve",
                help="Serve the page at the end; without either, where the output is a terminal.",
                show_default=False,
            ),
        ] = None,
        form: FormatOption = Format.TABLE,
        home: HomeOption = None,
        database: DatabaseOption = None,
    ) -> None:
        """Build a small company from bundled data, analyse it and print the summary; no network is used.

        It ends by serving the page on this machine alone, until Ctrl-C.
        """
        from leastwise.app.demo import build, demo_workspace, summarise, summary_json

        workspace = demo_workspace(home, database)

        def say(text: str) -> None:
            if form is Format.TABLE and sys.stderr.isatty():
                print(text, file=sys.stderr, flush=True)

        say("Leastwise demo: a company that does not exist, from bundled data")
        workspace, estate = build(workspace, reset, say, logs)
        summary = summary_json(summarise(workspace, estate))
        if form is Format.JSON:
            emit_json(summary)
        else:
            print("\n".join(screen(summary, workspace.home.path)), flush=True)
        if page or (page is None and form is Format.TABLE and sys.stdout.isatty()):
            _serve(workspace)


def _serve(workspace: Workspace) -> None:
    """Serves the page where nobody else can reach it, at the usual port or, if that is taken, at a free one."""
    from leastwise.api.server import Listening, free_port, serve

    where = Listening("127.0.0.1", free_port("127.0.0.1"), without_sign_in=True, quiet=sys.stderr.isatty())
    serve(workspace, where, lambda line: print(line, flush=True))


def screen(one: dict[str, Any], home: Path) -> list[str]:
    """The summary in at most 24 lines."""
    clock = str(one["clock"])[:10]
    missing = f"; {len(one['unreadable'])} not readable ({', '.join(one['unreadable'])})" if one["unreadable"] else ""
    found = ", ".join(f"{n} {severity}" for severity, n in one["findings"].items())
    clouds = "; ".join(
        f"{cloud['name']}: {cloud['scopes']} {cloud['kind']}{'' if cloud['scopes'] == 1 else 's'}"
        for cloud in one["clouds"]
    )
    lines = [
        f"{one['company']}, as of {clock}",
        f"  {clouds}{missing}",
        f"  {one['identities']} identities of {one['people']} people and {one['machines']} machines; "
        f"{one['grants']} grants",
        f"  {one['admins']} hold administrator access, {one['admins_limited']} more under a guardrail or boundary",
        f"  Findings: {found}",
        "",
        "What to do first",
    ]
    for number, action in enumerate(one["actions"], 1):
        owner = f" [{action['owner']}]" if action["owner"] else ""
        lines.append(_cut(f"  {number}. {action['severity']}: {action['why']}{owner}"))
        lines.append(_cut(f"     {action['do']}"))
    return [
        *lines,
        "",
        "Try",
        f"  export LEASTWISE_HOME={home}",
        "  leastwise findings --severity medium",
        "  leastwise identities --admin yes",
        "  leastwise coverage --gaps",
    ]


def _cut(text: str, width: int = 118) -> str:
    """The text on one line, its indent kept, cut at the width."""
    indent = text[: len(text) - len(text.lstrip())]
    text = indent + " ".join(text.split())
    return text if len(text) <= width else text[: width - 1] + "…"
