"""Calls to AWS through its SDK: one client a service and region, signed with the credentials of whoever calls."""

from __future__ import annotations

import re
import threading
from collections.abc import Iterable, Iterator, Mapping
from contextlib import closing, suppress
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any

import botocore.session
import jmespath
import msgspec
from botocore.config import Config
from botocore.credentials import Credentials, ReadOnlyCredentials
from botocore.exceptions import BotoCoreError, ClientError, DataNotFoundError
from botocore.parsers import ResponseParserError

from leastwise.errors import LeastwiseError
from leastwise.model.scope import CoverageStatus
from leastwise.providers.aws.outcome import EXPIRED, SKEWED, status_of
from leastwise.providers.collecting import failure as failures
from leastwise.providers.collecting.failure import Answer

from .declaration import Call, Service

NETWORK = frozenset(
    ("EndpointConnectionError", "ConnectTimeoutError", "ReadTimeoutError", "ConnectionClosedError", "ConnectionError",
     "HTTPClientError", "ProxyConnectionError", "SSLError", "IncompleteReadError", "ResponseStreamingError")
)  # fmt: skip
"""The SDK's classes of error that mean: nothing came back."""
SDK_ERRORS = (BotoCoreError, ClientError, ResponseParserError)
"""What a call through the SDK raises."""
NOT_RENEWED = "CredentialsNotRenewed"
"""Our code for: no call can be signed any more, because new credentials are refused."""
_SKEW = 240
_PREFIX = re.compile(r"(?<=://)[a-z0-9-]+\.(?=\d+\.\d+\.\d+\.\d+(:|/|$))")
_TOKENS = (("NextToken", "NextToken"), ("nextToken", "nextToken"), ("NextMarker", "Marker"), ("Marker", "Marker"))


class CallFailed(failures.CallFailed):
    """A call that did not succeed: the vendor's code (or the SDK's class of error), message, and headers if any."""

    @property
    def status(self) -> CoverageStatus:
        """How the call ended, as coverage says it."""
        return status_of(self.code)

    @property
    def network(self) -> bool:
        """Whether nothing came back."""
        return self.code in NETWORK

    @property
    def ending(self) -> str:
        """Why no further call with these credentials can succeed; empty when others may."""
        if self.code in SKEWED | EXPIRED and (off := skew(self.headers)):
            return f"this machine's clock is off by {off} seconds ({self.code})"
        if self.code in EXPIRED:
            return f"the credentials have expired ({self.code})"
        if self.code == NOT_RENEWED:
            return f"the credentials could not be renewed ({self.message})"
        return ""


class _Whoever(Credentials):  # type: ignore[misc]
    """The credentials that the calling thread has put in place.

    A client signs with one credentials object for all its life; this one lets accounts share clients.
    """

    def __init__(self) -> None:
        super().__init__("", "")
        self.here = threading.local()

    def get_frozen_credentials(self) -> ReadOnlyCredentials:
        """Those of the thread. CallFailed when they cannot be had."""
        try:
            found: ReadOnlyCredentials = self.here.credentials.get_frozen_credentials()
        except (*SDK_ERRORS, OSError, RuntimeError, LeastwiseError) as error:
            failed = failure(error)
            if failed.code in NETWORK or failed.http >= 500 or failed.status is CoverageStatus.THROTTLED:
                raise failed from None
            # A refusal here is no refusal of the call that was to be signed.
            raise CallFailed(NOT_RENEWED, str(failed), headers=failed.headers) from None
        return found


class _Provider:
    """What the SDK asks for credentials."""

    def __init__(self, credentials: Credentials) -> None:
        self.credentials = credentials

    def load_credentials(self) -> Credentials:
        """The credentials."""
        return self.credentials


class Clients:
    """Makes calls; safe to use from many threads.

    `in_flight` is the number of connections a client keeps; `user_agent` is added to the SDK's own. Retries are the
    caller's: a thread that sleeps in the SDK could have asked another service.
    """

    def __init__(self, in_flight: int, user_agent: str) -> None:
        self._session = botocore.session.Session()
        self._whoever = _Whoever()
        self._session.register_component("credential_provider", _Provider(self._whoever))
        self._session.register("before-parse", check_body)
        self._session.register("before-send", _without_prefix)
        self._config = Config(
            retries={"total_max_attempts": 1, "mode": "standard"}, connect_timeout=10, read_timeout=60,
            max_pool_connections=in_flight, user_agent_extra=user_agent,
        )  # fmt: skip
        self._clients: dict[tuple[str, str], Any] = {}
        self._paging: dict[tuple[str, str], tuple[Any, Any, str | None]] = {}
        self._lock = threading.Lock()

    def offered(self, service: str, region: str, partition: str) -> bool:
        """Whether the SDK's list says that the service is offered in the region; a service without a list is."""
        known = self._session.get_available_regions(service, partition_name=partition)
        return not known or region in known

    def regions(self, partition: str) -> tuple[str, ...]:
        """Every region of a partition that the SDK knows."""
        return tuple(sorted(self._session.get_available_regions("ec2", partition_name=partition)))

    def ask(
        self, service: Service, call: Call, region: str, parameters: Mapping[str, Any], credentials: Credentials
    ) -> Answer:
        """One page of an answer. Raises CallFailed."""
        try:
            client, found = self._made(service, call, region, parameters, credentials)
            for member, value in found.items():
                if hasattr(value, "read"):
                    found[member] = value.read()
            return Answer(found, self._more(client, service.service, call.call, found))
        except SDK_ERRORS as error:
            raise failure(error) from None

    def stream(
        self, service: Service, call: Call, region: str, parameters: Mapping[str, Any], credentials: Credentials,
        size: int,
    ) -> Iterator[bytes]:  # fmt: skip
        """The body of an answer, at most so many bytes at a time. Raises CallFailed, also when it breaks off."""
        try:
            _, found = self._made(service, call, region, parameters, credentials)
            with closing(found["Body"]) as body:
                while chunk := body.read(size):
                    yield chunk
        except SDK_ERRORS as error:
            raise failure(error) from None

    def _made(
        self, service: Service, call: Call, region: str, parameters: Mapping[str, Any], credentials: Credentials
    ) -> tuple[Any, dict[str, Any]]:
        self._whoever.here.credentials = credentials
        client = self._client(service.service, region)
        found = getattr(client, call.operation.replace("-", "_"))(**parameters)
        found.pop("ResponseMetadata", None)
        return client, found

    def warm(self, services: Iterable[str], region: str) -> None:
        """Makes the first client of each service, which reads the service's model, while others enter accounts."""

        def make() -> None:
            with suppress(BotoCoreError):
                for service in services:
                    self._client(service, region)

        threading.Thread(target=make, daemon=True).start()

    def _client(self, service: str, region: str) -> Any:
        if (found := self._clients.get((service, region))) is not None:
            return found
        with self._lock:
            found = self._clients.get((service, region))
            if found is None:
                found = self._session.create_client(service, region_name=region, config=self._config)
                self._clients[service, region] = found
            return found

    def _more(self, client: Any, service: str, call: str, members: dict[str, Any]) -> dict[str, Any] | None:
        """The parameters that ask for the page after this one, by the SDK's model of the service's paging."""
        if (service, call) not in self._paging:
            self._paging[service, call] = self._pages(client, service, call)
        inputs, outputs, flag = self._paging[service, call]
        if flag is not None and not jmespath.search(flag, members):
            return None
        values = [jmespath.search(one, members) for one in outputs]
        return dict(zip(inputs, values, strict=True)) if any(values) else None

    def _pages(self, client: Any, service: str, call: str) -> tuple[list[str], list[str], str | None]:
        try:
            model = self._session.get_component("data_loader").load_service_model(service, "paginators-1")
        except DataNotFoundError:
            model = {}
        found = model.get("pagination", {}).get(call)
        if found:
            return _listed(found["input_token"]), _listed(found["output_token"]), found.get("more_results")
        operation = client.meta.service_model.operation_model(call)
        has = operation.output_shape.members if operation.output_shape else {}
        takes = operation.input_shape.members if operation.input_shape else {}
        for output, parameter in _TOKENS:
            if output in has and parameter in takes:
                return [parameter], [output], None
        return [], [], None


def failure(error: Exception) -> CallFailed:
    """An error of the SDK as ours."""
    if isinstance(error, ClientError):
        told, about = error.response.get("Error", {}), error.response.get("ResponseMetadata", {})
        http, headers = int(about.get("HTTPStatusCode", 0)), about.get("HTTPHeaders")
        return CallFailed(str(told.get("Code", "unknown")), str(told.get("Message", "")), http, headers)
    if isinstance(error, ResponseParserError):
        # The SDK's message quotes what came: a proxy's page, or an answer cut off.
        return CallFailed("ResponseParserError", "the answer cannot be read", 500)
    return CallFailed(type(error).__name__, str(error))


def skew(headers: Mapping[str, str]) -> int:
    """Seconds by which our clock is ahead of the vendor's; 0 when they agree well enough to be believed."""
    try:
        theirs = parsedate_to_datetime(headers["date"])
    except (KeyError, ValueError, TypeError):
        return 0
    off = round((datetime.now(UTC) - theirs.astimezone(UTC)).total_seconds())
    return off if abs(off) > _SKEW else 0


def _without_prefix(request: Any, **_: Any) -> None:
    """An endpoint that is an address has no names below it: https://123456789012.127.0.0.1 is nowhere."""
    request.url = _PREFIX.sub("", request.url)


def check_body(operation_model: Any, response_dict: Mapping[str, Any], **_: Any) -> None:
    """Refuses what is no answer of the service: the SDK takes a proxy's page or JSON cut off for an empty one."""
    body, shape = response_dict.get("body"), operation_model.output_shape
    if response_dict["status_code"] != 200 or shape is None or not isinstance(body, bytes):
        return
    if "payload" in shape.serialization:
        return
    if not body:
        if any("location" not in one.serialization for one in shape.members.values()):
            raise ResponseParserError("no body")
        return
    protocol = operation_model.service_model.resolved_protocol
    if "json" in protocol:
        try:
            msgspec.json.decode(body, type=msgspec.Raw)
        except (msgspec.DecodeError, UnicodeDecodeError):
            raise ResponseParserError("not JSON") from None
    elif protocol in ("query", "ec2") and f"<{operation_model.name}Response".encode() not in body[:1000]:
        raise ResponseParserError("another answer")
    elif body[:100].lstrip().lower().startswith((b"<html", b"<!doctype")):
        raise ResponseParserError("a page, no answer")


def _listed(one: Any) -> list[str]:
    return list(one) if isinstance(one, list) else [one]
