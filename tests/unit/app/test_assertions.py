"""Assertion files: what they say, and what is refused with its line."""

from __future__ import annotations

from pathlib import Path

import pytest

from leastwise.app.assertions import Assertion, read_assertions
from leastwise.errors import InputError


def read(folder: Path, text: str) -> tuple[Assertion, ...]:
    file = folder / "check.yaml"
    file.write_text(text)
    return read_assertions(file)


def one(folder: Path, *lines: str) -> Assertion:
    body = "\n    ".join(lines)
    (found,) = read(folder, f"version: 1\nassertions:\n  - {body}\n")
    return found


def test_an_assertion_says_whom_what_and_where(tmp_path: Path) -> None:
    found = one(
        tmp_path, "only: [ann, kind human]", "permission: [s3:GetObject, s3:PutObject]", "resource: arn:aws:s3:::b/k",
        "context: {aws:SourceIp: 203.0.113.7, aws:TagKeys: [a, b], aws:SecureTransport: true, x:n: 5}",
        "strict: true", "transitive: true", "reason: so", "allow_unknown: true", "allow_conditional: true",
    )  # fmt: skip
    assert (found.form, found.line, found.reason) == ("only", 3, "so")
    assert found.permissions == ("s3:GetObject", "s3:PutObject") and found.resources == ("arn:aws:s3:::b/k",)
    assert found.name == "only ann, kind human: s3:GetObject, s3:PutObject on arn:aws:s3:::b/k"
    assert found.context == {
        "aws:SourceIp": ("203.0.113.7",), "aws:TagKeys": ("a", "b"), "aws:SecureTransport": ("true",), "x:n": ("5",),
    }  # fmt: skip
    assert (found.strict, found.transitive, found.allow_unknown, found.allow_conditional) == (True,) * 4
    assert [(who.principal, who.kind, who.named) for who in found.whom] == [("ann", "", True), ("", "human", False)]


def test_without_a_resource_any_is_meant(tmp_path: Path) -> None:
    found = one(tmp_path, "can: ann", "permission: s3:GetObject")
    assert found.resources == (None,) and found.name == "can ann: s3:GetObject"
    assert not (found.strict or found.transitive or found.allow_unknown or found.allow_conditional)


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("anyone", {}),
        ("public", {"public": True}),
        ("outside the zone", {"zone": "outside"}),
        ("inside the estate", {"estate": "inside"}),
        ("account 012345678901", {"account": "012345678901"}),
        ("kind device", {"kind": "device"}),
        ("arn:aws:iam::1:role/a b", {"principal": "arn:aws:iam::1:role/a b"}),
        ("arn:aws:iam::*:role/x", {"principal": "arn:aws:iam::*:role/x"}),
        ("{kind: human, account: 012345678901}", {"kind": "human", "account": "012345678901"}),
        ("{zone: outside, kind: federated}", {"zone": "outside", "kind": "federated"}),
        ("{public: true}", {"public": True}),
    ],
)
def test_selectors(text: str, parts: dict[str, object], tmp_path: Path) -> None:
    found = one(tmp_path, f"nobody: {text}", "permission: a:B").whom[0]
    names = ("principal", "account", "kind", "zone", "estate", "public")
    assert {name: getattr(found, name) for name in names if getattr(found, name)} == parts


HEAD = "version: 1\nassertions:\n"
WRONG = {
    "no version": ("assertions: []", "must be a mapping with `version: 1`"),
    "another version": ("version: 9\nassertions: []", "line 1: version: 9 is not known"),
    "another key": ("version: 1\nasertions: []", "line 2: asertions: unknown key"),
    "none": ("version: 1\nassertions: []", "line 2: assertions: is empty"),
    "no list": ("version: 1\nassertions: {}", "line 2: assertions: must be a list"),
    "broken": ("version: 1\nassertions: [", "line 2: "),
    "a text": (HEAD + "  - can ann do it", "line 3: assertions[0]: must be a mapping"),
    "no form": (HEAD + "  - permission: a:B", "line 3: assertions[0]: needs exactly one of can, cannot, only, nobody"),
    "two forms": (HEAD + "  - {can: a, cannot: b, permission: a:B}", "needs exactly one of can"),
    "no permission": (HEAD + "  - name: x\n    can: a", "line 3: assertions[0]: needs permission"),
    "an empty permission": (
        HEAD + "  - can: a\n    permission: ''",
        "line 4: assertions[0].permission: must be a text",
    ),
    "no permissions": (HEAD + "  - can: a\n    permission: []", "line 4: assertions[0].permission: is empty"),
    "a misspelt key": (HEAD + "  - can: a\n    permision: a:B", "line 4: assertions[0].permision: unknown key; known:"),
    "the second one": (HEAD + "  - {can: a, permission: a:B}\n  - {can: a}", "line 4: assertions[1]: needs permission"),
    "a flag": (
        HEAD + "  - can: a\n    permission: a:B\n    strict: yes",
        "line 5: assertions[0].strict: must be true or",
    ),
    "except": (HEAD + "  - {only: a, permission: a:B, except: b}", "assertions[0].except: goes with nobody only"),
    "transitive": (HEAD + "  - {can: a, permission: a:B, transitive: true}", "transitive: goes with only and nobody"),
    "a context": (HEAD + "  - {can: a, permission: a:B, context: x}", "assertions[0].context: must be a mapping"),
    "an empty context": (HEAD + "  - {can: a, permission: a:B, context: {}}", "assertions[0].context: is empty"),
    "a value": (HEAD + "  - {can: a, permission: a:B, context: {k: {}}}", "context.k: must be a text or a list"),
    "a slip": (
        HEAD + "  - {nobody: outside zone, permission: a:B}",
        "nobody: outside zone: is no principal, account ID",
    ),
    "a kind": (HEAD + "  - {nobody: kind humans, permission: a:B}", "nobody: humans is no kind; known: human, "),
    "a zone": (HEAD + "  - {nobody: {zone: within}, permission: a:B}", "nobody: zone is inside or outside, not within"),
    "a part": (HEAD + "  - {nobody: {acount: 1}, permission: a:B}", "nobody: unknown part acount; known: principal"),
    "an empty part": (
        HEAD + "  - {nobody: {account: ''}, permission: a:B}",
        "account must be a text that is not empty",
    ),
    "no part": (HEAD + "  - {nobody: {}, permission: a:B}", "assertions[0].nobody: is empty"),
    "not public": (HEAD + "  - {nobody: {public: false}, permission: a:B}", "nobody: public must be true"),
    "no selector": (HEAD + "  - {only: [], permission: a:B}", "assertions[0].only: is empty"),
    "a number": (HEAD + "  - {only: [1.5], permission: a:B}", "assertions[0].only: must be a text or a mapping"),
}


@pytest.mark.parametrize("case", WRONG)
def test_what_is_wrong_is_named_with_its_line(case: str, tmp_path: Path) -> None:
    text, cause = WRONG[case]
    with pytest.raises(InputError) as caught:
        read(tmp_path, text)
    told = str(caught.value)
    assert told.startswith(f"{tmp_path / 'check.yaml'}: ") and cause in told and "\n" not in told


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"none\.yaml: cannot be read: No such file or directory"):
        read_assertions(tmp_path / "none.yaml")
