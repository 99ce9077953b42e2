"""A secret in any member of any answer: only members on the allow-list get past it, hashed ones without their value."""

from __future__ import annotations

import json
from collections.abc import Iterator
from itertools import count
from typing import Any

import pytest

from fakes.google.shapes import document, methods
from leastwise.providers.collecting.prune import prune
from leastwise.providers.gcp.collect.declaration import Call, Service, declared

_DEEP = 7


class Filled:
    """An answer of a schema in which every text is a canary, and where each is."""

    def __init__(self, name: str, schema: str) -> None:
        self._schemas, self._number = document(name)["schemas"], count()
        self.where: dict[str, str] = {}
        self.value = self._made({"$ref": schema}, "", ())

    def _made(self, shape: dict[str, Any], path: str, above: tuple[str, ...]) -> Any:
        if "$ref" in shape:
            if above.count(shape["$ref"]) > 1 or len(above) > _DEEP:
                return {}
            above, shape = (*above, shape["$ref"]), self._schemas[shape["$ref"]]
        kind = shape.get("type", "any")
        if kind == "array":
            return [self._made(shape["items"], path, above)]
        if kind == "object":
            found = {
                name: self._made(one, f"{path}.{name}".strip("."), above)
                for name, one in shape.get("properties", {}).items()
            }
            if "additionalProperties" in shape:
                found["anything"] = self._made(shape["additionalProperties"], f"{path}.anything".strip("."), above)
            return found
        if kind == "boolean":
            return True
        canary = f"canary-{next(self._number):05}-end"
        self.where[canary] = path
        return canary


def kept(keep: Any, path: str) -> Any:
    """What the allow-list says of a path: None for kept, `hash`, or `dropped`."""
    for name in path.split("."):
        if keep is None or keep == "hash":
            return keep
        keep = keep.get(name, "dropped")
        if keep == "dropped":
            return keep
    return keep


def calls() -> Iterator[Any]:
    for service in declared():
        for call in service.walk():
            for method in call.methods.values():
                yield pytest.param(service.of(call), call, method, id=f"{service.service} {method}")


@pytest.mark.parametrize(("service", "call", "method"), list(calls()))
def test_only_what_is_on_the_list_is_kept(service: Service, call: Call, method: str) -> None:
    (known,) = [one for one in methods(service.described) if one.id.partition(".")[2] == method]
    answer = Filled(service.described, known.response)
    assert answer.where
    text = json.dumps(prune(answer.value, call.keep, lambda value: f"hashed {len(value)}"))
    listed = {canary for canary, path in answer.where.items() if kept(call.keep, path) is None}
    assert {canary for canary in answer.where if canary in text} == listed
    assert "nextPageToken" not in text


WORKLOADS = [
    {"metadata": {"items": [{"key": "k", "value": "canary"}]}},
    {"environmentVariables": {"PASSWORD": "canary"}, "serviceAccountEmail": "a@b"},
    {"template": {"containers": [{"image": "i", "env": [{"name": "P", "value": "canary"}], "args": ["canary"]}]}},
    {"spec": {"template": {"spec": {"containers": [{"env": [{"name": "PASSWORD", "value": "canary"}],
                                                    "command": ["canary"]}]}}}},
    {"httpTarget": {"uri": "https://x?key=canary", "headers": {"authorization": "canary"}, "body": "canary"}},
    {"settings": {"userLabels": {}, "ipConfiguration": {"ipv4Enabled": True, "requireSsl": "canary"}}},
    {"privateKeyData": "canary", "publicKeyData": "canary", "keyType": "USER_MANAGED"},
    {"masterAuth": {"password": "canary"}, "nodePools": [{"config": {"metadata": {"x": "canary"}}}]},
    {"pushConfig": {"pushEndpoint": "https://x?token=canary", "attributes": {"x-goog": "canary"}}},
    {"sourceUploadUrl": "canary", "secretEnvironmentVariables": [{"key": "canary"}]},
]  # fmt: skip


@pytest.mark.parametrize("data", WORKLOADS, ids=lambda one: next(iter(one)))
def test_descriptions_of_workloads_are_kept_without_what_they_are_given(data: dict[str, Any]) -> None:
    (call,) = [c for s in declared() for c in s.walk() if c.call == "assets.list:RESOURCE"]
    answer = {"assets": [{"name": "//x", "resource": {"data": {**data, "name": "n"}}}]}
    found = prune(answer, call.keep, lambda value: "hashed")
    assert "canary" not in json.dumps(found) and found["assets"][0]["resource"]["data"]["name"] == "n"
