"""Suite `ask` for Google Cloud: documents as the vendor gives them, and one question, asked in all three directions."""

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

from .. import catalog
from ..evaluate.conditions import Absent, Known
from ..evaluate.decide import decide
from ..evaluate.directions import expanded, held_permissions, state, unknown_roles, what_can, who_can
from ..evaluate.explain import explain
from ..evaluate.membership import includes
from ..evaluate.request import Request, request
from ..evaluate.values import EvaluationError, parse_stamp
from ..language.cel import Const, Constant, MapOf
from ..language.members import CONVENIENCE, Kind, Member, parse_member
from ..language.names import canonical, written
from .documents import estate_of

Catalogue = Callable[[str], frozenset[str] | None]
_NOBODY = Member(Kind.EVERYONE, text="allUsers")


def run(body: Mapping[str, Any], folder: Path) -> CaseVerdict:
    """The verdict on a case; its documents stand in it, so nothing is read from the folder.

    Raises:
        CaseError: it cannot be read.
    """
    return run_with(body, catalog.permissions_of)


def run_with(body: Mapping[str, Any], catalogue: Catalogue) -> CaseVerdict:
    """The same with another catalogue of predefined roles."""
    question, expected = (section(body, key) for key in ("question", "expected"))
    ask = asked_of(question)
    expecting = wanted(ask, expected)
    asked = request_of(body, question, catalogue)
    got = _answer(ask, asked)
    named = [canonical(one) for one in texts_of(expected, "permissions", "expected.")]
    if ask != "what_can":
        named.append(asked.permission)
    if expecting.names is not None and ask == "what_can":
        expecting = replace(expecting, names=sorted(map(written, expecting.names)))
    return held(expecting, got, list(disagreements(asked, named)))


def request_of(body: Mapping[str, Any], question: Mapping[str, Any], catalogue: Catalogue) -> Request:
    """The question of a case, put to its documents. Raises CaseError."""
    ask = asked_of(question)
    who = _NOBODY if ask == "who_can" else _caller(text_of(question, "principal", "question."))
    permission = "" if ask == "what_can" else text_of(question, "permission", "question.")
    resource = text_of(question, "resource", "question.")
    if not resource.startswith("//"):
        raise CaseError(f"question.resource: {resource!r} is no full name of a resource")
    estate = estate_of(documents_of(body), catalogue)
    return request(
        estate, who, permission, resource, context_of(question.get("context") or {}), strict=strict_of(question)
    )


def _caller(text: str) -> Member:
    found = parse_member(text)
    if found.kind is Kind.OTHER or found.kind in CONVENIENCE:
        raise CaseError(f"question.principal: {text!r} names nobody who can call")
    return found


def context_of(given: object) -> dict[str, Known | Absent]:
    """Attributes by name; null says that one is absent. Raises CaseError."""
    if not isinstance(given, Mapping):
        raise CaseError("question.context: must be an object")
    return {str(name): Absent() if value is None else _known(str(name), value) for name, value in given.items()}


_LISTS = frozenset({"request.auth.access_levels", "google.groups", "iam.googleapis.com/modifiedGrantsByRole"})


def _known(name: str, value: object) -> Known:
    place = f"question.context.{name}"
    if name == "request.time":
        if not isinstance(value, str):
            raise CaseError(f"{place}: must be a text")
        try:
            return Known(parse_stamp(value))
        except EvaluationError:
            raise CaseError(f"{place}: {value!r} is no moment of RFC 3339") from None
    if name == "destination.port":
        if isinstance(value, str) and value.isdigit():
            return Known(int(value))
        if not isinstance(value, int) or isinstance(value, bool):
            raise CaseError(f"{place}: must be a number")
        return Known(value)
    if isinstance(value, Mapping):
        return Known(MapOf(tuple((Const(str(key)), Const(_constant(place, one))) for key, one in value.items())))
    if isinstance(value, list):
        return Known(tuple(_constant(place, one) for one in value))
    plain = _constant(place, value)
    return Known((plain,) if name in _LISTS else plain)


def _constant(place: str, value: object) -> Constant:
    if not isinstance(value, str | int | float):
        raise CaseError(f"{place}: must be a text, a number, or a list of texts")
    return value


def _answer(ask: str, asked: Request) -> Answer:
    if ask == "what_can":
        found = what_can(asked)
        allowed = sorted(one for one, state in found.items() if state is State.ALLOWED)
        unknown = [*unknown_roles(asked), *decide(asked).allow.unread]
        other = whole(found, unlisted=bool(unknown))[0]
        return Answer(State.ALLOWED if allowed else other, allowed, "; ".join(unknown))
    if ask == "who_can":
        listed = who_can(asked)
        return Answer(*whole(listed.states, unlisted=listed.unlisted), "; ".join(listed.missing))
    told = explain(decide(asked))
    return Answer(told.state, None, "; ".join((*(one.text for one in told.reasons), *told.missing)))


def disagreements(asked: Request, permissions: list[str]) -> Iterator[str]:
    """Where one direction says what another does not, of everybody whom the policies above the resource name."""
    everybody = dict.fromkeys(_everybody(asked))
    if asked.who != _NOBODY:
        everybody[asked.who] = None
    for permission in dict.fromkeys(permissions):
        listed = who_can(replace(asked, permission=permission))
        for who in everybody:
            question = replace(asked, who=who, permission=permission)
            found = state(question)
            told = listed.states.get(who.text)
            if told is not None and told is not found:
                yield f"{permission}: {who.text} is {found} by can, {told} by who can"
            if (
                told is None
                and found is not State.DENIED
                and not _stands(question, listed.states, found, listed.unlisted)
            ):
                yield f"{permission}: {who.text} is {found} by can, and not listed by who can"
            yield from _by_what_can(question, found)


def _stands(asked: Request, listed: Mapping[str, State], found: State, unlisted: bool) -> bool:
    """Whether somebody who is not listed may be in a set that is, or is listed by another spelling of a pool."""
    if unlisted and found is State.UNKNOWN:
        return True
    return any(includes(parse_member(one), asked) is not False for one in listed)


def _by_what_can(asked: Request, found: State) -> Iterator[str]:
    """Where what can would leave a permission out that can gives."""
    if found in (State.ALLOWED, State.CONDITIONAL) and asked.permission not in held_permissions(asked):
        yield f"{asked.permission}: {asked.who.text} is {found} by can, and DENIED by what can"


def _everybody(asked: Request) -> Iterator[Member]:
    """Everybody whom a binding above the resource names."""
    for name in asked.chain.names:
        place = asked.estate.places.get(name)
        for binding in place.policy.bindings if place is not None and place.policy is not None else ():
            for member in binding.members:
                yield from expanded(asked, member)
