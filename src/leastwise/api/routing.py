"""How a module of endpoints makes its router."""

from __future__ import annotations

from fastapi import APIRouter

from .problems import DOCUMENTED

PREFIX = "/api/v1"


def subject(name: str, prefix: str = PREFIX) -> APIRouter:
    """A router for the endpoints of one subject, below `/api/v1`."""
    return APIRouter(prefix=prefix, tags=[name], responses=DOCUMENTED)
