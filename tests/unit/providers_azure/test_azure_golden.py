"""A tenant with something of everything, translated: every row as it was last approved.

`LEASTWISE_UPDATE_GOLDEN=1` writes the files anew; read the difference before it is committed. Shapes are those of the
command line, of https://learn.microsoft.com/rest/api/authorization, of https://learn.microsoft.com/rest/api/managedservices,
of https://learn.microsoft.com/azure/governance/resource-graph and of https://learn.microsoft.com/graph/api.
"""

from __future__ import annotations

import json
import os
from datetime import UTC, datetime
from typing import Any

import pytest
from azure_support import CORP

from leastwise.engine.columns import plain
from leastwise.providers.azure import PROVIDER as AZURE
from leastwise.providers.base import Provider
from leastwise.providers.entra import PROVIDER as ENTRA

TAKEN = datetime(2026, 11, 1, tzinfo=UTC)


@pytest.mark.parametrize("provider", [AZURE, ENTRA], ids=lambda one: one.name)
def test_the_tenant_translates_as_approved(provider: Provider) -> None:
    (one,) = provider.read_exports([CORP], TAKEN)
    found: dict[str, Any] = {}
    for name, table in provider.translate(one).items():
        found[name] = []
        for row in plain(table).to_pylist():
            shown = {
                key: value
                for key, value in row.items()
                if key not in ("text", "hash") and value not in (None, "", [], False)
            }
            found[name].append(json.loads(json.dumps(shown, default=str)))
    golden = CORP.parent / f"corp.{provider.name}.json"
    if os.environ.get("LEASTWISE_UPDATE_GOLDEN"):
        golden.write_text(json.dumps(found, indent=1, ensure_ascii=False) + "\n")
    assert found == json.loads(golden.read_text())
