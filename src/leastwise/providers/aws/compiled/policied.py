"""Which resources can have policies of their own.

https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_aws-services-that-work-with-iam.html, and, for the kinds of
resources, the operations of each service that set a policy.
"""

from __future__ import annotations

from ..evaluate.arn import parse_arn, spans
from ..evaluate.policy import Policy, parse_policy

_WHOLE = frozenset(
    (
        "acm-pca", "backup", "bedrock-agentcore", "codeartifact", "dsql", "dynamodb", "ecr", "ecr-public",
        "elasticfilesystem", "es", "events", "execute-api", "imagebuilder", "kinesis", "kms", "logs", "mediapackagev2",
        "mediastore", "network-firewall", "route53resolver", "s3", "s3-object-lambda", "s3-outposts", "s3express",
        "s3tables", "s3vectors", "schemas", "secretsmanager", "serverlessrepo", "ses", "signer", "sns", "sqs",
        "ssm-incidents", "vpc-lattice", "xray",
    )
)  # fmt: skip
"""Services that keep policies for all of their resources, or for what holds these."""
_SOME = {
    "aps": ("workspace/",),
    "bedrock": ("custom-model/", "guardrail/", "guardrail-profile/", "knowledge-base/"),
    "cloudtrail": ("channel/", "dashboard/", "eventdatastore/"),
    "codebuild": ("project/", "report-group/"),
    "comprehend": ("document-classifier/", "entity-recognizer/"),
    "glacier": ("vaults/",),
    "glue": ("catalog", "connection/", "database/", "table/", "tableVersion/", "userDefinedFunction/"),
    "kafka": ("cluster/",),
    "lambda": ("function:", "layer:"),
    "lex": ("bot/", "bot-alias/"),
    "oam": ("sink/",),
    "osis": ("pipeline/",),
    "payment-cryptography": ("key/",),
    "redshift": ("namespace:",),
    "redshift-serverless": ("namespace/", "snapshot/", "workgroup/"),
    "rekognition": ("project/",),
    "resource-explorer-2": ("view/",),
    "sagemaker": ("model-package-group/", "lineage-group/", "feature-group/"),
    "ssm": ("document/", "opsitemgroup/", "parameter/"),
    "ssm-contacts": ("contact/",),
}
"""By service, how the resources begin that can have one; the others of the service cannot."""


_DEFAULT_OF_FILES = {
    "Version": "2012-10-17",
    "Statement": [
        {
            "Effect": "Allow",
            "Principal": "*",
            "Action": [f"elasticfilesystem:Client{what}" for what in ("Mount", "Write", "RootAccess")],
            "Resource": "*",
            "Condition": {"Bool": {"elasticfilesystem:AccessedViaMountTarget": "true"}},
        }
    ],
}


def default_policies(resource: str) -> list[Policy]:
    """The policies in force on a resource of EFS that nobody gave one: any client may use a file system it can mount.

    https://docs.aws.amazon.com/efs/latest/ug/iam-access-control-nfs-efs.html#default-filesystempolicy
    """
    if not resource.startswith("file-system/"):
        return []
    return [parse_policy(_DEFAULT_OF_FILES, "default file system policy")]


def can_have_policy(resource: str) -> bool:
    """Whether a resource (or one that a pattern takes in) can have a policy of its own."""
    arn = parse_arn(resource)
    if arn is None:
        return False
    some = _SOME.get(arn.service)
    if some is None or spans(arn.resource.partition("/")[0]):
        return arn.service in _WHOLE or some is not None
    return arn.resource.startswith(some)
