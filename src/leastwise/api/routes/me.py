"""Who asks."""

from __future__ import annotations

from typing import Annotated

from fastapi import Request
from pydantic import BaseModel, ConfigDict, Field

from leastwise.app.accounts import change_password
from leastwise.app.duties import Caller, Duty, Right
from leastwise.errors import RefusedError

from ..given import GivenWorkspace
from ..routing import subject
from ..security.rights import by, needs

router = subject("session")


class HeldDuty(BaseModel):
    """A duty, and over what."""

    duty: Duty
    sight: list[str] = Field(description="`*` for everything, else `PROVIDER:ACCOUNT` and `PROVIDER:*`.")


class Me(BaseModel):
    """Who asks, and what he may do."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "name": "ann@example.com", "user": "4f1c9a0e", "via": "session",
                    "duties": [{"duty": "viewer", "sight": ["*"]}], "rights": ["anyone", "own", "see", "ask"],
                }
            ]
        }
    )  # fmt: skip

    name: str
    user: str = Field(description="Id of the account; empty where nobody signs in.")
    via: str = Field(description="`session`, `token`, or `local` where nobody signs in.")
    duties: list[HeldDuty]
    rights: list[Right] = Field(description="What the duties give, narrowed by the token.")


@router.get("/me")
def me(caller: Annotated[Caller, needs(Right.OWN)]) -> Me:
    """Who asks, with duties, what they see, and rights."""
    duties = [HeldDuty(duty=one.duty, sight=sorted(one.sight.places)) for one in caller.held]
    return Me(name=caller.name, user=caller.user, via=caller.via, duties=duties, rights=list(caller.rights))


class PasswordChange(BaseModel):
    """One's own password, as it is and as it is to be."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={"examples": [{"old": "correct horse battery", "new": "staple of another kind"}]},
    )

    old: str = Field(max_length=1024)
    new: str = Field(max_length=1024)


@router.put("/me/password", status_code=204)
def password(
    body: PasswordChange, request: Request, workspace: GivenWorkspace, caller: Annotated[Caller, needs(Right.OWN)]
) -> None:
    """Changes one's own password; every other session of one's own ends."""
    if caller.via != "session":
        raise RefusedError("a password is changed by those who signed in themselves")
    change_password(workspace, by(request, caller), caller.user, body.old, body.new, caller.credential)
