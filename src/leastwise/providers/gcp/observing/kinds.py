"""In which audit log a use of a permission stands, by `data/audit.yaml`.

https://docs.cloud.google.com/logging/docs/audit#types
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache, lru_cache
from pkgutil import get_data
from typing import Any

from leastwise import shipped
from leastwise.providers.gcp.language.names import canonical, written

ADMIN, ADMIN_READ, DATA_READ, DATA_WRITE = "ADMIN_WRITE", "ADMIN_READ", "DATA_READ", "DATA_WRITE"
DATA = (ADMIN_READ, DATA_READ, DATA_WRITE)
"""The types that Data Access has, which configurations switch on."""
_API = ".googleapis.com"


@dataclass(frozen=True, slots=True)
class Kinds:
    """What the file says: the type of each permission that a page lists, hosts of which data access is always on, and
    why nothing shows what nothing shows; permissions in canonical spelling.
    """

    types: Mapping[str, str]
    always: frozenset[str]
    never: Mapping[str, str]


@cache
def kinds() -> Kinds:
    """The bundled file."""
    told = shipped.values(get_data("leastwise.providers.gcp", "data/audit.yaml") or b"")
    never = {canonical(name): why for name, why in told["never"].items()}
    for page in told["pages"]:
        never |= {_full(page, name): why for name, why in page.get("unlogged", {}).items()}
    return Kinds(
        types={name: type for page in told["pages"] for name, type in _listed(page)},
        always=frozenset(host_of(page["service"]) for page in told["pages"] if page.get("always")),
        never=never,
    )


def _listed(page: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    return ((_full(page, name), type) for type in (ADMIN, *DATA) for name in page.get(type, ()))


def _full(page: Mapping[str, Any], name: str) -> str:
    return f"{host_of(page['service'])}/{name}"


@lru_cache(maxsize=1 << 16)
def kind_of(permission: str) -> str:
    """Its type (`ADMIN` or one of `DATA`); empty where no page that was read says that its uses are logged."""
    return kinds().types.get(canonical(permission), "")


def host_of(service: str) -> str:
    """The host in canonical permissions of a service as `auditConfigs` name it."""
    return canonical(f"{service.removesuffix(_API)}{_API}/x.y").partition("/")[0]


def never() -> dict[str, str]:
    """Permissions, as users see them, that no log shows as calls of their own, and why."""
    return {written(name): why for name, why in kinds().never.items()}
