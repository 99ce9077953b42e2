"""What the suites of our own cases share: how they are read, and what is wrong with a case of any provider."""

from __future__ import annotations

import copy
import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from hypothesis import strategies as st


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
