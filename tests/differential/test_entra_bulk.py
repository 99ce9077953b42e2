"""The bulk engine lists whom the reference lists: on all own cases, and on drawn tenants."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from entra_oracle import Tenant, questions, tenants
from hypothesis import given, settings
from test_entra_views import FILES, cases

from leastwise.model.decision import State
from leastwise.providers.bulk.listing import Found
from leastwise.providers.entra.compiled.arranging import arranged
from leastwise.providers.entra.compiled.held import Compiled
from leastwise.providers.entra.compiled.lines import GUESTS, LINES, MEMBERS, UNTOLD
from leastwise.providers.entra.compiled.view import Views
from leastwise.providers.entra.compiled.who import Who
from leastwise.providers.entra.conform.ask import request_of
from leastwise.providers.entra.conform.documents import estate_of
from leastwise.providers.entra.evaluate.decide import decide
from leastwise.providers.entra.evaluate.directions import everybody, who_can
from leastwise.providers.entra.evaluate.explain import STATES
from leastwise.providers.entra.evaluate.published import published
from leastwise.providers.entra.evaluate.request import Kind, Request, request
from leastwise.providers.entra.language.directory import USER

RANK = {State.ALLOWED: 0, State.CONDITIONAL: 1, State.UNKNOWN: 2, State.DENIED: 3}


def bulk(asked: Request) -> dict[str, State]:
    """The list of the bulk engine."""
    held = Compiled(arranged(asked.estate))
    found = Found(held, frozenset(LINES))
    Who(Views(held)).find(asked, found)
    return {one.principal: one.state for one in found.listed()}


def line(asked: Request, who: str) -> str:
    """The line that stands for somebody."""
    one = asked.estate.object(who)
    if one.kind != USER or one.enabled is False:
        return ""
    return UNTOLD if one.guest is None else GUESTS if one.guest else MEMBERS


def assert_alike(asked: Request) -> None:
    """Hold the two against each other: by name, or by the line that stands for all users."""
    listed, reference = bulk(asked), who_can(asked).states
    wide = asked.kind is not Kind.EXCHANGE
    for who in dict.fromkeys((*reference, *listed, *everybody(asked), *(asked.estate.objects if wide else ()))):
        # Groups act in nobody's name; one of whose members nothing was read stands for these.
        if who in LINES or who in asked.estate.groups:
            continue
        expected = reference.get(who, State.DENIED)
        by_line = listed.get(line(asked, who), State.DENIED)
        found = min(listed.get(who, State.DENIED), by_line, key=RANK.__getitem__)
        told = (asked.permission, asked.resource, who, listed)
        # A line may say of somebody what a list by names has no room for; then `can` says it, too.
        same = STATES[decide(asked.by(who)).verdict.outcome] if who in asked.estate.objects else expected
        assert found in (expected, same), told
        if who in listed:
            assert listed[who] in (expected, same), told


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
