"""Suite `aws.whocan`: who can do what in collected accounts, and whether one principal can.

A case names its dataset, a folder of `datasets` beside the vectors; each is compiled once.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np

from leastwise.engine.arrays import Array
from leastwise.engine.solve import Outcome
from leastwise.errors import InputError, UsageError
from leastwise.model.conformance import CaseError, CaseResult, CaseVerdict
from leastwise.providers.ask import text_of, texts_of

from ..compiled.access import AwsAccess, Circumstances
from ..compiled.who import WhoCan
from ..evaluate.decide import Decided, decide
from ..evaluate.explain import explain
from ..evaluate.policy import Policy, PolicyError, parse_policy
from ..evaluate.principals import Principal
from ..exports.read import read_exports
from .allowed import allowed_patterns
from .estate import access_to
from .words import context_of


def run(body: Mapping[str, Any], folder: Path) -> CaseVerdict:
    """The verdict on a case whose vectors lie in a folder.

    Raises:
        CaseError: it cannot be read, or its dataset is not there.
    """
    request = body.get("request")
    if not isinstance(request, Mapping):
        raise CaseError("request: must be an object")
    access = _dataset(_found(folder, text_of(body, "dataset")))
    try:
        if body.get("kind") == "can":
            return _can(access, request, text_of(body, "expected"))
        if body.get("kind") == "who-can":
            return _who_can(access, request, body.get("expected"))
    except UsageError as error:
        return CaseVerdict(CaseResult.UNSUPPORTED, note=str(error))
    raise CaseError(f"kind: {body.get('kind')!r} is neither who-can nor can")


def _found(folder: Path, name: str) -> Path:
    if Path(name).name != name:
        raise CaseError(f"dataset: {name!r} is no name of a folder")
    for path in (folder / "datasets" / name, folder / name):
        if path.is_dir():
            return path.resolve()
    raise CaseError(f"dataset: {folder / 'datasets' / name} is not there")


@lru_cache(maxsize=4)
def _dataset(path: Path) -> AwsAccess:
    try:
        return access_to(read_exports([path]))
    except InputError as error:
        raise CaseError(f"dataset: {error}") from None


# --- can --------------------------------------------------------------------------------------------------------------


def _can(access: AwsAccess, request: Mapping[str, Any], expected: str) -> CaseVerdict:
    given = Circumstances(
        context_of(request.get("customContextKeys", {}), "request.customContextKeys"),
        strict=request.get("simulationMode") == "Strict",
        session=_session(request.get("sessionPolicy")),
    )
    principal, action = text_of(request, "principal", "request."), text_of(request, "action", "request.")
    resource = text_of(request, "resourceArn", "request.") if "resourceArn" in request else None
    decided = decide(access.question(principal, action, resource, given))
    got = _answer(decided)
    if got == expected:
        return CaseVerdict(CaseResult.PASSED, expected, got)
    told = explain(decided)
    note = "; ".join((*(reason.text for reason in told.reasons), *told.missing))
    return CaseVerdict(CaseResult.FAILED, expected, got, note)


def _answer(decided: Decided) -> str:
    outcome = decided.verdict.outcome
    if outcome in (Outcome.ALWAYS, Outcome.DEPENDS):
        return "Allowed"
    if outcome is Outcome.UNKNOWN:
        return "Unknown"
    return "ExplicitlyDenied" if decided.explicit else "ImplicitlyDenied"


def _session(given: object) -> list[Policy] | None:
    if given is None:
        return None
    try:
        return [parse_policy(given, "session policy")]
    except PolicyError as error:
        raise CaseError(f"request.sessionPolicy: {error}") from None


# --- who can ----------------------------------------------------------------------------------------------------------


@dataclass
class _Listed:
    """A list of who can, as text lines that can be compared."""

    lines: set[str]

    def add(self, section: str, action: str, name: str, patterns: object = None) -> None:
        shown = f" on {', '.join(sorted(map(str, patterns)))}" if isinstance(patterns, list | set) else ""
        self.lines.add(f"{section}: {name}{f' {action}' if action else ''}{shown}")


def _who_can(access: AwsAccess, request: Mapping[str, Any], expected: object) -> CaseVerdict:
    if not isinstance(expected, Mapping) or not isinstance(expected.get("who"), list):
        raise CaseError("expected.who: must be a list")
    resource = text_of(request, "resource", "request.")
    given = Circumstances(_tags_on(access, resource) if request.get("s3AbacOverride") == "enabled" else {})
    only = _scope(access, request.get("principalScope"))
    found = _Listed(set())
    for action in texts_of(request, "actions", "request."):
        _add(found, access, WhoCan(access, action, resource, given), only)
    wanted = _wanted(expected, resource)
    extra, lacking = sorted(found.lines - wanted.lines), sorted(wanted.lines - found.lines)
    note = "; ".join([*(f"not expected: {one}" for one in extra), *(f"lacking: {one}" for one in lacking)])
    result = CaseResult.FAILED if extra or lacking else CaseResult.PASSED
    return CaseVerdict(result, f"{len(wanted.lines)} entries", f"{len(found.lines)} entries", note)


def _wanted(expected: Mapping[str, Any], resource: str) -> _Listed:
    """The list expected; a pattern `*` there says that all that was asked for is allowed."""
    wanted = _Listed(set())
    for one in expected["who"]:
        if not isinstance(one, Mapping):
            raise CaseError("expected.who: must be a list of objects")
        patterns = one.get("allowedPatterns")
        texts = None
        if isinstance(patterns, list):
            shown = [text_of(each, "pattern", "expected.who.allowedPatterns.") for each in patterns]
            texts = [resource if text == "*" else text for text in shown]
        action = f"{text_of(one, 'service', 'expected.who.')}:{text_of(one, 'action', 'expected.who.')}"
        wanted.add("who", action, text_of(one, "principal", "expected.who."), texts)
    # What else stands there (organizationsNotFound, accountsNotFound) tells how the tool that recorded it went on.
    for name in texts_of(expected, "principalsNotFound", "expected."):
        wanted.add("not in the estate", "", name)
    return wanted


def _add(found: _Listed, access: AwsAccess, who: WhoCan, only: Array | None) -> None:
    answer = who.answer(only)
    for group in answer.groups:
        section = "unknown" if group.verdict.outcome is Outcome.UNKNOWN else "who"
        for member in group.members.tolist():
            found.add(section, who.action, access.estate.principal_ids[member], _patterns(who, member))
    for principal, verdict, question in answer.outsiders:
        if verdict.outcome is Outcome.UNKNOWN:
            if principal.kind != "root":
                found.add("not in the estate", "", principal.id)
        elif _named_there(principal):
            found.add("who", who.action, principal.id, allowed_patterns(decide(question)))


def _named_there(principal: Principal) -> bool:
    """Everyone, and the accounts of nobody in particular, are not in the lists of the suite."""
    return principal.account != "" or principal.kind == "service"


def _patterns(who: WhoCan, member: int) -> set[str] | None:
    if who.place.target.pattern is None:
        return None
    principal = who.estate.principal(member)
    return allowed_patterns(decide(who.access.question_of(principal, member, who.action, who.place, who.given)))


def _scope(access: AwsAccess, given: object) -> Array | None:
    """The numbers of the principals that a question is limited to."""
    if given is None:
        return None
    if not isinstance(given, Mapping):
        raise CaseError("request.principalScope: must be an object")
    named = set(texts_of(given, "principals", "request.principalScope."))
    accounts = set(texts_of(given, "accounts", "request.principalScope."))
    ids = access.estate.principal_ids.all()
    return np.array([i for i, id in enumerate(ids) if id in named or id.split(":")[4] in accounts], np.int64)


def _tags_on(access: AwsAccess, resource: str) -> dict[str, tuple[str, ...]]:
    """A bucket's tags as conditions see them once they are switched on for it."""
    thing = access.estate.thing(resource)
    tags = {} if thing is None else access.estate.thing_tags(thing)
    return {f"aws:ResourceTag/{key}": (value,) for key, value in tags.items()}
