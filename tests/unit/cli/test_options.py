"""Groups of options: a command takes the options of a group as if they stood in its own signature."""

from __future__ import annotations

import inspect
from dataclasses import dataclass
from typing import Annotated

import typer

from leastwise.cli.options import Asked, Estate, Format, Request, at_day, spread

Text = Annotated[str | None, typer.Option("--text", help="A text.")]


@dataclass(frozen=True)
class Group:
    text: Text = None
    other: Annotated[int, typer.Option("--other")] = 3


def test_the_options_of_a_group_stand_where_the_group_stood() -> None:
    @spread
    def command(*, name: str, group: Group, last: bool = False) -> None:
        """What it does."""

    found = inspect.signature(command).parameters
    assert list(found) == ["name", "text", "other", "last"]
    assert (found["text"].annotation, found["text"].default, found["other"].default) == (Text, None, 3)
    assert command.__doc__ == "What it does." and set(command.__annotations__) == set(found)


def test_the_command_gets_the_group() -> None:
    taken: list[object] = []

    @spread
    def command(*, name: str, group: Group, estate: Estate) -> None:
        taken.extend([name, group, estate])

    command(name="x", text="t", other=5, form=Format.JSON, home=None, database=None, at="2026-01-01", snapshot=None)
    assert taken == ["x", Group("t", 5), Estate(Format.JSON, at="2026-01-01")]


def test_typer_reads_them_as_options() -> None:
    app = typer.Typer()
    taken: list[object] = []

    @app.command()
    @spread
    def command(*, name: str, request: Request, asked: Asked) -> None:
        taken.extend([name, request.context, request.strict, asked.at, asked.form])

    app(["x", "--context", "a=1", "--context", "a=2", "--strict", "--at", "2026-01-01"], standalone_mode=False)
    assert taken == ["x", ["a=1", "a=2"], True, "2026-01-01", Format.TABLE]


def test_only_a_bare_date_is_a_day() -> None:
    day = at_day("2026-03-01")
    assert day is not None and day.isoformat() == "2026-03-01"
    assert at_day(None) is at_day("2026-03-01T00:00") is at_day("2026-03-01T00:00:00+02:00") is None
