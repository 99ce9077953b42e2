"""Circumstances that contradict what the question says itself: refused, since an answer to them answers nothing."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from leastwise.errors import UsageError

from ..evaluate.facts import Look
from .access import AwsAccess, Circumstances
from .context import principal_facts, resource_facts

_WHO = (
    "aws:principalarn",
    "aws:principalaccount",
    "aws:principalorgid",
    "aws:principaltype",
    "aws:userid",
    "aws:username",
    "kms:calleraccount",
)
_ONE = ("aws:principalarn", "aws:userid", "aws:username")
_WHERE = ("aws:resourceaccount", "aws:resourceorgid", "s3:resourceaccount")
_ENDPOINT = "aws:sourcevpce"


def check(access: AwsAccess, subject: str, action: str, resource: str | None, given: Circumstances) -> None:
    """Refuse a context of another principal or another resource than the question's.

    Tags may be given: a session can bring its own, and what a tag would do is a fair question.

    Raises:
        UsageError: naming the key, and what it is.
    """
    principal, number = access.principal(subject)
    # Of a session of a role that is not in the estate the path of the role is not known.
    if number is not None or principal.kind in ("user", "root"):
        known = principal_facts(access.estate, access.guardrails, principal, number, tag_sessions=False)
        _agree(given, known, _WHO, f"principal {principal.id}")
    if resource is not None:
        place = access.place(action, resource)
        _agree(given, resource_facts(access.guardrails, place, action, ""), _WHERE, f"resource {resource}")


def check_who(given: Circumstances) -> None:
    """Refuse a context that names one principal where everybody is asked for. Raises UsageError naming the key."""
    for key in given.context:
        if key.lower() in _ONE:
            raise UsageError(f"--context {key}: says which principal it is, and who-can asks for all (use can)")


def check_endpoint(given: Circumstances) -> None:
    """Refuse two different endpoints. Raises UsageError."""
    for key, value in given.context.items():
        if key.lower() == _ENDPOINT and given.endpoint is not None and isinstance(value, tuple):
            endpoint = given.endpoint.rsplit("/", 1)[-1]
            if value != (endpoint,):
                raise UsageError(f"--context {key}={', '.join(value)}: contradicts --endpoint {endpoint}")


def _agree(given: Circumstances, known: Mapping[str, object], keys: Iterable[str], whose: str) -> None:
    wanted = set(keys)
    for key, value in given.context.items():
        name = key.lower()
        if name not in wanted or not isinstance(value, tuple):
            continue
        own = known.get(name)
        if own is Look.ABSENT:
            raise UsageError(f"--context {key}={', '.join(value)}: {whose} has no {key}")
        if isinstance(own, tuple) and set(own) != set(value):
            told = f"{key} of {whose} is {', '.join(own)}"
            raise UsageError(f"--context {key}={', '.join(value)}: contradicts the question: {told}")
