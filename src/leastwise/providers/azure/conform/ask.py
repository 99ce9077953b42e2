"""Suite `ask` for Azure: documents as the vendor gives them, and one question, asked in all three directions.

`permissions` of what can are all operations for which can says ALLOWED on the question's resource: those of the
catalogue, whatever type of resource each is about, and those that the principal's roles name without wildcards; of
`question.plane`, or of both planes where it is left out. An operation that is on both stands as it is for the control
plane, and as `data:NAME` for the data plane.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
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
from leastwise.providers.conditions import ConditionError

from .. import catalog
from ..evaluate.allow import unread
from ..evaluate.comparing import Given
from ..evaluate.conditions import SUB
from ..evaluate.decide import decide
from ..evaluate.directions import everybody, unknown_roles, what_can, who_can
from ..evaluate.explain import STATES, explain
from ..evaluate.request import Request, plane_of, request
from ..language.assignments import principal_key
from ..language.ids import IdError
from ..language.operations import DATA, Plane, canonical, literal
from ..language.parse import parse_attribute
from .documents import Published, estate_of

_BUNDLED = Published(catalog.role, catalog.planes, catalog.every)


def run(body: Mapping[str, Any], folder: Path) -> CaseVerdict:
    """The verdict on a case; its documents stand in it, so nothing is read from the folder.

    Raises:
        CaseError: it cannot be read.
    """
    return run_with(body, _BUNDLED)


def run_with(body: Mapping[str, Any], published: Published) -> CaseVerdict:
    """The same with other built-in roles and operations."""
    question, expected = (section(body, key) for key in ("question", "expected"))
    ask = asked_of(question)
    expecting = wanted(ask, expected)
    asked = request_of(body, question, published)
    got = _answer(ask, asked)
    named = texts_of(expected, "permissions", "expected.")
    if ask != "what_can":
        named = [text_of(question, "permission", "question.")]
    if ask != "can":
        how = canonical if ask == "what_can" else principal_key
        expecting, got = _folded(expecting, how), _folded(got, how)
    listed = frozenset(got.names or ()) if ask == "what_can" else None
    return held(expecting, got, list(disagreements(asked, named, listed)))


def _folded(answer: Answer, how: Callable[[str], str]) -> Answer:
    """An answer whose names are written as they are compared: without case."""
    return answer if answer.names is None else replace(answer, names=sorted(set(map(how, answer.names))))


def request_of(body: Mapping[str, Any], question: Mapping[str, Any], published: Published) -> Request:
    """The question of a case, put to its documents. Raises CaseError."""
    ask = asked_of(question)
    who = "" if ask == "who_can" else text_of(question, "principal", "question.")
    permission = "" if ask == "what_can" else text_of(question, "permission", "question.")
    if not literal(permission):
        raise CaseError(f"question.permission: {permission!r} is a pattern, and not one operation")
    resource = text_of(question, "resource", "question.")
    plane, context = _plane(question), context_of(question.get("context") or {})
    strict = strict_of(question)
    estate = estate_of(documents_of(body), published)
    try:
        return request(estate, who, permission, resource, context, plane=plane, strict=strict)
    except IdError as error:
        raise CaseError(f"question.resource: {error}") from None


def _plane(question: Mapping[str, Any]) -> Plane | None:
    given = question.get("plane")
    if given is None:
        return None
    try:
        return Plane(given)
    except ValueError:
        raise CaseError(f"question.plane: {given!r} is neither control nor data") from None


def context_of(given: object) -> dict[str, Given]:
    """Attributes by key; null and an empty list say that one is absent. Raises CaseError."""
    if not isinstance(given, Mapping):
        raise CaseError("question.context: must be an object")
    return {_key(str(name)): _values(str(name), value) for name, value in given.items()}


def _key(name: str) -> str:
    if name.lower() == "suboperation":
        return SUB.key
    try:
        return parse_attribute(name).key
    except ConditionError:
        raise CaseError(
            f"question.context: {name!r} is no attribute as conditions write it, nor subOperation"
        ) from None


def _values(name: str, value: object) -> Given:
    if value is None:
        return ()
    several = value if isinstance(value, list) else [value]
    if not all(isinstance(one, str | int | bool) for one in several):
        raise CaseError(f"question.context.{name}: must be a text, a whole number, true or false, or a list of them")
    return tuple(several)


def _answer(ask: str, asked: Request) -> Answer:
    if ask == "what_can":
        found = what_can(asked)
        allowed = sorted(one for one, state in found.items() if state is State.ALLOWED)
        missing = [*unknown_roles(asked), *unread(asked)]
        other = whole(found, unlisted=bool(missing))[0]
        return Answer(State.ALLOWED if allowed else other, allowed, "; ".join(missing))
    if ask == "who_can":
        listed = who_can(asked)
        return Answer(*whole(listed.states, unlisted=listed.unlisted), "; ".join(listed.missing))
    told = explain(decide(asked))
    return Answer(told.state, None, "; ".join((*(one.text for one in told.reasons), *told.missing)))


def disagreements(asked: Request, permissions: list[str], allowed: frozenset[str] | None) -> Iterator[str]:
    """Where one direction says what another does not, of everybody whom the assignments name.

    Args:
        asked: the question.
        permissions: the operations that it is about.
        allowed: what what can lists, in lower case; None where it was not asked.
    """
    for permission in dict.fromkeys(permissions):
        plane = None if permission.lower().startswith(DATA) else asked.plane
        operation, meant = plane_of(asked.estate, permission, plane)
        question = replace(asked, operation=operation, plane=meant)
        listed = who_can(question)
        for who in dict.fromkeys([*everybody(question), *([asked.who] if asked.who else [])]):
            found = STATES[decide(replace(question, who=who)).verdict.outcome]
            told = listed.states.get(who)
            if told is not None and told is not found:
                yield f"{permission}: {who} is {found} by can, {told} by who can"
            if told is None and found in (State.ALLOWED, State.CONDITIONAL) and not asked.estate.groups.get(who):
                yield f"{permission}: {who} is {found} by can, and not listed by who can"
            if (
                allowed is not None
                and who == asked.who
                and (found is State.ALLOWED) is not (canonical(permission) in allowed)
            ):
                yield f"{permission}: {who} is {found} by can, and what can says another thing"
