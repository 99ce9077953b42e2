"""No secret of an Azure or Entra document reaches the raw store; what translation reads stays."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from azure_support import CORP, SUB, collected

from leastwise.engine.columns import plain
from leastwise.providers.azure import PROVIDER
from leastwise.providers.base import Provider
from leastwise.providers.entra import PROVIDER as ENTRA

KEY = b"k" * 32
TAKEN = datetime(2026, 11, 1, tzinfo=UTC)
WEB = f"/subscriptions/{SUB}/resourceGroups/rg/providers/Microsoft.Web/sites/app"
_CANARY = "canary-7731-secret"


@pytest.mark.parametrize(
    "inside",
    [
        {"siteConfig": {"appSettings": [{"name": "DB", "value": _CANARY}]}},
        {"siteConfig": {"connectionStrings": [{"name": "DB", "connectionString": _CANARY}]}},
        {"template": {"containers": [{"name": "c", "env": [{"name": "KEY", "value": _CANARY}]}]}},
        {"osProfile": {"adminPassword": _CANARY, "customData": _CANARY}},
        {"settings": {"commandToExecute": _CANARY, "fileUris": [f"https://x/?sig={_CANARY}"]}},
        {"protectedSettings": {"anything": _CANARY}},
        {"parameters": {"password": {"type": "String", "value": _CANARY}}},
        {"primaryKey": _CANARY, "connectionString": f"Endpoint=sb://x;SharedAccessKey={_CANARY}"},
        {"definition": {"actions": {"call": {"inputs": {"headers": {"Authorization": _CANARY}}}}}},
        {"linuxProfile": {"ssh": {"publicKeys": [{"keyData": _CANARY}]}}},
        {"webhookUri": f"https://x.example/{_CANARY}", "unknown": _CANARY, "list": [_CANARY]},
        {"deep": {"deeper": [{"deepest": _CANARY}]}},
    ],
)
def test_values_of_resources_do_not_stay(tmp_path: Path, inside: dict[str, Any]) -> None:
    for shape in ({"properties": inside}, inside):
        one = {"id": WEB, "name": "app", "type": "Microsoft.Web/sites", "location": "x", **shape}
        (found,) = collected(tmp_path, {"x.json": [one]})
        (document,) = found.documents
        body = PROVIDER.redact(document, KEY)
        assert _CANARY.encode() not in body
        assert json.loads(body)[0]["id"] == WEB


@pytest.mark.parametrize("provider", [PROVIDER, ENTRA], ids=lambda one: one.name)
def test_what_is_left_translates_as_before(provider: Provider) -> None:
    (one,) = provider.read_exports([CORP], TAKEN)
    kept = []
    for document in one.documents:
        body = provider.redact(document, KEY)
        for secret in (b"hunter2", b"very-secret", b"s3cr3t", b"c2VjcmV0", b"AAAAB3"):
            assert secret not in body
        kept.append(type(document)(**{name: getattr(document, name) for name in document.__slots__} | {"body": body}))
    again = type(one)(one.scope, one.time, tuple(kept), one.coverage)
    before, after = provider.translate(one), provider.translate(again)
    for name in before:
        shown = [[{key: value for key, value in row.items() if key not in ("hash", "text")} for row in rows]
                 for rows in (plain(before[name]).to_pylist(), plain(after[name]).to_pylist())]  # fmt: skip
        assert shown[0] == shown[1]


def test_redacting_twice_changes_nothing() -> None:
    (one,) = PROVIDER.read_exports([CORP], TAKEN)
    for document in one.documents:
        once = PROVIDER.redact(document, KEY)
        twice = type(document)(**{name: getattr(document, name) for name in document.__slots__} | {"body": once})
        assert PROVIDER.redact(twice, KEY) == once
