"""Access Advisor, as `aws iam get-service-last-accessed-details` answers on the last day, of principals without AWS's
own policies: which of the services that they may use were tried last when. It sees what no trail records too.

https://docs.aws.amazon.com/IAM/latest/APIReference/API_GetServiceLastAccessedDetails.html
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterator
from datetime import UTC, datetime
from urllib.parse import quote

from demo_company import iam
from demo_company.clock import CLOCK, iso
from demo_company.ids import READABLE
from demo_company.logs.everything import everything
from demo_company.model import Role, Statement
from demo_company.users import GROUPS

NAMES = {
    "bedrock": "Amazon Bedrock", "dynamodb": "Amazon DynamoDB", "ecr": "Amazon Elastic Container Registry",
    "ecs": "Amazon Elastic Container Service", "glue": "AWS Glue", "iam": "AWS Identity and Access Management",
    "lambda": "AWS Lambda", "rds": "Amazon RDS", "s3": "Amazon S3", "ses": "Amazon Simple Email Service v2",
    "sqs": "Amazon Simple Queue Service", "sts": "AWS Security Token Service", "athena": "Amazon Athena",
    "budgets": "AWS Budget Service", "ce": "AWS Cost Explorer Service", "cloudwatch": "Amazon CloudWatch",
    "cur": "AWS Cost and Usage Report", "logs": "Amazon CloudWatch Logs", "sns": "Amazon SNS",
}  # fmt: skip


def files() -> Iterator[tuple[str, bytes]]:
    """Names and contents, one a principal."""
    used: dict[tuple[str, str], tuple[int, str]] = defaultdict(lambda: (0, ""))
    for event in everything().events:
        if event.counted and event.call.permission:
            key = (event.session.principal, event.call.permission.partition(":")[0])
            used[key] = max(used[key], (event.when, event.region))
    for arn, services in _principals():
        rows = [_row(arn, service, *used.get((arn, service), (0, ""))) for service in services]
        answer = {
            "JobStatus": "COMPLETED",
            "JobType": "SERVICE_LEVEL",
            "JobCreationDate": iso(CLOCK),
            "ServicesLastAccessed": rows,
            "JobCompletionDate": iso(CLOCK),
            "IsTruncated": False,
        }
        name = f"iam-get-service-last-accessed-details--{quote(arn, safe='._@')}.json"
        yield f"last-accessed/{arn.split(':')[4]}/{name}", (json.dumps(answer, indent=4) + "\n").encode()


def _principals() -> Iterator[tuple[str, list[str]]]:
    for account in READABLE:
        for role in iam.roles(account, CLOCK):
            if not role.aws and role.statements:
                yield _arn(role), _services(role.statements)
        for user in iam.users(account, CLOCK):
            held = [one for one in GROUPS if one.account == account and one.name in user.groups]
            if not any(group.aws for group in held):
                yield iam.user_arn(user), _services(tuple(row for group in held for row in group.statements))


def _arn(role: Role) -> str:
    return f"arn:aws:iam::{role.account}:role{role.path}{role.name}"


def _services(statements: tuple[Statement, ...]) -> list[str]:
    found: set[str] = set()
    for statement in statements:
        actions = statement["Action"]
        for action in [actions] if isinstance(actions, str) else actions if isinstance(actions, list) else []:
            found.add(action.partition(":")[0])
    return sorted(found)


def _row(arn: str, service: str, when: int, region: str) -> dict[str, object]:
    row: dict[str, object] = {"ServiceName": NAMES[service]}
    if when:
        row |= {"LastAuthenticated": iso(datetime.fromtimestamp(when, UTC))}
    row |= {"ServiceNamespace": service}
    if when:
        row |= {"LastAuthenticatedEntity": arn, "LastAuthenticatedRegion": region}
    return {**row, "TotalAuthenticatedEntities": 1 if when else 0}
