"""What somebody may not see is counted, and never named: every endpoint, as it answers one who sees one account."""

from __future__ import annotations

import shutil

import pytest

from leastwise.api.security import rights
from leastwise.app import gaps
from leastwise.app.duties import Caller, Duty, Held, Sight

pytestmark = pytest.mark.together("demo")

P = "/api/v1"
MINE = "222222222222"
ROLE = f"arn:aws:iam::{MINE}:role/scanner-upload"
THEIRS = "arn:aws:iam::111111111111:role/terraform-apply"
LISTS = ("identities", "resources", "grants", "credentials", "trusts", "requests", "coverage", "findings", "snapshots",
         "toxic", "dormant", "gap", "privileged", "external?public=true", "choke-points?most=3", "paths", "estate",
         "findings?group=cause", "top", "gap/by/account", "accounts", "heatmap")  # fmt: skip


@pytest.fixture(autouse=True)
def _added_up(monkeypatch):
    monkeypatch.setattr(gaps, "_MOST_EXACT", 0)


@pytest.fixture
def narrow(demo, monkeypatch):
    """The client as one who sees one account."""
    caller = Caller("ann", tuple(Held(duty, Sight.of([f"aws:{MINE}"])) for duty in Duty), "token")
    monkeypatch.setattr(rights, "identified", lambda request: caller)
    return demo


@pytest.fixture(scope="module")
def strangers(demo):
    """Ids of everybody and everything of other accounts."""
    found = set()
    for what in ("identities", "resources", "credentials"):
        rows = demo.get(f"{P}/{what}?limit=1000&fields=id,account,provider").json()["items"]
        mine = {one["id"] for one in rows if one["account"] == MINE}
        found |= {one["id"] for one in rows} - mine
    return found


_NAMES = ("id", "principal", "subject", "resource", "from", "to", "about", "principals", "path", "holder")
_OWN = ("trusts", "external", "grants")
"""What of an account is about others: whom a role trusts, who gets in, who was given access to it."""


def named(value, key=""):
    """Every text that an answer names somebody or something by."""
    if isinstance(value, dict):
        for name, one in value.items():
            yield from named(one, name)
    elif isinstance(value, list):
        for one in value:
            yield from named(one, key)
    elif key in _NAMES and isinstance(value, str):
        yield value


@pytest.mark.parametrize("address", LISTS)
def test_a_list_names_nothing_that_is_out_of_sight(narrow, strangers, address):
    joint = "&" if "?" in address else "?"
    answer = narrow.get(f"{P}/{address}" + ("" if address in ("estate", "top") else f"{joint}limit=1000"))
    assert answer.status_code == 200, answer.text
    told = answer.json()
    assert told["outside"] > 0
    for one in told["items"]:
        assert one.get("account", MINE) in (MINE, None) or address == "requests"
    if address.partition("?")[0] not in _OWN:
        found = strangers & set(named(told["items"]))
        assert not found, found
    if "estate" in told:
        assert all(MINE in one for one in told["estate"]["snapshots"])


@pytest.mark.parametrize("what", ["identities", "resources", "grants", "credentials"])
def test_what_is_seen_and_what_is_counted_is_everything(demo, narrow, monkeypatch, what):
    seen = narrow.get(f"{P}/{what}?limit=1").json()
    facets = narrow.get(f"{P}/{what}/facets").json()
    monkeypatch.undo()
    every = demo.get(f"{P}/{what}?limit=1").json()
    assert seen["total"] + seen["outside"] == every["total"]
    assert seen["total"] == facets["total"] and facets["outside"] == seen["outside"]
    assert [one["value"] for one in facets["facets"]["account"]] == [MINE]


@pytest.mark.parametrize("text", [THEIRS, "terraform-apply", "nobody-at-all"])
@pytest.mark.parametrize("address", ["identities/{}", "identities/{}/effective", "identities/{}/gap",
                                     "identities/{}/usage", "identities/{}/paths", "identities/{}/history",
                                     "identities/{}/recommendation", "blast-radius/{}", "paths?from={}"])  # fmt: skip
def test_one_out_of_sight_is_as_one_that_is_not_there(narrow, address, text):
    answer = narrow.get(f"{P}/" + address.format(text.replace("/", "%2F").replace(":", "%3A")))
    assert answer.status_code == 404
    assert answer.json()["detail"] == f"{text}: is not in the estate, or out of sight"


@pytest.mark.parametrize("text", [THEIRS, "terraform-apply", "nobody-at-all"])
@pytest.mark.parametrize("name", ["can", "what-can"])
def test_a_question_about_one_out_of_sight_is_refused_alike(narrow, name, text):
    question = {"principal": text} | ({"action": "s3:GetObject"} if name == "can" else {})
    answer = narrow.post(f"{P}/ask/{name}", json=question)
    assert answer.status_code == 404
    assert answer.json()["detail"] == f"{text}: is not in the estate, or out of sight"


def test_who_can_counts_those_out_of_sight(demo, narrow, monkeypatch, strangers):
    question = {"action": "s3:GetObject", "limit": 1000}
    seen = narrow.post(f"{P}/ask/who-can", json=question).json()
    first = narrow.post(f"{P}/ask/who-can", json=question | {"limit": 3}).json()
    following = narrow.post(f"{P}/ask/who-can", json=question | {"limit": 1000, "cursor": first["next"]}).json()
    monkeypatch.undo()
    every = demo.post(f"{P}/ask/who-can", json=question).json()
    mine = [one for one in every["items"] if one["account"] == MINE]
    assert seen["items"] == mine and first["items"] + following["items"] == mine
    assert seen["outside"] == every["total"] - len(mine) > 0
    assert every["total"] == sum(every["states"].values())


def test_search_and_completion_find_what_is_in_sight_only(narrow, strangers):
    for text in (THEIRS, "terraform-apply", "terraform"):
        assert narrow.get(f"{P}/search", params={"q": text}).json()["items"] == []
        told = narrow.get(f"{P}/ask/complete", params={"kind": "principal", "text": text}).json()
        assert told == {"items": [], "more": False}
    assert narrow.get(f"{P}/search", params={"q": ROLE}).json()["items"][0]["id"] == ROLE


def test_a_finding_out_of_sight_cannot_be_muted(demo, narrow, monkeypatch):
    monkeypatch.undo()
    theirs = next(one["key"] for one in demo.get(f"{P}/findings?limit=1000").json()["items"] if one["account"] != MINE)
    caller = Caller("ann", tuple(Held(duty, Sight.of([f"aws:{MINE}"])) for duty in Duty), "token")
    monkeypatch.setattr(rights, "identified", lambda request: caller)
    for key in (theirs, "ffffffffffffffff"):
        answer = narrow.post(f"{P}/findings/mutes", json={"key": key, "reason": "x", "until": "2099-01-01"})
        assert answer.status_code == 404
        assert narrow.get(f"{P}/findings/{key}").status_code == 404
        assert narrow.delete(f"{P}/findings/mutes/{key}").status_code == 404


def test_a_beginning_of_a_key_stands_for_what_is_in_sight_only(narrow, monkeypatch):
    from leastwise.api.routes import findings as routes

    mine = narrow.get(f"{P}/findings?limit=1000").json()["items"][0]["key"]
    asked = []
    monkeypatch.setattr(routes, "unmute", lambda workspace, key: asked.append(key) or key)
    monkeypatch.setattr(routes, "note", lambda *_, **__: None)
    # As long as no other in sight begins so: others that are muted may.
    assert narrow.delete(f"{P}/findings/mutes/{mine[:-1]}").status_code == 204
    assert asked == [mine]


def test_what_lies_in_something_out_of_sight_is_as_little_there(narrow, strangers):
    theirs = next(one for one in sorted(strangers) if one.startswith("arn:aws:s3:::"))
    for resource, status in ((f"{theirs}/a/b", 404), ("arn:aws:s3:::bw-scans/a/b", 200), ("arn:aws:s3:::new/a", 200)):
        asked = {"principal": ROLE, "action": "s3:GetObject", "resource": resource}
        assert narrow.post(f"{P}/ask/can", json=asked).status_code == status, resource
        del asked["principal"]
        assert narrow.post(f"{P}/ask/who-can", json=asked).status_code == status, resource


def test_mutes_are_on_record(demo_home, tmp_path, opened):
    client = opened(shutil.copytree(demo_home, tmp_path / "home"))
    key = client.get(f"{P}/findings?limit=1").json()["items"][0]["key"]
    assert (
        client.post(f"{P}/findings/mutes", json={"key": key, "reason": "x", "until": "2099-01-01"}).status_code == 201
    )
    assert client.delete(f"{P}/findings/mutes/{key}").status_code == 204
    told = [(one["action"], one["subject"]) for one in client.get(f"{P}/audit").json()["items"][:2]]
    assert told == [("finding.unmute", key), ("finding.mute", key)]
