"""`leastwise likely`: what principals are likely to need next, and what a job needs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from leastwise.errors import UsageError

from ..answers import opened_each
from ..options import Asked, at_moment, spread, workspace
from ..render import emit, estate_line

if TYPE_CHECKING:
    from leastwise.app.gaps import Gaps

_NEXT = {
    "permission": "Permission", "sensitivity": "Sensitivity", "chance": "Chance", "advised": "Keep", "why": "Why",
}  # fmt: skip
_JOB = {"permission": "Permission", "sensitivity": "Sensitivity", "using": "Use it", "of": "Of", "share": "Share"}
_NAMES = ("principal", "permission", "sensitivity", "chance", "worth", "advised", "reasons")


def register(app: typer.Typer) -> None:
    """Add the command."""

    @app.command()
    @spread
    def likely(
        asked: Asked,
        principals: Annotated[list[str] | None, typer.Argument(help="Principals, by id or unique name.")] = None,
        like: Annotated[
            list[str] | None,
            typer.Option("--like", help="Ask what a job needs: somebody who does it; may be repeated."),
        ] = None,
        group: Annotated[
            list[str] | None, typer.Option("--group", help="Somebody of that group does the job; may be repeated.")
        ] = None,
        tag: Annotated[
            list[str] | None,
            typer.Option("--tag", help="KEY=VALUE of those who do the job, as in department=Finance; may be repeated."),
        ] = None,
        share: Annotated[
            float, typer.Option(min=0.0, max=1.0, help="The share of those of the job who have to use what it needs.")
        ] = 0.5,
        window: Annotated[
            str | None,
            typer.Option("--window", help="Days up to the estate's time, as in 90d (the default).", show_default=False),
        ] = None,
    ) -> None:
        """Say which granted permissions principals are likely to need next, or what those who do a job use."""
        from leastwise.app.gaps import Gaps

        job = bool(like or group or tag)
        if asked.overlay is not None:
            raise UsageError("likely: --with is for questions about access")
        if job == bool(principals):
            raise UsageError("likely: name principals, or those who do a job by --like, --group or --tag")
        here = workspace(asked.home, asked.database)
        gaps = Gaps.opened(here, opened_each(asked, at_moment(asked.at)), window)
        if job:
            _job(asked, gaps, (like or [], group or [], tag or []), share)
            return
        _next(asked, gaps, principals or [])


def _next(asked: Asked, gaps: Gaps, principals: list[str]) -> None:
    from leastwise.app.answers.foreseeing import likely

    answer = likely(gaps, principals)
    each, whole = answer.made_of, answer.body
    rows = [
        {"principal": one["principal"], **item, "why": "; ".join(item["reasons"])}
        for one in each
        for item in one["items"]
    ]
    advised = sum(row["advised"] for row in rows)
    told = (
        f"{len(rows)} permissions are likely needed next, {advised} of them worth keeping; nothing is granted by this."
    )
    told += "".join(f" {one['principal']}: {why}." for one in each for why in one["missing"])
    columns = _NEXT if len(each) == 1 else {"principal": "Principal", **_NEXT}
    emit(asked.form, whole, rows, columns, f"{told} {estate_line(whole['estate'], whole['coverage'])}", _NAMES)


def _job(asked: Asked, gaps: Gaps, chosen: tuple[list[str], list[str], list[str]], share: float) -> None:
    from leastwise.app.answers.foreseeing import job as of_job

    answer = of_job(gaps, *chosen, share)
    (job, members), whole = answer.made_of, answer.body
    told = f"{len(job.needs)} permissions that {share:.0%} of {members - len(job.idle)} use."
    if job.idle:
        told += f" {len(job.idle)} more used nothing in the window."
    if job.covered is not None:
        told += (
            f" By what the others need, one would have had {job.covered:.0%} of what it used; {job.whole} would have "
            "had all of it."
        )
    closing = f"{told} {estate_line(whole['estate'], whole['coverage'])}"
    emit(asked.form, whole, whole["items"], _JOB, closing, ("permission", "sensitivity", "using", "of", "share"))
