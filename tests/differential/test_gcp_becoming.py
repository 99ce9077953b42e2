"""Who can become somebody that can, held against every chain of single decisions."""

from __future__ import annotations

import os
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

from hypothesis import given, settings

sys.path.insert(0, str(Path(__file__).parent))

from gcp_accounts import ACCOUNTS as KNOWN
from gcp_accounts import BUCKET, documents
from test_gcp_bulk import LAW

from fakes.gcp_bulk import port_of
from leastwise.model.decision import Circumstances, State
from leastwise.providers.bulk.listing import RANK
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
