"""The endpoints, one subject a module: each has a `router`, and is found by being here."""

from __future__ import annotations

import pkgutil
from collections.abc import Iterator
from importlib import import_module

from fastapi import APIRouter


def routers() -> Iterator[APIRouter]:
    """The router of every module of this package, by name."""
    for name in sorted(one.name for one in pkgutil.iter_modules(__path__)):
        found: APIRouter = import_module(f"{__name__}.{name}").router
        yield found
