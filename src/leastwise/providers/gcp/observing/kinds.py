"""In which audit log a use of a permission stands, by `data/audit.yaml`.

https://docs.cloud.google.com/logging/docs/audit#types
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache, lru_cache
from pkgutil import get_data

from leastwise import shipped
from leastwise.providers.gcp.language.names import canonical, written

ADMIN, READ, WRITE = "ADMIN_WRITE", "READ", "WRITE"
"""READ is ADMIN_READ or DATA_READ, and WRITE ADMIN_WRITE or DATA_WRITE: which of the two is not documented for each."""
_API = ".googleapis.com"


@dataclass(frozen=True, slots=True)
class Kinds:
    """What the file says: hosts that write audit logs, those of which data access is always on, verbs that read, what
    is surely ADMIN_WRITE and why nothing shows what nothing shows, both by permissions in canonical spelling.
    """

    hosts: frozenset[str]
    always: frozenset[str]
    reads: tuple[str, ...]
    admin: frozenset[str]
    never: Mapping[str, str]


@cache
def kinds() -> Kinds:
    """The bundled file."""
    told = shipped.values(get_data("leastwise.providers.gcp", "data/audit.yaml") or b"")
    return Kinds(
        hosts=frozenset(_host(one) for one in (*told["services"], *told["also"])),
        always=frozenset(map(_host, told["always"])),
        reads=tuple(told["reads"]),
        admin=frozenset(f"{_host(service)}/{name}" for service, names in told["admin"].items() for name in names),
        never={canonical(name): why for name, why in told["never"].items()},
    )


def _host(label: str) -> str:
    return canonical(f"{label}{_API}/x.y").partition("/")[0]


@lru_cache(maxsize=1 << 16)
def kind_of(permission: str) -> str:
    """ADMIN, READ or WRITE; empty where its service is not known to write audit logs."""
    known, full = kinds(), canonical(permission)
    host, slash, _ = full.partition("/")
    if not slash or host not in known.hosts:
        return ""
    if full in known.admin:
        return ADMIN
    return READ if full.rpartition(".")[2].startswith(known.reads) else WRITE


def host_of(service: str) -> str:
    """The host in canonical permissions of a service as `auditConfigs` name it."""
    return _host(service.removesuffix(_API))


def never() -> dict[str, str]:
    """Permissions, as users see them, that no log shows as calls of their own, and why."""
    return {written(name): why for name, why in kinds().never.items()}
