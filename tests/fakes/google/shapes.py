"""The public shapes of Google's APIs: which method a request is, and whether an answer has the shape of its schema.

Shapes are the discovery documents that google-api-python-client carries, and `unbundled` for the two that it does not.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import googleapiclient

from . import unbundled

_FOLDER = Path(googleapiclient.__file__).parent / "discovery_cache" / "documents"
_PLACE = re.compile(r"\{(\+?)([^{}]+)\}")
DOCUMENTS = (
    "cloudresourcemanager.v3", "cloudresourcemanager.v1", "cloudasset.v1", "iam.v1", "iam.v2", "iam.v3", "orgpolicy.v2",
    "policyanalyzer.v1", "recommender.v1", "privilegedaccessmanager.v1", "cloudidentity.v1", "admin.directory_v1",
    "admin.reports_v1", "iamcredentials.v1", "sts.v1", "logging.v2", "storage.v1", "bigquery.v2", "cloudbilling.v1",
)  # fmt: skip


@dataclass(frozen=True)
class Method:
    """A method: its document, and what that says of it."""

    document: str
    id: str
    verb: str
    path: str
    raw: Mapping[str, Any]
    pattern: re.Pattern[str]

    @property
    def response(self) -> str:
        return str(self.raw["response"]["$ref"])

    @property
    def parameters(self) -> Mapping[str, Any]:
        return dict(self.raw.get("parameters", {}))


@cache
def document(name: str) -> Mapping[str, Any]:
    """A discovery document."""
    if name in unbundled.DOCUMENTS:
        return unbundled.DOCUMENTS[name]
    return dict(json.loads((_FOLDER / f"{name}.json").read_text("utf-8")))


@cache
def host(name: str) -> str:
    """The host of a document."""
    return str(document(name)["rootUrl"]).removeprefix("https://").strip("/")


@cache
def methods(name: str) -> tuple[Method, ...]:
    """Every method of a document."""
    return tuple(_method(name, raw) for raw in _walk(document(name)))


def _walk(resource: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    yield from resource.get("methods", {}).values()
    for below in resource.get("resources", {}).values():
        yield from _walk(below)


def _method(name: str, raw: Mapping[str, Any]) -> Method:
    def group(found: re.Match[str]) -> str:
        told = raw.get("parameters", {}).get(found[2], {}).get("pattern", "^[^/]+$" if not found[1] else "^.+$")
        return f"(?P<{re.sub(r'[^a-zA-Z0-9]', '_', found[2])}>{told.strip('^$')})"

    path = str(document(name).get("servicePath", "")) + str(raw["path"])
    pieces = re.split(r"(\{[^{}]+\})", path)
    pattern = "".join(group(found) if (found := _PLACE.fullmatch(piece)) else re.escape(piece) for piece in pieces)
    return Method(name, str(raw["id"]), str(raw["httpMethod"]), path, raw, re.compile(pattern))


def understood(asked: str, verb: str, path: str) -> tuple[Method, dict[str, str]] | None:
    """Which method of which document a request to a host is, and the parameters in its path; None when it is none."""
    for name in DOCUMENTS:
        if host(name) != asked:
            continue
        for method in methods(name):
            found = method.pattern.fullmatch(path) if method.verb == verb else None
            if found:
                return method, {key: unquote(value) for key, value in found.groupdict().items()}
    return None


def faults(name: str, schema: str, value: Any) -> list[str]:
    """In what a value does not have the shape of a schema of a document: one line each."""
    return list(_faults(document(name)["schemas"], {"$ref": schema}, value, schema))


def _faults(schemas: Mapping[str, Any], shape: Mapping[str, Any], value: Any, place: str) -> Iterator[str]:
    if "$ref" in shape:
        shape = schemas[shape["$ref"]]
    kind = shape.get("type", "any")
    if kind == "any":
        return
    if kind == "array":
        if not isinstance(value, list):
            yield f"{place}: no list"
            return
        for number, one in enumerate(value):
            yield from _faults(schemas, shape["items"], one, f"{place}[{number}]")
    elif kind == "object":
        if not isinstance(value, dict):
            yield f"{place}: no object"
            return
        known, others = shape.get("properties", {}), shape.get("additionalProperties")
        for name, one in value.items():
            if name in known:
                yield from _faults(schemas, known[name], one, f"{place}.{name}")
            elif others is not None:
                yield from _faults(schemas, others, one, f"{place}.{name}")
            else:
                yield f"{place}.{name}: not in the schema"
    else:
        yield from _scalar(shape, kind, value, place)


_FORMATS = {
    "int64": r"-?\d+", "uint64": r"\d+", "google-datetime": r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z",
    "date-time": r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)", "google-duration": r"-?\d+(\.\d+)?s",
    "byte": r"[A-Za-z0-9+/_-]*={0,2}",
}  # fmt: skip


def _scalar(shape: Mapping[str, Any], kind: str, value: Any, place: str) -> Iterator[str]:
    types = {"string": str, "boolean": bool, "integer": int, "number": (int, float)}
    right = isinstance(value, types[kind]) and (kind == "boolean" or not isinstance(value, bool))
    if not right:
        yield f"{place}: {value!r} is no {kind}"
        return
    if shape.get("enum") and value not in shape["enum"]:
        yield f"{place}: {value!r} is none of {shape['enum']}"
    wanted = _FORMATS.get(shape.get("format", ""))
    if wanted and kind == "string" and not re.fullmatch(wanted, value):
        yield f"{place}: {value!r} is no {shape['format']}"
