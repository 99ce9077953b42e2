"""Suite `ask` for Entra ID: documents as Microsoft Graph gives them, and one question, asked in all three directions.

The reference answers, and the bulk engine must say the same.

`permissions` of what can are those for which can says ALLOWED on the question's resource: actions of the directory that
are known or that a role names, and the values of app roles that were granted (on behalf of a user, scopes). Names are
compared without case.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any

from leastwise.model.conformance import CaseError, CaseVerdict
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
from leastwise.providers.fields import FieldError

from ..evaluate.decide import decide
from ..evaluate.directions import everybody, unknown_roles, what_can, who_can
from ..evaluate.explain import STATES, explain
from ..evaluate.published import published
from ..evaluate.request import AskError, Kind, Request, request
from ..language.assignments import moment
from ..language.ids import object_id
from .bulk import Bulk
from .documents import estate_of

_KEYS = ("now", "onBehalfOf", "audience")


def run(body: Mapping[str, Any], folder: Path) -> CaseVerdict:
    """The verdict on a case; its documents stand in it, so nothing is read from the folder.

    Raises:
        CaseError: it cannot be read.
    """
    question, expected = (section(body, key) for key in ("question", "expected"))
    ask = asked_of(question)
    expecting = wanted(ask, expected)
    asked = request_of(body, question)
    got = _answer(ask, asked)
    named = texts_of(expected, "permissions", "expected.")
    if ask != "what_can":
        named = [asked.permission]
    if ask != "can" and asked.kind is not Kind.EXCHANGE:
        expecting, got = _folded(expecting), _folded(got)
    listed = frozenset(got.names or ()) if ask == "what_can" else None
    bulk = Bulk(asked.estate).differences(asked, listed)
    return held(expecting, got, [*disagreements(asked, named, listed), *bulk])


def _folded(answer: Answer) -> Answer:
    """An answer whose names are written as they are compared: without case."""
    if answer.names is None:
        return answer
    return replace(answer, names=sorted({one.strip().lower() for one in answer.names}))


def request_of(body: Mapping[str, Any], question: Mapping[str, Any]) -> Request:
    """The question of a case, put to its documents. Raises CaseError."""
    ask = asked_of(question)
    who = "" if ask == "who_can" else text_of(question, "principal", "question.")
    permission = "*" if ask == "what_can" else text_of(question, "permission", "question.")
    resource = text_of(question, "resource", "question.")
    now, user, audience = _context(question.get("context") or {})
    strict = strict_of(question)
    estate = estate_of(documents_of(body), published())
    try:
        return request(estate, who, permission, resource, now=now, user=user, audience=audience, strict=strict)
    except AskError as error:
        raise CaseError(f"question.permission: {error}") from None


def _context(given: object) -> tuple[datetime | None, str, str | None]:
    """When, on whose behalf, and for whom a token from outside is. Raises CaseError."""
    if not isinstance(given, Mapping):
        raise CaseError("question.context: must be an object")
    for name in given:
        if name not in _KEYS:
            raise CaseError(f"question.context: {name!r} is none of {', '.join(_KEYS)}")
    for name, value in given.items():
        if not isinstance(value, str):
            raise CaseError(f"question.context.{name}: must be a text")
    try:
        now = moment(given["now"]) if "now" in given else None
    except FieldError as error:
        raise CaseError(f"question.context.now: {error}") from None
    return now, object_id(given.get("onBehalfOf", "")), given.get("audience")


def _answer(ask: str, asked: Request) -> Answer:
    if ask == "what_can":
        found = what_can(asked)
        allowed = sorted(one for one, state in found.items() if state is State.ALLOWED)
        missing = [*unknown_roles(asked), *asked.estate.unread]
        other = whole(found, unlisted=bool(missing))[0]
        return Answer(State.ALLOWED if allowed else other, allowed, "; ".join(missing))
    if ask == "who_can":
        listed = who_can(asked)
        return Answer(*whole(listed.states, unlisted=bool(listed.missing)), "; ".join(listed.missing))
    told = explain(decide(asked))
    return Answer(told.state, None, "; ".join((*(one.text for one in told.reasons), *told.missing)))


def disagreements(asked: Request, permissions: list[str], allowed: frozenset[str] | None) -> Iterator[str]:
    """Where one direction says what another does not, of everybody whom the documents name.

    Args:
        asked: the question.
        permissions: those that it is about.
        allowed: what what can lists, in lower case; None where it was not asked.
    """
    estate = asked.estate
    for permission in dict.fromkeys(permissions):
        question = replace(asked, permission=permission)
        listed = who_can(question)
        known = () if question.kind is Kind.EXCHANGE else estate.objects
        for who in dict.fromkeys([*everybody(question), *known, *([asked.who] if asked.who else [])]):
            found = STATES[decide(question.by(who)).verdict.outcome]
            told = listed.states.get(who)
            if told is not None and told is not found:
                yield f"{permission}: {who} is {found} by can, {told} by who can"
            group = who in estate.groups or question.kind is Kind.EXCHANGE
            if told is None and found in (State.ALLOWED, State.CONDITIONAL) and not group:
                yield f"{permission}: {who} is {found} by can, and not listed by who can"
            if (
                allowed is not None
                and who == asked.who
                and (found is State.ALLOWED) is not (permission.lower() in allowed)
            ):
                yield f"{permission}: {who} is {found} by can, and what can says another thing"
