"""`leastwise findings`, `mute` and `unmute`."""

from __future__ import annotations

import getpass
import sys
from datetime import timedelta
from typing import Annotated

import typer

from ..options import DatabaseOption, Estate, HomeOption, at_moment, moment, spread, workspace
from ..render import emit, estate_line

_COLUMNS = {
    "severity": "Severity",
    "rule": "Rule",
    "subject": "Subject",
    "message": "Finding",
    "owner": "Owner",
    "key": "Key",
}
_CAUSES = {
    "score": "Score",
    "severity": "Severity",
    "cause": "Cause",
    "id": "What",
    "target": "Where",
    "findings": "Findings",
    "rules": "Rules",
    "owners": "Owners",
}
_CAUSE_NAMES = (
    "score", "severity", "cause", "id", "target", "findings", "rules", "about", "owners", "remediation", "items",
)  # fmt: skip
_NAMES = (
    "key", "rule", "severity", "provider", "account", "subject", "resource", "title", "message", "remediation", "owner",
    "evidence", "change", "plan", "fix", "muted",
)  # fmt: skip


def register(app: typer.Typer) -> None:
    """Add the commands."""
    _findings(app)
    _mutes(app)


def _findings(app: typer.Typer) -> None:
    @app.command()
    @spread
    def findings(
        *,
        severity: Annotated[str, typer.Option(help="Least severity: info, low, medium, high, critical.")] = "info",
        rule: Annotated[str | None, typer.Option(help="Only this rule.", show_default=False)] = None,
        provider: Annotated[str | None, typer.Option(help="Only this provider.", show_default=False)] = None,
        account: Annotated[str | None, typer.Option(help="Only this account.", show_default=False)] = None,
        owner: Annotated[str | None, typer.Option(help="Only this owner; * and ?.", show_default=False)] = None,
        text: Annotated[str | None, typer.Option(help="Only with this text.", show_default=False)] = None,
        since: Annotated[
            str | None, typer.Option(help="Only what is new or gone since that time.", show_default=False)
        ] = None,
        group: Annotated[
            str | None, typer.Option(help="cause: by what mends them, the heaviest first.", show_default=False)
        ] = None,
        muted: Annotated[bool, typer.Option("--muted", help="With muted ones.")] = False,
        read: Estate,
    ) -> None:
        """List findings of posture rules, worst first, with what could not be decided."""
        from leastwise.app.answers.findings import findings as told
        from leastwise.app.posture import Narrow, find
        from leastwise.errors import UsageError
        from leastwise.model.finding import Severity

        if severity not in list(Severity):
            raise UsageError(f"--severity: {severity!r} is none of {', '.join(Severity)}")
        if group not in (None, "cause"):
            raise UsageError(f"--group: {group!r} is not cause")
        narrow = Narrow(Severity(severity), rule, provider, account, owner, text)
        begin = moment(since, "--since", end_of_day=True)
        found = find(workspace(read.home, read.database), at_moment(read.at), read.snapshot, begin, narrow, muted)
        for note in found.notes:
            print(f"leastwise: {note}", file=sys.stderr)
        answer = told(found, group)
        rows, usage = answer["items"], answer["usage"]
        said = f"{len(found.rows)} findings"
        if group is not None:
            said += f" of {len(rows)} causes"
        footer = f"{said}. "
        if found.unknown:
            undecided = sum(one["rows"] for one in found.unknown)
            footer += f"Not decidable: {undecided} rows of {len(found.unknown)} rules (--format json says which). "
        if not usage["logs"]:
            footer += "Without logs nothing is said of unused permissions (leastwise events). "
        if usage["unasked"]:
            footer += f"Nothing is said of the use of {', '.join(usage['unasked'])}. "
        columns = {"change": "Change"} | _COLUMNS if since else _COLUMNS
        columns, names = (columns, _NAMES) if group is None else (_CAUSES, _CAUSE_NAMES)
        lines = [row | {"items": [one["key"] for one in row["items"]]} if group else row for row in rows]
        emit(read.form, answer, lines, columns, footer + estate_line(answer["estate"], answer["coverage"]), names)


def _me() -> str:
    """Whoever runs this, by name. Raises UsageError where the system has no name for them, as in many containers."""
    from leastwise.errors import UsageError

    try:
        return getpass.getuser()
    except (KeyError, OSError):
        raise UsageError("--by: the system has no name for you; say who mutes it") from None


def _mutes(app: typer.Typer) -> None:
    @app.command()
    def mute(
        key: Annotated[str, typer.Argument(help="Key of the finding, or a unique beginning.", show_default=False)],
        reason: Annotated[str, typer.Option(help="Why.", show_default=False)],
        days: Annotated[
            int | None, typer.Option(min=1, max=36500, help="Days until it ends.", show_default=False)
        ] = None,
        until: Annotated[str | None, typer.Option(help="Until when.", show_default=False)] = None,
        by: Annotated[str | None, typer.Option(help="Who; default: you.", show_default=False)] = None,
        home: HomeOption = None,
        database: DatabaseOption = None,
    ) -> None:
        """Mute a finding for a while, with a reason."""
        from leastwise.app.posture import mute as mute_finding
        from leastwise.errors import UsageError

        if (days is None) == (until is None):
            raise UsageError("a mute ends: give --days or --until")
        here = workspace(home, database)
        end = here.now() + timedelta(days=days) if days is not None else moment(until, "--until", end_of_day=True)
        one = mute_finding(here, key, reason, by or _me(), end)
        typer.echo(f"Muted {one.key} until {one.until.date() if one.until else 'ever'}.")

    @app.command()
    def unmute(
        key: Annotated[str, typer.Argument(help="Key of the finding, or a unique beginning.", show_default=False)],
        home: HomeOption = None,
        database: DatabaseOption = None,
    ) -> None:
        """Take a mute back."""
        from leastwise.app.posture import unmute as unmute_finding

        typer.echo(f"Unmuted {unmute_finding(workspace(home, database), key)}.")
