"""The suite `ask`, as far as it is the same for every provider: what a case must have, and what answers are held to."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from leastwise.model.conformance import CaseError, CaseResult, CaseVerdict
from leastwise.model.decision import State

ASKS = ("can", "who_can", "what_can")
SURE = (State.DENIED, State.UNKNOWN, State.CONDITIONAL, State.ALLOWED)
"""States from the least to the most that somebody can."""


@dataclass(frozen=True, slots=True)
class Answer:
    """State, names (principals or permissions; None for can), and why."""

    state: State
    names: list[str] | None = None
    why: str = ""

    def __str__(self) -> str:
        return str(self.state) if self.names is None else f"{self.state} {', '.join(self.names)}".rstrip()


def asked_of(question: Mapping[str, Any]) -> str:
    """Which of the three is asked. Raises CaseError."""
    if question.get("ask") not in ASKS:
        raise CaseError(f"question.ask: {question.get('ask')!r} is none of {', '.join(ASKS)}")
    return str(question["ask"])


def strict_of(question: Mapping[str, Any]) -> bool:
    """Whether what a question does not give is absent; open is the default. Raises CaseError."""
    mode = question.get("mode", "open")
    if mode not in ("open", "strict"):
        raise CaseError(f"question.mode: {mode!r} is neither open nor strict")
    return bool(mode == "strict")


def wanted(ask: str, expected: Mapping[str, Any]) -> Answer:
    """The answer that a case expects. Raises CaseError."""
    try:
        state = State(text_of(expected, "state", "expected."))
    except ValueError as error:
        if isinstance(error, CaseError):
            raise
        raise CaseError(f"expected.state: {expected['state']!r} is none of {', '.join(State)}") from None
    key = {"who_can": "principals", "what_can": "permissions"}.get(ask)
    if key is None or (key not in expected and state is not State.ALLOWED):
        return Answer(state)
    return Answer(state, sorted(texts_of(expected, key, "expected.")))


def held(expected: Answer, got: Answer, split: list[str]) -> CaseVerdict:
    """The verdict on an answer; `split` is where the directions disagree."""
    passed = got.state is expected.state and expected.names in (None, got.names) and not split
    note = "" if passed else "; ".join([*([got.why] if got.why else []), *split])
    return CaseVerdict(CaseResult.PASSED if passed else CaseResult.FAILED, str(expected), str(got), note)


def whole(found: Mapping[str, State], *, unlisted: bool = False) -> tuple[State, list[str]]:
    """The state of a list of who can, and its principals as the suite has them; `unlisted`, others may be in it."""
    certain = sorted(one for one, state in found.items() if state is State.ALLOWED)
    if unlisted or State.UNKNOWN in found.values():
        return State.UNKNOWN, certain
    if State.CONDITIONAL in found.values():
        return State.CONDITIONAL, sorted(found)
    return (State.ALLOWED if certain else State.DENIED), certain


def section(body: Mapping[str, Any], key: str) -> Mapping[str, Any]:
    """An object of a case. Raises CaseError."""
    found = body.get(key)
    if not isinstance(found, Mapping):
        raise CaseError(f"{key}: must be an object")
    return found


def documents_of(body: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """The documents of a case. Raises CaseError."""
    documents = body.get("documents")
    if not isinstance(documents, list) or not all(isinstance(one, Mapping) for one in documents):
        raise CaseError("documents: must be a list of objects")
    return documents


def read_documents(
    documents: Iterable[Mapping[str, Any]],
    read: Mapping[str, Callable[[Mapping[str, Any]], None]],
    *broken: type[Exception],
) -> None:
    """Reads the documents of a case one by one.

    Args:
        documents: {`kind`, `body`} each.
        read: what reads a body, by kind.
        broken: what that raises where a body is wrong.

    Raises:
        CaseError: naming the document and what is wrong with it.
    """
    for number, one in enumerate(documents):
        kind, body = one.get("kind"), one.get("body")
        if not isinstance(kind, str) or kind not in read:
            raise CaseError(f"documents: kind {kind!r} is not known")
        if not isinstance(body, Mapping):
            raise CaseError(f"documents: body of {kind} must be an object")
        try:
            read[kind](body)
        except broken as error:
            raise CaseError(f"documents/{number}: {kind}: {error}") from None


def text_of(body: Mapping[str, Any], key: str, place: str = "") -> str:
    """A text that is not empty. Raises CaseError."""
    found = body.get(key)
    if not isinstance(found, str) or not found:
        raise CaseError(f"{place}{key}: {'is missing' if found in (None, '') else 'must be a text'}")
    return found


def texts_of(body: Mapping[str, Any], key: str, place: str = "") -> list[str]:
    """A list of texts; empty when absent. Raises CaseError."""
    found = body.get(key, [])
    if not isinstance(found, list) or not all(isinstance(one, str) for one in found):
        raise CaseError(f"{place}{key}: must be a list of texts")
    return found
