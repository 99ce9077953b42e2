"""Whole answers to every declared call: what is kept is believable, every other text is a canary.

`bodies` are answers as collection keeps them (kind, body, what each is about); they are laid into the SDK's shapes, and
all that the allow-list drops or hashes is filled in with texts that must be found nowhere.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from functools import cache
from typing import Any, NamedTuple
from urllib.parse import quote

import botocore.session
from botocore.exceptions import DataNotFoundError
from botocore.model import Shape

from leastwise.providers.aws.collect.declaration import Call, Service, declared
from leastwise.providers.collecting.expand import subject

from .aws import Answer
from .aws_estate import estate
from .aws_wire import Request, model

_DEEP = 2


class Body(NamedTuple):
    """An answer as it is kept."""

    kind: str
    body: Mapping[str, Any]
    about: tuple[str, ...] = ()


class Canaries:
    """Answers by operation for the fake; `planted` are the canaries that were given out, `asked` the calls."""

    def __init__(self, bodies: Sequence[Body]) -> None:
        self.planted: set[str] = set()
        self.asked: set[tuple[str, str]] = set()
        self._bodies = bodies
        self._kind = ""
        self.answers: dict[str, Answer] = {
            f"{service.of(call).service}.{call.call}": self._answering(service.of(call), call)
            for service in declared()
            for call in service.walk()
        }

    def _answering(self, service: Service, call: Call) -> Answer:
        tokens = _tokens(service.service, call.call)

        def answer(request: Request) -> dict[str, Any]:
            self.asked.add((request.service, request.operation))
            shape = model(service.service).operation_model(call.call).output_shape
            found = self._body(service.kind(call), subject(call, {**_blank(call), **request.parameters}))
            whole = self._laid(found, shape, dict(call.keep), service.kind(call), ()) if shape else {}
            whole = {name: one for name, one in whole.items() if name not in tokens}
            report = estate()["iam.GetCredentialReport"](request)["Content"]
            return {**whole, **({call.body: report} if call.body else {}), **call.until}

        return answer

    def _body(self, kind: str, about: str) -> Mapping[str, Any] | None:
        same = [one for one in self._bodies if one.kind == kind]
        exact = [one for one in same if "\x1f".join(one.about) == about]
        return next((one.body for one in (*exact, *same)), None)

    def _canary(self, kind: str) -> str:
        canary = f"canary-{kind}-{len(self.planted):06}-end"
        self.planted.add(canary)
        return canary

    def _laid(self, found: Any, shape: Shape, keep: Any, kind: str, above: tuple[str, ...]) -> Any:
        """What is kept as it was found (or believable, where nothing was), canaries everywhere else."""
        if shape.type_name == "structure":
            return self._structure(found, shape, keep, kind, above)
        if shape.type_name == "list":
            things = found if isinstance(found, list) else [found]
            return [self._laid(one, shape.member, keep, kind, above) for one in things]
        if shape.type_name == "map":
            names = {"name", "KEY"} if not isinstance(found, Mapping) or not found else set(found)
            below = keep.get("*", "drop") if isinstance(keep, dict) else keep
            return {
                name: self._laid((found or {}).get(name) if isinstance(found, Mapping) else None, shape.value,
                                 keep.get(name, below) if isinstance(keep, dict) else below, kind, above)
                for name in sorted(names)
            }  # fmt: skip
        return self._value(found, shape, keep, kind)

    def _structure(self, found: Any, shape: Shape, keep: Any, kind: str, above: tuple[str, ...]) -> dict[str, Any]:
        if above.count(shape.name) >= _DEEP:
            return {}
        made = {}
        for name, below in shape.members.items():
            kept = keep.get(name, "drop") if isinstance(keep, dict) else keep
            held = found.get(name) if isinstance(found, Mapping) else None
            if kept not in ("drop", "hash") and isinstance(found, Mapping) and held is None:
                continue  # a believable answer says what it holds
            made[name] = self._laid(held, below, kept, kind, (*above, shape.name))
        if getattr(shape, "is_tagged_union", False):
            chosen = next((name for name in made if isinstance(keep, dict) and name in keep), next(iter(made), ""))
            return {name: one for name, one in made.items() if name == chosen}
        return made

    def _value(self, found: Any, shape: Shape, keep: Any, kind: str) -> Any:
        type = shape.type_name
        if type == "timestamp":
            return datetime.fromisoformat(found) if isinstance(found, str) else datetime(2026, 1, 1, tzinfo=UTC)
        if type == "boolean":
            return bool(found)
        if type not in ("string", "blob", "char"):
            return found if isinstance(found, int | float) else 7
        if keep in ("drop", "hash"):
            text = shape.enum[0] if getattr(shape, "enum", None) else self._canary(kind)
        elif isinstance(found, dict):
            text = quote(json.dumps(found))
        else:
            text = found if found is not None else shape.enum[0] if getattr(shape, "enum", None) else "thing-1"
        text = str(text).ljust(shape.metadata.get("min", 0), "0")
        return text.encode() if type == "blob" else text


@cache
def _tokens(service: str, operation: str) -> frozenset[str]:
    """Members that would lead to a next page."""
    try:
        told = botocore.session.get_session().get_component("data_loader").load_service_model(service, "paginators-1")
    except DataNotFoundError:
        told = {}
    found = told.get("pagination", {}).get(operation, {})
    named = found.get("output_token", [])
    listed = [named] if isinstance(named, str) else named
    members = [part.strip().partition("[")[0].partition(".")[0] for one in listed for part in one.split("||")]
    return frozenset((*members, found.get("more_results", ""), "NextToken", "nextToken", "NextMarker", "Marker"))


def _blank(call: Call) -> dict[str, str]:
    return dict.fromkeys((*call.with_, *call.about), "")
