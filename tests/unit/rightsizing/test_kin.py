"""What permissions of each vendor are about, by their names and catalogues."""

from __future__ import annotations

import pytest

from leastwise.model.kin import Kin
from leastwise.providers.aws.kin import kin as of_aws
from leastwise.providers.gcp.kin import kin as of_google
from leastwise.providers.microsoft.kin import kin as of_microsoft

CASES = {
    "s3:GetObject": (of_aws, Kin("s3", "s3:Object", True)),
    "s3:PutObject": (of_aws, Kin("s3", "s3:Object", False)),
    "logs:DescribeLogGroups": (of_aws, Kin("logs", "logs:LogGroup", True)),
    "iam:ListRolePolicies": (of_aws, Kin("iam", "iam:RolePolicy", True)),
    "iam:PutRolePolicy": (of_aws, Kin("iam", "iam:RolePolicy", False)),
    "dynamodb:BatchGetItem": (of_aws, Kin("dynamodb", "dynamodb:Item", True)),
    "sqs:GetQueueAddress": (of_aws, Kin("sqs", "sqs:QueueAddress", False)),
    "storage.objects.get": (of_google, Kin("storage", "storage.objects", True)),
    "storage.objects.create": (of_google, Kin("storage", "storage.objects", False)),
    "Microsoft.Storage/storageAccounts/read": (
        of_microsoft,
        Kin("microsoft.storage", "microsoft.storage/storageaccounts", True),
    ),
    "microsoft.directory/users/basic/update": (
        of_microsoft,
        Kin("microsoft.directory", "microsoft.directory/users/basic", False),
    ),
}


@pytest.mark.parametrize(("name", "case"), CASES.items(), ids=CASES)
def test_kin(name: str, case: tuple[object, Kin]) -> None:
    kin, told = case
    assert kin(name) == told  # type: ignore[operator]


def test_what_a_call_needs_besides() -> None:
    assert "iam:PassRole" in of_aws("ec2:RunInstances").needs
