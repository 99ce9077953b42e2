"""Microsoft's own client of Graph reads the fake, which so is held against what that client understands."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from fakes.azure.around import surround
from fakes.azure.directory import ADMINS, ANN, APP, BEN, EMPTY, OPS, SECRET
from fakes.azure.entra import a_directory
from fakes.azure.server import EXPIRED, REFUSED, TOKENS, UNLICENSED_READER, FakeAzure, Fault, on
from fakes.azure.world import Refused

WHY = "Microsoft's client of Graph is not installed (msgraph-core, microsoft-kiota-serialization-json)"
core = pytest.importorskip("msgraph_core", reason=WHY)
json_format = pytest.importorskip("kiota_serialization_json", reason=WHY)


@pytest.fixture
def entra(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[FakeAzure]:
    with a_directory(tmp_path / "tls") as fake:
        surround(monkeypatch, fake)
        yield fake
        assert fake.strange == []


def listed() -> Any:
    """The kind of answer that a list is, as generated clients have it."""
    from kiota_abstractions.serialization import Parsable

    class Thing(Parsable):  # type: ignore[misc]
        def __init__(self) -> None:
            self.id = self.odata_type = ""

        @staticmethod
        def create_from_discriminator_value(node: Any) -> Thing:
            return Thing()

        def get_field_deserializers(self) -> Any:
            return {"id": lambda one: setattr(self, "id", one.get_str_value()),
                    "@odata.type": lambda one: setattr(self, "odata_type", one.get_str_value())}  # fmt: skip

        def serialize(self, writer: Any) -> None:
            raise AssertionError("nothing is written")

    class Listed(Parsable):  # type: ignore[misc]
        def __init__(self) -> None:
            self.value: list[Thing] = []
            self.odata_next_link = ""

        @staticmethod
        def create_from_discriminator_value(node: Any) -> Listed:
            return Listed()

        def get_field_deserializers(self) -> Any:
            return {
                "value": lambda one: setattr(self, "value", one.get_collection_of_object_values(Thing)),
                "@odata.nextLink": lambda one: setattr(self, "odata_next_link", one.get_str_value()),
            }

        def serialize(self, writer: Any) -> None:
            raise AssertionError("nothing is written")

    return Listed


def adapter(entra: FakeAzure, version: str) -> Any:
    from kiota_abstractions.authentication import AccessTokenProvider, AllowedHostsValidator
    from kiota_abstractions.authentication import BaseBearerTokenAuthenticationProvider as Bearer
    from kiota_abstractions.serialization import ParseNodeFactoryRegistry, SerializationWriterFactoryRegistry
    from kiota_serialization_json.json_parse_node_factory import JsonParseNodeFactory
    from kiota_serialization_json.json_serialization_writer_factory import JsonSerializationWriterFactory
    from msgraph_core import BaseGraphRequestAdapter, GraphClientFactory

    class Held(AccessTokenProvider):  # type: ignore[misc]
        async def get_authorization_token(self, uri: str, additional_authentication_context: Any = None) -> str:
            return TOKENS["graph"]

        def get_allowed_hosts_validator(self) -> Any:
            return AllowedHostsValidator(["localhost"])

    ParseNodeFactoryRegistry().CONTENT_TYPE_ASSOCIATED_FACTORIES["application/json"] = JsonParseNodeFactory()
    writers = SerializationWriterFactoryRegistry().CONTENT_TYPE_ASSOCIATED_FACTORIES
    writers["application/json"] = JsonSerializationWriterFactory()
    base = f"{entra.url}/graph/{version}"
    client = httpx.AsyncClient(base_url=base, verify=ssl.create_default_context(cafile=str(entra.authority)))
    made = BaseGraphRequestAdapter(
        Bearer(Held()), http_client=GraphClientFactory.create_with_default_middleware(client=client)
    )
    made.base_url = base
    return made


def request(url: str) -> Any:
    from kiota_abstractions.method import Method
    from kiota_abstractions.request_information import RequestInformation

    made = RequestInformation(Method.GET)
    made.url = url
    return made


def answered(entra: FakeAzure, ask: Callable[[Any], Awaitable[Any]], version: str = "v1.0") -> Any:
    async def made() -> Any:
        return await ask(adapter(entra, version))

    return asyncio.run(made())


def ids(entra: FakeAzure, path: str, version: str = "v1.0") -> list[str]:
    """The ids of every page of a list, by the client's own iterator."""
    from msgraph_core.tasks.page_iterator import PageIterator

    async def ask(graph: Any) -> list[str]:
        first = await graph.send_async(request(f"{graph.base_url}/{path}"), listed(), {})
        found: list[str] = []
        await PageIterator(first, graph).iterate(lambda one: found.append(one.id) or True)
        return found

    told: list[str] = answered(entra, ask, version)
    return told


def test_it_reads_every_page(entra: FakeAzure) -> None:
    assert len(ids(entra, f"groups/{ADMINS}/members?$top=2", "beta")) == 7
    assert entra.count("groups.members") == 4
    assert set(ids(entra, "users?$select=id")) == {ANN, BEN}


def test_version_one_leaves_service_principals_out(entra: FakeAzure) -> None:
    assert set(ids(entra, f"groups/{OPS}/members")) == {ANN, BEN}
    assert set(ids(entra, f"groups/{OPS}/members", "beta")) == {ANN, BEN, APP}


def test_it_reads_the_parts_of_a_batch(entra: FakeAzure) -> None:
    pytest.importorskip("deprecated", reason="the client's batches need the package deprecated, which it does not name")
    from msgraph_core.requests.batch_request_builder import BatchRequestBuilder
    from msgraph_core.requests.batch_request_content import BatchRequestContent
    from msgraph_core.requests.batch_request_item import BatchRequestItem

    entra.faults = [on(REFUSED, "groups.members", SECRET)]

    async def ask(graph: Any) -> Any:
        content = BatchRequestContent()
        for group in (OPS, SECRET, EMPTY):
            item = BatchRequestItem(request(f"{entra.url}/graph/v1.0/groups/{group}/members"), id=group)
            item.url = f"/groups/{group}/members"
            content.add_request(group, item)
        return (await BatchRequestBuilder(graph).post(content)).responses

    told = answered(entra, ask)
    assert {id: one.status for id, one in told.items()} == {OPS: 200, SECRET: 403, EMPTY: 200}
    assert entra.batches == [3]


def test_it_waits_when_it_comes_too_often(entra: FakeAzure) -> None:
    entra.faults = [on(Fault(Refused(429, "TooManyRequests", "", {"Retry-After": "1"})), "users", first=1)]
    assert set(ids(entra, "users")) == {ANN, BEN} and entra.count("users") == 2


@pytest.mark.parametrize(("fault", "http"), [(REFUSED, 403), (UNLICENSED_READER, 403), (EXPIRED, 401)])
def test_it_understands_errors(entra: FakeAzure, fault: Any, http: int) -> None:
    from kiota_abstractions.api_error import APIError

    entra.faults = [on(fault, "users")]
    with pytest.raises(APIError) as caught:
        ids(entra, "users")
    assert caught.value.response_status_code == http
