"""The bulk engine lists whom the reference lists: on all own cases, and on drawn tenants."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from entra_oracle import Tenant, questions, tenants
from hypothesis import given, settings
from test_entra_views import FILES, cases

from leastwise.providers.entra.conform.ask import request_of
from leastwise.providers.entra.conform.bulk import Bulk
from leastwise.providers.entra.conform.documents import estate_of
from leastwise.providers.entra.evaluate.published import published
from leastwise.providers.entra.evaluate.request import Request, request


def assert_alike(asked: Request) -> None:
    """Hold the two against each other."""
    assert not [*Bulk(asked.estate).differences(asked)]


@pytest.mark.parametrize("file", FILES, ids=lambda file: f"{Path(file).parent.name}/{Path(file).stem}")
def test_every_case_is_listed_as_the_reference_lists_it(file: Path) -> None:
    for case in cases(file):
        asked = request_of(case, case["question"])
        permissions = [asked.permission]
        if asked.permission == "*":
            permissions = list(case["expected"]["permissions"])[:4]
        for permission in permissions:
            assert_alike(replace(asked, permission=permission))
            assert_alike(replace(asked, permission=permission, resource="/"))


@settings(max_examples=60)
@given(tenants())
def test_drawn_tenants_are_listed_as_the_reference_lists_them(tenant: Tenant) -> None:
    whole = estate_of(tenant.documents(), published())
    for action, object in questions():
        assert_alike(request(whole, "", f"microsoft.directory/{action}", object))
