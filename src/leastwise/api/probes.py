"""What supervisors and monitors ask: whether the server lives, whether it is ready, its numbers."""

from __future__ import annotations

from typing import Annotated

from fastapi import Request, Response
from pydantic import BaseModel

from leastwise.app.duties import Caller, Right
from leastwise.errors import LeastwiseError

from .given import GivenServer
from .problems import answer, request_id
from .routing import subject
from .security.rights import needs

router = subject("server", prefix="")


class Health(BaseModel):
    """That it lives, or is ready."""

    status: str


@router.get("/healthz")
def healthz(caller: Annotated[Caller, needs(Right.ANYONE)]) -> Health:
    """Whether the process answers at all."""
    return Health(status="ok")


@router.get("/readyz", response_model=Health)
def readyz(request: Request, held: GivenServer, caller: Annotated[Caller, needs(Right.ANYONE)]) -> Health | Response:
    """Whether the state database answers and the estate is open."""
    try:
        held.serving.opened()
    except LeastwiseError as error:
        told = answer(error, request_id(request))
        told.status_code = 503
        return told
    return Health(status="ready")


@router.get("/metrics", response_class=Response, responses={200: {"content": {"text/plain": {}}}})
def metrics(held: GivenServer, caller: Annotated[Caller, needs(Right.METRICS, local=True)]) -> Response:
    """The server's numbers as Prometheus reads them: for this machine, or with a token that has the right."""
    return Response(held.metrics.text(), media_type="text/plain; version=0.0.4")
