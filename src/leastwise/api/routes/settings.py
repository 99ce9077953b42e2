"""The stored settings."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import Request
from pydantic import BaseModel, ConfigDict, Field

from leastwise.app import settings as stored
from leastwise.app.duties import Caller, Right
from leastwise.app.record import note

from ..given import GivenWorkspace
from ..routing import subject
from ..security.rights import by, needs

router = subject("settings")
Administrator = Annotated[Caller, needs(Right.SETTINGS)]


class SettingRow(BaseModel):
    """A setting."""

    name: str
    value: Any
    meaning: str


class SettingList(BaseModel):
    """Every setting."""

    items: list[SettingRow]


class SettingChange(BaseModel):
    """A setting and the value that it is to have."""

    model_config = ConfigDict(
        extra="forbid", json_schema_extra={"examples": [{"name": "retention_days", "value": "400"}]}
    )

    name: str = Field(max_length=60)
    value: str = Field(max_length=10_000, description="As on the command line; `none` for the default.")


@router.get("/settings")
def settings(workspace: GivenWorkspace, caller: Administrator) -> SettingList:
    """Every setting, its value and its meaning."""
    return SettingList.model_validate({"items": stored.rows(workspace)})


@router.put("/settings")
def change(body: SettingChange, request: Request, workspace: GivenWorkspace, caller: Administrator) -> SettingList:
    """Changes one setting, and returns all."""
    stored.change(workspace, body.name, body.value)
    note(workspace, by(request, caller), "setting changed", body.name, detail={"value": body.value})
    return SettingList.model_validate({"items": stored.rows(workspace)})
