"""Suite `ask` for AWS: documents as AWS gives them, and one question, asked in all three directions."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from leastwise.errors import InputError, UsageError
from leastwise.model.conformance import CaseError, CaseResult, CaseVerdict
from leastwise.model.decision import State

from ..compiled.access import AwsAccess, Circumstances
from ..evaluate.explain import explain
from ..evaluate.policy import Policy, PolicyError, parse_policy
from .directions import Asked, disagreements, whole
from .documents import collected
from .estate import access_to
from .words import context_of, text_of, texts_of

_ASKS = ("can", "who_can", "what_can")


@dataclass(frozen=True, slots=True)
class _Answer:
    """State, names (principals or permissions; None for can), and why."""

    state: State
    names: list[str] | None = None
    why: str = ""

    def __str__(self) -> str:
        return str(self.state) if self.names is None else f"{self.state} {', '.join(self.names)}".rstrip()


def run(body: Mapping[str, Any], folder: Path) -> CaseVerdict:
    """The verdict on a case; its documents stand in it, so nothing is read from the folder.

    Raises:
        CaseError: it cannot be read.
    """
    question, expected = (_object(body, key) for key in ("question", "expected"))
    if question.get("ask") not in _ASKS:
        raise CaseError(f"question.ask: {question.get('ask')!r} is none of {', '.join(_ASKS)}")
    wanted = _wanted(str(question["ask"]), expected)
    asked = Asked(
        estate_of(body), text_of(question, "resource", "question.") if question.get("resource") else None,
        _circumstances(question),
    )  # fmt: skip
    try:
        got = _ask(asked, question, expected)
        named = _named(question, expected)
        whose = question.get("principal")
        person = isinstance(whose, str) and any(asked.person(whose, one) is not None for one in named)
        split = list(disagreements(asked, None if person else whose, named))
    except UsageError as error:
        return CaseVerdict(CaseResult.UNSUPPORTED, str(wanted), "", str(error))
    passed = got.state is wanted.state and wanted.names in (None, got.names) and not split
    note = "" if passed else "; ".join([*([got.why] if got.why else []), *split])
    return CaseVerdict(CaseResult.PASSED if passed else CaseResult.FAILED, str(wanted), str(got), note)


def estate_of(body: Mapping[str, Any]) -> AwsAccess:
    """The estate that the documents of a case make. Raises CaseError."""
    documents = body.get("documents")
    if not isinstance(documents, list) or not all(isinstance(one, Mapping) for one in documents):
        raise CaseError("documents: must be a list of objects")
    try:
        return access_to(collected(documents))
    except InputError as error:
        raise CaseError(f"documents: {error}") from None


def _object(body: Mapping[str, Any], key: str) -> Mapping[str, Any]:
    found = body.get(key)
    if not isinstance(found, Mapping):
        raise CaseError(f"{key}: must be an object")
    return found


def _wanted(ask: str, expected: Mapping[str, Any]) -> _Answer:
    try:
        state = State(text_of(expected, "state", "expected."))
    except ValueError as error:
        if isinstance(error, CaseError):
            raise
        raise CaseError(f"expected.state: {expected['state']!r} is none of {', '.join(State)}") from None
    key = {"who_can": "principals", "what_can": "permissions"}.get(ask)
    if key is None or (key not in expected and state is not State.ALLOWED):
        return _Answer(state)
    return _Answer(state, sorted(texts_of(expected, key, "expected.")))


def _circumstances(question: Mapping[str, Any]) -> Circumstances:
    mode = question.get("mode", "open")
    if mode not in ("open", "strict"):
        raise CaseError(f"question.mode: {mode!r} is neither open nor strict")
    context = context_of(question.get("context") or {}, "question.context")
    return Circumstances(context, strict=mode == "strict", session=_session(question.get("session_policies")))


def _session(given: object) -> list[Policy] | None:
    if given is None:
        return None
    found = given if isinstance(given, list) else [given]
    try:
        return [parse_policy(one, f"session policy {number + 1}") for number, one in enumerate(found)]
    except PolicyError as error:
        raise CaseError(f"question.session_policies: {error}") from None


def _ask(asked: Asked, question: Mapping[str, Any], expected: Mapping[str, Any]) -> _Answer:
    if question["ask"] == "what_can":
        principal = text_of(question, "principal", "question.")
        found = asked.what_can(principal)
        taking = asked.taking(found)
        allowed = sorted(one for one in taking if found[one] is State.ALLOWED)
        return _Answer(State.ALLOWED if allowed else whole({one: found[one] for one in taking})[0], allowed)
    permission = text_of(question, "permission", "question.")
    if question["ask"] == "who_can":
        return _Answer(*whole(asked.who_can(permission), unlisted=asked.unlisted(permission)))
    principal = text_of(question, "principal", "question.")
    person = asked.person(principal, permission)
    if person is not None:
        return _Answer(person[0], None, person[1])
    told = explain(asked.can(principal, permission))
    return _Answer(told.state, None, "; ".join((*(one.text for one in told.reasons), *told.missing)))


def _named(question: Mapping[str, Any], expected: Mapping[str, Any]) -> list[str]:
    """The permissions that a case names."""
    named = texts_of(expected, "permissions", "expected.")
    return [question["permission"], *named] if isinstance(question.get("permission"), str) else named
