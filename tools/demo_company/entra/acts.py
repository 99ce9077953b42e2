"""What somebody did in the directory, or by Microsoft Graph: an entry of a log, and the permissions that it used."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from demo_company.entra.entries import Entry

SIGN_INS, SILENT, SERVICES = "signinlogs", "noninteractiveusersigninlogs", "serviceprincipalsigninlogs"
AUDIT, GRAPH, UNIFIED, NOWHERE = "auditlogs", "microsoftgraphactivitylogs", "unified", ""
"""The logs that an entry stands in, as containers of diagnostic settings are called; the last is no log."""


@dataclass(frozen=True, slots=True)
class Used:
    """A permission that somebody surely used, and what it counts under; `on` is the object, empty for the tenant."""

    principal: str
    permission: str
    bucket: str
    on: str = ""


@dataclass(frozen=True, slots=True)
class Act:
    """An entry at a moment, in seconds since 1970. `activated`: a role let it through that was activated for it."""

    when: int
    log: str
    entry: Entry = field(default_factory=dict)
    used: tuple[Used, ...] = ()
    denied: bool = False
    activated: bool = False
    who: str = ""
    app: str = ""


@dataclass(frozen=True, slots=True)
class Deed:
    """One use, as the truth counts it (`demo_company.logs.shaped.Deed`)."""

    when: int
    denied: bool
    logged: bool
    counts_as: tuple[str, str, str]


def deeds(acts: tuple[Act, ...]) -> Iterator[Deed]:
    """The uses of what was done."""
    for act in acts:
        for one in act.used:
            counted = one.principal, one.permission, one.bucket.lower() if act.log != GRAPH else one.bucket
            yield Deed(act.when, act.denied, act.log != NOWHERE, counted)
