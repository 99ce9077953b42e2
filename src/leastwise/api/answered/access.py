"""Answers about access."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import Field

from .base import Answered, Coverage, EstateHeader, Link, Needed, Reason, State, Whole


class Decided(Answered):
    """A decision."""

    state: State
    reasons: list[Reason]
    residual: list[list[Needed]] | None = Field(
        description="Alternatives under which it is allowed; empty for none needed, null where they are not told."
    )
    chain: list[Link] = Field(description="Through whom.")
    missing: list[str] = Field(description="What was not read.")
    exact: bool = Field(description="Whether the conditions were decided jointly.")
    beside: list[str] = Field(description="What is worth knowing beside the answer.")


class Decision(Whole, Decided):
    """Whether a principal can do an action on a resource."""


class Holder(Answered):
    """Somebody who can."""

    principal: str
    name: str
    kind: str
    account: str
    inside: bool = Field(description="Whether he is one of ours.")
    state: State
    residual: list[list[Needed]] | None
    missing: list[str]
    chain: list[Link]


class WhoCan(Whole):
    """Everybody who can."""

    items: list[Holder]
    next: str | None
    total: int = Field(description="How many can, on all pages.")
    states: dict[State, int] | None = Field(None, description="How many of each state; null where some are hidden.")
    missing: list[str] = Field(description="What might add others.")


class Cube(Answered):
    """Permissions that are alike."""

    provider: str = ""
    permissions: list[str]
    resources: list[str]
    within: list[str] = Field(description="Patterns that resources lie in, too.")
    exceptions: list[str]
    state: State
    residual: list[list[Needed]] | None
    missing: list[str]
    patterns: list[str] = Field(description="The permissions, folded.")


class WhatCan(Whole):
    """Everything that a principal can do."""

    items: list[Cube]
    next: str | None
    total: int
    eligible: list[dict[str, Any]] = Field(description="What is not held now and can be activated.")
    eligible_missing: list[str]


class EstateBefore(Answered):
    """The earlier estate."""

    estate: EstateHeader
    coverage: Coverage


class Change(Answered):
    """A principal whose access changed."""

    principal: str
    name: str
    kind: str
    account: str
    inside: bool
    presence: str
    gained: list[Cube]
    lost: list[Cube]


class Diff(Whole):
    """Who gained or lost effective access."""

    before: EstateBefore
    items: list[Change]
    next: str | None
    total: int
    missing: list[str]


class Suggestion(Answered):
    """Something that a text may become."""

    kind: Literal["principal", "action", "resource"]
    id: str = Field(description="What to ask with.")
    name: str
    provider: str
    account: str
    what: str = Field(description="Its kind, as lists have it.")


class Suggestions(Answered):
    """What a text may become."""

    items: list[Suggestion]
    more: bool = Field(description="Whether there are others.")
