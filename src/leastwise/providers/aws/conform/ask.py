"""Suite `ask` for AWS: documents as AWS gives them, and one question, asked in all three directions."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from leastwise.errors import InputError, UsageError
from leastwise.model.conformance import CaseError, CaseResult, CaseVerdict
from leastwise.model.decision import State
from leastwise.providers.ask import (
    Answer,
    asked_of,
    documents_of,
    held,
    section,
    strict_of,
    text_of,
    texts_of,
    wanted,
    whole,
)

from ..compiled.access import AwsAccess, Circumstances
from ..evaluate.explain import explain
from ..evaluate.policy import Policy, PolicyError, parse_policy
from .directions import Asked, disagreements
from .documents import collected
from .estate import access_to
from .words import context_of


def run(body: Mapping[str, Any], folder: Path) -> CaseVerdict:
    """The verdict on a case; its documents stand in it, so nothing is read from the folder.

    Raises:
        CaseError: it cannot be read.
    """
    question, expected = (section(body, key) for key in ("question", "expected"))
    expecting = wanted(asked_of(question), expected)
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
        return CaseVerdict(CaseResult.UNSUPPORTED, str(expecting), "", str(error))
    return held(expecting, got, split)


def estate_of(body: Mapping[str, Any]) -> AwsAccess:
    """The estate that the documents of a case make. Raises CaseError."""
    try:
        return access_to(collected(documents_of(body)))
    except InputError as error:
        raise CaseError(f"documents: {error}") from None


def _circumstances(question: Mapping[str, Any]) -> Circumstances:
    strict = strict_of(question)
    context = context_of(question.get("context") or {}, "question.context")
    return Circumstances(context, strict=strict, session=_session(question.get("session_policies")))


def _session(given: object) -> list[Policy] | None:
    if given is None:
        return None
    found = given if isinstance(given, list) else [given]
    try:
        return [parse_policy(one, f"session policy {number + 1}") for number, one in enumerate(found)]
    except PolicyError as error:
        raise CaseError(f"question.session_policies: {error}") from None


def _ask(asked: Asked, question: Mapping[str, Any], expected: Mapping[str, Any]) -> Answer:
    if question["ask"] == "what_can":
        principal = text_of(question, "principal", "question.")
        found = asked.what_can(principal)
        taking = asked.taking(found)
        allowed = sorted(one for one in taking if found[one] is State.ALLOWED)
        return Answer(State.ALLOWED if allowed else whole({one: found[one] for one in taking})[0], allowed)
    permission = text_of(question, "permission", "question.")
    if question["ask"] == "who_can":
        return Answer(*whole(asked.who_can(permission), unlisted=asked.unlisted(permission)))
    principal = text_of(question, "principal", "question.")
    person = asked.person(principal, permission)
    if person is not None:
        return Answer(person[0], None, person[1])
    told = explain(asked.can(principal, permission))
    return Answer(told.state, None, "; ".join((*(one.text for one in told.reasons), *told.missing)))


def _named(question: Mapping[str, Any], expected: Mapping[str, Any]) -> list[str]:
    """The permissions that a case names."""
    named = texts_of(expected, "permissions", "expected.")
    return [question["permission"], *named] if isinstance(question.get("permission"), str) else named
