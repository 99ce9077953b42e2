"""Microsoft's own client reads the fake, which so is held against what that client understands."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from fakes.azure.around import surround
from fakes.azure.server import DENIED, EXPIRED, OFTEN, TOKENS, FakeAzure, on
from fakes.azure.world import LAB, PROD, ROOT, SHARED, SHOP


class Held:
    """A credential of that client that holds a token."""

    def get_token(self, *scopes: str, **_: Any) -> Any:
        from azure.core.credentials import AccessToken

        return AccessToken(TOKENS["arm"], 4102444800)


@pytest.fixture
def azure(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[FakeAzure]:
    with FakeAzure(tmp_path / "tls") as fake:
        surround(monkeypatch, fake)
        # Its transport is that of requests, which trusts what is named here.
        monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(fake.authority))
        yield fake
        assert fake.strange == []


def client(azure: FakeAzure, version: str = "2022-04-01") -> Any:
    from azure.mgmt.authorization import AuthorizationManagementClient

    return AuthorizationManagementClient(
        Held(), SHOP.rpartition("/")[2], api_version=version, base_url=f"{azure.url}/arm",
        credential_scopes=["https://management.azure.com/.default"], retry_backoff_factor=0,
    )  # fmt: skip


def scopes(listed: Any) -> set[str]:
    return {one.scope for one in listed}


def test_it_reads_every_page_of_role_assignments(azure: FakeAzure) -> None:
    found = scopes(client(azure).role_assignments.list_for_subscription())
    assert found == {"/", ROOT, PROD, SHOP, f"{SHOP}/resourceGroups/web"} and not {SHARED, LAB} & found
    assert azure.count("roleAssignments") == 3, "two a page"
    above = client(azure).role_assignments.list_for_scope(PROD.lstrip("/"), filter="atScope()")
    assert scopes(above) == {"/", ROOT, PROD}


def test_it_reads_definitions_with_their_conditions(azure: FakeAzure) -> None:
    found = client(azure, "2022-05-01-preview").role_definitions.list(SHOP.lstrip("/"))
    told = {one.role_name: one.permissions[0].condition for one in found}
    assert told["User Access Administrator"] == "@x" and told["Owner"] is None and "Restarter" in told


def test_it_reads_denials_and_eligibility(azure: FakeAzure) -> None:
    assert scopes(client(azure).deny_assignments.list()) == {SHOP, PROD}
    schedules = client(azure, "2020-10-01").role_eligibility_schedule_instances
    assert scopes(schedules.list_for_scope(SHOP.lstrip("/"))) == {SHOP, PROD}


def test_it_waits_when_it_comes_too_often(azure: FakeAzure) -> None:
    azure.faults = [on(OFTEN, "roleAssignments", first=1)]
    assert SHOP in scopes(client(azure).role_assignments.list_for_subscription())


@pytest.mark.parametrize(("fault", "said"), [(DENIED, "AuthorizationFailed"), (EXPIRED, "ExpiredAuthenticationToken")])
def test_it_understands_errors(azure: FakeAzure, fault: Any, said: str) -> None:
    from azure.core.exceptions import HttpResponseError

    azure.faults = [on(fault, "roleAssignments")]
    with pytest.raises(HttpResponseError) as caught:
        list(client(azure).role_assignments.list_for_subscription())
    assert caught.value.error is not None and caught.value.error.code == said
