"""A view of a tenant says of its principals and objects what the whole tenant says: own cases, and drawn tenants."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from entra_oracle import APP, PEOPLE, Tenant, questions, tenants
from hypothesis import given, settings

from leastwise.providers.entra.compiled.arranging import arranged
from leastwise.providers.entra.compiled.held import Compiled
from leastwise.providers.entra.compiled.view import Views
from leastwise.providers.entra.conform.ask import request_of
from leastwise.providers.entra.conform.documents import estate_of
from leastwise.providers.entra.evaluate.decide import access, decide
from leastwise.providers.entra.evaluate.explain import explain
from leastwise.providers.entra.evaluate.published import published
from leastwise.providers.entra.evaluate.request import Request, request

CASES = Path(__file__).parents[1] / "cases" / "entra"
FILES = sorted(CASES.rglob("*.json*"))


def cases(file: Path) -> Iterator[dict[str, Any]]:
    """The cases of a file."""
    for line in file.read_text(encoding="utf-8").splitlines():
        if line.strip():
            yield json.loads(line)


def seen(views: Views, asked: Request) -> Request:
    """The question, put to a view."""
    return replace(asked, estate=views.of(asked.who, asked.user, asked.resource))


@pytest.mark.parametrize("file", FILES, ids=lambda file: f"{file.parent.name}/{file.stem}")
def test_a_view_explains_every_case_as_the_whole_tenant_does(file: Path) -> None:
    for case in cases(file):
        asked = request_of(case, case["question"])
        views = Views(Compiled(arranged(asked.estate)))
        everybody = (asked.who, *asked.estate.objects) if asked.permission != "*" else ()
        for who in dict.fromkeys(everybody):
            one = asked.by(who)
            assert explain(decide(seen(views, one))) == explain(decide(one)), (case["id"], who)


@settings(max_examples=60)
@given(tenants())
def test_a_view_has_the_formula_of_the_whole_tenant(tenant: Tenant) -> None:
    whole = estate_of(tenant.documents(), published())
    views = Views(Compiled(arranged(whole)))
    for action, object in questions():
        for who in (*PEOPLE, APP, "group-1"):
            asked = request(whole, who, f"microsoft.directory/{action}", object)
            assert access(seen(views, asked)) == access(asked), (action, object, who)
