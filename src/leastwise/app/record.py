"""The audit record: what is written of each act, and how it is read and verified."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from leastwise.store.audit import Audit, Entry

from .wiring import Workspace


@dataclass(frozen=True, slots=True)
class By:
    """Who acts, and from where."""

    name: str = ""
    via: str = ""
    address: str = ""
    request: str = ""


def entry(
    workspace: Workspace,
    by: By,
    action: str,
    subject: str = "",
    outcome: str = "done",
    detail: Mapping[str, Any] | None = None,
) -> Entry:
    """The row of an act, at this moment."""
    return Entry(
        workspace.now(), by.name, action, subject, outcome, detail or {}, by.via, by.address, by.request
    )  # fmt: skip


def note(
    workspace: Workspace,
    by: By,
    action: str,
    subject: str = "",
    outcome: str = "done",
    detail: Mapping[str, Any] | None = None,
) -> None:
    """Writes the row of an act that changes nothing else in the state database."""
    Audit(workspace.engine).append(entry(workspace, by, action, subject, outcome, detail))


def page(
    workspace: Workspace, limit: int, before: int | None = None, actor: str | None = None, action: str | None = None
) -> dict[str, Any]:
    """Rows, newest first; `next` is the number that the next page goes on before."""
    rows = Audit(workspace.engine).page(before, limit + 1, actor, action)
    more = len(rows) > limit
    return {"items": rows[:limit], "next": str(rows[limit - 1]["sequence"]) if more else None}


def verify(workspace: Workspace) -> dict[str, Any]:
    """Whether every row is as it was written, and what is not."""
    faults = Audit(workspace.engine).faults()
    return {"ok": not faults, "faults": faults}
