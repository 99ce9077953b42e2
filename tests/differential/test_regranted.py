"""Smaller grants at scopes, on drawn estates: what is wanted stays as it was, and nothing is added for anybody.

The reference evaluator answers of the estate with the changes laid over it, which know nothing of how they were found.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any
from unittest.mock import patch

from hypothesis import given, settings
from hypothesis import strategies as st

sys.path.insert(0, str(Path(__file__).parent))

import test_azure_laid_over as azure
import test_entra_laid_over as entra
import test_gcp_laid_over as gcp
from azure_estates import PEOPLE, RESOURCES, SCOPES
from test_azure_bulk import LAW
from test_gcp_bulk import PLACES

from fakes.resized import faults, grants_of, laid, redrafted
from leastwise.providers.azure import PROVIDER as AZURE
from leastwise.providers.entra import PROVIDER as ENTRA
from leastwise.providers.entra.catalog.tables import tables
from leastwise.providers.entra.compiled.arranging import arranged
from leastwise.providers.entra.compiled.estate import estate_of_tables
from leastwise.providers.entra.compiled.port import EntraPort
from leastwise.providers.entra.evaluate.published import published
from leastwise.providers.gcp import PROVIDER as GOOGLE
from leastwise.providers.gcp.regranting import granted
from leastwise.rightsizing.placing import Need

FEW = 6


@st.composite
def needs_of(
    draw: st.DrawFn, port: Any, provider: Any, principal: str, places: list[str], among: frozenset[str] = frozenset()
) -> list[Need]:
    """What somebody needs of what it has, of some names (in lower case): somewhere, or wherever it is granted."""
    names = port.permissions()
    held = {number for one in grants_of(provider, port, principal) for number in one.permissions or ()}
    given_ = sorted(one for one in held if not among or names[one].lower() in among)
    if not given_:
        return []
    found = []
    for number in draw(st.lists(st.sampled_from(given_), min_size=bool(among), max_size=FEW, unique=True)):
        at = draw(st.lists(st.sampled_from(places), max_size=2, unique=True)) if places else []
        found.append(Need(number, tuple(at)))
    return found


@settings(LAW, max_examples=25)
@given(azure.documents(), st.data())
def test_assignments_of_azure(told: Any, data: Any) -> None:
    before = azure.tables([*told, *({"kind": "resource", "body": {"id": one}} for one in azure.LISTED)])
    port = azure.port(before)
    who = data.draw(st.sampled_from(PEOPLE))
    if port.compiled.member_number(who) is None:
        return
    below = [port.above(one)[0] for one in SCOPES if "/resourceGroups/" in one]
    needs = data.draw(needs_of(port, AZURE, who, below))
    draft = redrafted(AZURE, port, who, needs, making=data.draw(st.booleans()))
    if not draft.changes or _untold(draft):
        return
    after = azure.port(laid(AZURE, before, draft))
    assert not list(faults(port, after, who, needs, draft, RESOURCES))
    assert not [one for one in after.changes(port) if one.gained]
    assert {one.principal for one in after.changes(port)} <= {who}


@settings(LAW, max_examples=25)
@given(gcp.documents(), st.data())
def test_bindings_of_google_cloud(told: Any, data: Any) -> None:
    before = gcp.scopes_of(told)
    port = gcp.port(before)
    people = sorted(one for one in port.compiled.members.all() if one.startswith(("user:", "serviceAccount:")))
    if not people:
        return
    who = data.draw(st.sampled_from(people))
    places = sorted(one for one in PLACES if "/organizations/" not in one)
    needs = data.draw(needs_of(port, GOOGLE, who, places))
    # Small roles, so that what stays is split in several.
    with patch.object(granted, "MOST", data.draw(st.sampled_from([1, 2, 3_000]))):
        draft = redrafted(GOOGLE, port, who, needs, making=data.draw(st.booleans()))
    if not draft.changes:
        return
    after = gcp.port(laid(GOOGLE, before, draft))
    assert not list(faults(port, after, who, needs, draft, places))
    assert not [one for one in after.changes(port) if one.gained]
    assert {one.principal for one in after.changes(port)} <= {who}


def _tenant(scope: Any) -> EntraPort:
    return EntraPort(arranged(estate_of_tables(scope.tables, published())))


@settings(LAW, max_examples=25)
@given(entra.tenants(), st.data())
def test_roles_of_entra(told: Any, data: Any) -> None:
    before = entra.scope_of(told)
    port = _tenant(before)
    who = data.draw(st.sampled_from((*entra.USERS, entra.CLIENT)))
    # Often of what custom roles can hold alone, so that some are made.
    among = data.draw(st.sampled_from([frozenset(), tables().custom]))
    needs = data.draw(needs_of(port, ENTRA, who, [], among))
    draft = redrafted(ENTRA, port, who, needs, making=data.draw(st.booleans()))
    if not draft.changes:
        return
    after = _tenant(laid(ENTRA, [before], draft)[0])
    others = [one for one in (*entra.USERS, entra.GROUP, entra.OTHER) if one != who]
    assert not list(faults(port, after, who, needs, draft, others))
    for one in after.changes(port):
        # Whoever has fewer roles may be acted upon by more administrators; whoever has a custom one, by fewer.
        assert one.principal == who or all(set(cube.resources) <= {who} for cube in one.lost), one.lost
        assert all(set(cube.resources) <= {who} for cube in one.gained), one.gained


def _untold(draft: Any) -> bool:
    """Whether what is given again could not be told as it was: when it ends cannot be read."""
    return any("cannot be read" in str(one.told.get("until", "")) for one in draft.changes)
