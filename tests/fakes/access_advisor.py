"""IAM's Access Advisor: reports are jobs, which take a while, fail, come in pages, and are told only to who began them.

https://docs.aws.amazon.com/IAM/latest/APIReference/API_GenerateServiceLastAccessedDetails.html
https://docs.aws.amazon.com/IAM/latest/APIReference/API_GetServiceLastAccessedDetails.html
"""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

from .aws import Answer, Refused
from .aws_wire import Request

BEGUN = datetime(2026, 11, 1, 8, tzinfo=UTC)


class Advisor:
    """Answers for the fake; a report is asked for `polls` times before it is done, and has pages of one service.

    `failing` says of whose reports the job fails. `begun` counts reports by principal.
    """

    def __init__(self, polls: int = 2, failing: Callable[[str], bool] = lambda arn: False) -> None:
        self.polls, self.failing = polls, failing
        self.begun: Counter[str] = Counter()
        self.open: list[int] = []
        self._jobs: dict[str, tuple[str, str]] = {}
        self._asked: Counter[str] = Counter()
        self._told: set[str] = set()
        self._lock = threading.Lock()

    def answers(self) -> dict[str, Answer]:
        """By operation."""
        return {
            "iam.GenerateServiceLastAccessedDetails": self._begin,
            "iam.GetServiceLastAccessedDetails": self._outcome,
        }

    def _begin(self, request: Request) -> dict[str, Any]:
        arn = request.parameters["Arn"]
        assert request.parameters["Granularity"] == "ACTION_LEVEL"
        if f"::{request.account}:" not in arn:
            raise Refused("NoSuchEntity", f"{arn} cannot be found.")
        with self._lock:
            self.begun[arn] += 1
            job = f"{len(self._jobs):08}-job-{'0' * 23}"
            self._jobs[job] = (request.access_key, arn)
            self.open.append(len(self._jobs) - len(self._told))
        return {"JobId": job}

    def _outcome(self, request: Request) -> dict[str, Any]:
        job = request.parameters["JobId"]
        key, arn = self._jobs.get(job, ("", ""))
        if key != request.access_key:
            raise Refused("NoSuchEntity", f"The job with ID {job} cannot be found.")
        with self._lock:
            self._asked[job] += 1
            ready = self._asked[job] > self.polls
        told: dict[str, Any] = {"JobCreationDate": BEGUN, "ServicesLastAccessed": []}
        if not ready:
            return {**told, "JobStatus": "IN_PROGRESS"}
        told["JobCompletionDate"] = BEGUN + timedelta(seconds=3)
        if self.failing(arn):
            return {**told, "JobStatus": "FAILED", "Error": {"Code": "InternalError", "Message": "no report"}}
        services = _services(arn)
        number = int(request.parameters.get("Marker", 0))
        told |= {"JobStatus": "COMPLETED", "ServicesLastAccessed": [services[number]]}
        if number + 1 < len(services):
            return {**told, "IsTruncated": True, "Marker": str(number + 1)}
        with self._lock:
            self._told.add(job)
        return {**told, "IsTruncated": False}


def _services(arn: str) -> list[dict[str, Any]]:
    """SQS was never tried; S3 was, by users whose number is even, and there the listing of buckets is told apart."""
    used = arn[-1] in "02468"
    last = {
        "LastAuthenticated": BEGUN - timedelta(days=20), "LastAuthenticatedEntity": arn,
        "LastAuthenticatedRegion": "us-east-1",
        "TrackedActionsLastAccessed": [
            {"ActionName": "CreateBucket"},
            {"ActionName": "ListAllMyBuckets", "LastAccessedEntity": arn, "LastAccessedRegion": "us-east-1",
             "LastAccessedTime": BEGUN - timedelta(days=20)},
        ],
    }  # fmt: skip
    return [
        {"ServiceName": "Amazon S3", "ServiceNamespace": "s3", "TotalAuthenticatedEntities": int(used),
         **(last if used else {})},
        {"ServiceName": "Amazon SQS", "ServiceNamespace": "sqs", "TotalAuthenticatedEntities": 0},
    ]  # fmt: skip
