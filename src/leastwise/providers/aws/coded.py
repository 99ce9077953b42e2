"""Which types of Terraform, CloudFormation and SAM carry which document or attachment of AWS.

Terraform: the pages of https://registry.terraform.io/providers/hashicorp/aws/latest/docs (resources `iam_*`,
`ssoadmin_*`, `organizations_*` and those that carry a resource's policy; data source `iam_policy_document`).
Templates: https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/AWS_IAM.html and
https://docs.aws.amazon.com/serverless-application-model/latest/developerguide/sam-resource-function.html
"""

from __future__ import annotations

from leastwise.model.coding import Attacher, Blocks, Carrier, Coding, Grouped, Made

_DOCUMENT = Blocks(
    block="statement",
    key="Statement",
    keys={
        "sid": "Sid",
        "effect": "Effect",
        "actions": "Action",
        "not_actions": "NotAction",
        "resources": "Resource",
        "not_resources": "NotResource",
    },
    lists=frozenset(("actions", "not_actions", "resources", "not_resources")),
    given={"effect": "Allow"},
    outer={"version": "Version", "policy_id": "Id"},
    outer_given={"version": "2012-10-17"},
    grouped=(
        Grouped("principals", "Principal", ("type",), "identifiers", "*"),
        Grouped("not_principals", "NotPrincipal", ("type",), "identifiers", "*"),
        Grouped("condition", "Condition", ("test", "variable"), "values"),
    ),
    barred=frozenset(
        ("source_json", "override_json", "source_policy_documents", "override_policy_documents", "count", "for_each")
    ),
    variable="&{",
)
"""`data "aws_iam_policy_document"`."""

_POLICIES = {
    "aws_s3_bucket_policy": "bucket",
    "aws_sqs_queue_policy": "queue_url",
    "aws_sns_topic_policy": "arn",
    "aws_secretsmanager_secret_policy": "secret_arn",
    "aws_ecr_repository_policy": "repository",
    "aws_efs_file_system_policy": "file_system_id",
    "aws_kms_key_policy": "key_id",
    "aws_dynamodb_resource_policy": "resource_arn",
    "aws_backup_vault_policy": "backup_vault_name",
    "aws_opensearch_domain_policy": "domain_name",
    "aws_glacier_vault_lock": "vault_name",
    "aws_media_store_container_policy": "container_name",
    "aws_cloudwatch_event_bus_policy": "event_bus_name",
    "aws_api_gateway_rest_api_policy": "rest_api_id",
    "aws_lambda_layer_version_permission": "layer_name",
}
"""Types whose `policy` is the policy of a resource, and the attribute that names the resource."""
_ATTRIBUTES = {"aws_opensearch_domain_policy": "access_policies"}
_OWN = (
    "aws_kms_key",
    "aws_sqs_queue",
    "aws_sns_topic",
    "aws_s3_bucket",
    "aws_secretsmanager_secret",
    "aws_vpc_endpoint",
)
"""Types of resources that carry their own policy."""
_TERRAFORM = (
    *(
        Carrier(f"aws_iam_{kind}_policy", ("policy",), "identity", ("name",), ((kind,),))
        for kind in ("role", "user", "group")
    ),
    Carrier("aws_iam_policy", ("policy",), "bundle", ("name",)),
    Carrier("aws_iam_role", ("assume_role_policy",), "trust"),
    Carrier("aws_iam_role", ("inline_policy", "policy"), "identity", ("inline_policy", "name")),
    Carrier(
        "aws_ssoadmin_permission_set_inline_policy", ("inline_policy",), "identity", (), (("permission_set_arn",),)
    ),
    *(
        Carrier(kind, (_ATTRIBUTES.get(kind, "policy"),), "resource", (), ((of,),))
        for kind, of in _POLICIES.items()
        if kind != "aws_lambda_layer_version_permission"
    ),
    *(Carrier(kind, ("policy",), "resource") for kind in _OWN),
    Carrier("aws_organizations_policy", ("content",), "rcp", ("name",), only={"type": "RESOURCE_CONTROL_POLICY"}),
    Carrier(
        "aws_organizations_policy", ("content",), "scp", ("name",), only={"type": "SERVICE_CONTROL_POLICY"}, unset=True
    ),
)
_ATTACHED = (
    *(
        Attacher(f"aws_iam_{kind}_policy_attachment", ("policy_arn",), to=((kind,),))
        for kind in ("role", "user", "group")
    ),
    Attacher("aws_iam_policy_attachment", ("policy_arn",), to=(("roles",), ("users",), ("groups",))),
    Attacher("aws_iam_role", ("managed_policy_arns",)),
    *(
        Attacher(f"aws_iam_{kind}_policy_attachments_exclusive", ("policy_arns",), to=((f"{kind}_name",),))
        for kind in ("role", "user", "group")
    ),
    Attacher("aws_iam_role", ("permissions_boundary",), "boundary"),
    Attacher("aws_iam_user", ("permissions_boundary",), "boundary"),
    Attacher("aws_ssoadmin_managed_policy_attachment", ("managed_policy_arn",), to=(("permission_set_arn",),)),
    Attacher("aws_organizations_policy_attachment", ("policy_id",), "scp", (("target_id",),)),
)
_TEMPLATE = (
    *(
        Carrier(f"AWS::IAM::{kind}", ("Policies", "*", "PolicyDocument"), "identity", ("Policies", "PolicyName"))
        for kind in ("Role", "User", "Group")
    ),
    Carrier("AWS::IAM::Role", ("AssumeRolePolicyDocument",), "trust"),
    Carrier(
        "AWS::IAM::Policy", ("PolicyDocument",), "identity", ("PolicyName",),
        (("Roles", "*"), ("Users", "*"), ("Groups", "*")),
    ),
    *(
        Carrier(f"AWS::IAM::{kind}Policy", ("PolicyDocument",), "identity", ("PolicyName",), ((f"{kind}Name",),))
        for kind in ("Role", "User", "Group")
    ),
    Carrier("AWS::IAM::ManagedPolicy", ("PolicyDocument",), "bundle", ("ManagedPolicyName",)),
    Carrier("AWS::Serverless::Function", ("Policies", "*"), "identity"),
    Carrier("AWS::Serverless::Function", ("AssumeRolePolicyDocument",), "trust"),
    Carrier("AWS::S3::BucketPolicy", ("PolicyDocument",), "resource", (), (("Bucket",),)),
    Carrier("AWS::SQS::QueuePolicy", ("PolicyDocument",), "resource", (), (("Queues", "*"),)),
    Carrier("AWS::SNS::TopicPolicy", ("PolicyDocument",), "resource", (), (("Topics", "*"),)),
    Carrier("AWS::KMS::Key", ("KeyPolicy",), "resource"),
    Carrier("AWS::SecretsManager::ResourcePolicy", ("ResourcePolicy",), "resource", (), (("SecretId",),)),
    Carrier("AWS::SSO::PermissionSet", ("InlinePolicy",), "identity"),
    Carrier("AWS::Organizations::Policy", ("Content",), "scp", ("Name",), only={"Type": "SERVICE_CONTROL_POLICY"}),
    Carrier("AWS::Organizations::Policy", ("Content",), "rcp", ("Name",), only={"Type": "RESOURCE_CONTROL_POLICY"}),
)  # fmt: skip
_TEMPLATE_ATTACHED = (
    *(Attacher(f"AWS::IAM::{kind}", ("ManagedPolicyArns", "*")) for kind in ("Role", "User", "Group")),
    Attacher("AWS::Serverless::Function", ("Policies", "*")),
    Attacher("AWS::SSO::PermissionSet", ("ManagedPolicies", "*")),
    Attacher("AWS::IAM::Role", ("PermissionsBoundary",), "boundary"),
    Attacher("AWS::IAM::User", ("PermissionsBoundary",), "boundary"),
)
_NAMES = {
    "aws_s3_bucket": "bucket",
    **dict.fromkeys(
        (
            "aws_iam_role", "aws_iam_user", "aws_iam_group", "aws_iam_policy", "aws_ssoadmin_permission_set",
            "aws_organizations_policy",
            "aws_sqs_queue", "aws_sns_topic", "aws_secretsmanager_secret", "aws_ecr_repository", "aws_dynamodb_table",
            "aws_backup_vault", "aws_cloudwatch_event_bus",
        ),
        "name",
    ),
    "AWS::IAM::Role": "RoleName",
    "AWS::IAM::User": "UserName",
    "AWS::IAM::Group": "GroupName",
    "AWS::IAM::ManagedPolicy": "ManagedPolicyName",
    "AWS::S3::Bucket": "BucketName",
    "AWS::SQS::Queue": "QueueName",
    "AWS::SNS::Topic": "TopicName",
    "AWS::SSO::PermissionSet": "Name",
    "AWS::SecretsManager::Secret": "Name",
}  # fmt: skip
_SIGNS = {
    **{
        name: f":{kind}/"
        for kind in ("role", "user", "group")
        for name in (
            kind, f"{kind}s", f"{kind}_name",
            f"aws_iam_{kind}", f"AWS::IAM::{kind.title()}", f"{kind.title()}Name", f"{kind.title()}s",
        )
    },
    "permission_set_arn": ":permissionSet/",
    "AWS::SSO::PermissionSet": ":permissionSet/",
    "AWS::Serverless::Function": ":role/",
}  # fmt: skip
"""How the ARN of an owner tells what it is."""
_MADE = (
    *(
        Made(
            "document", "identity", f"aws_iam_{kind}_policy", {"name": "{policy}", kind: "{owner}"},
            "{owner}:{policy}", "policy", f":{kind}/",
        )
        for kind in ("role", "user", "group")
    ),
    Made("document", "bundle", "aws_iam_policy", {"name": "{policy}"}, "{id}", "policy", refers="arn"),
    *(
        Made(
            "attachment", "identity", f"aws_iam_{kind}_policy_attachment", {kind: "{owner}", "policy_arn": "{id}"},
            "{owner}/{id}", sign=f":{kind}/",
        )
        for kind in ("role", "user", "group")
    ),
)  # fmt: skip
"""What `terraform import` is told is on each resource's page."""

_TEMPLATED = (
    *(
        Made(
            "document",
            "identity",
            f"AWS::IAM::{kind}Policy",
            {f"{kind}Name": "{owner}", "PolicyName": "{policy}"},
            "",
            "PolicyDocument",
            f":{kind.lower()}/",
        )
        for kind in ("Role", "User", "Group")
    ),
    Made("document", "bundle", "AWS::IAM::ManagedPolicy", {"ManagedPolicyName": "{policy}"}, "", "PolicyDocument"),
)
"""Resources of templates for new documents: a policy of somebody's own has a type for roles, users and groups each."""

CODING = Coding(
    "aws",
    (*_TERRAFORM, *_TEMPLATE),
    (*_ATTACHED, *_TEMPLATE_ATTACHED),
    _NAMES,
    frozenset(("name", "id", "arn", "bucket", "url", "key_id")),
    {"aws_iam_policy_document": ("json", _DOCUMENT)},
    ("id", "arn"),
    ("AWS::",),
    "Statement",
    _MADE,
    _SIGNS,
    templated=_TEMPLATED,
)
"""What code of AWS looks like."""
