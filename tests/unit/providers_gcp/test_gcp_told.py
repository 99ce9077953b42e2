"""What tables tell that documents do: domains of a directory, groups read in part or empty, lists of nothing."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from fakes.gcp_bulk import as_read, circumstances
from leastwise.model.decision import State
from leastwise.model.scope import Collected
from leastwise.providers.base import ScopeTables
from leastwise.providers.gcp import PROVIDER
from leastwise.providers.gcp.compiled.compile import compile_estate
from leastwise.providers.gcp.compiled.port import GcpPort

MANAGER, BUCKET = "//cloudresourcemanager.googleapis.com/", "//storage.googleapis.com/orders"
LINE = ["projects/33", "organizations/1"]
STAFF = "group:staff@example.com"
CUSTOMER = "principalSet://goog/cloudIdentityCustomerId/C01abc"
GET = ("storage.objects.get", BUCKET, circumstances({}))
GROUP = {"name": "groups/g1", "groupKey": {"id": "staff@example.com"}}


def member(number: int, mail: str) -> dict[str, Any]:
    return {"name": f"groups/g1/memberships/{number}", "preferredMemberKey": {"id": mail}, "type": "USER"}


def assets(*members: str) -> str:
    kind = "cloudresourcemanager.googleapis.com"
    binding = {"role": "roles/storage.objectViewer", "members": list(members)}
    found = [
        {"name": f"{MANAGER}organizations/1", "asset_type": f"{kind}/Organization", "ancestors": LINE[1:], "resource":
            {"data": {"name": "organizations/1", "displayName": "example.com", "directoryCustomerId": "C01abc"}}},
        {"name": f"{MANAGER}projects/33", "asset_type": f"{kind}/Project", "ancestors": LINE,
         "resource": {"data": {"projectId": "shop", "projectNumber": "33"}}},
        {"name": BUCKET, "asset_type": "storage.googleapis.com/Bucket", "ancestors": LINE,
         "iam_policy": {"version": 3, "bindings": [binding] if members else []}},
    ]  # fmt: skip
    return "".join(json.dumps(one) + "\n" for one in found)


def imported(folder: Path, files: dict[str, Any]) -> Collected:
    folder.mkdir()
    for name, content in files.items():
        (folder / name).write_text(content if isinstance(content, str) else json.dumps(content))
    (found,) = PROVIDER.read_exports([folder])
    return found


def port(folder: Path, **files: Any) -> GcpPort:
    one = imported(folder, {name.replace("__", "--") + ".json": content for name, content in files.items()})
    tables = PROVIDER.translate(one)
    return GcpPort(as_read(compile_estate([ScopeTables(one.scope.kind, one.scope.id, tables, True, one.time)])), [])


DOMAINS = {
    "kind": "admin#directory#domains",
    "domains": [
        {"domainName": "example.com", "isPrimary": True, "verified": True},
        {"domainName": "Labs.example", "isPrimary": False, "verified": True,
         "domainAliases": [{"domainAliasName": "l.example", "verified": True},
                           {"domainAliasName": "no.example", "verified": False}]},
        {"domainName": "later.example", "isPrimary": False, "verified": False},
    ],
}  # fmt: skip


@pytest.mark.parametrize(
    ("who", "alone", "told"),
    [
        ("user:a@example.com", State.ALLOWED, State.ALLOWED),
        ("user:a@labs.example", State.UNKNOWN, State.ALLOWED),
        ("user:a@l.example", State.UNKNOWN, State.ALLOWED),
        ("user:a@no.example", State.UNKNOWN, State.DENIED),
        ("user:a@later.example", State.UNKNOWN, State.DENIED),
        ("user:a@other.example", State.UNKNOWN, State.DENIED),
        ("user:a@gmail.com", State.DENIED, State.DENIED),
    ],
)
def test_secondary_domains_count_where_they_were_told(tmp_path: Path, who: str, alone: State, told: State) -> None:
    assert port(tmp_path / "a", assets=assets(CUSTOMER)).can(who, *GET).state is alone
    assert port(tmp_path / "b", assets=assets(CUSTOMER), domains=DOMAINS).can(who, *GET).state is told


def test_a_page_of_domains_that_names_a_next_one_is_not_all_of_them(tmp_path: Path) -> None:
    found = port(tmp_path / "a", assets=assets(CUSTOMER), domains={**DOMAINS, "nextPageToken": "x"})
    assert found.can("user:a@labs.example", *GET).state is State.ALLOWED
    assert found.can("user:a@other.example", *GET).state is State.UNKNOWN


def test_a_group_that_was_asked_and_has_no_members_gives_nobody_anything(tmp_path: Path) -> None:
    files = {"assets": assets(STAFF), "groups": [GROUP]}
    unread = port(tmp_path / "a", **files)
    assert unread.can("user:a@example.com", *GET).state is State.UNKNOWN
    assert [one.principal for one in unread.who_can(*GET).holders] == [STAFF]
    for number, name in enumerate(("memberships__staff@example.com", "memberships__groups%2Fg1")):
        empty = port(tmp_path / f"b{number}", **files, **{name: []})
        assert empty.can("user:a@example.com", *GET).state is State.DENIED
        assert not empty.who_can(*GET).holders and not empty.who_can(*GET).missing


def test_of_a_group_that_was_read_in_part_whoever_was_not_named_is_not_known(tmp_path: Path) -> None:
    page = {"memberships": [member(1, "a@example.com")], "nextPageToken": "x"}
    files = {"assets": assets(STAFF), "groups": [GROUP]}
    found = port(tmp_path / "a", **files, **{"memberships__groups%2Fg1": page})
    assert found.can("user:a@example.com", *GET).state is State.ALLOWED
    other = found.can("user:b@example.com", *GET)
    assert (other.state, other.missing) == (State.UNKNOWN, (f"the members of {STAFF}",))
    assert found.can("serviceAccount:x@shop.iam.gserviceaccount.com", *GET).state is State.UNKNOWN
    listed = {one.principal: one.state for one in found.who_can(*GET).holders}
    assert listed == {"user:a@example.com": State.ALLOWED, STAFF: State.ALLOWED}
    whole = port(tmp_path / "b", **files, **{"memberships__groups%2Fg1": {"memberships": page["memberships"]}})
    assert whole.can("user:b@example.com", *GET).state is State.DENIED
    assert [one.principal for one in whole.who_can(*GET).holders] == ["user:a@example.com"]


def test_a_search_of_a_part_that_found_no_policy_says_nothing_of_the_rest(tmp_path: Path) -> None:
    lines = assets().splitlines(keepends=True)
    bare = "".join(json.dumps({k: v for k, v in json.loads(one).items() if k != "iam_policy"}) + "\n" for one in lines)
    for name, state in {
        "search-all-iam-policies__organizations-1": State.DENIED,
        "search-all-iam-policies__projects-shop": State.UNKNOWN,
        "policies": State.UNKNOWN,
    }.items():
        found = port(tmp_path / name, assets=bare, **{name: []})
        assert found.can("user:a@example.com", *GET).state is state, name
