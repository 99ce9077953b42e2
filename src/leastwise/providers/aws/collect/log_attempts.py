"""Access Advisor: when IAM last saw a principal try a service or an action, asked for many principals.

https://docs.aws.amazon.com/IAM/latest/APIReference/API_GenerateServiceLastAccessedDetails.html
https://docs.aws.amazon.com/IAM/latest/APIReference/API_GetServiceLastAccessedDetails.html
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from functools import cache, partial
from typing import Any

import msgspec

from leastwise.model.scope import Collected, Coverage, CoverageStatus, RawDocument, Scope
from leastwise.providers.collecting.gather import joined
from leastwise.providers.collecting.prune import prune
from leastwise.providers.fetching import Wanted

from .clients import CallFailed
from .declaration import Call, declared
from .log_access import Access, every_account, refused
from .patient import outcome

ACTIONS = ("iam:GenerateServiceLastAccessedDetails", "iam:GetServiceLastAccessedDetails")
_AT_ONCE = 4


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
    begin, told = calls()
    job = entered.ask("iam", begin.call, Arn=arn, Granularity="ACTION_LEVEL").members["JobId"]
    page = outcome(told, lambda: entered.ask("iam", told.call, JobId=job))
    pages = [page.members]
    while page.members.get("IsTruncated"):
        page = entered.ask("iam", told.call, JobId=job, Marker=page.members["Marker"])
        pages.append(page.members)
    return joined(pages)


@cache
def calls() -> tuple[Call, Call]:
    """The declared calls: the one that begins a report, and the one that gives it."""
    begin = next(call for service in declared() for call in service.walk() if call.choice == "access_advisor")
    return begin, begin.then[0]


def _document(scope: Scope, arn: str, told: dict[str, Any], now: datetime) -> RawDocument:
    call = calls()[1]
    body = msgspec.json.encode({**prune(told, call.keep, lambda text: text), "IsTruncated": False})
    return RawDocument(scope, "iam", f"iam.{call.operation}", f"iam {call.call} {arn}", body, arn, now)


def _coverage(failed: Sequence[tuple[str, CallFailed]], answers: int) -> Coverage:
    call = calls()[1].call
    if not failed:
        return Coverage("iam", call, CoverageStatus.OK, f"{answers} answers")
    arn, error = failed[0]
    detail = f"{len(failed)} of {answers + len(failed)} principals, first {arn}: {error}"
    return Coverage("iam", call, error.status, detail, "when these principals last tried a service")
