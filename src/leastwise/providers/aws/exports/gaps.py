"""What is not held of a scope, said as coverage so that later answers are UNKNOWN for the right reason."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import msgspec

from leastwise.model.scope import Collected, Coverage, CoverageStatus

_DETAILS = "GetAccountAuthorizationDetails"
_SECTIONS = (
    ("UserDetailList", "users, their policies and groups", "AWS::IAM::User"),
    ("GroupDetailList", "groups and their policies", "AWS::IAM::Group"),
    ("RoleDetailList", "roles, their policies and trusts", "AWS::IAM::Role"),
    ("Policies", "customer managed policies", "AWS::IAM::Policy"),
)
_POLICIES = (
    ("s3api", "get-bucket-policy", "GetBucketPolicy", "AWS::S3::Bucket", "who may use buckets by their policies"),
    ("lambda", "get-policy", "GetPolicy", "AWS::Lambda::Function", "who may call functions by their policies"),
    ("kms", "get-key-policy", "GetKeyPolicy", "AWS::KMS::Key", "who may use keys by their policies"),
    ("sqs", "get-queue-attributes", "GetQueueAttributes", "AWS::SQS::Queue", "who may use queues by their policies"),
    ("sns", "get-topic-attributes", "GetTopicAttributes", "AWS::SNS::Topic", "who may use topics by their policies"),
    ("secretsmanager", "get-resource-policy", "GetResourcePolicy", "AWS::SecretsManager::Secret",
     "who may read secrets by their policies"),
    ("dynamodb", "get-resource-policy", "GetResourcePolicy", "AWS::DynamoDB::Table",
     "who may use tables by their policies"),
    ("ecr", "get-repository-policy", "GetRepositoryPolicy", "AWS::ECR::Repository",
     "who may use repositories by their policies"),
)  # fmt: skip
_LISTS = {
    "s3api": ("list-buckets", "Buckets"), "lambda": ("list-functions", "Functions"), "kms": ("list-keys", "Keys"),
    "sqs": ("list-queues", "QueueUrls"), "sns": ("list-topics", "Topics"),
    "secretsmanager": ("list-secrets", "SecretList"), "dynamodb": ("list-tables", "TableNames"),
    "ecr": ("describe-repositories", "repositories"),
}  # fmt: skip
"""Service → the call that lists what can have a policy, and its member: where that is empty, nothing is missing."""

_COLLECTED = {"s3api": "s3"}


def gaps(collected: Collected) -> Sequence[Coverage]:
    """A `not_tried` record for each part of an account that none of the documents, carried over ones too, tells of."""
    if collected.scope.kind != "account":
        return ()
    kinds = {document.kind.partition("!")[0] for document in collected.documents}
    kinds |= {f"iam_collect:{one.service}" for one in collected.documents if one.kind.startswith("iam_collect")}
    kinds |= {kind for service in _LISTS for kind in _nothing_listed(collected, service)}
    told = {(one.service, one.call) for one in collected.coverage}
    return [Coverage(service, call, CoverageStatus.NOT_TRIED, "not in what was imported", affects)
            for service, call, affects in _missing(kinds, told) if (service, call) not in told]  # fmt: skip


def _nothing_listed(collected: Collected, service: str) -> Iterator[str]:
    """The kinds of the calls that ask for policies, when everything that lists what could have one lists nothing."""
    operation, member = _LISTS[service]
    found = [one.body for one in collected.documents if one.kind == f"{service}.{operation}"]
    if found and not any(_holds(body, member) for body in found):
        yield from (f"{service}.{one[1]}" for one in _POLICIES if one[0] == service)


def _holds(body: bytes, member: str) -> bool:
    """Whether an answer lists something, or cannot be read; `aws` leaves an empty list of queues out."""
    try:
        answer = msgspec.json.decode(body)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return True
    return not isinstance(answer, dict) or bool(answer.get(member)) or bool(answer.keys() & {"NextToken", "nextToken"})


def _missing(kinds: set[str], told: set[tuple[str, str]]) -> Iterator[tuple[str, str, str]]:
    """(service, call, what it affects) of each part that no document of these kinds holds."""
    if not kinds & {"account_authorization_details", "iam_collect:iam"} and ("iam", _DETAILS) not in told:
        for section, affects, item in _SECTIONS:
            if f"config_item:{item}" not in kinds:
                yield "iam", f"{_DETAILS}/{section}", affects
    if "credential_report" not in kinds:
        yield "iam", "GetCredentialReport", "passwords, MFA, access keys and their last use"
    if "resource_policies" in kinds:
        return
    for service, operation, call, item, affects in _POLICIES:
        sources = (f"{service}.{operation}", f"config_item:{item}", f"iam_collect:{_COLLECTED.get(service, service)}")
        if not kinds.intersection(sources):
            yield service, call, affects


def section_gaps(present: Sequence[str], missing: Sequence[str], truncated: bool) -> list[Coverage]:
    """Coverage of the sections of account authorization details."""
    found = [Coverage("iam", f"{_DETAILS}/{name}", CoverageStatus.OK) for name in present]
    for name in missing:
        detail = "the export has no such section (made with --filter?)"
        found.append(Coverage("iam", f"{_DETAILS}/{name}", CoverageStatus.NOT_TRIED, detail, name))
    if truncated:
        detail = "the export stops in the middle (IsTruncated is true)"
        found.append(
            Coverage("iam", _DETAILS, CoverageStatus.FAILED, detail, "users, roles and policies after the cut")
        )
    return found
