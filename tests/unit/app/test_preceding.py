"""What must stand where a grant is taken away: found as it is told, or refused."""

from __future__ import annotations

import json
from typing import Any, cast

import pytest

from leastwise.app.preceding import Preceding
from leastwise.model.plan import Change, digest
from leastwise.providers.base.draft import Draft
from leastwise.providers.base.granting import Grant, Granting, MisfitError, Standing

DAYS = '{"expression":"day < 5","title":"days"}'
STANDING = [
    Grant("reader", "ana", "/p"), Grant("reader", "ana", "/p", DAYS), Grant("reader", "ana", "/p", eligible=True),
    Grant("owner", "ana", "/p", id="1"), Grant("owner", "ana", "/p", id="2"),
]  # fmt: skip


class Tables:
    """Grants of one place, and one bundle."""

    def place(self, draft: Draft, text: str) -> str:
        if text != "/p":
            raise MisfitError(f"{text}: no such place")
        return text

    def standing(self, draft: Draft, on: str) -> Standing:
        return Standing(STANDING)

    def definition(self, draft: Draft, id: str) -> bytes | None:
        return b'{"a": 1}' if id == "own" else None


def preceded(verb: str, **told: Any) -> Change:
    [found] = Preceding(Draft(()), cast(Granting, Tables())).of([Change(verb, told)])
    return found


FOUND: dict[str, tuple[dict[str, Any], Grant]] = {
    "without a condition": ({"condition": None}, STANDING[0]),
    "by a text": ({"condition": "day < 5"}, STANDING[1]),
    "by a mapping": ({"condition": {"expression": "day < 5"}}, STANDING[1]),
    "on request": ({"condition": None, "eligible": True}, STANDING[2]),
}


@pytest.mark.parametrize("name", FOUND)
def test_a_grant_that_stands(name: str) -> None:
    told, grant = FOUND[name]
    made = preceded("unassign", bundle="reader", principal="ana", on="/p", **told)
    assert made.before == digest(json.dumps(grant.values()).encode())


REFUSED: dict[str, tuple[str, dict[str, Any], str]] = {
    "somebody else's": ("unassign", {"bundle": "reader", "principal": "ben", "on": "/p"}, "does not stand"),
    "another condition": (
        "unassign", {"bundle": "reader", "principal": "ana", "on": "/p", "condition": "x"}, "does not stand",
    ),
    "several": ("unassign", {"bundle": "owner", "principal": "ana", "on": "/p"}, "stands 2 times"),
    "no such place": ("unassign", {"bundle": "reader", "principal": "ana", "on": "/q"}, "/q: no such place"),
    "no such bundle": ("put", {"policy": "other", "document": {}}, "no such bundle"),
}  # fmt: skip


@pytest.mark.parametrize("name", REFUSED)
def test_what_does_not_stand_so_is_refused(name: str) -> None:
    verb, told, why = REFUSED[name]
    with pytest.raises(ValueError, match=why):
        preceded(verb, **told)


def test_a_bundle_that_is_changed_and_what_is_new() -> None:
    assert preceded("put", policy="own", document={}).before == digest(b'{"a": 1}')
    assert preceded("assign", bundle="reader", principal="ben", on="/p").before == ""
