"""Who asks."""

from __future__ import annotations

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from leastwise.app.duties import Caller, Duty, Right

from ..routing import subject
from ..security.rights import needs

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
