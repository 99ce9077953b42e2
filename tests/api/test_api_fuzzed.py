"""The API against what its own description lets one ask: no 500, and no answer that the description does not have."""

from __future__ import annotations

import re
import shutil

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis.errors import Unsatisfiable
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.core.failures import FailureGroup
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)
from starlette.testclient import TestClient

from leastwise.api.application import create_app
from leastwise.api.settings import ApiSettings
from leastwise.app.duties import Duty
from leastwise.app.wiring import Workspace

pytestmark = pytest.mark.together("demo")

HERE = {"Host": "localhost"}
WINDOW = re.compile("^[1-9][0-9]{0,3}d$")
FIRST = ("overview", "findings", "gap?window=90d", "gap/trend?window=90d", "paths", "privileged", "dormant?window=90d")
"""What the first who asks waits for longest; what was worked out is there for all others."""
CHECKS = [not_a_server_error, status_code_conformance, content_type_conformance, response_schema_conformance]


def description(home):
    """The description of a server of a home, which is written to."""
    opened = ApiSettings("http://localhost", (), frozenset(Duty), requests_a_second=1e9, requests_at_once=1e9)
    app = create_app(Workspace(home), opened)
    found = schemathesis.openapi.from_asgi("/api/v1/openapi.json", app, headers=HERE)
    found.config.update(request_timeout=600.0)  # a hang is found, a busy machine is none
    return found


def one_window(case):
    """The same question of one window: each other one is worked out anew, for seconds, and answers alike."""
    for name, value in (case.query or {}).items() if isinstance(case.query, dict) else ():
        if name == "window" and WINDOW.match(str(value)):
            case.query[name] = "90d"
    return case


def faults(described, mode, examples, phases=tuple(Phase)):
    """What fails of each operation, by its name; each is asked so many things."""
    found = {}
    for one in described.get_all_operations():
        operation = one.ok()

        @given(case=operation.as_strategy(generation_mode=mode).map(one_window))
        @settings(
            max_examples=examples, phases=phases, deadline=None, derandomize=True, database=None,
            suppress_health_check=list(HealthCheck),
        )  # fmt: skip
        def ask(case):
            case.call_and_validate(checks=CHECKS, headers=HERE)

        try:
            ask()
        except Unsatisfiable:
            continue  # nothing can be wrong where nothing is given
        except FailureGroup as error:
            found[operation.label] = str(error)[:2000]
    return found


def test_nothing_that_may_be_asked_fails(tmp_path):
    """Of a home without snapshots, where every answer is quick."""
    assert faults(description(tmp_path / "home"), GenerationMode.POSITIVE, 1, (Phase.generate,)) == {}


def test_an_answer_that_is_not_described_is_found(tmp_path):
    """The test above can fail: with a status taken out of the description it does."""
    described = description(tmp_path / "home").include(path="/api/v1/me", method="GET")
    del described.raw_schema["paths"]["/api/v1/me"]["get"]["responses"]["200"]
    assert list(faults(described, GenerationMode.POSITIVE, 1, (Phase.generate,))) == ["GET /api/v1/me"]


@pytest.mark.slow
@pytest.mark.parametrize("mode", list(GenerationMode))
def test_nothing_that_may_be_asked_of_the_demo_fails(demo_home, tmp_path, mode):
    described = description(shutil.copytree(demo_home, tmp_path / "home"))
    client = TestClient(described.app, "http://localhost")
    assert {path: client.get(f"/api/v1/{path}").status_code for path in FIRST} == dict.fromkeys(FIRST, 200)
    assert faults(described, mode, 15) == {}
    # Nobody does the jobs that were asked for: that is what `serve` starts.
    jobs = client.get("/api/v1/jobs?limit=200").json()["items"]
    assert {one["state"] for one in jobs} <= {"queued", "cancelled"}
