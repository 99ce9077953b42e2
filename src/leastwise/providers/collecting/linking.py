"""Calls of things: which call follows from which other, by the things that one gives and the other is asked of.

A service is one file though its calls follow from the lists of another: both name the kind of thing, and are joined for
each kind of root that a scope can have.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, Self, TypeVar, cast

import msgspec

from . import declaration


class Call(declaration.Call, forbid_unknown_fields=True, frozen=True, kw_only=True):
    """One operation, asked for things of a kind (`of`), whichever calls of whichever service list such things.

    `gives` are the kinds of things in its answer and where they stand. `roots` are the kinds of scopes that begin with
    it; empty: all. A provider's own kind of call has its own kind in `then` and `otherwise`.
    """

    of: list[str] = []
    gives: dict[str, str] = {}
    roots: Sequence[str] = []
    then: Sequence[Call] = []
    otherwise: Sequence[Call] = []

    @property
    def below(self) -> Sequence[Self]:
        """The calls that follow from its answer."""
        return cast("Sequence[Self]", self.then)

    @property
    def instead(self) -> Sequence[Self]:
        """The calls that are made when it is denied."""
        return cast("Sequence[Self]", self.otherwise)


class Service(declaration.Service, forbid_unknown_fields=True, frozen=True, kw_only=True):
    """A service. `limits` are calls a minute in place of those that are declared, by service."""

    limits: dict[str, int] = {}

    def walk(self) -> Iterator[Any]:
        """Every call, callers before what they lead to."""
        for call in self.opening:
            yield from call.walk()


One = TypeVar("One", bound=Service)


def owner(service: One, call: declaration.Call, known: Mapping[str, One]) -> One:
    """The service that a call is an operation of, among those that are known; limited as the service says."""
    if not call.service or call.service == service.service:
        return service
    other = known[call.service]
    limit = service.limits.get(call.service, other.per_minute)
    return msgspec.structs.replace(other, per_minute=limit, limits=service.limits)


def linked(services: Iterable[One], root: str, per_minute: Mapping[str, int] | None = None) -> tuple[One, ...]:
    """The services as a scope with such a root is collected: every call stands below those that give its things.

    `per_minute` are limits of calls a minute in place of the declared ones, by service.
    """
    wanted: dict[str, list[tuple[str, Any]]] = defaultdict(list)
    chosen = list(services)
    for service in chosen:
        for call in _begun(service, root):
            for kind in call.of:
                wanted[kind].append((service.service, call))
    limits = dict(per_minute or {})
    return tuple(
        msgspec.structs.replace(
            service,
            per_minute=limits.get(service.service, service.per_minute),
            limits=limits,
            calls=[_filled(call, service.service, wanted, ()) for call in _begun(service, root) if not call.of],
        )
        for service in chosen
    )


def _begun(service: Service, root: str) -> Iterator[Any]:
    for call in service.opening:
        if isinstance(call, Call) and (not call.roots or root in call.roots):
            yield call


def _filled(call: Any, service: str, wanted: Mapping[str, Sequence[tuple[str, Any]]], above: tuple[str, ...]) -> Any:
    """The call with what follows from its answer, in other services too; one that lists its own kind asks `again`."""
    name = f"{service} {call.call}"
    follow = [_filled(one, service, wanted, (*above, name)) for one in call.then]
    asked: set[tuple[str, str, str]] = set()
    for kind, path in call.gives.items():
        for other, one in wanted.get(kind, ()):
            key = (other, one.call, path)
            if f"{other} {one.call}" in (*above, name) or key in asked:
                continue
            asked.add(key)
            each = msgspec.structs.replace(one, each=path)
            follow.append(_filled(each, other, wanted, (*above, name)))
    otherwise = [msgspec.structs.replace(one, service=one.service or service) for one in call.otherwise]
    return msgspec.structs.replace(call, service=service, then=follow, otherwise=otherwise)
