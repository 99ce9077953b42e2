"""Laws of Entra's reference: it says what an oracle says, more roles take nothing away, less knowledge never denies."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from entra_oracle import APP, PEOPLE, Tenant, questions, tenants
from hypothesis import given, settings
from hypothesis import strategies as st

from leastwise.model.decision import State
from leastwise.providers.entra.conform.documents import estate_of
from leastwise.providers.entra.evaluate.directions import Told, who_can
from leastwise.providers.entra.evaluate.estate import Estate
from leastwise.providers.entra.evaluate.published import published
from leastwise.providers.entra.evaluate.request import Request, request

ASKERS = (*PEOPLE, APP)


def estate(tenant: Tenant) -> Estate:
    return estate_of(tenant.documents(), published())


def asked(known: Estate, who: str, action: str, object: str) -> Request:
    return request(known, who, f"microsoft.directory/{action}", object)


@settings(max_examples=150)
@given(tenants())
def test_the_reference_says_what_the_oracle_says(tenant: Tenant) -> None:
    known, told = estate(tenant), Told()
    for action, object in questions():
        for who in ASKERS:
            found = told.state(asked(known, who, action, object))
            if found is State.UNKNOWN:
                assert tenant.unsaid(who, action, object), (who, action, object)
                continue
            if tenant.unsaid(who, action, object) and found is not State.ALLOWED:
                continue
            assert (found is State.ALLOWED) is tenant.can(who, action, object), (who, action, object, found)


@settings(max_examples=60)
@given(tenants(), st.data())
def test_a_role_more_takes_nothing_from_who_has_it(tenant: Tenant, data: st.DataObject) -> None:
    if not tenant.assigned:
        return
    left_out = data.draw(st.sampled_from(tenant.assigned))
    less = replace(tenant, assigned=tuple(one for one in tenant.assigned if one != left_out))
    told, who = Told(), left_out[0]
    for action, object in questions():
        if object != who and told.state(asked(estate(less), who, action, object)) is State.ALLOWED:
            # What it may do to others it still may; to itself it may yield less, now that it holds a role.
            assert told.state(asked(estate(tenant), who, action, object)) is State.ALLOWED, (action, object)


@settings(max_examples=60)
@given(tenants(), st.data())
def test_what_is_not_read_never_turns_access_into_denial(tenant: Tenant, data: st.DataObject) -> None:
    documents = tenant.documents()
    lists: list[dict[str, Any]] = [one["body"] for one in documents if "members" in one["body"]]
    unread = data.draw(st.sampled_from(lists))
    whole = estate(tenant)
    del unread["members"]
    part = estate_of(documents, published())
    for action, object in questions():
        for who in ASKERS:
            told = Told()
            before, after = (told.state(asked(one, who, action, object)) for one in (whole, part))
            assert after in (before, State.UNKNOWN), (who, action, object, before, after)


@settings(max_examples=60)
@given(tenants())
def test_who_can_lists_exactly_those_who_can(tenant: Tenant) -> None:
    known, told = estate(tenant), Told()
    for action, object in questions():
        listed = who_can(asked(known, "", action, object)).states
        for who in ASKERS:
            found = told.state(asked(known, who, action, object))
            assert listed.get(who, State.DENIED) is found or found is State.UNKNOWN, (who, action, object)
