"""Things that run as somebody, of whom the estate does not tell who that is; and which roles a profile carries.

A function, project or notebook always runs as a role. An instance names a profile; which role that carries is told with
the roles of the account. Where these were read to the end, a profile that none of them names carries none, and a role
that is not among them is gone: then the thing runs as nobody.

https://docs.aws.amazon.com/IAM/latest/APIReference/API_GetAccountAuthorizationDetails.html
"""

from __future__ import annotations

from collections.abc import Sequence

from leastwise.model.decision import State
from leastwise.model.scope import CoverageStatus
from leastwise.providers.base import ScopeTables
from leastwise.providers.tabled import rows_of

_ALWAYS = ("lambda:function", "codebuild:project", "sagemaker:notebook-instance")
"""Kinds that cannot be made without a role."""
_WHOLE = ("iam", "GetAccountAuthorizationDetails")


def unsaid(scopes: Sequence[ScopeTables]) -> dict[str, tuple[str, str]]:
    """Such things by id: the account whose roles each may run as, and the ARN of the role that it names, or none."""
    known = {id for one in scopes for (id,) in rows_of([one], "principals", "id")}
    whole = {one.id for one in scopes if _read(one)}
    links = [row for one in scopes for row in rows_of([one], "runs_as", "subject", "object", "kind")]
    carried = {subject for subject, _, kind in links if kind == "instance_profile" and ":instance-profile/" in subject}
    found: dict[str, tuple[str, str]] = {}
    said: set[str] = set()
    for subject, object, kind in links:
        if kind == "executes_as":
            said.add(subject)
            account = _account(object)
            if object not in known and account and account not in whole:
                found[subject] = account, object
    for subject, object, kind in links:
        if kind == "instance_profile" and subject not in said and object not in carried:
            account = _account(object)
            if account and account not in whole:
                found[subject] = account, ""
    for one in scopes:
        for id, kind, account in rows_of([one], "resources", "id", "kind", "account"):
            if kind in _ALWAYS and id not in said:
                found[id] = account or one.id, ""
    return found


def carried(scopes: Sequence[ScopeTables]) -> dict[str, State]:
    """Whether an instance profile carries a role, for each role of which that is known."""
    found: dict[str, State] = {}
    for one in scopes:
        if _read(one):
            found |= {
                id: State.DENIED for id, native in rows_of([one], "principals", "id", "native") if native == "role"
            }
    for one in scopes:
        for subject, object, kind in rows_of([one], "runs_as", "subject", "object", "kind"):
            if kind == "instance_profile" and ":instance-profile/" in subject:
                found[object] = State.ALLOWED
    return found


def _read(one: ScopeTables) -> bool:
    """Whether all roles of an account were read."""
    ended = {status for service, call, status in rows_of([one], "coverage", "service", "call", "status")
             if (service, call) == _WHOLE}  # fmt: skip
    return ended == {CoverageStatus.OK}


def _account(arn: str) -> str:
    return arn.split(":")[4] if arn.count(":") > 4 else ""
