"""Reading rule files: keys, messages and trees of tests, each mistake told with its place."""

from __future__ import annotations

import re
from typing import Any

import pytest

from leastwise.errors import RuleFileError
from leastwise.model.tables import Column
from leastwise.rules.fields import Fields
from leastwise.rules.message import read_message
from leastwise.rules.schema import LARGEST, AllOf, AnyOf, Not, Piece
from leastwise.rules.schema import Test as Compared
from leastwise.rules.schema import tests_of as every_test_of
from leastwise.rules.where import read_where

COLUMNS = {
    column.name: column
    for column in (
        Column("name", "string", ""), Column("other", "string", ""), Column("count", "int", ""),
        Column("mfa", "bool", "", True), Column("created", "time", "", True), Column("groups", "strings", ""),
    )
}  # fmt: skip


def fields(body: Any, required: tuple[str, ...] = (), optional: tuple[str, ...] = ("a", "b")) -> Fields:
    return Fields("r.yaml", "top", body, required, optional)


def fails(place: str, cause: str) -> Any:
    return pytest.raises(RuleFileError, match=f"^r.yaml: {re.escape(place)}: .*{re.escape(cause)}")


# --- keys


@pytest.mark.parametrize(
    ("body", "place", "cause"),
    [
        ([], "top", "is not a mapping"),
        (None, "top", "is not a mapping"),
        ({"c": 1}, "top.c", "is not a known key; known are r, a, b"),
        ({1: 1, "r": 1}, "top.1", "is not a known key"),
        ({"a": 1}, "top.r", "is missing"),
    ],
)
def test_keys_are_known_and_there(body: Any, place: str, cause: str) -> None:
    with fails(place, cause):
        fields(body, ("r",))


@pytest.mark.parametrize("value", ["", "  ", 1, None, ["x"], True])
def test_what_is_no_text(value: object) -> None:
    with fails("top.a", "is not a text"):
        fields({"a": value}).text("a")


def test_texts_are_trimmed_and_have_defaults_only_where_they_are_left_out() -> None:
    assert fields({"a": " x \n"}).text("a", "other") == "x"
    assert fields({}).text("a", "other") == "other" and fields({}).text("a", "") == ""
    with fails("top.a", "is not a text"):
        fields({}).text("a")


@pytest.mark.parametrize(("value", "taken"), [(1, True), (LARGEST, True), (0, False), (LARGEST + 1, False), (-1, False),
                                              (True, False), ("1", False), (1.0, False), (None, False)])  # fmt: skip
def test_numbers(value: Any, taken: bool) -> None:
    if taken:
        assert fields({"a": value}).number("a") == value
    else:
        with fails("top.a", f"is not a whole number from 1 to {LARGEST}"):
            fields({"a": value}).number("a")


def test_choices() -> None:
    assert fields({"a": "x"}).choice("a", ("x", "y")) == "x" and fields({}).choice("a", ("x",), "y") == "y"
    for body in ({"a": "z"}, {"a": None}, {"a": ["x"]}, {}):
        with fails("top.a", "is none of x, y"):
            fields(body).choice("a", ("x", "y"))


def test_lists_of_texts() -> None:
    assert fields({}).texts("a") == () and fields({"a": ["x", "y"]}).texts("a", ("x", "y", "z")) == ("x", "y")
    for value, cause in (("x", "is not a list"), ([""], "is not a list"), ([1], "is not a list"),
                         (["x", "x"], "names one thing twice"), (["q"], "'q' is none of x")):  # fmt: skip
        with fails("top.a", cause):
            fields({"a": value}).texts("a", ("x",))


def test_a_section_is_named_by_its_way() -> None:
    assert fields({"a": {"b": 5}}).section("a", ("b",)).value("b") == 5
    with fails("top.a.b", "is missing"):
        fields({"a": {}}).section("a", ("b",))
    with pytest.raises(RuleFileError, match=r"^r.yaml: a\.c: is not a known key"):
        Fields("r.yaml", "", {"a": {"c": 1}}, ("a",)).section("a", (), ("b",))


# --- messages


@pytest.mark.parametrize(
    ("template", "pieces"),
    [
        ("plain", (Piece("plain"),)),
        ("{name}", (Piece("", "name"),)),
        (
            "User {name} has {count|no} keys",
            (Piece("User ", "name"), Piece(" has ", "count", "", "no"), Piece(" keys")),
        ),
        ("{created:date}", (Piece("", "created", "date"),)),
        ("{created:days|never} days", (Piece("", "created", "days", "never"), Piece(" days"))),
        ("over {$limit} of {groups|}", (Piece("over ", "$limit"), Piece(" of ", "groups", "", ""))),
    ],
)
def test_messages(template: str, pieces: tuple[Piece, ...]) -> None:
    assert read_message(fields({"message": template}, ("message",)), COLUMNS, {"limit"}) == pieces


@pytest.mark.parametrize(
    ("template", "cause"),
    [
        ("{nobody}", "{nobody} names no column"),
        ("{$nothing}", "{$nothing} names no column or parameter"),
        ("{created}", "not in a form it has"),
        ("{name:date}", "not in a form it has"),
        ("{$limit:days}", "not in a form it has"),
        ("{name", "has a brace"),
        ("name}", "has a brace"),
        ("{{name}}", "has a brace"),
        ("{Name}", "has a brace"),
        ("{created:weeks}", "has a brace"),
    ],
)
def test_messages_that_say_nothing(template: str, cause: str) -> None:
    with fails("top.message", cause):
        read_message(fields({"message": template}, ("message",)), COLUMNS, {"limit"})


# --- trees of tests


def where(body: Any) -> Any:
    return read_where(fields({"where": body}, ("where",)), COLUMNS, {"limit"})


@pytest.mark.parametrize(
    ("body", "node"),
    [
        ({"column": "name", "equals": "x"}, Compared("name", "equals", "x")),
        ({"column": "count", "equals": 3}, Compared("count", "equals", 3)),
        ({"column": "count", "greater": "$limit"}, Compared("count", "greater", "$limit")),
        ({"column": "count", "greater": -LARGEST}, Compared("count", "greater", -LARGEST)),
        ({"column": "mfa", "is": False}, Compared("mfa", "is", False)),
        ({"column": "created", "is_null": True}, Compared("created", "is_null", True)),
        ({"column": "created", "older_than": 90}, Compared("created", "older_than", 90)),
        ({"column": "name", "in": ["a", "b"]}, Compared("name", "in", ("a", "b"))),
        ({"column": "name", "matches": "a*"}, Compared("name", "matches", ("a*",))),
        ({"column": "groups", "contains_regex": "^a"}, Compared("groups", "contains_regex", "^a")),
        ({"column": "name", "differs_from": "other"}, Compared("name", "differs_from", "other")),
        ({"not": {"column": "mfa", "is": True}}, Not(Compared("mfa", "is", True))),
        (
            {"all": [{"column": "mfa", "is": True}, {"any": [{"column": "count", "less": 1}]}]},
            AllOf((Compared("mfa", "is", True), AnyOf((Compared("count", "less", 1),)))),
        ),
    ],
)
def test_trees(body: Any, node: Any) -> None:
    assert where(body) == node


@pytest.mark.parametrize(
    ("body", "place", "cause"),
    [
        (None, "top.where", "is not a test, nor all, any or not"),
        ([], "top.where", "is not a test"),
        ({"all": []}, "top.where.all", "is not a list of tests"),
        ({"any": {"column": "name"}}, "top.where.any", "is not a list of tests"),
        ({"all": [{"column": "mfa", "is": True}], "any": []}, "top.where", "all stands beside other keys"),
        ({"not": {"column": "x", "is": True}}, "top.where.not.column", "'x' is none of name, other"),
        ({"all": [{"column": "mfa", "is": True}, 5]}, "top.where.all[1]", "is not a test"),
        ({"column": "name"}, "top.where", "needs exactly one of"),
        ({"column": "name", "equals": "x", "in": ["x"]}, "top.where", "needs exactly one of"),
        ({"column": "name", "resembles": "x"}, "top.where", "needs exactly one of"),
        ({"column": "name", "greater": 1}, "top.where.greater", "cannot test name, a column of kind string"),
        ({"column": "mfa", "is": "yes"}, "top.where.is", "'yes' is not what it needs (bool)"),
        ({"column": "mfa", "is": 1}, "top.where.is", "is not what it needs"),
        ({"column": "count", "equals": "3"}, "top.where.equals", "is not what it needs"),
        ({"column": "count", "equals": True}, "top.where.equals", "is not what it needs"),
        ({"column": "count", "less": "$other"}, "top.where.less", "is not what it needs"),
        ({"column": "count", "less": LARGEST + 1}, "top.where.less", "is not what it needs"),
        ({"column": "name", "in": []}, "top.where.in", "is not what it needs"),
        ({"column": "name", "in": ["x", 1]}, "top.where.in", "is not what it needs"),
        ({"column": "name", "regex": "("}, "top.where.regex", "is not what it needs (regex)"),
        ({"column": "name", "regex": "(?=x)"}, "top.where.regex", "is not what it needs (regex)"),
        ({"column": "name", "differs_from": "count"}, "top.where.differs_from", "is not what it needs"),
        ({"column": "name", "differs_from": "nobody"}, "top.where.differs_from", "is not what it needs"),
    ],
)
def test_mistakes_are_told_with_their_place(body: Any, place: str, cause: str) -> None:
    with fails(place, cause):
        where(body)


def nested(depth: int) -> Any:
    body: Any = {"column": "mfa", "is": True}
    for _ in range(depth):
        body = {"not": body}
    return body


def test_trees_have_a_bottom() -> None:
    assert [test.column for test in every_test_of(where(nested(20)))] == ["mfa"]
    with pytest.raises(RuleFileError, match="lies deeper than 20 levels"):
        where(nested(21))


def test_every_test_of_a_tree_in_order() -> None:
    tree = where({"all": [
        {"column": "mfa", "is": True},
        {"not": {"any": [{"column": "count", "less": 1}, {"column": "name", "equals": "x"}]}},
        {"column": "created", "is_null": False},
    ]})  # fmt: skip
    assert [test.column for test in every_test_of(tree)] == ["mfa", "count", "name", "created"]
