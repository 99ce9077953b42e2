"""What a question says, read: its action, its resource, policies and circumstances; what makes no sense is refused."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from leastwise.errors import UsageError
from leastwise.model.decision import Circumstances

from .. import catalog
from ..evaluate.arn import parse_arn, spans
from ..evaluate.facts import Look
from ..evaluate.policy import Policy, PolicyError, parse_written
from .access import Circumstances as Given
from .agreement import check_endpoint
from .asked import objection
from .moments import with_moment

_LONGEST = 2048


def refuse_empty(what: str, text: str) -> None:
    """Raises UsageError for a text that says nothing."""
    if not text.strip():
        raise UsageError(f"{what}: is empty (an unset variable?)")


def action_of(text: str) -> str:
    """The action in AWS's case. Raises UsageError for one that the catalogue does not know."""
    refuse_empty("action", text)
    service, colon, name = text.partition(":")
    if not colon or not service or not name or spans(text):
        raise UsageError(f"{text}: is no action, as in s3:GetObject")
    known = catalog.action(text)
    if known is not None:
        return known.name
    near = catalog.suggest(text)
    hint = f"; did you mean {', '.join(near)}?" if near else ""
    raise UsageError(f"{text}: AWS has no such action{hint}")


def asked_of(permission: str, resource: str | None) -> tuple[str, str | None]:
    """The action and the resource of a question. Raises UsageError, also for an action that such a resource has not."""
    action, named = action_of(permission), resource_of(resource)
    refused = objection(action, named)
    if refused:
        raise UsageError(refused)
    return action, named


def resource_of(text: str | None) -> str | None:
    """The resource; None for any. Raises UsageError for what is no ARN."""
    if text is None or text == "*":
        return None
    refuse_empty("resource", text)
    if len(text) > _LONGEST:
        raise UsageError(f"resource: is longer than the {_LONGEST} characters of an ARN")
    arn = parse_arn(text)
    if arn is None or not arn.partition or not arn.service or not arn.resource:
        raise UsageError(f"{text}: is no ARN, as in arn:aws:s3:::bucket/key")
    return text


def policies_of(bodies: Sequence[Mapping[str, Any]], side: str) -> list[Policy]:
    """Policy documents, read. Raises UsageError."""
    try:
        return [parse_written(body, f"{side} policy {number}") for number, body in enumerate(bodies, 1)]
    except PolicyError as error:
        raise UsageError(f"{side} policy: {error}") from None


def given_of(given: Circumstances) -> Given:
    """The circumstances, read. Raises UsageError."""
    session = None
    if given.session is not None:
        try:
            session = [parse_written(body, f"session policy {n}") for n, body in enumerate(given.session, 1)]
        except PolicyError as error:
            raise UsageError(f"session policy: {error}") from None
    context = with_moment(given.context, given.moment)
    # A key without any value is one that the request does not carry.
    context = {key: Look.ABSENT if value == () else value for key, value in context.items()}
    context |= dict.fromkeys(given.open, Look.UNKNOWN)
    read = Given(context, given.strict, session, given.through)
    check_endpoint(read)
    return read
