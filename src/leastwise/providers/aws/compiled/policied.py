"""Which resources can have policies of their own, and which their owners can share with other accounts besides.

A service has such policies where the catalogue knows an action that sets one; the tables here narrow that to kinds of
resources. So a service that is new to the catalogue is not taken to have none.

https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_aws-services-that-work-with-iam.html, and, for the kinds of
resources, the operations of each service that set a policy.
"""

from __future__ import annotations

import re
from functools import lru_cache

from .. import catalog
from ..evaluate.arn import Arn, parse_arn, spans
from ..evaluate.policy import Policy, parse_policy

_SETS = re.compile(
    r"(?:put|set)\w*policy|(?:put|add|create)\w*permission|addpolicystatement|create\w*resourcepolicy"
    r"|put\w*policyforobjectlambda"
)
"""Names, in lower case, of actions that set a policy."""
_OF_ANOTHER_KIND = re.compile(
    r"\w*(?:account|autotermination|backup|corenetwork|cors|dataprotection|dataretrieval|index|lifecycle|metric|retention"
    r"|scaling|stack|storagetier)policy"
)
"""Those of them whose policy names no principals: what is kept for how long, what grows when."""
_LITERAL = re.compile(r"[^*?]*")
_NONE = frozenset(("fms", "iam", "mediaconvert", "ram", "sso", "ssm-sap"))
"""Services with actions of such names that set no policy of a resource; roles are dealt with elsewhere."""
_SET_ELSEWHERE = frozenset(("es", "execute-api", "s3-object-lambda"))
"""Services (as ARNs name them) whose policies an action of another service sets, or one that sets more."""
_ACTIONS_OF = {"route53-recovery-control": "route53-recovery-control-config"}
"""The prefix of a service's actions, where ARNs name it otherwise."""
_SOME = {
    "apigateway": ("/domainnames/",),
    "aps": ("workspace/",),
    "bedrock": ("custom-model/", "guardrail/", "guardrail-profile/", "knowledge-base/"),
    "cleanrooms-ml": ("configured-audience-model/",),
    "cloudfront": ("vpcorigin/",),
    "cloudhsm": ("backup/",),
    "cloudtrail": ("channel/", "dashboard/", "eventdatastore/"),
    "codebuild": ("project/", "report-group/"),
    "comprehend": ("document-classifier/", "entity-recognizer/"),
    "elemental-inference": ("feed/",),
    "glacier": ("vaults/",),
    "glue": ("catalog", "connection/", "database/", "table/", "tableVersion/", "userDefinedFunction/"),
    "kafka": ("cluster/",),
    "lambda": ("function:", "layer:"),
    "lex": ("bot/", "bot-alias/", "bot:"),
    "lookoutequipment": ("dataset/", "model/"),
    "mediatailor": ("channel/",),
    "networkmanager": ("core-network/",),
    "oam": ("sink/",),
    "omics": ("sequenceStore/",),
    "osis": ("pipeline/",),
    "payment-cryptography": ("key/",),
    "redshift": ("namespace:",),
    "redshift-serverless": ("namespace/", "snapshot/", "workgroup/"),
    "rekognition": ("project/",),
    "resource-explorer-2": ("view/",),
    "sagemaker": ("model-package-group/", "lineage-group/", "feature-group/"),
    "sms-voice": ("opt-out-list/", "phone-number/", "pool/", "sender-id/"),
    "ssm": ("document/", "opsitemgroup/", "parameter/"),
    "ssm-contacts": ("contact/",),
    "waf": ("rulegroup/",),
    "waf-regional": ("rulegroup/",),
    "wafv2": ("global/rulegroup/", "regional/rulegroup/"),
}
"""By service, how the resources begin that can have one; the others of the service cannot."""
_SHARED: dict[str, tuple[str, ...]] = {
    "apigateway": ("/portalproducts/",),
    "appmesh": ("mesh/",),
    "appmesh-preview": ("mesh/",),
    "appstream": ("image/",),
    "appsync": ("apis/",),
    "arc-region-switch": ("plan/",),
    "billing": ("billingview/",),
    "catalog": ("portfolio/", "product/"),
    "datazone": ("domain/",),
    "ds": ("directory/",),
    "ec2": (
        "capacity-reservation/", "coip-pool/", "dedicated-host/", "ipam-pool/", "ipam-resource-discovery/",
        "local-gateway-route-table/", "network-interface/", "placement-group/", "prefix-list/", "security-group/",
        "subnet/", "traffic-mirror-target/", "transit-gateway/", "transit-gateway-multicast-domain/",
        "verified-access-group/", "vpc-endpoint-service/", "vpc/",
    ),
    "fsx": ("volume/",),
    "license-manager": ("license-configuration:",),
    "mpa": ("approval-team/",),
    "odb": ("cloud-exadata-infrastructure/", "exascale-db-storage-vault/", "odb-network/"),
    "organizations": ("",),
    "outposts": ("outpost/", "site/"),
    "rds": ("cluster-snapshot:", "cluster:", "snapshot:"),
    "redshift": ("snapshot:",),
    "resource-groups": ("group/",),
    "route53-recovery-control": ("cluster/", "controlpanel/"),
    "route53profiles": ("profile/",),
    "servicecatalog": ("/applications/", "/attribute-groups/"),
    "servicediscovery": ("namespace/", "service/"),
    "workspaces": ("connectionalias/", "workspaceimage/"),
}  # fmt: skip
"""By service, how the resources begin that their owner shares with other accounts: by Resource Access Manager, which
writes their policies, by naming these accounts, or, for an organization, by delegating to them. This never denies.

https://docs.aws.amazon.com/ram/latest/userguide/shareable.html
https://docs.aws.amazon.com/organizations/latest/userguide/orgs_delegate_policies.html
"""


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
    if some is not None:
        return _begins(arn, some)
    return arn.service in _SET_ELSEWHERE or (arn.service not in _SHARED and bool(setting(arn.service)))


def can_be_shared(resource: str) -> bool:
    """Whether a resource (or one that a pattern takes in) can be shared with other accounts besides."""
    arn = parse_arn(resource)
    return arn is not None and _begins(arn, _SHARED.get(arn.service, ()))


def setting(service: str) -> tuple[str, ...]:
    """The actions, by the catalogue in force, that set policies of the resources of a service as ARNs name it."""
    return _setting(catalog.current(), _ACTIONS_OF.get(service, service))


@lru_cache(maxsize=256)
def _setting(facts: catalog.Catalog, prefix: str) -> tuple[str, ...]:
    known = None if prefix in _NONE else facts.service(prefix)
    names = () if known is None else known.action_names
    return tuple(
        f"{prefix}:{name}"
        for name in names
        if _SETS.fullmatch(name.lower()) and not _OF_ANOTHER_KIND.fullmatch(name.lower())
    )


def _begins(arn: Arn, beginnings: tuple[str, ...]) -> bool:
    """Whether what an ARN names, or one of those that its wildcards take in, begins in one of some ways."""
    literal = _LITERAL.match(arn.resource)
    assert literal is not None
    opened = spans(arn.resource)
    return any(literal[0].startswith(one) or (opened and one.startswith(literal[0])) for one in beginnings)
