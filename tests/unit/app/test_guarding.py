"""What a guardrail over several accounts denies, by what is known of the logs of each: cases as data."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any, cast

import pytest

from leastwise.app.gap import GapOf
from leastwise.app.guarding import SENSITIVE, _denied
from leastwise.providers.base.guarding import Guardrails, Target

KIND = Guardrails(
    kind="policy", layer="scp", most=1, unit="characters", takes=lambda scopes, named: None,
    written=lambda denied, folded, target: (b"", [], 0), held_back=bool,
)  # fmt: skip


class Told:
    """What the logs of an account show of every permission alike."""

    def __init__(self, why: str) -> None:
        self._why = why

    def rule(self, number: int) -> Told:
        return self

    def unseen(self, resources: Any) -> str:
        return self._why


class Watched:
    """Logs of some accounts."""

    def __init__(self, *logged: str) -> None:
        self._logged = logged

    def of(self, account: str) -> Any:
        return Told("" if account in self._logged else f"no logs of {account}")


CASES: dict[str, tuple[tuple[str, ...], dict[str, str]]] = {
    "all are logged": (("1", "2"), {}),
    "one is not": (("1",), {"x:Delete": "no logs of 2"}),
}


@pytest.mark.parametrize("name", CASES)
def test_what_is_used_in_an_account_without_logs_is_not_known(name: str) -> None:
    logged, wanted = CASES[name]
    facts = SimpleNamespace(names=("x:Delete",), sensitivity=(SENSITIVE[0],), watching=Watched(*logged))
    found = cast(GapOf, SimpleNamespace(facts=facts))
    unseen, denied = _denied(found, KIND, Target({}, frozenset({"1", "2"})), {}, ())
    assert unseen == wanted
    assert [one.permissions for one in denied] == ([] if wanted else [("x:Delete",)])
