"""The examples in the API's description are what the demo company answers; LEASTWISE_WRITE_EXAMPLES=1 writes them."""

from __future__ import annotations

import json
import os
from pathlib import Path
from urllib.parse import quote

import pytest

import leastwise.api
from leastwise.api.examples import examples
from leastwise.app import gaps

pytestmark = pytest.mark.together("demo")

P = "/api/v1"
ROLE = quote("arn:aws:iam::222222222222:role/scanner-upload", safe="")
BUCKET = quote("arn:aws:s3:::bw-scans", safe="")
ASKED = {
    **{f"GET {P}/{what}": f"{P}/{what}?limit=1" for what in (
        "identities", "resources", "grants", "credentials", "trusts", "requests", "coverage", "findings", "toxic",
        "privileged", "accounts", "exposure", "gap", "dormant", "external", "snapshots", "plans", "choke-points")},
    **{f"GET {P}/{what}/facets": f"{P}/{what}/facets" for what in (
        "identities", "resources", "grants", "credentials", "trusts", "requests")},
    f"GET {P}/paths": f"{P}/paths?most=1",
    f"GET {P}/blast-radius/{{id}}": f"{P}/blast-radius/terraform-apply?limit=1",
    f"GET {P}/identities/{{id}}": f"{P}/identities/{ROLE}",
    **{f"GET {P}/identities/{{id}}/{what}": f"{P}/identities/{ROLE}/{what}" for what in (
        "effective", "gap", "usage", "paths", "history", "recommendation")},
    f"GET {P}/resources/{{id}}": f"{P}/resources/{BUCKET}",
    f"GET {P}/gap/by/{{what}}": f"{P}/gap/by/account?limit=1",
    f"GET {P}/gap/trend": f"{P}/gap/trend?limit=1",
    f"GET {P}/activity": f"{P}/activity?subject=scanner-upload",
    f"GET {P}/events/status": f"{P}/events/status",
    f"GET {P}/top": f"{P}/top?limit=1",
    f"GET {P}/queries": f"{P}/queries",
    f"GET {P}/overview": f"{P}/overview",
    f"GET {P}/heatmap": f"{P}/heatmap",
    f"GET {P}/search": f"{P}/search?q=scanner-upload",
    f"GET {P}/ask/complete": f"{P}/ask/complete?kind=principal&text=scan&limit=2",
}  # fmt: skip
QUESTIONS = {
    "can": {"principal": "scanner-upload", "action": "s3:PutObject", "resource": "arn:aws:s3:::bw-scans/a.csv"},
    "who-can": {"action": "s3:GetObject", "limit": 1},
    "what-can": {"principal": "scanner-upload"},
    "diff": {"before": "2026-11-01", "after": "2026-11-02"},
}
_CHANGING = ("snapshots", "snapshot", "hash", "committed", "engine_version", "bytes", "made", "next")
"""What is another in each home."""
_MOST, _LONG = 3, 200


def shortened(value, key=""):
    """An answer as an example shows it: lists and texts cut, without what is another in each home."""
    if key == "compiled":
        return dict.fromkeys(value, True)  # of the machine that answers
    if isinstance(value, dict):
        kept = list(value.items()) if key != "logs" else list(value.items())[:_MOST]
        return {name: shortened(one, name) for name, one in kept}
    if isinstance(value, list):
        return [shortened(one, "" if key != "snapshots" else key) for one in value[: 1 if key == "items" else _MOST]]
    if key in _CHANGING and value is not None:
        return "…" if isinstance(value, str) else 0
    return value[:_LONG] if isinstance(value, str) else value


@pytest.fixture(scope="module", autouse=True)
def _added_up():
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(gaps, "_MOST_EXACT", 0)
        yield


@pytest.fixture(scope="module")
def answered(demo):
    found = {}
    for name, address in ASKED.items():
        answer = demo.get(address)
        assert answer.status_code == 200, f"{address}: {answer.text}"
        found[name] = {"asks": address, "answer": shortened(answer.json())}
    for name, body in QUESTIONS.items():
        answer = demo.post(f"{P}/ask/{name}", json=body)
        assert answer.status_code == 200, answer.text
        found[f"POST {P}/ask/{name}"] = {"asks": f"{P}/ask/{name}", "body": body, "answer": shortened(answer.json())}
    if os.environ.get("LEASTWISE_WRITE_EXAMPLES"):
        path = Path(leastwise.api.__file__).with_name("examples.json")
        path.write_text(json.dumps(found, indent=1, ensure_ascii=False, sort_keys=True) + "\n", "utf-8")
    return found


def test_examples_are_what_the_demo_company_answers(answered):
    known = examples()
    assert set(known) == set(answered)
    for name, one in answered.items():
        assert known[name] == one, name


def test_every_endpoint_about_the_estate_has_an_example(demo):
    document = demo.get(f"{P}/openapi.json").json()
    ours = {"lists", "one", "ask", "graph", "use", "findings", "plans", "search"}
    lacking = [
        f"{method} {path}"
        for path, methods in document["paths"].items()
        for method, one in methods.items()
        if ours & set(one["tags"]) and "200" in one["responses"]
        and "example" not in one["responses"]["200"]["content"]["application/json"]
    ]  # fmt: skip
    # A plan has to be made, a finding's key depends on the estate, and who-can of a resource is the question's answer.
    assert sorted(lacking) == [
        f"get {P}/findings/{{key}}", f"get {P}/plans/{{id}}", f"get {P}/plans/{{id}}/verify",
        f"get {P}/resources/{{id}}/who-can",
    ]  # fmt: skip
