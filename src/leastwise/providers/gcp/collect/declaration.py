"""What is collected of Google Cloud: one YAML file a service and version, in `data/collect`.

What the members of a file mean stands with `providers.collecting.declaration`; here is what only Google Cloud needs.
A call is asked for things of a kind (`of`), whichever calls of whichever service list such things (`gives`), so that a
service is one file though its calls follow from the list of projects.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cache
from importlib import resources
from typing import Literal

import msgspec

from leastwise.providers.collecting import declaration

Root = Literal["organization", "folder", "project"]
ROOTS: tuple[Root, ...] = ("organization", "folder", "project")


class Call(declaration.Call, forbid_unknown_fields=True, frozen=True, kw_only=True):
    """One method.

    `path` is its address below the host: `{+name}` puts a parameter in as it is, `{name}` with every sign encoded;
    parameters named in `post` become the body, all others the query. `method` is the vendor's name of it where `call`
    is a shorter one, by what it is asked of where that matters. `of` are the kinds of things that it is asked for,
    `gives` the kinds of things in its answer and where they stand. `roots` are the kinds of scopes that begin with it;
    empty: all. `partial` are members that name what an answer lacks. `permission` are what it needs in IAM, `privilege`
    what it needs in the directory.
    """

    verb: Literal["GET", "POST"] = "GET"
    path: str
    method: str | dict[Root, str] = ""
    of: list[str] = []
    gives: dict[str, str] = {}
    roots: list[Root] = []
    post: list[str] = []
    partial: list[str] = []
    permission: list[str] = []
    privilege: list[str] = []
    then: list[Call] = []
    otherwise: list[Call] = []

    @property
    def below(self) -> Sequence[Call]:
        """The calls that follow from its answer."""
        return self.then

    @property
    def instead(self) -> Sequence[Call]:
        """The calls that are made when it is denied."""
        return self.otherwise

    @property
    def methods(self) -> Mapping[str, str]:
        """The vendor's names of the method, by what it is asked of (empty where that does not matter)."""
        if isinstance(self.method, str):
            return {"": self.method or self.call}
        return {str(root): name for root, name in self.method.items()}


class Service(declaration.Service, forbid_unknown_fields=True, frozen=True, kw_only=True):
    """A service, or one version of it: `api` is its name in documents and coverage where `service` tells the version.

    `host` is where it answers; `document` its discovery document, as in `iam.v2`. `scopes` are the OAuth scopes of its
    calls, without their common beginning. `workspace`: it is the directory's, not the cloud's. `limits` are calls a
    minute in place of those that are declared, by service.
    """

    api: str = ""
    host: str = ""
    document: str = ""
    scopes: list[str]
    workspace: bool = False
    limits: dict[str, int] = {}
    calls: list[Call]

    @property
    def name(self) -> str:
        """The service as documents and coverage name it."""
        return self.api or self.service

    @property
    def opening(self) -> Sequence[Call]:
        """The calls that follow from no other."""
        return self.calls

    @property
    def address(self) -> str:
        """The host it answers at."""
        return self.host or f"{self.name}.googleapis.com"

    @property
    def described(self) -> str:
        """Its discovery document."""
        return self.document or f"{self.service}.v1"

    def walk(self) -> Iterator[Call]:
        """Every call, callers before what they lead to."""
        for call in self.calls:
            yield from call.walk()

    def of(self, call: declaration.Call) -> Service:
        """The service that the call is an operation of."""
        if not call.service or call.service == self.service:
            return self
        owner = by_name()[call.service]
        limit = self.limits.get(call.service, owner.per_minute)
        return msgspec.structs.replace(owner, per_minute=limit, limits=self.limits)


@cache
def declared() -> tuple[Service, ...]:
    """Every declared service, by name. Raises RuleFileError."""
    folder = resources.files("leastwise.providers.gcp") / "data" / "collect"
    files = sorted((one for one in folder.iterdir() if one.name.endswith(".yaml")), key=lambda one: one.name)
    return tuple(declaration.parse_service(one.name, one.read_text("utf-8"), Service) for one in files)


@cache
def by_name() -> Mapping[str, Service]:
    """The declared services."""
    return {one.service: one for one in declared()}


def linked(services: Iterable[Service], root: Root, per_minute: Mapping[str, int] | None = None) -> tuple[Service, ...]:
    """The services as a scope with such a root is collected: every call stands below those that give its things.

    `per_minute` are limits of calls a minute in place of the declared ones, by service.
    """
    wanted: dict[str, list[tuple[str, Call]]] = defaultdict(list)
    chosen = list(services)
    for service in chosen:
        for call in service.calls:
            for kind in call.of if not call.roots or root in call.roots else ():
                wanted[kind].append((service.service, call))
    limits = dict(per_minute or {})
    return tuple(
        msgspec.structs.replace(
            service,
            per_minute=limits.get(service.service, service.per_minute),
            limits=limits,
            calls=[
                _filled(call, service.service, wanted, ())
                for call in service.calls
                if not call.of and (not call.roots or root in call.roots)
            ],
        )
        for service in chosen
    )


def _filled(call: Call, service: str, wanted: Mapping[str, Sequence[tuple[str, Call]]], above: tuple[str, ...]) -> Call:
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
