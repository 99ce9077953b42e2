"""estate.yaml: every mistake is named with its place."""

from __future__ import annotations

import pytest

from leastwise.app import estate_file
from leastwise.app.estate_file import parse_estate
from leastwise.errors import EstateFileError

MISTAKES = {
    "not a mapping": ("- 1", "mapping"),
    "no version": ("company: x", "version"),
    "another version": ("version: 2", "version 2"),
    "unknown key": ("version: 1\ncompnay: x", "compnay"),
    "key twice": ("version: 1\nversion: 1", "line 2: version stands twice"),
    "no yaml": ("version: [", "line 1"),
    "wrong type": ("version: 1\nowners: 3", "owners"),
    "empty match": ("version: 1\nowners: [{match: {}, team: a}]", "owners[0]"),
    "unknown key inside": ("version: 1\nvendors: [{name: a, acount: b}]", "vendors[0]"),
    "clock without zone": ("version: 1\nclock: 2026-11-01T00:00:00", "clock"),
    "person twice": ("version: 1\npeople: [{name: a, principals: [x]}, {name: b, principals: [x]}]", "people[1]"),
    "log without zone": (
        "version: 1\nlogs: [{log: t, accounts: ['1'], from: 2026-01-01T00:00:00, to: 2026-02-01T00:00:00Z}]",
        "logs[0]",
    ),
    "log that ends first": (
        "version: 1\nlogs: [{log: t, accounts: ['1'], from: 2026-03-01T00:00:00Z, to: 2026-02-01T00:00:00Z}]",
        "ends before it begins",
    ),
    "log without an end": ("version: 1\nlogs: [{log: t, accounts: ['1'], from: 2026-03-01T00:00:00Z}]", "to"),
    "list as key": ("version: 1\n[a]: 1", "line 2"),
}


@pytest.mark.parametrize(("text", "says"), MISTAKES.values(), ids=MISTAKES)
def test_a_mistake_is_one_line_that_names_its_place(text: str, says: str) -> None:
    with pytest.raises(EstateFileError) as caught:
        parse_estate("estate.yaml", text)
    message = str(caught.value)
    assert message.startswith("estate.yaml: ")
    assert says in message
    assert "\n" not in message


def test_a_whole_file_is_read() -> None:
    found = parse_estate("e", "version: 1\nbreak_glass: [a]\nowners: [{match: {account: '1*'}, team: t}]")
    assert found.break_glass == ["a"]
    assert found.owners[0].team == "t"


DEEP = 20_000
NESTED = {
    "brackets": "[" * DEEP,
    "braces": "version: 1\ncompany: " + "{a: " * DEEP,
    "items in one line": "- " * DEEP,
    "keys in one line": "? " * DEEP,
    "lines": "\n".join(f"{' ' * at}a:" for at in range(3_000)),
}


@pytest.mark.parametrize("text", NESTED.values(), ids=NESTED)
def test_what_nests_too_deeply_is_a_mistake_and_not_the_end(text: str) -> None:
    with pytest.raises(EstateFileError, match="is nested too deeply"):
        parse_estate("estate.yaml", text)


WHOLE = """\
version: 1
company: "Café: 3 # no comment"
clock: 2026-11-01T00:00:00Z
accounts:
  '111122223333': &one {name: main, environment: prod}
  "444455556666": {<<: *one, name: other}
owners: [{match: {path: /teams/a/*}, team: a}, {match: {tag: "team=b"}, team: b}]
people:
- name: >-
    Ada
    Lovelace
  principals: ["arn:aws:iam::111122223333:user/ada", 'user:ada@corp.example']
break_glass: [~x, 'null']
"""


def test_it_says_the_same_however_it_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    quick = parse_estate("estate.yaml", WHOLE)
    monkeypatch.setattr(estate_file, "_NESTED", -1)
    assert parse_estate("estate.yaml", WHOLE) == quick
    assert quick.company == "Café: 3 # no comment" and quick.people[0].name == "Ada Lovelace"


@pytest.mark.parametrize("text", [text for text, _ in MISTAKES.values()], ids=MISTAKES)
def test_a_mistake_says_the_same_however_it_is_read(text: str, monkeypatch: pytest.MonkeyPatch) -> None:
    said = []
    for most in (estate_file._NESTED, -1):
        monkeypatch.setattr(estate_file, "_NESTED", most)
        with pytest.raises(EstateFileError) as caught:
            parse_estate("estate.yaml", text)
        said.append(str(caught.value))
    assert said[0] == said[1]
