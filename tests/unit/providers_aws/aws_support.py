"""Importing test files the way the app does, and where the shared samples are."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from fakes.shared import SHARED
from leastwise.engine.columns import arrow_schema, declared
from leastwise.model.scope import Collected
from leastwise.model.tables import FACT_TABLES
from leastwise.model.vocabulary import CREDENTIAL_KINDS, PRINCIPAL_KINDS
from leastwise.providers.aws.exports.read import read_exports
from leastwise.providers.aws.translate import translate
from leastwise.store.readmodels import build

needs_shared = pytest.mark.skipif(not SHARED.is_dir(), reason=f"{SHARED} (samples written by others) is not here")

Tables = Mapping[str, pa.Table]


def tables_of(collected: Collected) -> Tables:
    tables = translate(collected)
    for spec in FACT_TABLES:
        assert declared(tables[spec.name].schema).equals(arrow_schema(spec)), spec.name
        tables[spec.name].validate(full=True)
    assert set(tables["principals"]["kind"].to_pylist()) <= set(PRINCIPAL_KINDS)
    assert set(tables["credentials"]["kind"].to_pylist()) <= set(CREDENTIAL_KINDS)
    build("aws", collected.scope.id, tables)
    return tables


def imported(*paths: Path) -> dict[str, Tables]:
    return {one.scope.id: tables_of(one) for one in read_exports(list(paths))}


def rows(tables: Tables, name: str, **equal: Any) -> list[dict[str, Any]]:
    return [r for r in tables[name].to_pylist() if all(r[key] == value for key, value in equal.items())]


def user(name: str = "ann", account: str = "111122223333", **more: Any) -> dict[str, Any]:
    return {"UserName": name, "Arn": f"arn:aws:iam::{account}:user/{name}", "Path": "/"} | more


def details(*users: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {"UserDetailList": list(users), "GroupDetailList": [], "RoleDetailList": [], "Policies": []} | more
