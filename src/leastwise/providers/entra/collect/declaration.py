"""What is collected of a directory: one YAML file a service, in `data/collect` and in that of `providers.microsoft`.

What the members of a file mean stands with `providers.microsoft.declaration`.
https://learn.microsoft.com/graph/api/overview
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from functools import cache

from leastwise.providers.collecting import linking
from leastwise.providers.collecting.declaration import declared_in
from leastwise.providers.microsoft import declaration
from leastwise.providers.microsoft.declaration import DIRECTORY


class Call(declaration.Call, forbid_unknown_fields=True, frozen=True, kw_only=True):
    """One operation; `permission` are operations of Azure that it needs, where Resource Manager answers."""

    permission: list[str] = []
    then: Sequence[Call] = []
    otherwise: Sequence[Call] = []


class Service(declaration.Service, forbid_unknown_fields=True, frozen=True, kw_only=True):
    """A part of the directory that is chosen and limited apart."""

    calls: Sequence[Call]

    def known(self) -> Mapping[str, Service]:
        """The declared services, by name."""
        return by_name()


@cache
def declared() -> tuple[Service, ...]:
    """Every declared service, by name. Raises RuleFileError."""
    found = [*declared_in("leastwise.providers.entra", Service), *declared_in("leastwise.providers.microsoft", Service)]
    return tuple(sorted(found, key=lambda one: one.service))


@cache
def by_name() -> Mapping[str, Service]:
    """The declared services."""
    return {one.service: one for one in declared()}


def asked(services: Iterable[Service], per_minute: Mapping[str, int] | None = None) -> Sequence[Service]:
    """The services with every call below those that list what it is asked of."""
    return linking.linked(services, DIRECTORY, per_minute)
