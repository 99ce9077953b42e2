"""What the ordinary machines do all day: which role, run by what, which calls how often."""

from __future__ import annotations

from dataclasses import dataclass

from demo_company.ids import DATA, PROD, REGION, ROOT
from demo_company.logs import calls as c
from demo_company.logs import who
from demo_company.logs.draw import ALWAYS, DEPOT, NIGHT, OFFICE, SHOP
from demo_company.logs.record import Call
from demo_company.things import FLEET_CERTIFICATE

Use = tuple[Call, str, float, float]
"""A call, the ARN it touches, and how often on working days and on others."""
TABLE = f"arn:aws:dynamodb:{REGION}:{PROD}:table/"
QUEUES = f"arn:aws:sqs:{REGION}:{PROD}:"
FUNCTIONS = f"arn:aws:lambda:{REGION}:{PROD}:function:"
SENDER = f"arn:aws:ses:{REGION}:{PROD}:identity/brightwater.example"
MODEL = "arn:aws:bedrock:eu-west-1::foundation-model/anthropic.claude-3-haiku-20240307-v1:0"
IMAGES = f"arn:aws:ecr:{REGION}:{PROD}:repository/brightwater/"


@dataclass(frozen=True)
class Job:
    """A role at work. `by` is the service that gives it its sessions, `names` how these are named (`task`, `instance`
    or a name), `sessions` how many a day, `invoked` how often a function is called by which service.
    """

    account: str
    role: str
    by: str
    uses: tuple[Use, ...]
    hours: tuple[int, ...] = DEPOT
    names: str = "task"
    sessions: int = 2
    agent: str = who.JAVA
    ip: str = "192.0.2.11"
    until: str = ""
    since: str = ""
    workdays: bool = False
    every: int = 1
    """Runs only on days whose number this divides."""
    invoked: tuple[str, float, float] | None = None


def s3(bucket: str, key: str) -> str:
    """ARN of objects of a bucket."""
    return f"arn:aws:s3:::{bucket}/{key}"


def dated(bucket: str, kind: str) -> str:
    """Objects that are filed by day, of a kind."""
    return s3(bucket, f"<<d>>/<<n>>.{kind}")


def _function(
    name: str, *uses: Use, account: str = PROD, invoked: tuple[str, float, float] | None = None,
    agent: str = who.LAMBDA, **more: object,
) -> Job:  # fmt: skip
    log = (c.PUT_LOG, f"arn:aws:logs:{REGION}:{account}:log-group:/aws/lambda/{name}:*", 2.0, 2.0)
    return Job(
        account, name, "lambda", (*uses, log), names=name, agent=agent, invoked=invoked, **more  # type: ignore[arg-type]
    )  # fmt: skip


PROD_JOBS = (
    Job(PROD, "label-printer", "ecs-tasks", (
        (c.GET, dated("bw-labels-eu", "zpl"), 118, 34), (c.GET, dated("bw-labels-us", "zpl"), 46, 12),
        (c.GET, s3("bw-label-templates", "<<n>>.zpl"), 9, 4))),
    Job(PROD, "parcel-events", "ecs-tasks", (
        (c.RECEIVE, QUEUES + "parcel-events", 24, 12), (c.REMOVE, QUEUES + "parcel-events", 20, 8),
        (c.UPDATE_ITEM, TABLE + "shipments", 60, 20)), ip="192.0.2.12"),
    Job(PROD, "web-shop", "ecs-tasks", (
        (c.ITEM, TABLE + "orders", 24, 28), (c.PUT_ITEM, TABLE + "orders", 16, 20), (c.QUERY, TABLE + "orders", 8, 9),
        (c.ITEM, TABLE + "customers-web", 15, 18), (c.PUT_ITEM, TABLE + "customers-web", 3, 3),
        (c.QUERY, TABLE + "customers-web", 2, 2), (c.SEND, QUEUES + "orders", 16, 20)), SHOP, ip="192.0.2.13"),
    Job(PROD, "customs-edi", "ecs-tasks", (
        (c.GET, dated("bw-customs-inbox", "edi"), 22, 5), (c.SEND, QUEUES + "customs", 22, 5)), ip="192.0.2.14"),
    Job(PROD, "erp-bridge", "ecs-tasks", (
        (c.ITEM, TABLE + "vendors", 9, 2), (c.QUERY, TABLE + "vendors", 3, 1), (c.ITEM, TABLE + "orders", 12, 5),
        (c.QUERY, TABLE + "orders", 4, 2), (c.PUT, s3("bw-ledger", "postings/<<n>>.json"), 10, 2)), ip="192.0.2.15"),
    Job(PROD, "mail-sender", "ecs-tasks", ((c.SEND_EMAIL, SENDER, 28, 26),), SHOP, ip="192.0.2.16"),
    Job(PROD, "returns-v1", "ecs-tasks", (
        (c.ITEM, TABLE + "returns", 12, 9), (c.PUT_ITEM, TABLE + "returns", 7, 5)), SHOP, ip="192.0.2.17"),
    Job(PROD, "ecs-task-execution", "ecs-tasks", (
        (c.call("ecr:GetAuthorizationToken"), "", 4, 2), (c.call("ecr:BatchGetImage"), IMAGES + "services", 4, 2),
        (c.call("ecr:GetDownloadUrlForLayer"), IMAGES + "services", 6, 3),
        (c.LOG_STREAM, f"arn:aws:logs:{REGION}:{PROD}:log-group:/ecs/services", 4, 2)), ALWAYS, sessions=1,
        agent="Amazon ECS Agent"),
    Job(PROD, "tracking-api", "pod:tracking:api", (
        (c.ITEM, TABLE + "shipments", 44, 28), (c.QUERY, TABLE + "shipments", 16, 9)), SHOP, "api", 2, who.GO,
        "192.0.2.21"),
    Job(PROD, "sorter-planner", "pod:sorting:planner", (
        (c.GET, dated("bw-sorting-plans", "json"), 12, 4), (c.PUT, dated("bw-sorting-plans", "json"), 5, 2)),
        NIGHT, "planner", 1, who.GO, "192.0.2.22"),
    Job(PROD, "depot-cluster", "eks", (
        (c.call("ec2:DescribeInstances"), "", 3, 3), (c.call("ec2:DescribeNetworkInterfaces"), "", 2, 2)), ALWAYS,
        "aws-go-sdk", 1, "eks.amazonaws.com", "eks.amazonaws.com"),
    Job(PROD, "depot-nodes", "ec2", (
        (c.call("ecr:GetAuthorizationToken"), "", 0, 0), (c.call("ec2:DescribeInstances"), "", 4, 4),
        (c.call("ssm:UpdateInstanceInformation", read=False), "", 3, 3)), ALWAYS, "instance", 1, who.GO, "192.0.2.23"),
    Job(PROD, "depot-gateway", "ec2", (
        (c.GET, s3("bw-depot-maps", "<<n>>.svg"), 9, 4),
        (c.call("ssm:UpdateInstanceInformation", read=False), "", 3, 3),
        (c.PUT_METRIC, "", 4, 4), (c.call("ec2:DescribeTags"), "", 1, 1)), ALWAYS, "instance", 1, who.GO, "192.0.2.24"),
    Job(PROD, "rds-monitoring", "monitoring.rds", (
        (c.call("logs:DescribeLogStreams"), f"arn:aws:logs:{REGION}:{PROD}:log-group:RDSOSMetrics", 1, 1),), ALWAYS,
        "RDSMonitoring", 1, "monitoring.rds.amazonaws.com", "monitoring.rds.amazonaws.com"),
    Job(PROD, "scanner-upload", "credentials.iot", (
        (c.PUT, dated("bw-scans", "jpg"), 38, 10), (c.UPDATE_ITEM, TABLE + "shipments", 46, 12),
        (c.ITEM, TABLE + "shipments", 8, 2)), DEPOT, FLEET_CERTIFICATE, 3, "scanner-firmware/4.2.1 aws-sdk-embedded",
        "198.51.100.140"),
    Job(PROD, "AmazonBedrockExecutionRoleForAgents_dispatch", "bedrock", (
        (c.call("bedrock:InvokeModel", read=True), MODEL, 7, 0),), OFFICE, "BedrockAgents", 1, "bedrock.amazonaws.com",
        "bedrock.amazonaws.com", workdays=True),
    Job(PROD, "AmazonBedrockExecutionRoleForAgents_faq", "bedrock", (
        (c.call("bedrock:InvokeModel", read=True), MODEL, 8, 8),), SHOP, "BedrockAgents", 1, "bedrock.amazonaws.com",
        "bedrock.amazonaws.com"),
    _function("refund-tool", (c.ITEM, TABLE + "refunds", 4, 0), (c.UPDATE_ITEM, TABLE + "refunds", 3, 0),
              invoked=("bedrock", 4, 0), hours=OFFICE, workdays=True, sessions=1),
    _function("faq-lookup", (c.GET, s3("bw-faq", "answers-<<n>>.md"), 8, 8), invoked=("bedrock", 8, 8), hours=SHOP),
    _function("invoice-render", (c.GET, dated("bw-invoices", "json"), 17, 3), hours=SHOP, agent=who.NODE,
              sessions=1),
    _function("track-webhook", (c.SEND, QUEUES + "parcel-events", 30, 12), agent=who.NODE),
    _function("label-thumbs", (c.GET, dated("bw-labels-eu", "zpl"), 24, 7), sessions=1),
    _function("depot-alerts", (c.PUBLISH, f"arn:aws:sns:{REGION}:{PROD}:depot-alerts", 2, 1),
              invoked=("events", 48, 48), hours=ALWAYS),
    _function("duty-quote", (c.GET, s3("bw-tariffs", "<<n>>.json"), 15, 9), hours=SHOP, sessions=1),
    _function("peak-forecast", (c.QUERY, TABLE + "routes", 8, 0), hours=OFFICE, workdays=True, sessions=1,
              until="2026-09-18"),
)  # fmt: skip

GLUE = f"arn:aws:glue:{REGION}:{DATA}:"
DATA_JOBS = (
    Job(DATA, "customs-archive", "ecs-tasks", (
        (c.PUT, dated("bw-customs-records", "pdf"), 30, 0), (c.GET, dated("bw-customs-records", "pdf"), 12, 0)),
        OFFICE, workdays=True, sessions=1, ip="192.0.2.41"),
    Job(DATA, "glue-crawler", "glue", (
        (c.call("glue:GetTable"), f"{GLUE}table/raw/parcels", 6, 6), (c.GET, dated("bw-lake-raw", "parquet"), 12, 12),
        (c.call("glue:UpdateTable", read=False), f"{GLUE}table/raw/parcels", 1, 1),
        (c.call("glue:BatchCreatePartition", read=False), f"{GLUE}table/raw/parcels", 3, 3)), NIGHT, "AWSCrawler", 1,
        "glue.amazonaws.com", "glue.amazonaws.com"),
    Job(DATA, "lake-loader", "ecs-tasks", (
        (c.PUT, dated("bw-lake-raw", "parquet"), 14, 8), (c.GET, dated("bw-lake-raw", "parquet"), 10, 8)),
        ip="192.0.2.42"),
    _function("customs-index", (c.PUT_ITEM, f"arn:aws:dynamodb:{REGION}:{DATA}:table/customs-index", 30, 0),
              account=DATA, sessions=1),
    _function("bi-refresh", (c.LIST, "arn:aws:s3:::bw-lake-curated", 3, 0), (
        c.GET, dated("bw-lake-curated", "parquet"), 14, 0), account=DATA, hours=OFFICE, workdays=True, sessions=1),
    Job(DATA, "dms-replication", "dms", (
        (c.call("ec2:DescribeSubnets"), "", 1, 1), (c.call("ec2:DescribeNetworkInterfaces"), "", 2, 2)), ALWAYS,
        "dms-session-for-replication-engine", 1, "dms.amazonaws.com", "dms.amazonaws.com"),
    Job(DATA, "data-science", "sagemaker", (
        (c.call("athena:StartQueryExecution", read=False), f"arn:aws:athena:{REGION}:{DATA}:workgroup/primary", 5, 0),
        (c.call("athena:GetQueryExecution"), f"arn:aws:athena:{REGION}:{DATA}:workgroup/primary", 9, 0),
        (c.call("glue:GetTables"), f"{GLUE}database/curated", 3, 0),
        (c.GET, dated("bw-lake-curated", "parquet"), 11, 0)),
        OFFICE, "SageMaker", 1, who.BOTO, "192.0.2.43", workdays=True),
)  # fmt: skip

_DESCRIBE = c.call("ec2:DescribeInstances")
_LINKED = (
    (ROOT, "AWSServiceRoleForSSO", "sso", c.call("iam:ListRoles"), 1),
    (ROOT, "AWSServiceRoleForTrustedAdvisor", "trustedadvisor", c.call("cloudtrail:DescribeTrails"), 1),
    (PROD, "AWSServiceRoleForSSO", "sso", c.call("iam:ListRoles"), 5),
    (PROD, "AWSServiceRoleForTrustedAdvisor", "trustedadvisor", c.call("cloudtrail:DescribeTrails"), 1),
    (PROD, "AWSServiceRoleForECS", "ecs", c.call("ec2:DescribeNetworkInterfaces"), 1),
    (PROD, "AWSServiceRoleForElasticLoadBalancing", "elasticloadbalancing", _DESCRIBE, 1),
    (PROD, "AWSServiceRoleForRDS", "rds", c.call("ec2:DescribeSecurityGroups"), 1),
    (DATA, "AWSServiceRoleForSSO", "sso", c.call("iam:ListRoles"), 13),
    (DATA, "AWSServiceRoleForTrustedAdvisor", "trustedadvisor", c.call("cloudtrail:DescribeTrails"), 1),
)  # fmt: skip
LINKED_JOBS = tuple(
    Job(account, role, by, ((call, "", 2, 2),), ALWAYS, by, 1, f"{by}.amazonaws.com",
        f"{by}.amazonaws.com", every=every)
    for account, role, by, call, every in _LINKED
)  # fmt: skip
JOBS = (*PROD_JOBS, *DATA_JOBS, *LINKED_JOBS)

OWN_LOGS = frozenset(job.role for job in JOBS if job.by == "lambda")
"""Functions: each new environment begins a log stream."""
