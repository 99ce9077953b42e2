"""The overview, the accounts and the heat map count what the lists have."""

from __future__ import annotations

from collections import Counter

import pytest

from leastwise.api.answered.overview import Accounts, Heatmap, Overview, ServiceHeatmap

pytestmark = pytest.mark.together("demo")

P = "/api/v1"


@pytest.fixture(scope="module")
def findings(demo):
    return demo.get(f"{P}/findings?limit=1000").json()["items"]


def test_the_overview_counts_what_the_lists_have(demo, findings):
    told = demo.get(f"{P}/overview").json()
    Overview.model_validate(told)
    for what, counted in told["lists"].items():
        assert counted["total"] == demo.get(f"{P}/{what}?limit=1").json()["total"]
        for column, values in counted["by"].items():
            assert sum(one["count"] for one in values) == counted["total"], (what, column)
    severities = Counter(one["severity"] for one in findings)
    assert told["counts"]["totals"].items() >= {what: one["total"] for what, one in told["lists"].items()}.items()
    assert told["worked"] is None, "no job has worked anything out"
    assert told["findings"]["total"] == len(findings)
    assert {name: count for name, count in told["findings"]["severities"].items() if count} == dict(severities)


def test_a_scope_that_was_never_read_has_no_numbers(demo):
    told = demo.get(f"{P}/accounts").json()
    Accounts.model_validate(told)
    unread = [one for one in told["items"] if one["time"] is None]
    assert unread and all(one["identities"] is None and one["findings"] is None for one in unread)
    scopes = {one["scope"] for one in demo.get(f"{P}/estate").json()["items"]}
    for one in told["items"]:
        if f"{one['provider']}:{one['account']}" in scopes and one["time"] is not None:
            assert None not in one.values()
        if one["identities"] is not None:
            listed = demo.get(f"{P}/identities?limit=1&provider={one['provider']}&account={one['account']}").json()
            assert listed["total"] == one["identities"]


def test_what_lies_within_a_scope_is_told_where_it_lies(demo, findings):
    """Projects and subscriptions are read with what they are in: all of their findings would else be nowhere."""
    told = demo.get(f"{P}/accounts").json()
    by = {(one["provider"], one["account"]): one for one in told["items"]}
    assert len(by) == len(told["items"]) == told["total"]
    counted = {key: sum(one["findings"].values()) for key, one in by.items() if one["findings"]}
    assert {key: count for key, count in counted.items() if count} == Counter(
        (one["provider"], one["account"]) for one in findings
    )
    assert by["gcp", "bw-tracking"]["kind"] == "project" and by["gcp", "bw-tracking"]["credentials"] > 0
    folder = by["gcp", "folders/131313131313"]
    assert folder["time"] and folder["identities"] is None, "whether any could be there is not told"


def test_the_heat_map_counts_every_finding(demo, findings):
    told = demo.get(f"{P}/heatmap").json()
    Heatmap.model_validate(told)
    cells = {(one["account"], one["rule"], one["severity"]): one["count"] for one in told["items"]}
    assert cells == Counter((one["account"], one["rule"], one["severity"]) for one in findings)


@pytest.mark.parametrize("by", ["account", "provider"])
def test_the_heat_map_of_services_counts_every_resource(demo, by):
    told = demo.get(f"{P}/heatmap/services?by={by}").json()
    ServiceHeatmap.model_validate(told)
    assert all(("account" in one) == (by == "account") for one in told["items"])
    assert sum(one["resources"] for one in told["items"]) == demo.get(f"{P}/resources?limit=1").json()["total"]
