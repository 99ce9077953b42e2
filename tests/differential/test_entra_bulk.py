"""The bulk engine lists whom the reference lists: on all own cases, and on drawn tenants."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace
from pathlib import Path

import pytest
from entra_oracle import Tenant, questions, tenants
from hypothesis import given, settings
from hypothesis import strategies as st
from test_entra_views import FILES, cases

from leastwise.model.decision import State
from leastwise.providers.entra.conform.ask import request_of
from leastwise.providers.entra.conform.bulk import Bulk
from leastwise.providers.entra.conform.documents import estate_of
from leastwise.providers.entra.evaluate.decide import decide
from leastwise.providers.entra.evaluate.estate import Estate
from leastwise.providers.entra.evaluate.explain import STATES
from leastwise.providers.entra.evaluate.published import published
from leastwise.providers.entra.evaluate.request import Request, request
from leastwise.providers.entra.language.assignments import ALWAYS, Enrolment
from leastwise.providers.entra.language.directory import SERVICE


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


def leaving_out_services(whole: Estate, groups: Collection[str]) -> Estate:
    """The estate where lists of some groups' members, as version 1.0 of Graph makes them, tell all but services."""
    told = {id: tuple(one for one in members if whole.kind(one.id) not in ("", SERVICE))
            for id, members in whole.groups.items() if id in groups}  # fmt: skip
    listed = [Enrolment(one.id, id, False, ALWAYS) for id, members in told.items() for one in members]
    kept = {id: members for id, members in whole.groups.items() if id not in told}
    return replace(whole, groups=kept, enrolments=(*whole.enrolments, *listed), people_told=frozenset(told))


@settings(max_examples=12)
@given(tenants(), st.sets(st.integers(0, 5)))
def test_groups_that_are_only_named_are_read_alike_and_nothing_is_surer_than_it_is(
    tenant: Tenant, some: set[int]
) -> None:
    whole = estate_of(tenant.documents(), published())
    # The vendor assigns roles to no other group: one that has a role is taken for role-assignable.
    holding = {one.principal for one in (*whole.assignments, *whole.eligible)}
    named = [id for id in sorted(whole.groups) if whole.assignable(id) or id not in holding]
    lost = {id for place, id in enumerate(named) if place in some}
    objects = {id: one for id, one in whole.objects.items() if id not in lost}
    part = replace(whole, objects=objects, all_groups=False)
    for action, object in questions():
        asked = request(part, "", f"microsoft.directory/{action}", object)
        assert_alike(asked)
        for who in whole.objects:
            before, now = (
                STATES[decide(replace(asked, estate=each).by(who)).verdict.outcome] for each in (whole, part)
            )
            assert now is before or State.UNKNOWN in (before, now), (who, action, object, before, now)


@settings(max_examples=12)
@given(tenants(), st.sets(st.integers(0, 5)))
def test_lists_without_service_principals_are_read_alike(tenant: Tenant, some: set[int]) -> None:
    whole = estate_of(tenant.documents(), published())
    chosen = [id for place, id in enumerate(sorted(whole.groups)) if place in some]
    part = leaving_out_services(whole, chosen)
    for action, object in questions():
        asked = request(part, "", f"microsoft.directory/{action}", object)
        assert_alike(asked)
        for who, one in whole.objects.items():
            before, now = (
                STATES[decide(replace(asked, estate=each).by(who)).verdict.outcome] for each in (whole, part)
            )
            # What was known stays so, but for whom the list left out: of these it is not known any more.
            if one.kind == SERVICE:
                assert now is before or State.UNKNOWN in (before, now), (who, before, now)
            assert (before, now) != (State.ALLOWED, State.DENIED), who
