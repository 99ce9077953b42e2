"""The cookies: that of a session, and that of a browser on its way to an issuer."""

from __future__ import annotations

import base64
import json
from dataclasses import asdict

from fastapi import Request
from starlette.responses import Response

from leastwise.app.signing_in import LONGEST

from ..settings import ApiSettings
from .oidc import Flow

_FLOW_SECONDS = 600


def session_cookie(settings: ApiSettings) -> str:
    """Its name: with the prefix that lets no other host of the domain set it, wherever there is https."""
    return "__Host-leastwise" if settings.secure else "leastwise"


def flow_cookie(settings: ApiSettings) -> str:
    """The name of the other."""
    return "__Host-leastwise-oidc" if settings.secure else "leastwise-oidc"


def set_session(response: Response, settings: ApiSettings, secret: str) -> None:
    """Lets a browser keep the secret of its session."""
    response.set_cookie(
        session_cookie(settings), secret, max_age=round(LONGEST.total_seconds()), path="/", secure=settings.secure,
        httponly=True, samesite="lax",
    )  # fmt: skip


def set_flow(response: Response, settings: ApiSettings, flow: Flow) -> None:
    """Lets a browser keep what it must bring back from the issuer."""
    text = base64.urlsafe_b64encode(json.dumps(asdict(flow)).encode()).decode()
    response.set_cookie(
        flow_cookie(settings), text, max_age=_FLOW_SECONDS, path="/", secure=settings.secure, httponly=True,
        samesite="lax",
    )  # fmt: skip


def read_flow(request: Request, settings: ApiSettings) -> Flow | None:
    """What a browser brought back; None where that is nothing, or cannot be read."""
    try:
        told = json.loads(base64.urlsafe_b64decode(request.cookies.get(flow_cookie(settings), "")))
        flow = Flow(**told)
    except (ValueError, TypeError):
        return None
    return flow if all(isinstance(one, str) and one for one in asdict(flow).values()) else None


def forget(response: Response, settings: ApiSettings, name: str) -> None:
    """Lets a browser forget a cookie."""
    response.delete_cookie(name, path="/", secure=settings.secure, httponly=True, samesite="lax")
