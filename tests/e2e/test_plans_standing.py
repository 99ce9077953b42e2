"""How saved plans stand, whichever provider they are of and whether one or several have what they make smaller."""

from __future__ import annotations

import contextlib
import io
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from leastwise.app.each import open_each
from leastwise.app.standing import MADE, OPEN, VOID, Standing, Standings
from leastwise.app.wiring import Workspace
from leastwise.cli.main import run

pytestmark = pytest.mark.together("demo")

Plan = dict[str, Any]

SUBJECTS = {
    "a role": "label-printer",
    "a permission set": "Developer",
    "Google Cloud": "etl@bw-analytics.iam.gserviceaccount.com",
    "Azure": "svc-erp-deploy",
    "Entra ID": "mail-archiver",
}


@pytest.fixture(scope="module")
def plans(demo_with_logs: Path) -> dict[str, Plan]:
    told = io.StringIO()
    with contextlib.redirect_stdout(told):
        assert run(["plan", *SUBJECTS.values(), "--home", str(demo_with_logs), "--format", "json"]) == 0
    return dict(zip(SUBJECTS, json.loads(told.getvalue())["items"], strict=True))


@pytest.fixture(scope="module")
def stands(demo_with_logs: Path) -> Callable[[Plan], Standing]:
    workspace = Workspace(demo_with_logs)
    return Standings(workspace, open_each(workspace), ()).of


@pytest.mark.parametrize("what", SUBJECTS)
def test_a_plan_just_made_is_open(what: str, plans: dict[str, Plan], stands: Callable[[Plan], Standing]) -> None:
    assert plans[what]["changes"], what
    assert stands(plans[what]).state == OPEN, stands(plans[what]).why


@pytest.mark.parametrize("what", SUBJECTS)
def test_what_was_granted_otherwise_since_makes_it_void(
    what: str, plans: dict[str, Plan], stands: Callable[[Plan], Standing]
) -> None:
    documents = plans[what]["documents"]
    other = plans[what] | {"documents": documents | {"before": [*documents["before"], *documents["before"][:1]]}}
    assert stands(other).state == VOID
    assert "was changed since" in stands(other).why


@pytest.mark.parametrize("what", SUBJECTS)
def test_what_is_granted_as_it_wants_is_made(
    what: str, plans: dict[str, Plan], stands: Callable[[Plan], Standing]
) -> None:
    documents = plans[what]["documents"]
    made = plans[what] | {"documents": {"before": [], "after": documents["before"]}}
    assert stands(made).state == MADE


@pytest.mark.parametrize("what", SUBJECTS)
def test_a_call_recorded_since_that_it_would_break_makes_it_void(
    what: str, plans: dict[str, Plan], stands: Callable[[Plan], Standing]
) -> None:
    plan = plans[what]
    assert plan["calls"], "a plan without calls shows nothing of them"
    late = plan | {"calls": [], "documents": plan["documents"] | {"after": []}}
    assert stands(late).state == VOID
    assert "recorded since" in stands(late).why


def test_who_is_gone_or_was_never_there(plans: dict[str, Plan], stands: Callable[[Plan], Standing]) -> None:
    gone = stands(plans["Google Cloud"] | {"subject": "user:nobody@brightwater.example"})
    assert (gone.state, gone.why) == (VOID, "user:nobody@brightwater.example is gone")
    nowhere = stands(plans["Google Cloud"] | {"provider": "elsewhere"})
    assert (nowhere.state, nowhere.why) == (VOID, "the estate has nothing of elsewhere")
