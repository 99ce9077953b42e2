"""Answers of the escalation graph."""

from __future__ import annotations

from typing import Any

from pydantic import Field

from .base import Answered, State, Whole


class Hop(Answered):
    """A step of a path."""

    source: str = Field(alias="from")
    from_name: str
    to: str
    to_name: str
    provider: str
    rule: str
    title: str
    gain: str
    state: State
    through: str
    missing: str
    provided: str
    first: list[str]
    presupposes: list[str]
    needs: list[list[dict[str, Any]]] = Field(description="What it needs, any one of each list, with the decision.")
    technique: str | list[str] | None
    checks: list[str]
    remediation: str
    joins: list[dict[str, Any]]


class Path(Answered):
    """A path."""

    source: str = Field(alias="from")
    from_name: str
    to: str
    to_name: str
    state: State
    providers: list[str]
    hops: list[Hop]


class Graph(Whole):
    """A list of the graph."""

    next: str | None
    total: int
    missing: list[str] = Field(description="What might add others.")


class Paths(Graph):
    """Who can become whom."""

    to: str
    items: list[Path]
    unfollowed: list[str] = Field(description="What no rule follows.")


class Node(Answered):
    """Somebody or something in a picture."""

    id: str
    name: str
    provider: str
    start: bool = Field(description="Whether a path begins here.")
    end: bool = Field(description="Whether a path ends here.")


class Edge(Answered):
    """A step in a picture."""

    source: str = Field(alias="from")
    to: str
    rule: str
    title: str
    state: State
    reasons: list[str] = Field(description="What allows it, in words.")


class Picture(Whole):
    """Paths as nodes and edges."""

    nodes: list[Node]
    edges: list[Edge]
    missing: list[str]


class Reached(Answered):
    """Something that can be reached."""

    provider: str
    id: str
    name: str
    what: str
    kind: str
    account: str
    sensitivity: str
    environment: str
    steps: int
    through: str
    through_name: str
    state: State


class Counted(Answered):
    """How much of a kind."""

    what: str
    sensitivity: str
    state: State
    count: int


class Blast(Graph):
    """What one can become and get at."""

    principal: str
    accounts: list[str]
    items: list[Reached]
    summary: list[Counted]


class Share(Answered):
    """How many of a kind reach something."""

    kind: str
    identities: int
    surely: int
    conditionally: int
    perhaps: int
    share: float | None


class Exposure(Graph):
    """How many identities reach something."""

    target: str
    items: list[Share]
    unfollowed: list[str]


class Administers(Answered):
    """An account that somebody administers."""

    account: str
    state: State


class PrivilegedOne(Answered):
    """Somebody who is, or can become, an administrator."""

    provider: str
    principal: str
    name: str
    kind: str
    state: State
    steps: int
    administers: list[Administers]
    first: str
    rule: str
    path: list[str]


class Privileged(Graph):
    """Who is, or can become, an administrator."""

    items: list[PrivilegedOne]


class ChokeStep(Answered):
    """A step that a grant makes possible."""

    source: str = Field(alias="from")
    from_name: str
    to: str
    to_name: str
    rule: str
    title: str


class ChokePoint(Answered):
    """A grant whose removal takes the way from some."""

    grant: dict[str, Any]
    cuts: int
    principals: list[str]
    names: list[str]
    steps: list[ChokeStep]
    remediation: list[str]


class ChokePoints(Graph):
    """The fewest grants whose removal takes the way from the most."""

    to: list[str]
    reaching: int
    left: int
    items: list[ChokePoint]
    unfollowed: list[str]
