"""What many answers have."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

State = Literal["ALLOWED", "DENIED", "CONDITIONAL", "UNKNOWN"]


class Answered(BaseModel):
    """A value of an answer: it has what is declared, and nothing else."""

    model_config = ConfigDict(extra="forbid")


class EstateHeader(Answered):
    """What the answer was read from."""

    time: str = Field(description="The time that ages count from.", examples=["2026-11-01T00:00:00+00:00"])
    oldest: str | None = Field(description="The time of its oldest part.")
    snapshots: list[str] = Field(description="The snapshots in force, one a scope.")
    later: int = Field(description="How many snapshots are of a later time.")
    stale: list[str] = Field(description="Scopes of which a later collection failed.")
    estate_file: list[str] = Field(description="The parts of estate.yaml that the answer rests on.")
    overlay: dict[str, Any] | None = Field(None, description="Changes that were asked with; null for none.")


class Coverage(Answered):
    """What was not read."""

    scopes: int
    unreadable: list[str] = Field(description="Scopes that could not be read at all.")
    gaps: int = Field(description="Collection gaps; `GET coverage?gaps=true` lists them.")
    complete: bool | None = Field(None, description="Whether nothing that could change the answer was left unread.")
    missing: list[str] | None = Field(None, description="Scopes with gaps.")
    unasked: list[str] | None = Field(None, description="Providers of which the answer does not speak.")


class Whole(Answered):
    """An answer with what it was asked of."""

    estate: EstateHeader
    coverage: Coverage
    outside: int | None = Field(
        None, description="How many things match that are out of the caller's sight; left out for one who sees all."
    )


class Listed(Whole):
    """A page of a list."""

    next: str | None = Field(description="Cursor of the next page; null for the last.")
    total: int = Field(description="How many rows match, on all pages.")


class Window(Answered):
    """The days that are looked at."""

    begin: str
    end: str
    days: int


class Span(Answered):
    """From when to when logs are held."""

    begin: str | None
    end: str | None


class Logged(Listed):
    """A list of what logs show."""

    window: Window
    logs: dict[str, Span] = Field(description="What of the window logs cover, by account.")


class Needed(Answered):
    """A condition that must hold (or, negated, must not)."""

    key: str
    operator: str
    values: list[str]
    negated: bool


Residual = list[list[Needed]] | None
"""Alternatives, each a set of conditions that together suffice; empty: none is needed; null: too many to tell."""


class Link(Answered):
    """A step by which somebody comes to his access."""

    kind: str
    id: str
    name: str


class Reason(Answered):
    """A statement, layer or rule that took part."""

    effect: str = Field(description="allows, denies, or blocks.")
    layer: str
    text: str
    policy: str
    statement: str
    position: int = Field(description="Index of the statement in its document; -1 for none.")
    source: str = Field(description="Where it was read.")
