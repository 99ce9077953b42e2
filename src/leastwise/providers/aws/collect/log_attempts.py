"""Access Advisor: when IAM last saw a principal try a service or an action, asked for many principals.

https://docs.aws.amazon.com/IAM/latest/APIReference/API_GenerateServiceLastAccessedDetails.html
https://docs.aws.amazon.com/IAM/latest/APIReference/API_GetServiceLastAccessedDetails.html
"""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from functools import partial
from typing import Any

import msgspec

from leastwise.model.scope import Collected, Coverage, CoverageStatus, RawDocument, Scope
from leastwise.providers.collecting.prune import prune
from leastwise.providers.fetching import Wanted

from .clients import CallFailed
from .log_access import Access, every_account, refused

ACTIONS = ("iam:GenerateServiceLastAccessedDetails", "iam:GetServiceLastAccessedDetails")
_CALL = "GetServiceLastAccessedDetails"
_KIND = "iam.get-service-last-accessed-details"
_AT_ONCE, _POLLS = 4, 120
_KEPT: dict[str, Any] = {
    "JobStatus": None, "JobCreationDate": None, "JobCompletionDate": None, "IsTruncated": None,
    "ServicesLastAccessed": {
        "ServiceName": None, "ServiceNamespace": None, "LastAuthenticated": None, "LastAuthenticatedEntity": None,
        "LastAuthenticatedRegion": None,
        "TrackedActionsLastAccessed": {
            "ActionName": None, "LastAccessedEntity": None, "LastAccessedTime": None, "LastAccessedRegion": None,
        },
    },
}  # fmt: skip


def attempts(wanted: Wanted, principals: Mapping[str, Sequence[str]], now: datetime) -> list[Collected]:
    """What IAM tells of the principals (ARNs by account) of each account that can be entered.

    Raises:
        UsageError: there is nothing to start from.
        InputError: of no principal anything is told.
    """
    _, clients, accounts = every_account(wanted.sign_in)
    found: list[Collected] = []
    errors: list[CallFailed] = []
    for one in accounts:
        if one.credentials is None or not principals.get(one.scope.id):
            continue
        with ThreadPoolExecutor(_AT_ONCE) as pool:
            answers = list(pool.map(partial(_told, Access(clients, one)), principals[one.scope.id]))
        failed = [(arn, told) for arn, told in answers if isinstance(told, CallFailed)]
        errors += [error for _, error in failed]
        documents = [_document(one.scope, arn, told, now) for arn, told in answers if not isinstance(told, CallFailed)]
        if documents:
            found.append(Collected(one.scope, now, tuple(documents), (_coverage(failed, len(documents)),)))
    if errors and not found:
        raise refused("Access Advisor", errors[0], " and ".join(ACTIONS))
    return found


def _told(entered: Access, arn: str) -> tuple[str, dict[str, Any] | CallFailed]:
    try:
        return arn, _asked(entered, arn)
    except CallFailed as error:
        return arn, error


def _asked(entered: Access, arn: str) -> dict[str, Any]:
    """The whole answer of one principal's report. Raises CallFailed."""
    job = entered.ask(
        "iam", "GenerateServiceLastAccessedDetails", Arn=arn, Granularity="ACTION_LEVEL"
    ).members["JobId"]  # fmt: skip
    for _ in range(_POLLS):
        told = entered.ask("iam", _CALL, JobId=job).members
        if told["JobStatus"] != "IN_PROGRESS":
            break
        time.sleep(1)
    if told["JobStatus"] != "COMPLETED":
        raise CallFailed(str(told["JobStatus"]), str(told.get("Error", {}).get("Message", "the report was not made")))
    services = list(told["ServicesLastAccessed"])
    page = told
    while page.get("IsTruncated"):
        page = entered.ask("iam", _CALL, JobId=job, Marker=page["Marker"]).members
        services += page["ServicesLastAccessed"]
    return {**told, "ServicesLastAccessed": services, "IsTruncated": False}


def _document(scope: Scope, arn: str, told: dict[str, Any], now: datetime) -> RawDocument:
    body = msgspec.json.encode(prune(told, _KEPT, lambda text: text))
    return RawDocument(scope, "iam", _KIND, f"iam {_CALL} {arn}", body, arn, now)


def _coverage(failed: Sequence[tuple[str, CallFailed]], answers: int) -> Coverage:
    if not failed:
        return Coverage("iam", _CALL, CoverageStatus.OK, f"{answers} answers")
    arn, error = failed[0]
    detail = f"{len(failed)} of {answers + len(failed)} principals, first {arn}: {error}"
    return Coverage("iam", _CALL, error.status, detail, "when these principals last tried a service")
