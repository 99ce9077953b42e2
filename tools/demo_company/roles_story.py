"""Roles that stories are about, and the near misses beside them."""

from __future__ import annotations

from demo_company import trusts
from demo_company.ids import DATA, PROD, ROOT, SORTWISE
from demo_company.model import Role, allow

LAMBDA_LOGS = "AWSLambdaBasicExecutionRole"
TABLE = f"arn:aws:dynamodb:eu-west-1:{PROD}:table/"
FUNCTION = f"arn:aws:lambda:eu-west-1:{PROD}:function:"
MODEL = "arn:aws:bedrock:eu-west-1::foundation-model/anthropic.claude-3-haiku-20240307-v1:0"
QUARTERS = "2025-11-01T06:00:41, 2026-02-01T06:00:38, 2026-05-01T06:00:44, 2026-08-01T06:00:39"

ROLES = (
    Role(  # story 1
        PROD,
        "label-printer",
        trusts.service("ecs-tasks"),
        (allow("s3:*"),),
        inline=True,
        owner="team-printing",
        code="infra/printing",
        description="Prints parcel labels at the depots",
    ),
    Role(  # story 2
        DATA,
        "customs-archive",
        trusts.service("ecs-tasks"),
        (
            allow("s3:GetObject s3:PutObject s3:DeleteObject", "arn:aws:s3:::bw-customs-records/*"),
            allow("dynamodb:UpdateTable", f"arn:aws:dynamodb:eu-west-1:{DATA}:table/customs-index"),
        ),
        owner="team-customs",
        description="Files customs papers for ten years",
    ),
    Role(  # story 3
        PROD,
        "quarter-close",
        trusts.service("lambda"),
        (
            allow("s3:PutObject", "arn:aws:s3:::bw-ledger/*"),
            allow("rds:CreateDBSnapshot rds:DeleteDBInstance"),
            allow("ses:SendRawEmail", f"arn:aws:ses:eu-west-1:{PROD}:identity/brightwater.example"),
        ),
        owner="team-finance",
        code="infra/finance",
        used=QUARTERS,
        description="Closes the books on the first day of the quarter's second month",
    ),
    Role(  # story 4
        PROD,
        "gha-deploy",
        trusts.github("repo:brightwater-parcel*"),
        (
            allow("iam:PassRole", f"arn:aws:iam::{PROD}:role/etl-bridge"),
            allow("lambda:CreateFunction lambda:InvokeFunction", f"{FUNCTION}*"),
        ),
        owner="team-platform",
        code="infra/ci",
        used="office",
        description="Deployments from GitHub",
    ),
    Role(  # story 4
        PROD,
        "etl-bridge",
        trusts.service("lambda"),
        (allow("s3:GetObject", "arn:aws:s3:::bw-shipments/exports/*"),),
        aws=(LAMBDA_LOGS,),
        owner="team-data",
        code="infra/ci",
        description="Carries shipment exports to the analytics project in Google Cloud",
    ),
    Role(  # story 7
        PROD,
        "ops-janitor",
        trusts.service("lambda"),
        (allow("iam:*"),),
        aws=(LAMBDA_LOGS,),
        owner="team-platform",
        code="infra/ops",
        description="Switches off old access keys",
    ),
    Role(  # story 10
        PROD,
        "scanner-upload",
        trusts.service("credentials.iot"),
        (
            allow("s3:PutObject", "arn:aws:s3:::bw-scans/*"),
            allow("dynamodb:*", f"{TABLE}shipments"),
        ),
        owner="team-depots",
        description="Hand scanners store scans and parcel states",
    ),
    Role(  # story 11
        PROD,
        "refund-tool",
        trusts.service("lambda"),
        (allow("dynamodb:GetItem dynamodb:UpdateItem", f"{TABLE}refunds"),),
        aws=(LAMBDA_LOGS,),
        owner="team-dispatch",
        description="Books refunds for the dispatch assistant",
        created="2026-01-19",
    ),
    Role(
        PROD,
        "AmazonBedrockExecutionRoleForAgents_dispatch",
        trusts.service("bedrock"),
        (allow("bedrock:InvokeModel", MODEL),),
        owner="team-dispatch",
        path="/service-role/",
        created="2026-01-19",
    ),
    Role(  # story 13
        DATA,
        "data-science",
        trusts.service("sagemaker"),
        aws=("AdministratorAccess",),
        boundary="ds-boundary",
        owner="team-data",
        used="office",
        description="Notebooks of the data scientists",
    ),
    Role(  # story 14
        ROOT,
        "terraform-apply",
        trusts.principal(f"arn:aws:iam::{ROOT}:role/infra-runner", source_identity=True),
        aws=("AdministratorAccess",),
        owner="team-platform",
        used="office",
        description="Applies reviewed pull requests of the infra repository",
    ),
    Role(
        ROOT,
        "infra-runner",
        trusts.github("repo:brightwater-parcel/infra:environment:production", account=ROOT),
        (allow("sts:AssumeRole sts:SetSourceIdentity", f"arn:aws:iam::{ROOT}:role/terraform-apply"),),
        owner="team-platform",
        used="office",
        description="Runs the infra pipeline",
    ),
)

NEAR_MISSES = (
    Role(
        PROD,
        "website-deploy",
        trusts.github("repo:brightwater-parcel/website:ref:refs/heads/main"),
        (allow("s3:PutObject s3:DeleteObject", "arn:aws:s3:::bw-website/*"),),
        owner="team-web",
        used="office",
        description="Publishes the public website",
    ),
    Role(
        PROD,
        "invoice-render",
        trusts.service("lambda"),
        (allow("s3:GetObject", "arn:aws:s3:::bw-invoices/*"),),
        aws=(LAMBDA_LOGS,),
        owner="team-finance",
        description="Renders invoices as PDF",
    ),
    Role(
        PROD,
        "faq-lookup",
        trusts.service("lambda"),
        (allow("s3:GetObject", "arn:aws:s3:::bw-faq/*"),),
        aws=(LAMBDA_LOGS,),
        owner="team-web",
        description="Looks up answers for the FAQ bot",
        created="2026-02-02",
    ),
    Role(
        PROD,
        "AmazonBedrockExecutionRoleForAgents_faq",
        trusts.service("bedrock"),
        (allow("bedrock:InvokeModel", MODEL),),
        owner="team-web",
        path="/service-role/",
        created="2026-02-02",
    ),
    Role(
        PROD,
        "sortwise-vendor",
        trusts.vendor(SORTWISE, "bw-2f6c1c7e"),
        (
            allow("s3:GetObject", "arn:aws:s3:::bw-scans/*"),
            allow("s3:ListBucket", "arn:aws:s3:::bw-scans"),
        ),
        owner="team-depots",
        used="weekly",
        description="Sortwise tunes the sorting belts from our scans",
    ),
    Role(
        PROD,
        "returns-v2",
        trusts.service("ecs-tasks"),
        (allow("dynamodb:GetItem dynamodb:PutItem", f"{TABLE}returns"),),
        owner="team-web",
        used="never",
        created="2026-10-23",
        description="New returns service, goes live in December",
    ),
)
