"""What is collected of Google Cloud: one YAML file a service and version, in `data/collect`.

What the members of a file mean stands with `providers.collecting.declaration`; here is what only Google Cloud needs.
How calls of things are joined stands with `providers.collecting.linking`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache
from typing import Literal

from leastwise.providers.collecting import declaration, linking

Root = Literal["organization", "folder", "project"]
ROOTS: tuple[Root, ...] = ("organization", "folder", "project")


class Call(linking.Call, forbid_unknown_fields=True, frozen=True, kw_only=True):
    """One method.

    `path` is its address below the host: `{+name}` puts a parameter in as it is, `{name}` with every sign encoded;
    parameters named in `post` become the body, all others the query. `method` is the vendor's name of it where `call`
    is a shorter one, by what it is asked of where that matters. `partial` are members that name what an answer lacks.
    `permission` are what it needs in IAM, `privilege` what it needs in the directory.
    """

    verb: Literal["GET", "POST"] = "GET"
    path: str
    method: str | dict[Root, str] = ""
    roots: Sequence[Root] = []
    post: list[str] = []
    partial: list[str] = []
    permission: list[str] = []
    privilege: list[str] = []
    then: Sequence[Call] = []
    otherwise: Sequence[Call] = []

    @property
    def methods(self) -> Mapping[str, str]:
        """The vendor's names of the method, by what it is asked of (empty where that does not matter)."""
        if isinstance(self.method, str):
            return {"": self.method or self.call}
        return {str(root): name for root, name in self.method.items()}


class Service(linking.Service, forbid_unknown_fields=True, frozen=True, kw_only=True):
    """A service, or one version of it: `api` is its name in documents and coverage where `service` tells the version.

    `host` is where it answers; `document` its discovery document, as in `iam.v2`. `scopes` are the OAuth scopes of its
    calls, without their common beginning. `workspace`: it is the directory's, not the cloud's.
    """

    api: str = ""
    host: str = ""
    document: str = ""
    scopes: list[str]
    workspace: bool = False
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

    def of(self, call: declaration.Call) -> Service:
        """The service that the call is an operation of."""
        return linking.owner(self, call, by_name())


@cache
def declared() -> tuple[Service, ...]:
    """Every declared service, by name. Raises RuleFileError."""
    return declaration.declared_in("leastwise.providers.gcp", Service)


@cache
def by_name() -> Mapping[str, Service]:
    """The declared services."""
    return {one.service: one for one in declared()}
