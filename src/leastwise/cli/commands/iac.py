"""`leastwise iac index`: what code makes which grant."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from ..options import Format, FormatOption, workspace
from ..render import emit, printable, progress

if TYPE_CHECKING:
    from collections.abc import Sequence

_NAMES = (
    "address", "file", "line", "language", "kind", "layer", "policy", "subject", "editable", "why", "unsure", "owner",
    "provider",
)  # fmt: skip
_COLUMNS = {
    "place": "Place", "address": "Address", "what": "What", "subject": "Whose", "edited": "Editable", "owner": "Owner",
}  # fmt: skip


def register(app: typer.Typer) -> None:
    """Add the group."""
    group = typer.Typer(help="The code that grants come from.", no_args_is_help=True)
    app.add_typer(group, name="iac")

    @group.command()
    def index(
        paths: Annotated[list[Path], typer.Argument(help="Folders and files of code.", show_default=False)],
        states: Annotated[
            list[Path] | None,
            typer.Option(
                "--state", help="State of Terraform, or what `terraform show -json` prints; may be repeated.",
                show_default=False,
            ),
        ] = None,
        form: FormatOption = Format.TABLE,
    ) -> None:  # fmt: skip
        """List which file and line holds which document or attachment, whether it can be edited, and who owns it."""
        from leastwise.app.code_index import code_rows, codings, kept_rows, read_code

        here = workspace(None, None)
        with progress(form) as report:
            code = read_code(paths, codings(here.providers()), states or (), report)
        rows, kept = code_rows(code), kept_rows(code, here.now().date())
        coverage = {"complete": not code.faults, "faults": list(code.faults)}
        answer = {"items": rows, "next": None, "coverage": coverage, "kept": kept}
        shown = [_shown(row) for row in rows] if form is Format.TABLE else rows
        emit(form, answer, shown, _COLUMNS, _footer(rows, kept, code.faults), _NAMES)


def _shown(row: dict[str, Any]) -> dict[str, Any]:
    """A row as people read it."""
    unsure = f"; name unsure: {row['unsure']}" if row["unsure"] else ""
    return {
        **row,
        "place": f"{row['file']}:{row['line']}",
        "what": " ".join(part for part in (row["layer"], row["kind"], row["policy"]) if part),
        "edited": f"yes{unsure}" if row["editable"] else f"no: {row['why']}",
    }


def _footer(rows: Sequence[dict[str, Any]], kept: Sequence[dict[str, Any]], faults: Sequence[str]) -> str:
    editable = sum(row["editable"] for row in rows)
    lines = [f"{len(rows)} places, {editable} of them editable."]
    for one in kept:
        whose = ", ".join(one["subjects"]) or "nobody that is known"
        until = f"EXPIRED {one['until']}" if one["expired"] else f"until {one['until']}"
        lines.append(
            f"Kept: {one['permission']} of {whose}, {until}, because {one['because']} ({one['file']}:{one['line']})"
        )
    lines += [f"Not read: {one}" for one in faults]
    return "\n".join(printable(line) for line in lines)
