"""Cases of suite `ask` for Google Cloud that are changed at some place: a verdict, or a CaseError in one line.

What reads a case must not fail otherwise, whatever stands where: members, names and conditions come from exports.
"""

from __future__ import annotations

import copy
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from leastwise.model.conformance import CaseError, CaseResult
from leastwise.providers.gcp.conform.ask import run

FOLDER = Path(__file__).parents[1] / "cases" / "gcp"
CASES = [json.loads(line) for file in sorted(FOLDER.glob("*/*.jsonl")) for line in file.read_text().splitlines()]
OTHERS: list[Any] = [
    None, True, 0, -1, 1.5, "", "x", "//", "//x", "projects/", [], {}, [1], {"a": 1}, ["x"], "allUsers", "user:",
    "user:@", "principalSet://", "principal://goog/subject/", "group:staff@example.com", "roles/owner", "\0",
    "1" * 5000, "//cloudresourcemanager.googleapis.com/projects/3", "organizations/1",
]  # fmt: skip
Path_ = tuple[str | int, ...]


def places(value: Any, above: Path_ = ()) -> Iterator[Path_]:
    """The path of each value inside a value."""
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, one in inner:
        yield (*above, key)
        yield from places(one, (*above, key))


@st.composite
def broken(draw: st.DrawFn) -> dict[str, Any]:
    """A case with one or two places left out, replaced, or misspelt."""
    case: dict[str, Any] = copy.deepcopy(draw(st.sampled_from(CASES)))
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
            holder[key] = copy.deepcopy(draw(st.sampled_from(OTHERS)))
        if not isinstance(case["documents"], list) or not isinstance(case["question"], dict):
            break
    return case


@given(broken())
def test_a_broken_case_is_answered_or_refused(case: dict[str, Any]) -> None:
    try:
        told = run(case, FOLDER)
    except CaseError as error:
        assert "\n" not in str(error)
        assert str(error).startswith(("documents", "question"))
        return
    assert told.result in (CaseResult.PASSED, CaseResult.FAILED)
    assert told.got.split(" ")[0] in ("ALLOWED", "DENIED", "CONDITIONAL", "UNKNOWN")
