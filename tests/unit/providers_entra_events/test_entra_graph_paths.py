"""Addresses of requests to Graph, found in the catalogue."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from leastwise.providers.entra import catalog
from leastwise.providers.entra.catalog.paths import Paths
from leastwise.providers.entra.events.asking import asked, least

ID = "0b000000-0000-4000-8000-000000000001"
_SOME = st.sampled_from(sorted(
    one for one in catalog.bundled().requests
    if "root:" not in one
    and all(part == "{id}" or "{" not in part or part.endswith("={value})") for part in one.split("/"))
))  # fmt: skip
_IDS = st.sampled_from([ID, ID.upper(), "bob@corp.example", "AAMkAGI2TG93AAA=", "b!x-y", "42"])


@pytest.mark.parametrize(
    ("method", "address", "wanted"),
    [
        ("GET", f"https://graph.microsoft.com/v1.0/users/{ID}?$select=id", "GET /users/{id}"),
        ("GET", "https://graph.microsoft.us/beta//users/bob%40corp.example/", "GET /users/{id}"),
        ("HEAD", "/v1.0/users", "GET /users"),
        ("GET", "/v1.0/users('bob')/manager/$ref", "GET /users/{id}/manager"),
        ("GET", "/v1.0/applications/delta()", "GET /applications/delta"),
        ("GET", f"/v1.0/groups/{ID}/members/microsoft.graph.user/$count", "GET /groups/{id}/members"),
        ("GET", f"/v1.0/servicePrincipals(appId='{ID}')", "GET /serviceprincipals(appid={value})"),
        ("GET", "/v1.0/me/drive/root:/a b/c.txt:/content", "GET /me/drive/items/{id}/content"),
        ("POST", f"/v1.0/groups/{ID}/members/$ref", "POST /groups/{id}/members"),
        ("GET", f"/v1.0/frobs/{ID}/12345/parts", "GET /frobs/{id}/{id}/parts"),
    ],
)
def test_address(method: str, address: str, wanted: str) -> None:
    assert str(catalog.bundled().paths.of(method, address)) == wanted


@given(_SOME, _IDS, st.sampled_from(["", "https://graph.microsoft.com/v1.0", "/beta"]))
def test_every_request_of_the_catalogue_is_found_by_its_addresses(request: str, id: str, host: str) -> None:
    method, _, path = request.partition(" ")
    found = str(catalog.bundled().paths.of(method, host + path.replace("{id}", id).replace("={value}", "='x'")))
    # An id may be written where another request has a word of its own; it is never found as none.
    assert found in catalog.bundled().requests


def test_what_is_no_address_is_refused() -> None:
    with pytest.raises(ValueError, match="names nothing"):
        Paths(()).of("GET", "https://graph.microsoft.com/v1.0/")


def test_the_least_is_of_the_least_tier_and_allows_least() -> None:
    user, mine = (asked("GET", one) for one in (f"/v1.0/users/{ID}", "/v1.0/me"))
    assert user.application is not None and mine.delegated is not None
    assert least(user.application, user.request, delegated=False) == "User.ReadBasic.All"
    both = ["User.ReadBasic.All", "User.Read"]
    assert [least(both, one.request, delegated=True) for one in (user, mine)] == both
    owned = ["Application.ReadWrite.OwnedBy", "Application.ReadWrite.All"]
    assert [least(some, user.request, delegated=False) for some in (owned, owned[:1], [])] == [owned[1], owned[0], ""]
