"""How a provider stops a principal or a credential, and takes it back: words, and commands to be run by hand."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from leastwise.model.plan import Change, Step


@dataclass(frozen=True, slots=True)
class Holder:
    """A principal with what it signs in by and belongs to.

    Args:
        native: the vendor's word for its kind.
        credentials: rows of its credentials: id, kind, active.
        groups: ids of the groups that it is in.
    """

    id: str
    name: str
    native: str
    account: str
    credentials: Sequence[Mapping[str, Any]] = ()
    groups: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class Halting:
    """What a provider tells of stopping.

    Args:
        credential: the step that stops a credential of a holder; None where it cannot be stopped, or is.
        sessions: the step that denies what sessions begun before a time may do; None where there is none.
        retired: all steps by which a holder that nobody uses goes, the last after some days.
        made: how a change of documents or members is made by hand, and taken back: two commands.
        application: the program that a user agent names, by which jobs with one key are told apart; empty: none.
    """

    credential: Callable[[Holder, Mapping[str, Any]], Step | None]
    sessions: Callable[[Holder, datetime], Step | None]
    retired: Callable[[Holder, int], Sequence[Step]]
    made: Callable[[Change], tuple[str, str]]
    application: Callable[[str], str]


def deletion(holder: Holder, days: int, command: str, inverse: str = "") -> Step:
    """The last step: what deletes a holder after some days in which every other step can be taken back."""
    why = "nobody used it; until then every step can be taken back"
    return Step(f"delete after {days} days", holder.id, why, command, inverse, days)


def leaving(group: str, command: str, inverse: str) -> Step:
    """The step out of a group."""
    return Step("leave group", group, "what it gives is gone", command, inverse)


def made_by(command: Callable[[str, Mapping[str, Any]], str]) -> Callable[[Change], tuple[str, str]]:
    """How changes are made by hand where each is one command, and taken back by those of its inverse."""

    def made(change: Change) -> tuple[str, str]:
        back = [command(one.verb, one.told) for one in change.inverse]
        return command(change.verb, change.told), " && ".join(back) if all(back) else ""

    return made


def unnamed(agent: str) -> str:
    """Of a user agent that names no program: empty."""
    return ""
