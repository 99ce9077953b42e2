"""Moments of drawn estates of Azure: between two of them, every answer is the same."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest
from azure_estates import OPERATIONS, PEOPLE
from hypothesis import given, settings
from hypothesis import strategies as st
from test_azure_bulk import LAW, NAMES, Documents, documents

from fakes.azure_bulk import port_of
from leastwise.errors import UsageError
from leastwise.model.decision import Circumstances
from leastwise.providers.azure.compiled.port import AzurePort

BEGIN, END = datetime(2025, 1, 1, tzinfo=UTC), datetime(2032, 1, 1, tzinfo=UTC)
STEP = timedelta(microseconds=1)
WORDS = ("GreaterThan", "GreaterThanEquals", "LessThan", "LessThanEquals", "Equals", "NotEquals")
TIMES = ("2026-03-01T00:00:00.0Z", "2027-01-01T12:00:00.1234567Z", "9999-12-31T23:59:59.9999999Z")
conditions = st.builds(
    lambda word, time, negated: f"{'NOT ' if negated else ''}@Environment[UtcNow] DateTime{word} '{time}'",
    st.sampled_from(WORDS), st.sampled_from(TIMES), st.booleans(),
)  # fmt: skip


@st.composite
def timed(draw: st.DrawFn) -> Documents:
    found: Documents = draw(documents())
    for one in found:
        if one["kind"] == "role_assignment" and draw(st.booleans()):
            one["body"]["properties"]["condition"] = draw(conditions)
    return found


def said(port: AzurePort, operation: str, moment: datetime) -> list[object]:
    given_ = Circumstances(moment=moment)
    return [port.can(who, operation, name, given_).state for who in PEOPLE for name in NAMES[:4]]


@settings(LAW, max_examples=8)
@given(timed(), st.sampled_from(OPERATIONS))
def test_between_two_moments_nothing_changes(told: Documents, operation: str) -> None:
    port = port_of(told, NAMES)
    found = port.moments(operation, Circumstances(), BEGIN, END)
    assert set(found) <= set(port.moments(None, Circumstances(), BEGIN, END))
    assert list(found) == sorted(set(found))
    for first, last in pairwise((BEGIN, *found, END)):
        answers = [said(port, operation, one) for one in (first, first + (last - first) / 2, last - STEP)]
        assert answers[0] == answers[1] == answers[2], (first, last)


def test_the_moments_of_a_condition_and_of_an_end() -> None:
    def estate(condition: str, **more: str) -> AzurePort:
        properties = {"roleDefinitionId": "/providers/Microsoft.Authorization/roleDefinitions/"
                      "8e3af657-a8ff-443c-a75c-2fe8c4bcb635", "principalId": PEOPLE[0], "principalType": "User",
                      "scope": NAMES[2], "condition": condition, **more}  # fmt: skip
        return port_of([{"kind": "role_assignment", "body": {"properties": properties}}], [*NAMES])

    def moments(port: AzurePort) -> list[str]:
        return [one.isoformat() for one in port.moments(OPERATIONS[0], Circumstances(), BEGIN, END)]

    word = "@Environment[UtcNow] DateTime{} '2026-03-01T00:00:00.0Z'"
    assert moments(estate(word.format("GreaterThanEquals"))) == ["2026-03-01T00:00:00+00:00"]
    assert moments(estate(word.format("GreaterThan"))) == ["2026-03-01T00:00:00.000001+00:00"]
    assert moments(estate(word.format("Equals"))) == ["2026-03-01T00:00:00+00:00", "2026-03-01T00:00:00.000001+00:00"]
    assert moments(estate("", endDateTime="2027-01-01T00:00:00Z")) == ["2027-01-01T00:00:00+00:00"]
    asked = Circumstances({"@Environment[UtcNow]": ("2026-01-01T00:00:00Z",)})
    assert estate(word.format("LessThan")).moments(None, asked, BEGIN, END) == ()
    with pytest.raises(UsageError, match="is no attribute"):
        estate("").moments(None, Circumstances({"nothing": ("x",)}), BEGIN, END)
