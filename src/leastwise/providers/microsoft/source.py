"""Sources of estate.yaml whose credentials are Microsoft's: who signs in, to which cloud, what is left out."""

from __future__ import annotations

import re
from abc import abstractmethod
from collections.abc import Mapping, Sequence
from typing import Any, ClassVar, Literal, NamedTuple, TypeVar

import msgspec

from leastwise.errors import UsageError
from leastwise.model.scope import Coverage, CoverageStatus
from leastwise.providers.collecting.declaration import Abstract
from leastwise.providers.rest.session import base_of

from .declaration import Service

_TENANT = re.compile(r"[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)*")


class Cloud(NamedTuple):
    """Where a cloud of Microsoft's answers (of storage the end of its hosts), and for whom its tokens are made.

    Empty: no page that was read tells.
    """

    arm: str
    graph: str
    login: str
    storage: str
    logs: str
    logs_audience: str
    office: str


CLOUDS = {
    "public": Cloud(
        "https://management.azure.com", "https://graph.microsoft.com", "https://login.microsoftonline.com",
        "blob.core.windows.net", "https://api.loganalytics.azure.com", "https://api.loganalytics.io",
        "https://manage.office.com",
    ),
    "usgov": Cloud(
        "https://management.usgovcloudapi.net", "https://graph.microsoft.us", "https://login.microsoftonline.us",
        "blob.core.usgovcloudapi.net", "https://api.loganalytics.us", "https://api.loganalytics.us",
        "https://manage.office365.us",
    ),
    "china": Cloud(
        "https://management.chinacloudapi.cn", "https://microsoftgraph.chinacloudapi.cn",
        "https://login.partner.microsoftonline.cn", "blob.core.chinacloudapi.cn",
        "https://api.loganalytics.azure.cn", "https://api.loganalytics.azure.cn", "",
    ),
}  # fmt: skip
_STORAGE_AUDIENCE = "https://storage.azure.com"
"""Of all clouds. https://learn.microsoft.com/rest/api/storageservices/authorize-with-azure-active-directory"""


class Source(msgspec.Struct, metaclass=Abstract, forbid_unknown_fields=True, frozen=True, kw_only=True):
    """The keys that such sources share.

    `tenant` is the directory to sign in to. `sign_in` says how; empty: by what is there (see `signing`).
    `access_token_env` names a variable that holds a token for the API that is asked `first`; `client_id` is the
    identity of the machine to take, where it has several. `services` are those to collect; `per_minute` are calls a
    minute by service. `endpoints` are addresses in place of a cloud's.
    """

    PLACES: ClassVar[Sequence[str]] = ("graph", "login", "imds")
    """What `endpoints` can name."""
    first: ClassVar[str] = "graph"
    """The API without whose token nothing can be read."""
    beside: ClassVar[Sequence[str]] = ()
    """Other APIs whose tokens variables may hold, which keys called `…_token_env` name."""

    provider: str = ""
    tenant: str = ""
    cloud: Literal["public", "usgov", "china"] = "public"
    sign_in: Literal["", "cli", "environment", "managed_identity", "azure_identity"] = ""
    access_token_env: str = ""
    client_id: str = ""
    services: list[str] = []
    per_minute: dict[str, int] = {}
    endpoints: dict[str, str] = {}
    in_flight: int = 10

    @property
    def variables(self) -> Mapping[str, str]:
        """The variables that hold tokens, by the API that they are for; empty: tokens come from elsewhere."""
        if not self.access_token_env:
            return {}
        named = {place: str(getattr(self, f"{place}_token_env")) for place in self.beside}
        return {self.first: self.access_token_env, **{place: name for place, name in named.items() if name}}

    @abstractmethod
    def known(self) -> Mapping[str, Service]:
        """Every declared service, by name."""

    def why_left_out(self, service: Service) -> str:
        """Why a service is not collected; empty when it is."""
        return "" if not self.services or service.service in self.services else "left out by the choice of services"

    def audience(self, place: str) -> str:
        """For whom a token must be made."""
        cloud = CLOUDS[self.cloud]
        by_place = {"arm": cloud.arm, "graph": cloud.graph, "storage": _STORAGE_AUDIENCE, "logs": cloud.logs_audience,
                    "office": cloud.office}  # fmt: skip
        return by_place[place]

    def address(self, place: str) -> str:
        """Where an API answers: `arm`, `graph`, `login`, `logs` or `office`."""
        usual: str = getattr(CLOUDS[self.cloud], place)
        return self.endpoints.get(place, usual).rstrip("/")

    def store(self, account: str) -> str:
        """Where the blobs of a storage account answer: below the endpoint that is given for them, by name."""
        given = self.endpoints.get("storage", "").rstrip("/")
        return f"{given}/{account}" if given else f"https://{account}.{CLOUDS[self.cloud].storage}"

    def declared(self) -> tuple[Any, ...]:
        """The services to collect. UsageError for one that is not declared."""
        known = self.known()
        unknown = sorted({*self.services, *self.per_minute} - set(known))
        if unknown:
            raise UsageError(f"services: {', '.join(unknown)} not known; one of {', '.join(known)}")
        return tuple(one for one in known.values() if not self.why_left_out(one))

    def left_out(self) -> list[Coverage]:
        """What the choice of services leaves unread, call by call: not asked is not "none"."""
        return [
            Coverage(one.name, call.call, CoverageStatus.NOT_TRIED, why, one.affected(call))
            for one in self.known().values() if (why := self.why_left_out(one)) for call in one.walk()
        ]  # fmt: skip


Given = TypeVar("Given", bound=Source)


def read_source(keys: Mapping[str, Any], kind: type[Given], provider: str) -> Given:
    """The source of that kind with these keys. UsageError names the key that is wrong."""
    name = f"source {provider}"
    try:
        source = msgspec.convert({"provider": provider, **keys}, kind)
    except msgspec.ValidationError as error:
        cause, _, place = str(error).partition(" - at ")
        raise UsageError(f"{name}: {place.strip('`').removeprefix('$.') or 'keys'}: {cause}") from None
    if source.tenant and not _TENANT.fullmatch(source.tenant):
        raise UsageError(f"{name}: tenant: {source.tenant} is no id or domain of a directory")
    if source.sign_in and source.access_token_env:
        raise UsageError(f"{name}: sign_in and access_token_env exclude each other")
    for place in kind.beside:
        if getattr(source, f"{place}_token_env") and not source.access_token_env:
            raise UsageError(f"{name}: {place}_token_env needs access_token_env beside it")
    if source.in_flight < 1:
        raise UsageError(f"{name}: in_flight: must be at least 1")
    for service, limit in source.per_minute.items():
        if limit < 1:
            raise UsageError(f"{name}: per_minute: {service}: must be at least 1")
    for place, url in source.endpoints.items():
        if place not in kind.PLACES:
            raise UsageError(f"{name}: endpoints: {place} not known; one of {', '.join(kind.PLACES)}")
        base_of(url, f"{name}: endpoints: {place}")
    return source
