"""The API against what its own description lets one ask: no 500, and no answer that the description does not have."""

from __future__ import annotations

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

from leastwise.api.application import create_app
from leastwise.api.settings import ApiSettings
from leastwise.app.duties import Duty
from leastwise.app.wiring import Workspace

HERE = {"Host": "localhost"}
CHECKS = [not_a_server_error, status_code_conformance, content_type_conformance, response_schema_conformance]


def description(home):
    """The description of a server of a home, which is written to."""
    opened = ApiSettings("http://localhost", (), frozenset(Duty), requests_a_second=1e9, requests_at_once=1e9)
    app = create_app(Workspace(home), opened)
    return schemathesis.openapi.from_asgi("/api/v1/openapi.json", app, headers=HERE)


def faults(described, mode, examples, phases=tuple(Phase)):
    """What fails of each operation, by its name; each is asked so many things."""
    found = {}
    for one in described.get_all_operations():
        operation = one.ok()

        @given(case=operation.as_strategy(generation_mode=mode))
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
    assert faults(description(shutil.copytree(demo_home, tmp_path / "home")), mode, 100) == {}
