"""The audit record."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import Query
from pydantic import BaseModel, ConfigDict, Field

from leastwise.app import record
from leastwise.app.duties import Caller, Right

from ..given import GivenWorkspace
from ..routing import subject
from ..security.rights import needs

router = subject("record")
Auditor = Annotated[Caller, needs(Right.AUDIT)]


class AuditRow(BaseModel):
    """What somebody did, or was refused."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "sequence": 12, "time": "2026-11-01T08:00:00.000000Z", "actor": "ann", "via": "session",
                    "address": "192.0.2.7", "request": "af2c50109f3f7eb5", "action": "user changed", "subject": "bob",
                    "outcome": "done", "detail": {"active": False}, "previous": "5e1f…", "hash": "77c0…",
                }
            ]
        }
    )  # fmt: skip

    sequence: int
    time: str
    actor: str
    via: str
    address: str
    request: str
    action: str
    subject: str
    outcome: str = Field(description="`done` or `refused`.")
    detail: dict[str, Any]
    previous: str = Field(description="The hash of the row before.")
    hash: str


class AuditPage(BaseModel):
    """Rows, newest first."""

    items: list[AuditRow]
    next: str | None = Field(description="The `cursor` of the next page; null at the end.")


class AuditVerified(BaseModel):
    """Whether the record is as it was written."""

    ok: bool
    faults: list[str]


@router.get("/audit")
def audit(
    workspace: GivenWorkspace,
    caller: Auditor,
    limit: Annotated[int, Query(ge=1, le=1000)] = 100,
    cursor: Annotated[str | None, Query(pattern=r"^[0-9]{1,18}$")] = None,
    actor: Annotated[str | None, Query(max_length=300)] = None,
    action: Annotated[str | None, Query(max_length=60)] = None,
) -> AuditPage:
    """The record, newest first; of one actor or action where that is given."""
    before = None if cursor is None else int(cursor)
    return AuditPage.model_validate(record.page(workspace, limit, before, actor, action))


@router.get("/audit/verify")
def verify(workspace: GivenWorkspace, caller: Auditor) -> AuditVerified:
    """Holds every row against its hash and the row before it."""
    return AuditVerified.model_validate(record.verify(workspace))
