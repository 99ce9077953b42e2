"""What is collected of Azure: one YAML file a resource provider (or a part of it), in `data/collect`.

What the members of a file mean stands with `providers.collecting.declaration`, how calls of things are joined with
`providers.collecting.linking`; here is what only Azure needs.
https://learn.microsoft.com/rest/api/azure/
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from typing import Literal

from leastwise.providers.collecting import declaration, linking

Root = Literal["tenant", "management_group", "subscription", "directory"]
ROOTS: tuple[Root, ...] = ("tenant", "management_group", "subscription", "directory")
Place = Literal["arm", "graph", "storage", "logs"]
"""Who answers: Resource Manager, Graph, storage accounts, workspaces of logs."""


class Call(linking.Call, forbid_unknown_fields=True, frozen=True, kw_only=True):
    """One operation, as `types.verb`.

    `path` is its address below the host: `{+name}` puts a parameter in as it is, `{name}` with every sign encoded;
    parameters named in `post` become the body, all others the query. `version` is the `api-version` that it is asked
    in; `older` are others, newest first, for clouds that do not know it, each with what it does not tell (empty:
    nothing is missing). `paging` is by the link in `nextLink` (in Graph's answers `@odata.nextLink`), by Resource
    Graph's `$skipToken`, or none. `own` names a list of which only what belongs to the tenant is kept. `permission` are
    operations of Azure, `privilege` application permissions of Microsoft Graph that it needs.
    """

    verb: Literal["GET", "POST"] = "GET"
    path: str
    version: str = ""
    older: dict[str, str] = {}
    paging: Literal["link", "skip", "none"] = "link"
    own: str = ""
    roots: Sequence[Root] = []
    post: list[str] = []
    permission: list[str] = []
    privilege: list[str] = []
    then: Sequence[Call] = []
    otherwise: Sequence[Call] = []


class Service(linking.Service, forbid_unknown_fields=True, frozen=True, kw_only=True):
    """A resource provider, or a part of it that is chosen and limited apart.

    `api` is what documents and coverage call it; `place` is where it answers.
    """

    api: str
    place: Literal["arm", "graph"] = "arm"
    calls: list[Call]

    @property
    def name(self) -> str:
        """The service as documents and coverage name it."""
        return self.api

    @property
    def opening(self) -> Sequence[Call]:
        """The calls that follow from no other."""
        return self.calls

    def of(self, call: declaration.Call) -> Service:
        """The service that the call is an operation of."""
        return linking.owner(self, call, by_name())


@cache
def declared() -> tuple[Service, ...]:
    """Every declared service, by name. Raises RuleFileError."""
    return declaration.declared_in("leastwise.providers.azure", Service)


@cache
def by_name() -> Mapping[str, Service]:
    """The declared services."""
    return {one.service: one for one in declared()}


def asked(services: Iterable[Service], root: Root, per_minute: Mapping[str, int] | None = None) -> tuple[Service, ...]:
    """The services as a scope with such a root is collected: the directory by Graph, all else by Resource Manager."""
    place: Place = "graph" if root == "directory" else "arm"
    return linking.linked([one for one in services if one.place == place], root, per_minute)
