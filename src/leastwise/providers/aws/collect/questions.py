"""Which questions stay unknown for want of what, read off the declarations of the calls that would answer them."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from leastwise.providers.base import Check, Diagnosis, Unknown, Want

from .declaration import Call, Service
from .source import Source, read_source

_WORDS = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")
_VERBS = frozenset(("Batch", "Describe", "Generate", "Get", "List"))

Name = tuple[str, str]
"""A call by its service and operation."""
Lack = tuple[Want, str]
"""In what way a call cannot be made, and what it would have needed."""


def name(service: Service, call: Call) -> Name:
    """The call's name."""
    return service.of(call).name, call.call


def tells(call: Call) -> str:
    """What a call tells, in words: `GetBucketPolicy` a bucket policy."""
    words = [word for word in _WORDS.split(call.call) if word not in _VERBS]
    return " ".join(word if word.isupper() else word.lower() for word in words)


def unanswered(service: Service, lacks: Mapping[Name, Lack], where: str) -> Iterator[Unknown]:
    """The questions of the calls that cannot be made, and of all that follow from them."""
    for call in service.calls:
        yield from _below(service, call, lacks, where, None)


def _below(
    service: Service, call: Call, lacks: Mapping[Name, Lack], where: str, above: Lack | None
) -> Iterator[Unknown]:
    lack = lacks.get(name(service, call))
    if above is None and lack is not None:
        above = lack[0], f"{tells(call)}: {lack[1]}"
    if above is not None:
        for question in service.questions(call):
            yield Unknown(question, above[0], (above[1],), (where,))
    for one in call.then:
        yield from _below(service, one, lacks, where, above)


def all_of(services: Iterable[Service], want: Want, of: str, where: str) -> Iterator[Unknown]:
    """The questions of whole services, of which nothing can be asked."""
    for service in services:
        for question in service.affects:
            yield Unknown(question, want, (of,) if of else (), (where,) if where else ())


def left_out(source: Source, scope: str, declared: Iterable[Service], where: str) -> Iterator[Unknown]:
    """The questions of services and regions that the source leaves out by choice."""
    chosen = {service.name for service in source.declared()}
    for one in declared:
        if one.scope == scope and one.name not in chosen:
            yield from all_of([one], Want.NOT_CONFIGURED, f"services leave {one.name} out", where)
    if source.regions and scope == "account":
        told = f"regions are only {', '.join(source.regions)}"
        yield Unknown("what there is in other regions, and who may use it", Want.NOT_CONFIGURED, (told,), (where,))


def merged(found: Iterable[Unknown]) -> list[Unknown]:
    """One entry a question and cause, in order, with every scope that it is unknown in."""
    causes: dict[tuple[str, Want, str], dict[str, None]] = defaultdict(dict)
    for one in found:
        for where in one.where:
            causes[one.question, one.want, where].update(dict.fromkeys(one.of))
    places: dict[tuple[str, Want, tuple[str, ...]], dict[str, None]] = defaultdict(dict)
    for (question, want, where), of in causes.items():
        places[question, want, tuple(of)][where] = None
    return [Unknown(question, want, of, tuple(where)) for (question, want, of), where in places.items()]


def without_sdk(keys: Mapping[str, Any], module: str) -> Diagnosis:
    """What a source lacks where the vendor's SDK is not installed. UsageError when its keys are wrong."""
    source = read_source(keys)
    found = all_of(source.declared(), Want.NOT_INSTALLED, f"Python package {module}", "every account")
    return Diagnosis([Check("installed", "missing", f"the Python package {module} is not installed")], merged(found))


def nothing_known(source: Source, want: Want, of: str) -> list[Unknown]:
    """Every question of a source that nothing can be asked of."""
    return merged(all_of(source.declared(), want, of, "every account"))
