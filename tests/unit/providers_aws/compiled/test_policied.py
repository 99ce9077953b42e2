"""Which resources can have policies: what the catalogue has actions for, and no more than the tables say."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest

from leastwise.providers.aws import catalog
from leastwise.providers.aws.compiled import policied
from leastwise.providers.aws.compiled.policied import can_be_shared, can_have_policy, setting

WHOLE = [
    "acm-pca", "agent-registry", "aiops", "aws-marketplace", "backup", "bedrock-agentcore", "codeartifact",
    "codeguru-profiler", "dsql", "dynamodb", "ecr", "ecr-public", "elasticfilesystem", "entityresolution",
    "events", "imagebuilder", "kinesis", "kms", "logs", "mediapackagev2", "mediastore", "network-firewall",
    "qbusiness", "refactor-spaces", "route53resolver", "rum", "s3", "s3-outposts", "s3express", "s3files",
    "s3tables", "s3vectors", "schemas", "secretsmanager", "serverlessrepo", "ses", "signer", "sns", "sqs",
    "ssm-incidents", "vpc-lattice", "xray",
]  # fmt: skip
"""Services of the bundled catalogue whose resources are all taken to have policies; a new one is to be looked at."""
OPEN = re.compile(r"\$\{([^}]*)\}")


def examples() -> Iterator[tuple[str, str]]:
    """An action that sets a policy, and the ARN of something that it sets one of."""
    for prefix in catalog.prefixes():
        service = catalog.service(prefix)
        assert service is not None
        for name in setting(prefix):
            action = catalog.action(name)
            assert action is not None
            for use in action.resource_types:
                for arn in service.resource_types[use.type].arns:
                    yield name, OPEN.sub(lambda one: "global" if one[1] == "Scope" else "x1", arn)


EXAMPLES = sorted(set(examples()))


def test_the_catalogue_has_enough_of_them() -> None:
    assert len(EXAMPLES) > 100
    assert len({name.partition(":")[0] for name, _ in EXAMPLES}) > 60


@pytest.mark.parametrize(("action", "arn"), EXAMPLES)
def test_what_an_action_sets_a_policy_of_can_have_one(action: str, arn: str) -> None:
    assert can_have_policy(arn) or can_be_shared(arn)


def test_services_that_the_tables_do_not_narrow_are_those_that_were_looked_at() -> None:
    told = {*policied._SOME, *policied._SHARED}
    known = {policied._ACTIONS_OF.get(one, one) for one in told}
    assert [one for one in catalog.prefixes() if setting(one) and one not in known] == WHOLE


@pytest.mark.parametrize("table", [policied._SOME, policied._ACTIONS_OF], ids=["some", "actions of"])
def test_tables_name_services_that_have_such_actions(table: dict[str, object]) -> None:
    updated = {"apigateway"}  # UpdateDomainNameManagementPolicy
    assert [one for one in table if not setting(one) and one not in updated] == []


def test_a_service_that_shares_is_one_of_the_catalogue() -> None:
    named = {"catalog": "servicecatalog"}
    assert all(catalog.service(named.get(one, policied._ACTIONS_OF.get(one, one))) for one in policied._SHARED)


@pytest.mark.parametrize(
    ("resource", "policy", "shared"),
    [
        ("arn:aws:s3:::b/x", True, False),
        ("arn:aws:kms:eu-west-1:1:key/*", True, False),
        ("arn:aws:es:eu-west-1:1:domain/d", True, False),
        ("arn:aws:ec2:eu-west-1:1:instance/i", False, False),
        ("arn:aws:ec2:eu-west-1:1:subnet/s", False, True),
        ("arn:aws:ec2:eu-west-1:1:s*", False, True),
        ("arn:aws:ec2:eu-west-1:1:*/s", False, True),
        ("arn:aws:ec2:eu-west-1:1:instance/*", False, False),
        ("arn:aws:redshift:eu-west-1:1:namespace:n", True, False),
        ("arn:aws:redshift:eu-west-1:1:snapshot:c/s", False, True),
        ("arn:aws:redshift:eu-west-1:1:*", True, True),
        ("arn:aws:wafv2:us-east-1:1:global/*", True, False),
        ("arn:aws:wafv2:us-east-1:1:global/w*", False, False),
        ("arn:aws:iam::1:role/r", False, False),
        ("arn:aws:autoscaling:eu-west-1:1:autoScalingGroup:g", False, False),
        ("arn:aws:sso:::permissionSet/i/p", False, False),
        ("*", False, False),
    ],
)
def test_one_resource(resource: str, policy: bool, shared: bool) -> None:
    assert (can_have_policy(resource), can_be_shared(resource)) == (policy, shared)


@pytest.mark.parametrize(
    ("name", "sets"),
    [
        ("ecr:SetRepositoryPolicy", True),
        ("ecr:PutLifecyclePolicy", False),
        ("elasticfilesystem:PutFileSystemPolicy", True),
        ("elasticfilesystem:PutBackupPolicy", False),
        ("s3:PutAccessPointPolicyForObjectLambda", True),
        ("entityresolution:AddPolicyStatement", True),
        ("autoscaling:PutScalingPolicy", False),
        ("iam:PutUserPolicy", False),
    ],
)
def test_one_action(name: str, sets: bool) -> None:
    assert (name in setting(name.partition(":")[0])) is sets
