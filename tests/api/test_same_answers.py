"""Each documented command and its endpoint say the same of the demo company, and nothing that is not declared."""

from __future__ import annotations

import json
from urllib.parse import quote

import pytest
from pydantic import TypeAdapter

from leastwise.api.application import create_app
from leastwise.api.settings import ApiSettings
from leastwise.app import gaps
from leastwise.app.duties import Duty
from leastwise.app.wiring import Workspace
from leastwise.cli.main import run

pytestmark = pytest.mark.together("demo")

ROLE = "arn:aws:iam::222222222222:role/scanner-upload"
BUCKET = "arn:aws:s3:::bw-scans"
P, ID = "/api/v1", quote(ROLE, safe="")
OURS = {"total", "states", "next"}
"""What only the endpoint says: it gives pages."""

GETS = [
    ("identities", "identities?limit=1000"),
    ("identities --kind workload --sort -grants --limit 3", "identities?kind=workload&sort=-grants&limit=3"),
    ("identities --owner team-*", "identities?owner=team-*&limit=1000"),
    ("resources --public yes", "resources?public=yes&limit=1000"),
    ("grants --text scanner", "grants?text=scanner&limit=1000"),
    ("grants --history --limit 5", "grants?history=true&limit=5"),
    ("credentials", "credentials?limit=1000"),
    ("trusts", "trusts?limit=1000"),
    ("requests", "requests?limit=1000"),
    ("coverage --gaps", "coverage?gaps=true&limit=1000"),
    ("findings", "findings?limit=1000"),
    ("findings --severity high --group cause", "findings?severity=high&group=cause&limit=1000"),
    ("top", "top"),
    ("toxic", "toxic?limit=1000"),
    ("paths --most 5", "paths?most=5&limit=1000"),
    ("paths --to jewels --sure --most 2", "paths?to=jewels&sure=true&most=2&limit=1000"),
    (f"paths --from {ROLE} --most 1000", f"identities/{ID}/paths?limit=1000"),
    ("blast-radius terraform-apply", "blast-radius/terraform-apply?limit=1000"),
    ("exposure admin", "exposure?target=admin"),
    ("privileged", "privileged?limit=1000"),
    ("choke-points --most 2", "choke-points?most=2"),
    ("external --public", "external?public=true&limit=1000"),
    ("gap --kind workload --limit 1000", "gap?kind=workload&limit=1000"),
    ("gap --by account", "gap/by/account?limit=1000"),
    (f"gap {ROLE}", f"identities/{ID}/gap"),
    (f"usage {ROLE}", f"identities/{ID}/usage?limit=1000"),
    (f"what-can {ROLE}", f"identities/{ID}/effective"),
    (f"rightsize {ROLE}", f"identities/{ID}/recommendation"),
    (f"history {ROLE}", f"identities/{ID}/history?limit=1000"),
    ("dormant", "dormant?limit=1000"),
    ("activity scanner-upload", "activity?subject=scanner-upload&limit=200"),
    ("events --status", "events/status"),
    ("queries list", "queries"),
    ("snapshots list", "snapshots?limit=1000"),
    ("plans list", "plans?limit=1000"),
    ("estate show", "estate"),
]
POSTS = [
    (f"can scanner-upload s3:PutObject {BUCKET}/a.csv", "can",
     {"principal": "scanner-upload", "action": "s3:PutObject", "resource": f"{BUCKET}/a.csv"}),
    ("can ops-janitor iam:CreateUser --strict --context aws:SourceIp=203.0.113.7", "can",
     {"principal": "ops-janitor", "action": "iam:CreateUser", "strict": True,
      "context": {"aws:SourceIp": "203.0.113.7"}}),
    ("who-can s3:GetObject", "who-can", {"action": "s3:GetObject", "limit": 1000}),
    ("who-can iam:CreateUser --transitive", "who-can", {"action": "iam:CreateUser", "transitive": True, "limit": 1000}),
    ("what-can scanner-upload", "what-can", {"principal": "scanner-upload"}),
    (f"what-can scanner-upload {BUCKET}/*", "what-can", {"principal": "scanner-upload", "resource": f"{BUCKET}/*"}),
    ("diff 2026-11-01 2026-11-02", "diff", {"before": "2026-11-01", "after": "2026-11-02"}),
]  # fmt: skip


@pytest.fixture(scope="module")
def models(demo_home):
    """The declared answer of each endpoint, by method and path."""
    app = create_app(Workspace(demo_home), ApiSettings("http://127.0.0.1:8765", open_to=frozenset(Duty)))
    return {(method, one.path): one.response_model for one in app.routes for method in one.methods}


@pytest.fixture(autouse=True)
def _added_up(monkeypatch):
    """Gaps of everybody by what own policies come to: asking about each exactly takes long, and is tested elsewhere."""
    monkeypatch.setattr(gaps, "_MOST_EXACT", 0)


def printed(capsys, command: str, home) -> dict:
    capsys.readouterr()
    assert run([*command.split(), "--format", "json", "--home", str(home)]) == 0
    return json.loads(capsys.readouterr().out)


def alike(told: dict, said: dict) -> None:
    for name in OURS - said.keys():
        told.pop(name, None)
    if said.get("next") and told.get("next"):
        told["next"] = said["next"]
    assert told == said


@pytest.mark.parametrize(("command", "address"), GETS, ids=lambda one: one)
def test_a_command_and_its_endpoint_say_the_same(demo, demo_home, capsys, command, address):
    answer = demo.get(f"{P}/{address}")
    assert answer.status_code == 200, answer.text
    alike(answer.json(), printed(capsys, command, demo_home))


@pytest.mark.parametrize(("command", "name", "question"), POSTS, ids=lambda one: one if isinstance(one, str) else "")
def test_a_question_and_its_endpoint_say_the_same(demo, demo_home, capsys, command, name, question):
    answer = demo.post(f"{P}/ask/{name}", json=question)
    assert answer.status_code == 200, answer.text
    alike(answer.json(), printed(capsys, command, demo_home))


def test_answers_have_what_is_declared_and_nothing_else(demo, models):
    asked = [("GET", address, None) for _, address in GETS]
    asked += [("POST", f"ask/{name}", question) for _, name, question in POSTS]
    asked += [("GET", f"identities/{ID}", None), ("GET", f"resources/{quote(BUCKET, safe='')}", None),
              ("GET", "search?q=scanner", None), ("GET", "ask/complete?kind=action&text=s3:Get", None),
              ("GET", "identities/facets", None), ("GET", "paths?most=3&as=graph", None),
              ("GET", "blast-radius/terraform-apply?as=graph", None)]  # fmt: skip
    faults = []
    for method, address, question in asked:
        answer = demo.request(method, f"{P}/{address}", json=question)
        assert answer.status_code == 200, f"{address}: {answer.text}"
        path = f"{P}/{address.partition('?')[0]}"
        model = models.get((method, path)) or _templated(models, method, path)
        try:
            TypeAdapter(model).validate_python(answer.json())
        except ValueError as error:
            faults.append(f"{address}: {error}"[:1500])
    assert not faults, "\n".join(faults)


def _templated(models, method: str, path: str):
    """The model of a path with an id in it."""
    parts = path.split("/")
    for (one, pattern), model in models.items():
        whole = pattern.split("/")
        if (
            one == method
            and len(whole) == len(parts)
            and all(a == b or a.startswith("{") for a, b in zip(whole, parts, strict=True))
        ):
            return model
    raise AssertionError(f"{method} {path}: no such endpoint")
