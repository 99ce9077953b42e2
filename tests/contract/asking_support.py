"""What the suites of our own cases share: how they are read, and what is wrong with a case of any provider."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import pytest
from hypothesis import strategies as st

from leastwise.model.conformance import CaseError, CaseResult, CaseVerdict

Case = Mapping[str, Any]


@dataclass(frozen=True)
class Suite:
    """The cases of a provider, and what holds of those of any.

    Args:
        provider: whose they are.
        run: the provider's verdict on a case.
    """

    provider: str
    run: Callable[[Case, Path], CaseVerdict]

    @property
    def folder(self) -> Path:
        """Where the cases stand."""
        return Path(__file__).resolve().parents[1] / "cases" / self.provider

    @cached_property
    def cases(self) -> list[dict[str, Any]]:
        """The cases, by topic."""
        return cases_of(self.folder)

    def one(self, id: str) -> dict[str, Any]:
        """The case of that name."""
        return next(case for case in self.cases if case["id"] == id)

    def passes(self, case: Case) -> None:
        """A case is answered as it expects."""
        verdict = self.run(case, self.folder)
        assert verdict.result is CaseResult.PASSED, (
            f"{verdict.got}, not {verdict.expected}: {verdict.note} ({case['page']})"
        )

    def fails(self, id: str, wrong: Case) -> None:
        """A case is not answered as it should not be."""
        assert self.run({**self.one(id), "expected": wrong}, self.folder).result is CaseResult.FAILED

    def says(self, id: str, words: str) -> None:
        """The words are part of why a case is answered as it is."""
        case = self.one(id)
        other = "ALLOWED" if case["expected"]["state"] != "ALLOWED" else "DENIED"
        assert words in self.run({**case, "expected": {"state": other}}, self.folder).note

    def is_documented(self, least: int, *pages: str) -> None:
        """There are at least so many cases, each with its name, a note, and a page that begins so."""
        assert len(self.cases) >= least
        assert len({one["id"] for one in self.cases}) == len(self.cases)
        for one in self.cases:
            assert one["page"].startswith(pages), one["id"]
            assert one["note"].endswith("."), one["id"]

    def covers(self, rows: Collection[str]) -> None:
        """Every row has a case and every case a row; each says how sure its page is."""
        assert {feature for one in self.cases for feature in one["features"]} == rows
        for one in self.cases:
            assert one["confidence"] in ("documented", "contested"), one["id"]
            assert one["features"], one["id"]

    def asks_everything(self) -> None:
        """Every direction is answered with every state."""
        seen = {(one["question"]["ask"], one["expected"]["state"]) for one in self.cases}
        states = {"ALLOWED", "DENIED", "CONDITIONAL", "UNKNOWN"}
        assert seen == {(ask, state) for ask in ("can", "who_can", "what_can") for state in states}

    def refuses(self, case: Case, cause: str) -> None:
        """What is wrong with a case that is none is named."""
        with pytest.raises(CaseError) as error:
            self.run(case, self.folder)
        assert str(error.value).startswith(cause)

    def answers_or_refuses(self, case: Case) -> None:
        """A case that is broken somewhere has a verdict, or a CaseError in one line."""
        try:
            told = self.run(case, self.folder)
        except CaseError as error:
            assert "\n" not in str(error)
            assert str(error).startswith(("documents", "question"))
            return
        assert told.result in (CaseResult.PASSED, CaseResult.FAILED)
        assert told.got.split(" ")[0] in ("ALLOWED", "DENIED", "CONDITIONAL", "UNKNOWN")


def cases_of(folder: Path) -> list[dict[str, Any]]:
    """The cases of a provider, by topic."""
    return list(_cases(folder))


def _cases(folder: Path) -> Iterator[dict[str, Any]]:
    for file in sorted(folder.glob("*/*.jsonl")):
        yield from map(json.loads, file.read_text().splitlines())


def bad_of_any(kind: str, question: dict[str, Any]) -> dict[str, tuple[dict[str, Any], str]]:
    """Changes that make a case none, each with what is said of it; `kind` is a kind of document of the provider."""
    return {
        "no documents": ({"documents": {}}, "documents: must be a list of objects"),
        "no question": ({"question": None}, "question: must be an object"),
        "no such ask": ({"question": {"ask": "may"}}, "question.ask: 'may' is none of can, who_can, what_can"),
        "no such mode": ({"question": question | {"mode": "lax"}}, "question.mode: 'lax' is neither open nor strict"),
        "no such state": ({"expected": {"state": "MAYBE"}}, "expected.state: 'MAYBE' is none of ALLOWED, "),
        "no such kind": ({"documents": [{"kind": "note", "body": {}}]}, "documents: kind 'note' is not known"),
        "no body": ({"documents": [{"kind": kind}]}, f"documents: body of {kind} must be an object"),
    }


Path_ = tuple[str | int, ...]


def places(value: Any, above: Path_ = ()) -> Iterator[Path_]:
    """The path of each value inside a value."""
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, one in inner:
        yield (*above, key)
        yield from places(one, (*above, key))


@st.composite
def broken(draw: st.DrawFn, cases: Sequence[dict[str, Any]], others: Sequence[Any]) -> dict[str, Any]:
    """One of some cases with one or two places left out, replaced by one of the others, or misspelt."""
    case: dict[str, Any] = copy.deepcopy(draw(st.sampled_from(cases)))
    for _ in range(draw(st.integers(1, 2))):
        part = draw(st.sampled_from(["documents", "documents", "documents", "question"]))
        *above, key = draw(st.sampled_from([(part, *one) for one in places(case[part])] or [(part,)]))
        holder: Any = case
        for one in above:
            holder = holder[one]
        old = holder[key]
        how = draw(st.sampled_from(["left out", "replaced", "misspelt"]))
        if how == "left out" and above:
            del holder[key]
        elif how == "misspelt" and isinstance(old, str):
            at = draw(st.integers(0, len(old)))
            holder[key] = old[:at] + draw(st.sampled_from(["", *"/:?*'()@%é"])) + old[at + draw(st.integers(0, 1)) :]
        else:
            holder[key] = copy.deepcopy(draw(st.sampled_from(others)))
        if not isinstance(case["documents"], list) or not isinstance(case["question"], dict):
            break
    return case
