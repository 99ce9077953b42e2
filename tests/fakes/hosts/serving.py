"""What both hosts have in common: tokens, faults, pages by links, and a log of what was asked."""

from __future__ import annotations

import json
import re
from abc import abstractmethod
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar
from urllib.parse import parse_qs, unquote, urlencode, urlsplit

from ..loopback import Answer, Fault, Loopback
from .git import Git

TOKEN = "canary-token-5e1f0c"


@dataclass(frozen=True, slots=True)
class Request:
    """A call as the host understood it: the path below the repository's, query and body."""

    verb: str
    path: str
    query: Mapping[str, str]
    body: Any

    @property
    def writes(self) -> bool:
        return self.verb != "GET"


class Refused(Exception):
    """The host refuses: status, and what its body says."""

    def __init__(self, http: int, content: Any, headers: Mapping[str, str] | None = None) -> None:
        super().__init__(http, content)
        self.http, self.content, self.headers = http, content, headers or {}


Scripted = Callable[[Request], Fault | None]


@dataclass
class FakeHost(Loopback):
    """The server. `faults` are asked first, in order: a Fault that drops with `cut` set does what was asked first."""

    git: Git = field(default_factory=Git)
    repository: str = "acme/infra"
    page: int = 2
    faults: list[Scripted] = field(default_factory=list)
    tokens: set[str] = field(default_factory=lambda: {TOKEN})
    may_write: bool = True
    issues: bool = True
    log: list[Request] = field(default_factory=list)
    ROUTES: ClassVar[list[tuple[str, str, str]]]

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def written(self) -> list[str]:
        """What was asked that writes."""
        return [f"{one.verb} {one.path}" for one in self.log if one.writes]

    @abstractmethod
    def root(self) -> str:
        """The path of the repository's API."""

    @abstractmethod
    def unauthorised(self) -> Refused:
        """What a token that is none gets."""

    @abstractmethod
    def forbidden(self) -> Refused:
        """What a token gets that may only read."""

    @abstractmethod
    def missing(self) -> Refused:
        """What is not there, or may not be seen."""

    def serve(self, verb: str, target: str, headers: Mapping[str, str], body: bytes) -> Answer | Fault:
        parts = urlsplit(target)
        query = {name: values[-1] for name, values in parse_qs(parts.query).items()}
        try:
            if headers.get("authorization", "").removeprefix("Bearer ") not in self.tokens:
                raise self.unauthorised()
            if not (parts.path + "/").startswith(self.root() + "/"):
                raise self.missing()
            asked = Request(verb, parts.path[len(self.root()) :], query, json.loads(body) if body else None)
            self.log.append(asked)
            fault = next((found for one in self.faults if (found := one(asked))), None)
            if fault is not None and not fault.cut:
                return fault
            if asked.writes and not self.may_write:
                raise self.forbidden()
            status, content = self._routed(asked)
            if fault is not None:  # it was done, and the answer is lost
                return Fault(drop=True)
            return self._paged(parts.path, asked, content) if isinstance(content, list) else _answer(status, content)
        except Refused as refused:
            return _answer(refused.http, refused.content, refused.headers)

    def _routed(self, asked: Request) -> tuple[int, Any]:
        for verb, pattern, name in self.ROUTES:
            found = re.fullmatch(pattern, asked.path)
            if verb == asked.verb and found:
                return getattr(self, name)(asked, *map(unquote, found.groups()))
        raise self.missing()

    def _paged(self, path: str, asked: Request, items: list[Any]) -> Answer:
        size = min(self.page, int(asked.query.get("per_page", 30)))
        number = int(asked.query.get("page", 1))
        shown = items[(number - 1) * size : number * size]
        headers = {}
        if number * size < len(items):
            more = urlencode({**asked.query, "page": number + 1})
            headers["Link"] = f'<{self.url}{path}?{more}>; rel="next", <{self.url}{path}?page=1>; rel="first"'
        return _answer(200, shown, headers)


def _answer(http: int, content: Any, headers: Mapping[str, str] | None = None) -> Answer:
    return http, headers or {}, json.dumps(content).encode()


def lost(concerns: Callable[[Request], bool], times: int = 1) -> Scripted:
    """The connection drops after what was asked is done."""
    left = [times]

    def asked(request: Request) -> Fault | None:
        if not concerns(request) or not left[0]:
            return None
        left[0] -= 1
        return Fault(drop=True, cut=True)

    return asked
