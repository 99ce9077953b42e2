"""Who can become somebody that can, held against every chain of single decisions."""

from __future__ import annotations

import os
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

from hypothesis import example, given, settings

sys.path.insert(0, str(Path(__file__).parent))

from gcp_accounts import ACCOUNTS as KNOWN
from gcp_accounts import BUCKET, documents
from test_gcp_bulk import LAW

from fakes.gcp_bulk import port_of
from leastwise.model.decision import RANK, Circumstances, State
from leastwise.providers.gcp.compiled.port import GcpPort
from leastwise.providers.gcp.evaluate.membership import includes
from leastwise.providers.gcp.evaluate.request import request
from leastwise.providers.gcp.language.members import CONVENIENCE, Kind, parse_member

EXAMPLES = 300 if os.environ.get("LEASTWISE_NIGHTLY") == "1" else 30
FAR = "other@far.iam.gserviceaccount.com"
ACCOUNTS = KNOWN | {f"serviceAccount:{FAR}": f"//iam.googleapis.com/projects/far/serviceAccounts/{FAR}"}
TOKENS = [f"iam.serviceAccounts.{verb}" for verb in ("getAccessToken", "signBlob", "signJwt")]
KEYS, DELEGATES = "iam.serviceAccountKeys.create", "iam.serviceAccounts.implicitDelegation"
GIVEN = Circumstances()


def _asset(name: str, *above: str, bindings: list[dict[str, Any]], **more: Any) -> dict[str, Any]:
    service, _, path = name.partition("/")
    kind = {"storage.googleapis.com": "Bucket", "iam.googleapis.com": "ServiceAccount"}.get(service)
    body = {
        "name": f"//{name}", "asset_type": f"{service}/{kind or path.split('/')[0].removesuffix('s').capitalize()}",
        "ancestors": list(above), "iam_policy": {"version": 3, "bindings": bindings}, **more,
    }  # fmt: skip
    return {"kind": "cloud_asset", "body": body}


def _project(number: str, name: str, *bindings: dict[str, Any]) -> dict[str, Any]:
    data = {"data": {"projectId": name, "projectNumber": number}}
    above = (f"projects/{number}", "organizations/1")
    place = f"cloudresourcemanager.googleapis.com/projects/{number}"
    return _asset(place, *above, bindings=list(bindings), resource=data)


UNTIL = {"title": "t", "expression": "request.time < timestamp('2030-01-01T00:00:00Z')"}
LESS_BY_HERSELF = [
    _asset("cloudresourcemanager.googleapis.com/organizations/1", "organizations/1", bindings=[]),
    _project("3", "shop"),
    _project("4", "data", {"role": "roles/iam.workloadIdentityUser", "members": ["allAuthenticatedUsers"]}),
    _asset(
        "storage.googleapis.com/orders", "projects/3", "organizations/1", bindings=[
            {"role": "roles/storage.objectViewer", "members": ["user:ada@corp.example"], "condition": UNTIL},
            {"role": "roles/storage.objectViewer", "members": ["serviceAccount:d@data.iam.gserviceaccount.com"]},
        ],
    ),
    _asset(
        "iam.googleapis.com/projects/4/serviceAccounts/d@data.iam.gserviceaccount.com", "projects/4",
        "organizations/1", bindings=[],
    ),
]  # fmt: skip
"""Ada can for a while, and for good as somebody whom all who are signed in can become."""


def worst(*states: State) -> State:
    return max(states, key=RANK.__getitem__)


def best(states: list[State]) -> State:
    return min(states, key=RANK.__getitem__, default=State.DENIED)


def by_chains(port: GcpPort, asks: list[str]) -> dict[str, State]:
    """How surely each can, with every chain of service accounts, found by going on until nothing changes."""
    steps = {
        (who, permission, account): port.can(who, permission, name, GIVEN).state
        for who in asks
        for account, name in ACCOUNTS.items()
        for permission in (*TOKENS, KEYS, DELEGATES)
    }
    found = {who: port.can(who, "storage.objects.get", BUCKET, GIVEN).state for who in asks}
    lent = dict.fromkeys(ACCOUNTS, State.DENIED)

    def through(who: str, after: Callable[[str], State], *permissions: str) -> State:
        return best([worst(steps[who, one, account], after(account)) for one in permissions for account in ACCOUNTS])

    def known(account: str) -> State:
        return found.get(account, State.DENIED)

    for _ in range(2 * len(ACCOUNTS) + 2):
        lent = {
            one: best([lent[one], through(one, known, *TOKENS), through(one, lent.__getitem__, DELEGATES)])
            if one in found
            else State.DENIED
            for one in lent
        }
        found = {
            one: best([state, through(one, known, *TOKENS, KEYS), through(one, lent.__getitem__, DELEGATES)])
            for one, state in found.items()
        }
    return found


@settings(LAW, max_examples=EXAMPLES)
@given(told=documents())
@example(told=LESS_BY_HERSELF)
def test_who_can_become_somebody_that_can(told: list[dict[str, Any]]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        port = port_of(told, Path(folder) / "in")
    held = port.compiled
    asks = [id for id in held.members.all() if parse_member(id).kind not in (*CONVENIENCE, Kind.OTHER)
            and id.removeprefix("group:") not in held.estate.groups]  # fmt: skip
    wanted = by_chains(port, asks)
    answer = port.who_can("storage.objects.get", BUCKET, GIVEN, transitive=True)
    found = {one.principal: one for one in answer.holders}
    sets = [id for id in found if not parse_member(id).single]
    for id, state in wanted.items():
        if id in found:
            # What unread groups may hold is told beside the list.
            assert found[id].state is state or (answer.missing and state is State.UNKNOWN), id
        elif state is not State.DENIED:
            covered = [one for one in sets if takes_in(port, one, id)]
            assert any(RANK[found[one].state] <= RANK[state] for one in covered) or (
                answer.missing and state is State.UNKNOWN
            ), (id, state)
    assert set(found) <= set(wanted)
    for one in found.values():
        assert (one.state is State.CONDITIONAL) <= bool(one.residual), one
        assert (one.state is State.UNKNOWN) <= bool(one.missing), one
        assert all(link.kind in ("serviceAccount", "delegation") for link in one.chain)
        if one.chain:
            assert port.can(one.chain[-1].id, "storage.objects.get", BUCKET, GIVEN).state is not State.DENIED


def takes_in(port: GcpPort, listed: str, who: str) -> bool:
    asked = request(port.compiled.estate, parse_member(who), "storage.objects.get", BUCKET)
    return includes(parse_member(listed), asked) is not False
