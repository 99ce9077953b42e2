"""Access held against access, by the command line: two principals, two estates, principals that are alike."""

from __future__ import annotations

import csv
import io
import json
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from leastwise.app.asking import open_access
from leastwise.app.comparing import Compared
from leastwise.app.each import open_each
from leastwise.app.wiring import Workspace
from leastwise.model.decision import Circumstances, Cube, State

pytestmark = pytest.mark.together("demo")

Ask = Callable[..., tuple[int, str, str]]
DAYS = ("2026-09-15", "2026-11-02")
SHOP, RETURNS = (f"arn:aws:iam::222222222222:role/{name}" for name in ("web-shop", "returns-v2"))


@pytest.fixture
def ask(ask_demo: Ask) -> Ask:
    return ask_demo


def answer(ask: Ask, *arguments: str) -> Any:
    code, out, err = ask(*arguments, "--format", "json")
    assert code == 0, err
    return json.loads(out)


def test_two_principals_share_what_both_can_and_differ_in_what_one_can(ask: Ask, demo_home: Path) -> None:
    found = answer(ask, "compare", SHOP, RETURNS)
    assert found["principals"] == [SHOP, RETURNS] and found["equal"] is False
    sides = {side: [one for one in found["items"] if one["side"] == side] for side in ("both", "first", "second")}
    assert all(sides.values())
    access, plain = open_access(Workspace(demo_home)).access, Circumstances()
    for side, (first, second) in {"both": (True, True), "first": (True, False), "second": (False, True)}.items():
        for item in sides[side]:
            where = item["resources"][0].replace("*", "x") if item["resources"] != ["*"] else None
            for principal, able in ((SHOP, first), (RETURNS, second)):
                state = access.can(principal, item["permissions"][0], where, plain).state
                # Where the resource is none of the estate, its own policy is not known, and can says so.
                assert (state is not State.DENIED) if able else (state is not State.ALLOWED), (principal, item)


def test_the_other_way_round_the_sides_change(ask: Ask) -> None:
    one, other = answer(ask, "compare", SHOP, RETURNS), answer(ask, "compare", RETURNS, SHOP)
    turned = {"both": "both", "first": "second", "second": "first"}
    told = [json.dumps({**item, "side": turned[item["side"]]}, sort_keys=True) for item in other["items"]]
    assert sorted(json.dumps(item, sort_keys=True) for item in one["items"]) == sorted(told)


def test_what_was_not_read_and_may_tell_two_apart_is_told_once(ask: Ask) -> None:
    found = answer(ask, "compare", SHOP, RETURNS)
    assert found["missing"] == answer(ask, "compare", RETURNS, SHOP)["missing"]
    assert any("not read; may name one of the two" in one for one in found["missing"])
    code, out, _ = ask("compare", SHOP, RETURNS)
    assert code == 0 and all(out.count(one) == 1 for one in found["missing"])
    assert answer(ask, "compare", SHOP, SHOP)["missing"] == []


@pytest.mark.parametrize(
    ("states", "equal"),
    [([], True), ([State.UNKNOWN], None), ([State.UNKNOWN, State.ALLOWED], False), ([State.CONDITIONAL], False)],
)
def test_two_are_equal_unless_something_that_was_read_differs(states: list[State], equal: bool | None) -> None:
    cubes = tuple(Cube(("s3:GetObject",), ("*",), (), state, (), (), ()) for state in states)
    assert Compared({"both": (), "first": (), "second": cubes}, ()).equal is equal


def test_a_principal_is_equal_to_itself(ask: Ask) -> None:
    found = answer(ask, "compare", SHOP, SHOP)
    assert found["equal"] is True
    assert {item["side"] for item in found["items"]} == {"both"}
    whole = answer(ask, "what-can", SHOP)["items"]
    names = {name for item in found["items"] for name in item["permissions"]}
    assert names == {name for item in whole for name in item["permissions"]}


def cloud_of(permission: str) -> str:
    """Whose word it is: the directory's actions begin with `microsoft.`, values of other services with a capital."""
    if permission.startswith("microsoft.") or ("/" not in permission and permission[0].isupper()):
        return "entra"
    return "azure" if "/" in permission else "aws" if ":" in permission else "gcp"


def test_every_gain_and_loss_of_the_company_is_what_can_says_of_both_days(ask: Ask, demo_home: Path) -> None:
    found = answer(ask, "diff", "2026-03-01", "2026-11-01")
    from leastwise.cli.options import moment

    days = [
        {one.provider: one.access for one in open_each(Workspace(demo_home), moment(day, "test", end_of_day=True))}
        for day in ("2026-03-01", "2026-11-01")
    ]
    checked = 0
    for item in found["items"]:
        for cubes, able, unable in ((item["gained"], 1, 0), (item["lost"], 0, 1)):
            if item["presence"] != "both" and item["inside"]:
                continue
            for cube in cubes:
                where = cube["resources"][0].replace("*", "x") if cube["resources"] != ["*"] else None
                asked = (item["principal"], cube["permissions"][0], where, Circumstances())
                name = cube["permissions"][0]
                cloud = cloud_of(name)
                if cloud != "aws" and cube["state"] != "ALLOWED":
                    # What lies in a place is told, under conditions that the place itself need not meet.
                    continue
                assert days[able][cloud].can(*asked).state is not State.DENIED, (item["principal"], cube)
                assert days[unable][cloud].can(*asked).state is not State.ALLOWED, (item["principal"], cube)
                checked += 1
    assert checked >= 4
    assert [item["principal"] for item in found["items"]] == sorted(item["principal"] for item in found["items"])


def test_a_diff_turned_round_loses_what_it_gained(ask: Ask) -> None:
    there, back = answer(ask, "diff", *DAYS), answer(ask, "diff", *reversed(DAYS))
    turned = {"both": "both", "new": "removed", "removed": "new"}
    assert {(one["principal"], one["presence"]) for one in there["items"]} == {
        (one["principal"], turned[one["presence"]]) for one in back["items"]
    }
    # Somebody of a cloud and of its directory is told by both.
    gained, lost = (
        Counter((one["principal"], json.dumps(cube, sort_keys=True)) for one in items for cube in one[side])
        for items, side in ((there["items"], "gained"), (back["items"], "lost"))
    )
    assert gained == lost


def test_nothing_differs_between_an_estate_and_itself(ask: Ask, demo_home: Path) -> None:
    assert answer(ask, "diff", "2026-11-01", "2026-11-01")["items"] == []
    assert answer(ask, "diff", "2026-11-01", str(demo_home))["items"] == []


def test_a_folder_of_exports_is_an_estate(ask: Ask, unpacked: Path) -> None:
    days = sorted(one for one in unpacked.iterdir() if one.name[:4] == "2026")
    found = answer(ask, "diff", str(days[0]), str(days[-1]))
    stored = answer(ask, "diff", days[0].name, days[-1].name)
    inside = [one for one in found["items"] if one["inside"] and ":iam::" in one["principal"]]
    known = [one for one in stored["items"] if one["inside"] and ":iam::" in one["principal"]]
    assert [(one["principal"], one["presence"]) for one in inside] == [
        (one["principal"], one["presence"]) for one in known
    ]


def test_a_scope_that_one_side_has_not_read_is_unknown_and_never_lost(ask: Ask) -> None:
    estate = answer(ask, "who-can", "iam:CreateUser")["estate"]["snapshots"]
    name = next(one for one in estate if "222222222222" in one)
    found = answer(ask, "diff", "2026-11-01", name)
    removed = [one for one in found["items"] if one["presence"] == "removed" and one["account"] == "333333333333"]
    assert removed
    for one in removed:
        for cube in one["lost"]:
            assert cube["state"] == "UNKNOWN", one["principal"]
            assert any("333333333333" in gap for gap in cube["missing"])


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("diff", "2026-03-01", "no-such"), "no-such: is no time, no file or folder, and no snapshot"),
        (("diff", "2000-01-01", "2026-03-01"), "nothing was read by 2000-01-01"),
        (("compare", SHOP, "nobody-at-all"), "nobody-at-all: no user or role of that name"),
        (("similar", "--threshold", "0.2"), "--threshold: 0.2 does not lie from 0.5 to 1"),
    ],
)
def test_what_cannot_be_asked_is_one_line(arguments: tuple[str, ...], said: str, ask: Ask) -> None:
    code, out, err = ask(*arguments)
    assert (code, out) == (2, "")
    assert err.startswith(f"leastwise: {said}") and err.count("\n") == 1


def test_equal_principals_are_equal_by_compare_and_near_ones_share_what_is_said(ask: Ask) -> None:
    found = answer(ask, "similar", "--threshold", "0.8")["items"]
    equal = [one for one in found if one["equal"]]
    assert equal and len(equal) < len(found)
    for group in equal[:6]:
        first, second = (one["principal"] for one in group["principals"][:2])
        assert answer(ask, "compare", first, second)["equal"] is True
        assert all(one["more"] == [] and one["shared"] == 1 for one in group["principals"])
    near = [one for one in found if not one["equal"]]
    assert all(0.8 <= one["similarity"] <= 1 for one in near)
    for group in [one for one in near if len(one["principals"]) <= 3][:4]:
        first, *others = (one["principal"] for one in group["principals"])
        assert not all(answer(ask, "compare", first, other)["equal"] for other in others)


def test_similar_is_told_of_every_cloud_of_the_estate(ask: Ask) -> None:
    found = answer(ask, "similar", "--threshold", "0.8")
    assert {one["provider"] for one in found["items"]} - {"entra"} == {"aws", "azure", "gcp"}
    assert found["coverage"]["unasked"] == []
    for one in found["items"]:
        of_google = [twin["principal"].startswith(("user:", "serviceAccount:")) for twin in one["principals"]]
        assert all(of_google) if one["provider"] == "gcp" else not any(of_google)
        assert bool(one["on"]) is (one["provider"] != "aws")
    sizes = [len(one["principals"]) for one in found["items"]]
    assert sizes == sorted(sizes, reverse=True)


def test_similar_takes_filters(ask: Ask) -> None:
    only = answer(ask, "similar", "--account", "333333333333", "--equal")["items"]
    assert only and all(one["equal"] for one in only)
    assert {twin["account"] for one in only for twin in one["principals"]} == {"333333333333"}
    people = answer(ask, "similar", "--kind", "human")["items"]
    assert {twin["kind"] for one in people for twin in one["principals"]} <= {"human"}
    assert people != answer(ask, "similar")["items"]


@pytest.mark.parametrize(
    ("command", "columns"),
    [
        (("compare", SHOP, RETURNS), ["side", "count", "patterns", "permissions", "resources", "within"]),
        (("diff", *DAYS), ["principal", "presence", "change", "patterns", "resources", "state"]),
        (("similar",), ["group", "equal", "similarity", "principal", "shared", "more"]),
    ],
)
def test_the_forms_say_the_same(command: tuple[str, ...], columns: list[str], ask: Ask) -> None:
    code, table, err = ask(*command)
    assert code == 0, err
    items = answer(ask, *command)["items"]
    csv.field_size_limit(1 << 24)
    rows = list(csv.DictReader(io.StringIO(ask(*command, "--format", "csv")[1])))
    assert set(columns) <= set(rows[0])
    assert "Estate of" in table
    if command[0] == "diff":
        assert {row["principal"] for row in rows} == {one["principal"] for one in items}
        assert len(rows) == sum(max(1, len(one["gained"]) + len(one["lost"])) for one in items)
    elif command[0] == "similar":
        assert len(rows) == sum(len(one["principals"]) for one in items)
    else:
        assert [row["side"] for row in rows] == [one["side"] for one in items]


def test_what_can_folds_its_permissions_exactly(ask: Ask) -> None:
    from leastwise.engine.patterns import glob
    from leastwise.providers.aws.compiled.actions import actions

    for item in answer(ask, "what-can", "arn:aws:iam::111111111111:user/h.nakagawa")["items"]:
        patterns = [glob(one, fold=True) for one in item["patterns"]]
        assert [one for one in sorted(actions().names) if any(p.matches(one) for p in patterns)] == item["permissions"]
