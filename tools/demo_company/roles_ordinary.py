"""Roles of ordinary services: the honest noise."""

from __future__ import annotations

from demo_company import trusts
from demo_company.ids import DATA, PROD, READABLE, ROOT
from demo_company.model import Role, Statement, allow
from demo_company.roles_story import LAMBDA_LOGS, TABLE

EVENTS = f"arn:aws:sqs:eu-west-1:{PROD}:"
TOPIC = f"arn:aws:sns:eu-west-1:{PROD}:"
IMAGES = ("AmazonECSTaskExecutionRolePolicy",)
SENDER = f"arn:aws:ses:eu-west-1:{PROD}:identity/brightwater.example"


def _task(name: str, owner: str, *statements: Statement, **more: object) -> Role:
    return Role(PROD, name, trusts.service("ecs-tasks"), statements, owner=owner, **more)  # type: ignore[arg-type]


def _lambda(account: str, name: str, owner: str, *statements: Statement, **more: object) -> Role:
    more["aws"] = (LAMBDA_LOGS,)
    return Role(account, name, trusts.service("lambda"), statements, owner=owner, **more)  # type: ignore[arg-type]


SHOP = allow("dynamodb:GetItem dynamodb:PutItem dynamodb:Query", f"{TABLE}orders {TABLE}customers-web")

PROD_ROLES = (
    _task("web-shop", "team-web", SHOP, allow("sqs:SendMessage", f"{EVENTS}orders"),
          before=("2026-06-09", (SHOP, allow("sqs:SendMessage", f"{EVENTS}orders {EVENTS}orders-old")))),
    _task("parcel-events", "team-tracking", allow("sqs:ReceiveMessage sqs:DeleteMessage", f"{EVENTS}parcel-events"),
          allow("dynamodb:UpdateItem", f"{TABLE}shipments")),
    _task("customs-edi", "team-customs", allow("s3:GetObject", "arn:aws:s3:::bw-customs-inbox/*"),
          allow("sqs:SendMessage", f"{EVENTS}customs")),
    _task("erp-bridge", "team-erp", allow("dynamodb:GetItem dynamodb:Query", f"{TABLE}vendors {TABLE}orders"),
          allow("s3:PutObject", "arn:aws:s3:::bw-ledger/postings/*")),
    _task("mail-sender", "team-web", allow("ses:SendEmail", SENDER)),
    _task("returns-v1", "team-web", allow("dynamodb:GetItem dynamodb:PutItem", f"{TABLE}returns")),
    Role(PROD, "ecs-task-execution", trusts.service("ecs-tasks"), aws=IMAGES, owner="team-platform"),
    Role(PROD, "tracking-api", trusts.pod("tracking", "api"),
         (allow("dynamodb:GetItem dynamodb:Query", f"{TABLE}shipments"),), owner="team-tracking"),
    Role(PROD, "sorter-planner", trusts.pod("sorting", "planner"),
         (allow("s3:GetObject s3:PutObject", "arn:aws:s3:::bw-sorting-plans/*"),), owner="team-depots"),
    Role(PROD, "depot-cluster", trusts.service("eks"), aws=("AmazonEKSClusterPolicy",), owner="team-platform"),
    Role(PROD, "depot-nodes", trusts.service("ec2"), aws=("AmazonEKSWorkerNodePolicy", "AmazonSSMManagedInstanceCore"),
         owner="team-platform", profile=True),
    Role(PROD, "depot-gateway", trusts.service("ec2"), (allow("s3:GetObject", "arn:aws:s3:::bw-depot-maps/*"),),
         aws=("AmazonSSMManagedInstanceCore", "CloudWatchAgentServerPolicy"), owner="team-depots", profile=True),
    Role(PROD, "rds-monitoring", trusts.service("monitoring.rds"), aws=("AmazonRDSEnhancedMonitoringRole",),
         owner="team-platform"),
    Role(PROD, "image-build", trusts.github("repo:brightwater-parcel/images:ref:refs/heads/main"),
         (allow("ecr:PutImage ecr:UploadLayerPart ecr:InitiateLayerUpload ecr:CompleteLayerUpload",
                f"arn:aws:ecr:eu-west-1:{PROD}:repository/brightwater/*"),), owner="team-platform", used="office"),
    Role(PROD, "shop-release", trusts.github("repo:brightwater-parcel/shop:environment:production"),
         (allow("ecs:UpdateService ecs:DescribeServices", f"arn:aws:ecs:eu-west-1:{PROD}:service/shop/*"),),
         owner="team-web", used="office"),
    _lambda(PROD, "track-webhook", "team-tracking", allow("sqs:SendMessage", f"{EVENTS}parcel-events")),
    _lambda(PROD, "label-thumbs", "team-printing", allow("s3:GetObject", "arn:aws:s3:::bw-labels-eu/*"), inline=True),
    _lambda(PROD, "depot-alerts", "team-depots", allow("sns:Publish", f"{TOPIC}depot-alerts")),
    _lambda(PROD, "duty-quote", "team-customs", allow("s3:GetObject", "arn:aws:s3:::bw-tariffs/*"),
            created="2026-04-14"),
    _lambda(PROD, "peak-forecast", "team-dispatch", allow("dynamodb:Query", f"{TABLE}routes"), used="office",
            until="2026-09-18"),
)  # fmt: skip

CURATED = allow("s3:GetObject s3:ListBucket", "arn:aws:s3:::bw-lake-curated arn:aws:s3:::bw-lake-curated/*")
GLUE = allow("glue:GetCrawler glue:GetTable glue:CreateTable glue:UpdateTable glue:BatchCreatePartition")
RAW = allow("s3:GetObject s3:PutObject", "arn:aws:s3:::bw-lake-raw/*")

DATA_ROLES = (
    Role(DATA, "glue-crawler", trusts.service("glue"), (RAW, GLUE), owner="team-data"),
    Role(DATA, "lake-loader", trusts.service("ecs-tasks"), (RAW,), owner="team-data"),
    _lambda(DATA, "customs-index", "team-customs",
            allow("dynamodb:PutItem", f"arn:aws:dynamodb:eu-west-1:{DATA}:table/customs-index")),
    _lambda(DATA, "bi-refresh", "team-data", CURATED, used="office"),
    Role(DATA, "dms-replication", trusts.service("dms"), aws=("AmazonDMSVPCManagementRole",), owner="team-data"),
    Role(DATA, "depot-survey-2025", trusts.service("ecs-tasks"), (CURATED,), owner="team-data",
         used="2026-05-29T15:12:08", created="2025-02-10"),
    Role(DATA, "ci-dbt", trusts.github("repo:brightwater-parcel/dbt:ref:refs/heads/main", account=DATA), (CURATED,),
         owner="team-data", used="office"),
)  # fmt: skip

_COLLECT = allow("sts:AssumeRole", "arn:aws:iam::*:role/leastwise-collector")
EVERYWHERE = tuple(
    Role(
        account,
        "leastwise-collector",
        trusts.principal(f"arn:aws:iam::{ROOT}:role/infra-runner" if account == ROOT else trusts.COLLECTOR),
        (_COLLECT,) if account == ROOT else (),
        aws=("SecurityAudit",),
        owner="team-security",
        description="Read-only collection by Leastwise",
    )
    for account in READABLE
)

MEMBER_ACCOUNTS = tuple(
    Role(account, "OrganizationAccountAccessRole", trusts.principal(f"arn:aws:iam::{ROOT}:root"),
         aws=("AdministratorAccess",), owner="team-platform", used="monthly")
    for account in (PROD, DATA)
)  # fmt: skip

SERVICE_LINKED = {
    ROOT: (
        ("AWSServiceRoleForOrganizations", "organizations", "AWSOrganizationsServiceTrustPolicy",
         "2024-05-27T09:14:33"),
        ("AWSServiceRoleForSSO", "sso", "AWSSSOServiceRolePolicy", "daily"),
        ("AWSServiceRoleForTrustedAdvisor", "trustedadvisor", "AWSTrustedAdvisorServiceRolePolicy", "daily"),
        ("AWSServiceRoleForCloudTrail", "cloudtrail", "CloudTrailServiceRolePolicy", "never"),
    ),
    PROD: (
        ("AWSServiceRoleForSSO", "sso", "AWSSSOServiceRolePolicy", "weekly"),
        ("AWSServiceRoleForTrustedAdvisor", "trustedadvisor", "AWSTrustedAdvisorServiceRolePolicy", "daily"),
        ("AWSServiceRoleForECS", "ecs", "AmazonECSServiceRolePolicy", "daily"),
        ("AWSServiceRoleForElasticLoadBalancing", "elasticloadbalancing", "AWSElasticLoadBalancingServiceRolePolicy",
         "daily"),
        ("AWSServiceRoleForRDS", "rds", "AmazonRDSServiceRolePolicy", "daily"),
        ("AWSServiceRoleForAutoScaling", "autoscaling", "AutoScalingServiceRolePolicy", "2024-09-11T10:22:31"),
    ),
    DATA: (
        ("AWSServiceRoleForSSO", "sso", "AWSSSOServiceRolePolicy", "monthly"),
        ("AWSServiceRoleForTrustedAdvisor", "trustedadvisor", "AWSTrustedAdvisorServiceRolePolicy", "daily"),
        ("AWSServiceRoleForRDS", "rds", "AmazonRDSServiceRolePolicy", "never"),
    ),
}  # fmt: skip
"""Name, service, policy and use of the service-linked roles in each account."""
