"""The description of the API, as OpenAPI 3.1: made of the routes, with the right that each needs."""

from __future__ import annotations

from typing import Any

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi
from fastapi.routing import APIRoute

from leastwise.app.duties import Right

from .examples import show
from .problems import Problem
from .security.rights import declared

_SCHEMES = {
    "session": {"type": "apiKey", "in": "cookie", "name": "__Host-leastwise", "description": "A session of the page."},
    "token": {"type": "http", "scheme": "bearer", "description": "An API token."},
}


def described(app: FastAPI) -> dict[str, Any]:
    """The document; made once."""
    if app.openapi_schema is None:
        document = get_openapi(title=app.title, version=app.version, summary=app.summary, routes=app.routes)
        schemas = document.setdefault("components", {}).setdefault("schemas", {})
        model = Problem.model_json_schema(ref_template="#/components/schemas/{model}")
        schemas |= model.pop("$defs", {}) | {"Problem": model}
        document["components"]["securitySchemes"] = _SCHEMES
        for route in app.routes:
            if isinstance(route, APIRoute):
                _say_right(document["paths"][route.path_format], route)
        show(document)
        app.openapi_schema = document
    return app.openapi_schema


def _say_right(path: dict[str, Any], route: APIRoute) -> None:
    right = next(declared(route.dependant))
    for method in route.methods or ():
        operation = path[method.lower()]
        operation["x-right"] = str(right)
        operation["security"] = [] if right is Right.ANYONE else [{"session": []}, {"token": []}]
