"""The loader: what ships is well-formed, and what is not gets one clear error."""

from __future__ import annotations

import copy
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from leastwise.errors import RuleFileError
from leastwise.rules.load import checked, columns_read, load_posture, load_rule
from leastwise.rules.schema import Rule
from leastwise.rules.views import columns_of

GOOD: dict[str, Any] = {
    "schema": 1,
    "id": "x-rule",
    "version": 1,
    "title": "A rule",
    "provider": "aws",
    "subject": "credentials",
    "severity": "low",
    "parameters": {"days": {"default": 90, "doc": "days"}},
    "where": {"all": [{"column": "kind", "equals": "access_key"}, {"column": "created", "older_than": "$days"}]},
    "key": {"subject": "principal", "resource": "id"},
    "message": "{id} since {created:date}, limit {$days}",
    "evidence": ["created"],
    "remediation": "do",
    "cases": {
        "match": [{"why": "a", "row": {"kind": "access_key", "created": "x"}}],
        "near_miss": [{"why": "b", "row": {"kind": "password"}}],
    },
}
GOOD["cases"]["match"][0]["row"]["created"] = yaml.safe_load("2020-01-01")


def load(body: Any, file: str = "posture/aws/x-rule.yaml") -> Rule:
    return load_rule(yaml.safe_dump(body).encode(), file)


def changed(path: str, value: Any) -> Any:
    body = copy.deepcopy(GOOD)
    inner: Any = body
    *parents, last = path.split("/")
    for part in parents:
        inner = inner[int(part) if part.isdigit() else part]
    if value is KeyError:
        del inner[last]
    else:
        inner[int(last) if last.isdigit() else last] = value
    return body


def test_the_good_one_loads() -> None:
    rule = load(GOOD)
    assert rule.id == "x-rule" and rule.parameters["days"].default == 90
    assert columns_read(rule) == {"kind", "created", "principal", "id"}


def test_what_ships_loads_and_is_named_after_its_file() -> None:
    rules = load_posture()
    assert [rule.id for rule in rules] == sorted({rule.id for rule in rules})
    for rule in rules:
        assert rule.file.endswith(f"/{rule.id}.yaml")
        assert columns_read(rule) <= set(columns_of(rule.subject))
        assert rule.provider == "any" or f"/{rule.provider}/" in rule.file


@pytest.mark.parametrize(
    ("path", "value", "place", "cause"),
    [
        ("schema", 2, "schema", "is not 1"),
        ("id", "other", "id", "not the name of the file"),
        ("title", KeyError, "title", "is missing"),
        ("colour", "red", "colour", "not a known key"),
        ("severity", "urgent", "severity", "none of info, low"),
        ("subject", "people", "subject", "none of identities"),
        ("version", 10**9, "version", "whole number"),
        ("version", 0, "version", "whole number"),
        ("where", [], "where", "not a test"),
        ("where/all", [], "where.all", "not a list"),
        ("where/any", [], "where", "beside other keys"),
        ("where/all/0/column", "colour", "where.all[0].column", "none of provider"),
        ("where/all/0/in", ["x"], "where.all[0]", "exactly one"),
        ("where/all/1/older_than", "$weeks", "where.all[1].older_than", "not what it needs"),
        ("where/all/0/equals", 3, "where.all[0].equals", "not what it needs"),
        ("where/all/1", {"column": "kind", "older_than": 3}, "where.all[1].older_than", "cannot test kind"),
        ("where/all/1", {"column": "created", "older_than": 10**9}, "where.all[1].older_than", "not what it needs"),
        ("where/all/1", {"column": "kind", "regex": "("}, "where.all[1].regex", "not what it needs"),
        ("where/all/1", {"column": "kind", "regex": "(?=x)"}, "where.all[1].regex", "not what it needs"),
        (
            "where/all/1",
            {"column": "kind", "differs_from": "created"},
            "where.all[1].differs_from",
            "not what it needs",
        ),
        ("parameters/weeks", {"default": 1, "doc": "w"}, "parameters.weeks", "no test uses it"),
        ("parameters/days/default", "many", "parameters.days.default", "whole number"),
        ("key/subject", "colour", "key.subject", "none of"),
        ("key/owner", "id", "key.owner", "not a known key"),
        ("message", "{colour}", "message", "names no column"),
        ("message", "{created}", "message", "not in a form"),
        ("message", "{id:date}", "message", "not in a form"),
        ("message", "{$weeks}", "message", "names no column or parameter"),
        ("message", "{id", "message", "brace"),
        ("evidence", ["colour"], "evidence", "none of"),
        ("evidence", ["id", "id"], "evidence", "twice"),
        ("cases/match", [], "cases.match", "has no case"),
        ("cases/near_miss", KeyError, "cases.near_miss", "is missing"),
        ("cases/match/0/row/colour", "red", "cases.match[0].row.colour", "not a known key"),
        ("cases/match/0/row/kind", 3, "cases.match[0].row.kind", "not of kind string"),
        ("cases/match/0/row/kind", None, "cases.match[0].row.kind", "must have a value"),
        ("cases/match/0/row/created", "soon", "cases.match[0].row.created", "not a time"),
        ("cases/match/0/clock", "soon", "cases.match[0].clock", "not a time"),
    ],
)
def test_errors_name_file_key_and_cause(path: str, value: Any, place: str, cause: str) -> None:
    with pytest.raises(RuleFileError) as caught:
        load(changed(path, value))
    assert caught.value.file == "posture/aws/x-rule.yaml"
    assert caught.value.place == place
    assert cause in caught.value.cause


def test_a_key_that_stands_twice() -> None:
    with pytest.raises(RuleFileError, match=r"x-rule\.yaml: line 2: key 'id' stands twice"):
        load_rule(b"id: x-rule\nid: x-rule\n", "x-rule.yaml")


def test_rules_together() -> None:
    def rule(name: str, *over: str) -> Rule:
        return load({**GOOD, "id": name, "supersedes": list(over)}, f"{name}.yaml")

    assert [one.id for one in checked([rule("b"), rule("a", "b")])] == ["a", "b"]
    with pytest.raises(RuleFileError, match="no rule has the id 'c'"):
        checked([rule("a", "c")])
    with pytest.raises(RuleFileError, match="supersedes itself"):
        checked([rule("a", "b"), rule("b", "a")])
    with pytest.raises(RuleFileError, match="also the id"):
        checked([rule("a"), rule("a")])


junk = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=5,
)


@given(st.binary(max_size=60))
def test_any_bytes_give_one_error(body: bytes) -> None:
    with pytest.raises(RuleFileError):
        load_rule(body, "x-rule.yaml")


@given(st.sampled_from(sorted(GOOD)), junk)
def test_any_value_gives_a_rule_or_one_error(key: str, value: Any) -> None:
    try:
        load(changed(key, value))
    except RuleFileError as error:
        assert "\n" not in str(error)


@given(st.sampled_from(["all", "any", "not", "column", "equals"]), junk)
def test_any_tree_gives_a_rule_or_one_error(key: str, value: Any) -> None:
    try:
        load(changed("where", {key: value}))
    except RuleFileError as error:
        assert "\n" not in str(error)
