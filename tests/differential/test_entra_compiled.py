"""Arrays from tables are those of the estate that the tables tell: of own cases, and of drawn tenants."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest
from entra_oracle import Tenant, tenants
from entra_tables import TENANT, raw
from hypothesis import given, settings
from test_entra_views import FILES, cases

from leastwise.providers.base import ScopeTables
from leastwise.providers.entra import PROVIDER
from leastwise.providers.entra.compiled.arranging import arranged
from leastwise.providers.entra.compiled.compile import compile_estate
from leastwise.providers.entra.compiled.estate import estate_of_tables
from leastwise.providers.entra.evaluate.published import published


def assert_same(tables: Mapping[str, pa.Table]) -> None:
    made = compile_estate([ScopeTables("tenant", TENANT, tables, True, None, "entra")])
    wanted = arranged(estate_of_tables(tables, published()), TENANT, TENANT)
    assert made.facts == wanted.facts and made.names() == wanted.names()
    for name in made.names():
        assert np.array_equal(made[name], wanted[name]), name


@pytest.mark.parametrize("file", FILES[::4], ids=lambda file: f"{Path(file).parent.name}/{Path(file).stem}")
def test_of_every_case(file: Path) -> None:
    for case in list(cases(file))[:12]:
        assert_same(PROVIDER.translate(raw(case["documents"])))


@settings(max_examples=25)
@given(tenants())
def test_of_drawn_tenants(tenant: Tenant) -> None:
    assert_same(PROVIDER.translate(raw(tenant.documents())))
