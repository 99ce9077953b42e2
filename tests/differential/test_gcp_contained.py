"""Allow policies held against one another: proofs against every request that is tried, counter-examples by deciding."""

from __future__ import annotations

import os
import sys
import tempfile
from collections import Counter
from itertools import product
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

sys.path.insert(0, str(Path(__file__).parent))

from test_gcp_bulk import CONDITIONS, DATA, LAW, MEMBERS, ORG, ORG_LINE, PLACES, POOL, ROLES, group

from fakes.gcp_bulk import port_of
from leastwise.engine.containment import Containment, CounterExample, NotProven, Proved
from leastwise.errors import UsageError
from leastwise.model.decision import State
from leastwise.providers.gcp import catalog
from leastwise.providers.gcp.compiled.port import GcpPort
from leastwise.providers.gcp.conform.documents import estate_of
from leastwise.providers.gcp.evaluate.conditions import Absent, Known
from leastwise.providers.gcp.evaluate.decide import decide
from leastwise.providers.gcp.evaluate.estate import Estate
from leastwise.providers.gcp.evaluate.explain import STATES
from leastwise.providers.gcp.evaluate.request import request
from leastwise.providers.gcp.evaluate.values import parse_stamp
from leastwise.providers.gcp.language.members import parse_member

EXAMPLES = 600 if os.environ.get("LEASTWISE_NIGHTLY") == "1" else 40
Policy = dict[str, Any]
verdicts: Counter[str] = Counter()
OBJECT = "//storage.googleapis.com/projects/_/buckets/orders/objects/a.csv"
TIMED = "request.time < timestamp('2030-01-01T00:00:00Z')"
ASKED = [*CONDITIONS, "request.time < timestamp('2028-01-01T00:00:00Z')", "resource.name.startsWith('projects/_/')"]
READ = [one for one in MEMBERS if "unread" not in one and not one.startswith("project")]
BASE = [
    *(
        {"kind": "cloud_asset", "body": {"name": name, "asset_type": kind, "ancestors": line,
                                         **({"resource": {"data": DATA[name]}} if name in DATA else {})}}
        for name, (kind, line) in PLACES.items() if name != ORG
    ),
    {"kind": "role", "body": {"name": "organizations/1/roles/own", "includedPermissions": ["storage.objects.get"]}},
    group("staff@corp.example", ["user:ada@corp.example", "group:it@corp.example"]),
    group("it@corp.example", ["user:eve@other.example"]),
]  # fmt: skip


def documents(policy: Policy) -> list[dict[str, Any]]:
    body = {"name": ORG, "asset_type": PLACES[ORG][0], "ancestors": ORG_LINE, "iam_policy": policy,
            "resource": {"data": DATA[ORG]}}  # fmt: skip
    return [{"kind": "cloud_asset", "body": body}, *BASE]


@pytest.fixture(scope="module")
def port() -> GcpPort:
    with tempfile.TemporaryDirectory() as folder:
        return port_of(documents({"bindings": []}), Path(folder) / "in")


@st.composite
def policies(draw: st.DrawFn, members: list[str], most: int = 3) -> Policy:
    bindings = []
    for _ in range(draw(st.integers(1, most))):
        named = draw(st.lists(st.sampled_from(members), min_size=1, max_size=2, unique=True))
        one: dict[str, Any] = {"role": draw(st.sampled_from(ROLES)), "members": named}
        condition = draw(st.sampled_from(ASKED))
        bindings.append(one if condition is None else one | {"condition": {"title": "t", "expression": condition}})
    return {"version": 3, "bindings": bindings}


CALLERS = [
    "user:ada@corp.example", "user:bob@corp.example", "user:eve@other.example", "user:new@corp.example", "allUsers",
    "user:new@far.example", "serviceAccount:app@shop.iam.gserviceaccount.com", f"principal://{POOL}/subject/build",
]  # fmt: skip
TRIED = list(
    product(
        CALLERS,
        ["storage.objects.get", "storage.buckets.setIamPolicy"],
        [OBJECT, "//storage.googleapis.com/logs"],
        ["2026-01-01T00:00:00Z", "2029-01-01T00:00:00Z", "2040-01-01T00:00:00Z"],
        ["web", "ops"],
    )
)


def state(estate: Estate, who: str, permission: str, resource: str, context: dict[str, Known | Absent]) -> State:
    asked = request(estate, parse_member(who), permission, resource, context)
    return STATES[decide(asked).verdict.outcome]


def refuted(inner: Estate, outer: Estate) -> bool:
    """Whether a request that is tried is one of the inner side only."""
    for who, permission, resource, time, team in TRIED:
        context: dict[str, Known | Absent] = {"request.time": Known(parse_stamp(time)), "attribute.team": Known(team)}
        asked = (who, permission, resource, context)
        if state(inner, *asked) is State.ALLOWED and state(outer, *asked) is State.DENIED:
            return True
    return False


def shown(inner: Estate, outer: Estate, found: CounterExample) -> None:
    """A counter-example is decided as a request: allowed here, denied there."""
    values, context = dict(found.values), dict[str, Known | Absent]()
    (who,) = values.pop("principal")
    resources = [OBJECT, *PLACES]
    for name, value in values.items():
        if name == "request.time":
            context[name] = Known(parse_stamp(value[0]))
        elif name == "resource.name":
            resources.insert(0, f"//storage.googleapis.com/{value[0]}" if value else resources[0])
        elif not name.startswith("resource."):
            context[name] = Known(value[0]) if value else Absent()
    told = [
        (state(inner, who, found.permission, one, context), state(outer, who, found.permission, one, context))
        for one in resources
    ]
    assert (State.ALLOWED, State.DENIED) in told, (found, told)


def compared(port: GcpPort, inner: Policy, outer: Policy) -> Containment:
    found = port.contains([inner], [outer])
    verdicts[type(found).__name__] += 1
    first, second = (estate_of(documents(one), catalog.permissions_of) for one in (inner, outer))
    if isinstance(found, CounterExample):
        shown(first, second, found)
    elif isinstance(found, Proved):
        assert not refuted(first, second)
    return found


@settings(LAW, max_examples=EXAMPLES)
@given(data=st.data(), inner=policies(MEMBERS))
def test_what_is_proven_no_request_refutes(port: GcpPort, data: st.DataObject, inner: Policy) -> None:
    outer = data.draw(policies(MEMBERS))
    if data.draw(st.booleans()):
        outer = {"version": 3, "bindings": [*outer["bindings"], *inner["bindings"][1:], *inner["bindings"][:1]]}
    compared(port, inner, outer)
    assert isinstance(port.contains([inner], [inner]), Proved | NotProven)


@settings(LAW, max_examples=EXAMPLES)
@given(inner=policies(READ, 2), outer=policies(READ, 3))
def test_what_was_read_is_decided(port: GcpPort, inner: Policy, outer: Policy) -> None:
    """Nothing is left open but what cannot be read, or two attributes of one resource together."""
    found = compared(port, inner, outer)
    if isinstance(found, NotProven):
        reasons = found.reason.split("; ")
        assert all("roles/odd" in one or "does not parse" in one or "looked at apart" in one for one in reasons), (
            reasons
        )


def binding(role: str, *members: str, when: str | None = None) -> Policy:
    one: dict[str, Any] = {"role": role, "members": list(members)}
    return {"bindings": [one if when is None else one | {"condition": {"title": "t", "expression": when}}]}


VIEWER, ADMIN = "roles/storage.objectViewer", "roles/storage.admin"
ADA, STAFF, DOMAIN = "user:ada@corp.example", "group:staff@corp.example", "domain:corp.example"


@pytest.mark.parametrize(
    ("inner", "outer", "wanted"),
    [
        (binding(VIEWER, ADA), binding(ADMIN, ADA), Proved),
        (binding(ADMIN, ADA), binding(VIEWER, ADA), CounterExample),
        (binding(VIEWER, ADA), binding(VIEWER, DOMAIN), Proved),
        (binding(VIEWER, DOMAIN), binding(VIEWER, ADA), CounterExample),
        (binding(VIEWER, ADA), binding(VIEWER, STAFF), Proved),
        (binding(VIEWER, STAFF), binding(VIEWER, ADA, "user:eve@other.example"), Proved),
        (binding(VIEWER, STAFF), binding(VIEWER, DOMAIN), CounterExample),
        (binding(VIEWER, "group:unread@corp.example"), binding(VIEWER, "group:unread@corp.example"), Proved),
        (binding(VIEWER, "group:unread@corp.example"), binding(VIEWER, DOMAIN), NotProven),
        (binding(VIEWER, ADA), binding(VIEWER, "group:unread@corp.example"), NotProven),
        (binding(VIEWER, "allAuthenticatedUsers"), binding(VIEWER, "allUsers"), Proved),
        (binding(VIEWER, "allUsers"), binding(VIEWER, "allAuthenticatedUsers"), CounterExample),
        (binding(VIEWER, ADA, when=TIMED), binding(VIEWER, ADA), Proved),
        (binding(VIEWER, ADA), binding(VIEWER, ADA, when=TIMED), CounterExample),
        (binding(VIEWER, ADA, when=TIMED.replace("2030", "2029")), binding(VIEWER, ADA, when=TIMED), Proved),
        (binding(VIEWER, ADA, when=TIMED), binding(VIEWER, ADA, when=TIMED.replace("2030", "2029")), CounterExample),
        (binding("roles/odd", ADA), binding("roles/odd", ADA), Proved),
        (binding("roles/odd", ADA), binding("roles/owner", ADA), NotProven),
        (binding(VIEWER, ADA), binding("roles/odd", ADA), NotProven),
        (binding(VIEWER, ADA, when="broken ("), binding(VIEWER, ADA, when="broken ("), Proved),
        (binding(VIEWER, ADA, when="broken ("), binding(VIEWER, ADA, when="also ("), NotProven),
        (binding(VIEWER, ADA), binding(VIEWER, ADA, when="!resource.hasTagKey('1/env')"), NotProven),
        (binding(VIEWER, ADA), binding(VIEWER, ADA, when="resource.hasTagKey('1/env')"), CounterExample),
        (binding(VIEWER, "deleted:user:gone@corp.example?uid=1"), {"bindings": []}, Proved),
        (binding(VIEWER, "projectEditor:shop"), binding(VIEWER, "projectEditor:shop"), Proved),
        (binding(VIEWER, "projectEditor:shop"), binding(VIEWER, ADA), NotProven),
    ],
)  # fmt: skip
def test_pairs(port: GcpPort, inner: Policy, outer: Policy, wanted: type) -> None:
    found = port.contains([inner], [outer])
    assert isinstance(found, wanted), found
    if isinstance(found, CounterExample):
        assert found.values["principal"]


def test_two_halves_cover_a_whole(port: GcpPort) -> None:
    late = TIMED.replace("<", ">=")
    halves = [binding(VIEWER, ADA, when=TIMED), binding(VIEWER, DOMAIN, when=late)]
    found = port.contains([binding(VIEWER, ADA)], halves)
    assert isinstance(found, Proved)
    (cover,) = found.covers
    assert [one.name for one in cover.by] == [f"outer[{n}], bindings/0 ({VIEWER})" for n in range(2)]
    example = port.contains([binding(VIEWER, DOMAIN)], halves)
    assert isinstance(example, CounterExample)
    assert example.values["principal"] == (DOMAIN,) and example.values["request.time"][0] < "2030"


@pytest.mark.parametrize(
    ("policy", "cause"),
    [
        ({"rules": [{"denyRule": {}}]}, r"inner\[0\]: is no allow policy"),
        ({"bindings": [{"members": []}]}, r"inner\[0\]: bindings/0: role is missing"),
        ([], r"inner\[0\]: is no allow policy"),
    ],
)
def test_what_is_no_allow_policy_is_refused(port: GcpPort, policy: Any, cause: str) -> None:
    with pytest.raises(UsageError, match=cause):
        port.contains([policy], [])
