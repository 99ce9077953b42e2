"""Suite `aws.evaluate`: one request with all of its policies.

Strict and discovery cases ask about one resource, pattern cases about a pattern of resources; a question that holds for
some context, or for some resource of the pattern, counts as allowed.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from leastwise.engine.solve import Outcome
from leastwise.model.conformance import CaseResult, CaseVerdict

from ..evaluate.decide import Decided, decide
from ..evaluate.explain import blocked_by, explain
from ..evaluate.logic import question
from .allowed import allowed_patterns
from .case import Case, UnsupportedCaseError, read_case

_LAYERS = {"pb": "boundary", "vpce": "endpoint", "s3-bpa": "service"}
"""What the format calls layers otherwise."""


def run(body: Mapping[str, Any], folder: Path) -> CaseVerdict:
    """The verdict on a case; its policies stand in it, so nothing is read from the folder.

    Raises:
        CaseError: the case cannot be read.
    """
    try:
        case = read_case(body)
    except UnsupportedCaseError as error:
        return CaseVerdict(CaseResult.UNSUPPORTED, str(body.get("expected", "")), "", str(error))
    decided = decide(question(case.request, case.policies))
    if not decided.verdict.exact:
        note = "more combinations of what is not known than the budget allows"
        return CaseVerdict(CaseResult.UNSUPPORTED, case.expected, "", note)
    got = _answer(case, decided)
    passed = got == case.expected or (case.expected == "Denied" and got in ("ImplicitlyDenied", "ExplicitlyDenied"))
    notes = list(_details(body.get("expected_detail"), decided))
    if not passed:
        notes += [reason.text for reason in explain(decided).reasons]
    return CaseVerdict(CaseResult.PASSED if passed else CaseResult.FAILED, case.expected, got, "; ".join(notes))


def _answer(case: Case, decided: Decided) -> str:
    outcome = decided.verdict.outcome
    if outcome is Outcome.NEVER:
        return "ExplicitlyDenied" if decided.explicit else "ImplicitlyDenied"
    for_some = case.mode == "discovery" or case.request.target.pattern is not None
    return "Allowed" if outcome is Outcome.ALWAYS or for_some else "Conditional"


def _details(detail: object, decided: Decided) -> Iterator[str]:
    """Where the details that a case gives besides agree or differ; these inform, and decide nothing."""
    if not isinstance(detail, Mapping):
        return
    results = detail.get("results")
    if isinstance(results, list):
        wanted = {
            str(one.get("resourcePattern"))
            for one in results
            if isinstance(one, Mapping) and one.get("result") == "Allowed"
        }
        found = allowed_patterns(decided)
        if found is not None:
            yield from _compared("allowed patterns", wanted, found)
    blocked = detail.get("blockedBy")
    if isinstance(blocked, list) and decided.verdict.outcome is Outcome.NEVER:
        wanted = {_LAYERS.get(one, one) for one in map(str, blocked)}
        yield from _compared("blocked by", wanted, blocked_by(explain(decided).reasons))


def _compared(what: str, wanted: set[str], found: set[str]) -> Iterator[str]:
    if found == wanted:
        yield f"{what}: {len(found)} agree"
        return
    parts = [f"{what}: {len(found & wanted)} agree"]
    parts += [
        f"{name} {', '.join(sorted(rest))}"
        for name, rest in (("missing", wanted - found), ("besides", found - wanted))
        if rest
    ]
    yield ", ".join(parts)
