"""A source of estate.yaml (or the options of the command line) for Azure: which trees, who signs in, which cloud."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Literal, NamedTuple

import msgspec

from leastwise.errors import UsageError
from leastwise.model.scope import Coverage, CoverageStatus
from leastwise.providers.rest.session import base_of

from .declaration import Place, Service, by_name, declared

GROUPS = "/providers/Microsoft.Management/managementGroups/"
SUBSCRIPTIONS = "/subscriptions/"
_GUID = re.compile(r"[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")
_GROUP = re.compile(r"[-\w().]{1,90}")
_TENANT = re.compile(r"[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)*")
_NEEDED = ("management", "resources")
"""What everything else is asked of."""


class Cloud(NamedTuple):
    """Where a cloud of Microsoft's answers (of storage the end of its hosts), and for whom its tokens are made."""

    arm: str
    graph: str
    login: str
    storage: str
    logs: str
    logs_audience: str


CLOUDS = {
    "public": Cloud(
        "https://management.azure.com", "https://graph.microsoft.com", "https://login.microsoftonline.com",
        "blob.core.windows.net", "https://api.loganalytics.azure.com", "https://api.loganalytics.io",
    ),
    "usgov": Cloud(
        "https://management.usgovcloudapi.net", "https://graph.microsoft.us", "https://login.microsoftonline.us",
        "blob.core.usgovcloudapi.net", "https://api.loganalytics.us", "https://api.loganalytics.us",
    ),
    "china": Cloud(
        "https://management.chinacloudapi.cn", "https://microsoftgraph.chinacloudapi.cn",
        "https://login.partner.microsoftonline.cn", "blob.core.chinacloudapi.cn",
        "https://api.loganalytics.azure.cn", "https://api.loganalytics.azure.cn",
    ),
}  # fmt: skip
_STORAGE_AUDIENCE = "https://storage.azure.com"
"""Of all clouds. https://learn.microsoft.com/rest/api/storageservices/authorize-with-azure-active-directory"""


class Source(msgspec.Struct, forbid_unknown_fields=True, frozen=True, kw_only=True):
    """What the keys of a source mean; without any, the whole tenant that is signed in to, as far as it may be read.

    `tenant` is the directory to sign in to. `management_groups` and `subscriptions` are trees to read in place of the
    whole, each a scope of its own. `sign_in` says how; empty: by what is there (see `signing`). `access_token_env`,
    `graph_token_env`, `storage_token_env` and `logs_token_env` name variables that hold tokens; `client_id` is the
    identity of the machine to take, where it has several. `directory`: users, groups and service principals are read
    too. `services` are those to collect; `per_minute` are calls a minute by service. `endpoints` are addresses in place
    of a cloud's; storage accounts answer below theirs, by name.
    """

    provider: str = "azure"
    tenant: str = ""
    management_groups: list[str] = []
    subscriptions: list[str] = []
    cloud: Literal["public", "usgov", "china"] = "public"
    sign_in: Literal["", "cli", "environment", "managed_identity", "azure_identity"] = ""
    access_token_env: str = ""
    graph_token_env: str = ""
    storage_token_env: str = ""
    logs_token_env: str = ""
    client_id: str = ""
    directory: bool = True
    services: list[str] = []
    per_minute: dict[str, int] = {}
    endpoints: dict[Literal["arm", "graph", "login", "imds", "storage", "logs"], str] = {}
    in_flight: int = 10

    @property
    def roots(self) -> list[str]:
        """The ids of the trees to read; empty: the tenant."""
        groups = [GROUPS + one.removeprefix(GROUPS) for one in self.management_groups]
        return groups + [SUBSCRIPTIONS + one.removeprefix(SUBSCRIPTIONS).lower() for one in self.subscriptions]

    def audience(self, place: Place) -> str:
        """For whom a token must be made."""
        cloud = CLOUDS[self.cloud]
        by_place = {"arm": cloud.arm, "graph": cloud.graph, "storage": _STORAGE_AUDIENCE, "logs": cloud.logs_audience}
        return by_place[place]

    def store(self, account: str) -> str:
        """Where the blobs of a storage account answer."""
        given = self.endpoints.get("storage", "").rstrip("/")
        return f"{given}/{account}" if given else f"https://{account}.{CLOUDS[self.cloud].storage}"

    def address(self, place: Literal["arm", "graph", "login", "logs"]) -> str:
        """Where an API answers."""
        usual: str = getattr(CLOUDS[self.cloud], place)
        return self.endpoints.get(place, usual).rstrip("/")

    def declared(self) -> tuple[Service, ...]:
        """The services to collect. UsageError for one that is not declared."""
        unknown = sorted({*self.services, *self.per_minute} - set(by_name()))
        if unknown:
            raise UsageError(f"services: {', '.join(unknown)} not known; one of {', '.join(by_name())}")
        return tuple(one for one in declared() if self._chosen(one))

    def left_out(self) -> list[Coverage]:
        """What the choice of services leaves unread, call by call: not asked is not "none"."""
        return [
            Coverage(one.name, call.call, CoverageStatus.NOT_TRIED, _why(one), one.affected(call))
            for one in declared() if not self._chosen(one) for call in one.walk()
        ]  # fmt: skip

    def _chosen(self, service: Service) -> bool:
        if service.place == "graph" and not self.directory:
            return False
        return not self.services or service.service in (*self.services, *_NEEDED)


def _why(service: Service) -> str:
    return f"left out by the choice of {'services or directory' if service.place == 'graph' else 'services'}"


def read_source(keys: Mapping[str, Any]) -> Source:
    """The source with these keys. UsageError names the key that is wrong."""
    try:
        source = msgspec.convert(dict(keys), Source)
    except msgspec.ValidationError as error:
        cause, _, place = str(error).partition(" - at ")
        raise UsageError(f"source azure: {place.strip('`').removeprefix('$.') or 'keys'}: {cause}") from None
    if source.tenant and not _TENANT.fullmatch(source.tenant):
        raise UsageError(f"source azure: tenant: {source.tenant} is no id or domain of a directory")
    for group in source.management_groups:
        if not _GROUP.fullmatch(group.removeprefix(GROUPS)):
            raise UsageError(f"source azure: management_groups: {group} is no id of a management group")
    for one in source.subscriptions:
        if not _GUID.fullmatch(one.removeprefix(SUBSCRIPTIONS)):
            raise UsageError(f"source azure: subscriptions: {one} is no id of a subscription")
    if source.sign_in and source.access_token_env:
        raise UsageError("source azure: sign_in and access_token_env exclude each other")
    for name in ("graph_token_env", "storage_token_env", "logs_token_env"):
        if getattr(source, name) and not source.access_token_env:
            raise UsageError(f"source azure: {name} needs access_token_env beside it")
    if source.in_flight < 1:
        raise UsageError("source azure: in_flight: must be at least 1")
    for service, limit in source.per_minute.items():
        if limit < 1:
            raise UsageError(f"source azure: per_minute: {service}: must be at least 1")
    for place, url in source.endpoints.items():
        base_of(url, f"source azure: endpoints: {place}")
    source.declared()
    return source
