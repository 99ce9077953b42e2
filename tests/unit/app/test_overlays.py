"""What estate.yaml lays over rows: owners, leavers, break-glass, crown jewels, what is public on purpose."""

from __future__ import annotations

from typing import Any

import pyarrow as pa
import pytest

from leastwise.app.estate_file import CrownJewel, EstateFile, Match, Owner, Person, PublicOnPurpose
from leastwise.app.overlays import Overlays, overlay_names

TEXT = pa.string()
TAGS = pa.map_(TEXT, TEXT)
OURS = ((), ())


def column(values: list[Any], kind: pa.DataType = TEXT) -> pa.ChunkedArray:
    return pa.chunked_array([values], kind)


def resources(*rows: tuple[str, str, str | None, dict[str, str]]) -> pa.Table:
    ids, accounts, owners, tags = zip(*rows, strict=True)
    return pa.table({
        "id": column(list(ids)), "account": column(list(accounts)), "owner": column(list(owners)),
        "tags": column([list(one.items()) for one in tags], TAGS),
    })  # fmt: skip


def identities(*rows: tuple[str, str | None, bool | None]) -> pa.Table:
    ids, mails, enabled = zip(*rows, strict=True)
    return pa.table({
        "id": column(list(ids)), "account": column(["1"] * len(ids)), "owner": column([None] * len(ids)),
        "mail": column(list(mails)), "enabled": column(list(enabled), pa.bool_()),
        "tags": column([[] for _ in ids], TAGS),
    })  # fmt: skip


def laid(view: str, table: pa.Table, file: EstateFile, *wanted: str) -> tuple[list[Any], set[str]]:
    overlays = Overlays(file, lambda: OURS, ("aws",))
    found = overlays.lay(view, table, wanted, {})
    return found[wanted[0]].to_pylist(), overlays.used


BUCKET, OTHER, KEY = "arn:aws:s3:::logs-a", "arn:aws:s3:::data", "arn:aws:kms:eu-west-1:1:key/k"
ROWS = [(BUCKET, "1", None, {}), (OTHER, "2", "lake", {"Team": "data"}), (KEY, "1", "keys", {"team": "sec", "x": "y"})]


@pytest.mark.parametrize(
    ("owners", "used", "expected"),
    [
        ([], False, [None, "lake", "keys"]),
        ([Owner(Match(resource="arn:aws:s3:::*"), "storage")], True, ["storage", "storage", "keys"]),
        ([Owner(Match(account="1"), "one")], True, ["one", "lake", "one"]),
        ([Owner(Match(resource="*:key/*", account="2"), "none")], False, [None, "lake", "keys"]),
        ([Owner(Match(resource=BUCKET), "1st"), Owner(Match(account="1"), "2nd")], True, ["1st", "lake", "2nd"]),
        ([Owner(Match(account="1"), "2nd"), Owner(Match(resource=BUCKET), "1st")], True, ["2nd", "lake", "2nd"]),
        ([Owner(Match(tag="TEAM"), "*")], True, [None, "data", "sec"]),
        ([Owner(Match(tag="team", account="1"), "named")], True, [None, "lake", "named"]),
        ([Owner(Match(tag="absent"), "*")], False, [None, "lake", "keys"]),
        ([Owner(Match(account="2"), "*")], True, [None, "lake", "keys"]),
        ([Owner(Match(path="infra/*"), "files"), Owner(Match(principal="*"), "people")], False, [None, "lake", "keys"]),
    ],
)
def test_the_first_owner_that_matches_has_it(owners: list[Owner], used: bool, expected: list[str | None]) -> None:
    found = laid("resources_view", resources(*ROWS), EstateFile(version=1, owners=owners), "owner")
    assert found == (expected, {"owners"} if used else set())


def test_an_owner_of_principals_owns_no_resource_and_the_other_way_round() -> None:
    people = identities(("arn:aws:iam::1:user/ann", None, True), ("arn:aws:iam::1:role/app", None, None))
    file = EstateFile(version=1, owners=[Owner(Match(resource="*"), "no"), Owner(Match(principal="*:role/*"), "apps")])
    assert laid("identities", people, file, "owner") == ([None, "apps"], {"owners"})


PEOPLE = [Person("Ann", ["u/ann", "ann@example.com", "role/ann"]), Person("Bob", ["u/bob", "bob@example.com"])]


@pytest.mark.parametrize(
    ("rows", "expected"),
    [
        ([("u/ann", None, False), ("role/ann", None, True)], [True, True]),
        ([("u/ann", None, None), ("role/ann", None, True)], [False, False]),
        ([("x", "ann@example.com", False), ("u/ann", None, True), ("u/bob", None, True)], [True, True, False]),
        ([("x", "someone@example.com", False), ("y", None, True)], [None, None]),
        ([("u/bob", "ann@example.com", False), ("role/ann", None, True)], [True, False]),
    ],
)
def test_who_left_somewhere_left_everywhere(
    rows: list[tuple[str, str | None, bool | None]], expected: list[bool | None]
) -> None:
    file = EstateFile(version=1, people=PEOPLE)
    assert laid("identities", identities(*rows), file, "leaver")[0] == expected
    assert laid("identities", identities(*rows), EstateFile(version=1), "leaver") == ([None] * len(rows), set())


def test_people_are_used_where_somebody_is_one_of_them() -> None:
    file = EstateFile(version=1, people=PEOPLE)
    assert laid("identities", identities(("u/ann", None, True)), file, "leaver")[1] == {"people"}
    assert laid("identities", identities(("u/eve", None, True)), file, "leaver")[1] == set()


def test_the_last_crown_jewel_that_matches_says_how_sensitive() -> None:
    jewels = [CrownJewel("arn:aws:s3:::*", "internal"), CrownJewel(OTHER, "secret"), CrownJewel("nothing", "top")]
    found = laid("resources_view", resources(*ROWS), EstateFile(version=1, crown_jewels=jewels), "sensitivity")
    assert found == (["internal", "secret", ""], {"crown_jewels"})
    none = laid("resources_view", resources(*ROWS), EstateFile(version=1, crown_jewels=jewels[2:]), "sensitivity")
    assert none == (["", "", ""], set())


def test_what_is_public_on_purpose_and_who_breaks_glass() -> None:
    file = EstateFile(
        version=1, public_on_purpose=[PublicOnPurpose("arn:aws:s3:::logs-?", "a web site")], break_glass=["*user/bg-*"]
    )
    assert laid("resources_view", resources(*ROWS), file, "public_meant") == (
        [True, False, False], {"public_on_purpose"},
    )  # fmt: skip
    people = identities(("arn:aws:iam::1:user/bg-1", None, True), ("arn:aws:iam::1:user/ann", None, True))
    assert laid("identities", people, file, "protected") == ([True, False], {"break_glass"})


def test_what_is_given_is_not_worked_out() -> None:
    overlays = Overlays(EstateFile(version=1, break_glass=["*"]), lambda: OURS, ("aws",))
    people = identities(("a", None, True))
    table = overlays.lay("identities", people, ["protected"], {"protected": pa.array([False])})
    assert table["protected"].to_pylist() == [False] and overlays.used == set()
    assert overlay_names("identities") <= set(overlays.lay("identities", people, [], {}).column_names)
