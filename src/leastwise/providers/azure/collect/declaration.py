"""What is collected of Azure: one YAML file a resource provider (or a part of it), in `data/collect`.

What the members of a file mean stands with `providers.collecting.declaration` and `providers.microsoft.declaration`,
how calls of things are joined with `providers.collecting.linking`; here is what only Azure needs. What it needs of the
directory stands in `providers.microsoft`, whose directory's provider reads the same.
https://learn.microsoft.com/rest/api/azure/
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from typing import Literal

from leastwise.providers.collecting import linking
from leastwise.providers.collecting.declaration import declared_in
from leastwise.providers.microsoft import declaration

Root = Literal["tenant", "management_group", "subscription", "directory"]
ROOTS: tuple[Root, ...] = ("tenant", "management_group", "subscription", "directory")
Place = Literal["arm", "graph", "storage", "logs"]
"""Who answers: Resource Manager, Graph, storage accounts, workspaces of logs."""


class Call(declaration.Call, forbid_unknown_fields=True, frozen=True, kw_only=True):
    """One operation, as `types.verb`.

    `version` is the `api-version` that it is asked in; `older` are others, newest first, for clouds that do not know
    it, each with what it does not tell (empty: nothing is missing). `paging` is by the link in `nextLink` (in Graph's
    answers `@odata.nextLink`), by Resource Graph's `$skipToken`, or none. `own` names a list of which only what belongs
    to the tenant is kept. `permission` are operations of Azure that it needs.
    """

    version: str = ""
    older: dict[str, str] = {}
    own: str = ""
    roots: Sequence[Root] = []
    permission: list[str] = []
    then: Sequence[Call] = []
    otherwise: Sequence[Call] = []


class Service(declaration.Service, forbid_unknown_fields=True, frozen=True, kw_only=True):
    """A resource provider, or a part of it that is chosen and limited apart."""

    place: Literal["arm", "graph"] = "arm"
    calls: list[Call]

    def known(self) -> Mapping[str, Service]:
        """The declared services, by name."""
        return by_name()


@cache
def declared() -> tuple[Service, ...]:
    """Every declared service, by name. Raises RuleFileError."""
    found = [*declared_in("leastwise.providers.azure", Service), *declared_in(declaration.__package__, Service)]
    return tuple(sorted(found, key=lambda one: one.service))


@cache
def by_name() -> Mapping[str, Service]:
    """The declared services."""
    return {one.service: one for one in declared()}


def asked(services: Iterable[Service], root: Root, per_minute: Mapping[str, int] | None = None) -> tuple[Service, ...]:
    """The services as a scope with such a root is collected: the directory by Graph, all else by Resource Manager."""
    place: Place = "graph" if root == "directory" else "arm"
    return linking.linked([one for one in services if one.place == place], root, per_minute)
