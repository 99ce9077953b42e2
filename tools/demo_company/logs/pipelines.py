"""Machines outside of AWS that come in by a token: workflows on GitHub; the infrastructure pipeline, the collector."""

from __future__ import annotations

from datetime import date

from demo_company import trusts
from demo_company.ids import DATA, LEGACY, PROD, REGION, ROOT, number
from demo_company.logs import calls as c
from demo_company.logs import who
from demo_company.logs.draw import Draw, days, epoch, works
from demo_company.logs.jobs import FUNCTIONS, IMAGES, Use, dated, s3
from demo_company.logs.record import Json, Log, Session
from demo_company.logs.workloads import roles
from demo_company.model import Role

RUNNER = "198.51.100.%d"
INFRA = "repo:brightwater-parcel/infra:environment:production"
MEMBERS = (PROD, DATA)
Roles = dict[tuple[str, str], Role]

WORKFLOWS: tuple[tuple[str, str, str, str, tuple[int, ...], float, tuple[Use, ...]], ...] = (
    (PROD, "website-deploy", "repo:brightwater-parcel/website:ref:refs/heads/main", "website", (1, 3), 1, (
        (c.PUT, s3("bw-website", "index.html"), 1, 0), (c.PUT, s3("bw-website", "news-<<n>>.html"), 5, 0),
        (c.DELETE, s3("bw-website", "news-<<n>>.html"), 1, 0))),
    (PROD, "shop-release", "repo:brightwater-parcel/shop:environment:production", "shop", (1, 3), 1, (
        (c.call("ecs:UpdateService", read=False), f"arn:aws:ecs:{REGION}:{PROD}:service/shop/web", 1, 0),
        (c.call("ecs:DescribeServices"), f"arn:aws:ecs:{REGION}:{PROD}:service/shop/web", 6, 0))),
    (PROD, "image-build", "repo:brightwater-parcel/images:ref:refs/heads/main", "images", (0, 1, 2, 3, 4), 0.7, (
        (c.call("ecr:InitiateLayerUpload", read=False), f"{IMAGES}services", 2, 0),
        (c.call("ecr:UploadLayerPart", read=False), f"{IMAGES}services", 4, 0),
        (c.call("ecr:CompleteLayerUpload", read=False), f"{IMAGES}services", 2, 0),
        (c.call("ecr:PutImage", read=False), f"{IMAGES}services", 1, 0))),
    (DATA, "ci-dbt", "repo:brightwater-parcel/dbt:ref:refs/heads/main", "dbt", (0, 1, 2, 3, 4), 1, (
        (c.LIST, "arn:aws:s3:::bw-lake-curated", 2, 0), (c.GET, dated("bw-lake-curated", "parquet"), 8, 0))),
    (PROD, "gha-deploy", "repo:brightwater-parcel/tracking:ref:refs/heads/main", "tracking", (0, 1, 2, 3, 4), 0.8, (
        (c.INVOKE, FUNCTIONS + "track-webhook", 1.5, 0),)),
)  # fmt: skip
"""Account, role, subject, name of the workflow, working days on which it runs, how often, and its calls."""


def workflow(log: Log, role: Role, subject: str, name: str, begun: int) -> Session:
    """A workflow's run trades its token for a session of a role."""
    run = 15_000_000_000 + begun * 3 + number(997, "run", name, str(begun))
    provider = f"arn:aws:iam::{role.account}:oidc-provider/{trusts.GITHUB}"
    ip = RUNNER % (210 + number(30, "runner", name, str(begun)))
    agent = who.TERRAFORM if name == "infra" else who.CLI
    session = who.role_session(role, f"{name}-run-{run}", begun, ip, agent, web=provider)
    who.begin_by_web(log, role, session, trusts.GITHUB, subject)
    return session


def pipelines(log: Log) -> None:
    """All of them, day by day."""
    known = roles()
    for account, name, subject, title, weekdays, share, uses in WORKFLOWS:
        for day in days():
            draw = Draw("workflow", name, day.isoformat())
            if not works(day) or day.weekday() not in weekdays or not draw.chance(share):
                continue
            begun = epoch(day) + 8 * 3600 + draw.below(8 * 3600)
            session = workflow(log, known[account, name], subject, title, begun)
            planned = [(begun + 4 + draw.below(600), use) for use in uses for _ in range(draw.about(use[2]))]
            for when, use in sorted(planned, key=lambda one: one[0]):
                log.add(when, session, use[0], use[1])
    for day in days():
        _collect(log, known, day)
        if works(day):
            _drift(log, known, day)
            if day.weekday() == 4:
                _export(log, known, day)
        if day.weekday() == 1:
            _vendor(log, known, day)


def member(log: Log, known: Roles, apply: Session, account: str, begun: int) -> Session:
    """The pipeline goes on into a member account."""
    role = known[account, "OrganizationAccountAccessRole"]
    session = who.role_session(role, apply.name, begun, apply.ip, apply.agent)
    who.begin_by_role(log, apply, role, session)
    return session


def applying(log: Log, known: Roles, name: str, begun: int, identity: str = "") -> Session:
    """The pipeline's session of terraform-apply, begun by the runner's; `identity` is who approved."""
    runner = workflow(log, known[ROOT, "infra-runner"], INFRA, "infra", begun - 20)
    role = known[ROOT, "terraform-apply"]
    session = who.role_session(role, name, begun, runner.ip, runner.agent, source_identity=identity)
    who.begin_by_role(log, runner, role, session, identity)
    return session


def _drift(log: Log, known: Roles, day: date) -> None:
    """Every morning the pipeline compares what is with what is written."""
    draw = Draw("drift", day.isoformat())
    begun = epoch(day) + 5 * 3600 + 1800 + draw.below(600)
    session = applying(log, known, f"drift-{day}", begun)
    reads = ("organizations:ListAccounts", "organizations:ListPolicies", "sso:ListPermissionSets", "iam:ListRoles")
    for at, name in enumerate(reads):
        log.add(begun + 5 + at * 3, session, c.call(name))
    log.add(begun + 4, session, c.GET, s3("bw-terraform-state", "root.tfstate"))
    for at, account in enumerate(MEMBERS):
        inner = member(log, known, session, account, begun + 40 + at * 60)
        for step, name in enumerate(("iam:ListRoles", "iam:ListPolicies", "iam:ListUsers")):
            log.add(inner.begun + 3 + step * 2, inner, c.call(name))


def _export(log: Log, known: Roles, day: date) -> None:
    """On Fridays a workflow makes a function that carries exports to Google Cloud; the pipeline takes it away again."""
    draw = Draw("export", day.isoformat())
    begun = epoch(day) + 14 * 3600 + draw.below(3000)
    name = f"shipment-export-{day:%Y%m%d}"
    role = known[PROD, "etl-bridge"]
    subject = "repo:brightwater-parcel/exports:ref:refs/heads/main"
    session = workflow(log, known[PROD, "gha-deploy"], subject, "exports", begun)
    request: Json = {
        "functionName": name, "runtime": "python3.12", "role": who.role_arn(role), "handler": "app.handler",
        "timeout": 900, "memorySize": 512, "publish": False, "code": {}, "packageType": "Zip",
    }  # fmt: skip
    on = FUNCTIONS + name
    log.add(
        begun + 8, session, c.CREATE_FUNCTION, on, request, response={"functionName": name, "functionArn": on},
        resource=FUNCTIONS + "shipment-export-*",
    )  # fmt: skip
    log.add(begun + 30, session, c.INVOKE, on, resource=FUNCTIONS + "shipment-export-*")
    inner = who.role_session(role, name, begun + 31, "192.0.2.31", who.LAMBDA)
    who.begin_by_service(log, "lambda", role, inner)
    stream: Json = {"logGroupName": f"/aws/lambda/{name}", "logStreamName": "<<d>>/[$LATEST]<<h>>"}
    group = f"arn:aws:logs:{REGION}:{PROD}:log-group:/aws/lambda/shipment-export-*"
    log.add(begun + 32, inner, c.LOG_STREAM, group, stream)
    for at in range(12 + draw.below(9)):
        log.add(begun + 34 + at, inner, c.GET, s3("bw-shipments", "exports/<<d>>-<<n>>.csv"))
    evening = epoch(day) + 20 * 3600 + draw.below(900)
    apply = applying(log, known, f"drift-{day}", evening)
    gone = member(log, known, apply, PROD, evening + 30)
    log.add(evening + 40, gone, c.DELETE_FUNCTION, on, {"functionName": name}, resource=FUNCTIONS + "shipment-export-*")


COLLECTED = (
    c.call("iam:GetAccountAuthorizationDetails"), c.LIST_BUCKETS, c.LIST_FUNCTIONS, c.call("cloudtrail:DescribeTrails"),
    c.call("events:ListRules"), c.call("dynamodb:ListTables"), c.call("kms:ListKeys"),
)  # fmt: skip


def _collect(log: Log, known: Roles, day: date) -> None:
    """Leastwise's own collection each night, from the management account into the others; one lets it not in."""
    draw = Draw("collector", day.isoformat())
    begun = epoch(day) + 2 * 3600 + draw.below(1200)
    runner = workflow(log, known[ROOT, "infra-runner"], INFRA, "collect", begun)
    role = known[ROOT, "leastwise-collector"]
    session = who.role_session(role, "collect", begun + 4, runner.ip, who.BOTO)
    who.begin_by_role(log, runner, role, session)
    own = (*COLLECTED, c.call("organizations:ListAccounts"), c.call("sso:ListPermissionSets"))
    for at, call in enumerate(own):
        log.add(begun + 6 + at, session, call)
    for step, account in enumerate(MEMBERS):
        there = known[account, "leastwise-collector"]
        inner = who.role_session(there, "collect", begun + 30 + step * 25, runner.ip, who.BOTO)
        who.begin_by_role(log, session, there, inner)
        for at, call in enumerate(COLLECTED):
            log.add(inner.begun + 1 + at, inner, call)
    target = f"arn:aws:iam::{LEGACY}:role/leastwise-collector"
    message = (
        f"User: arn:aws:sts::{ROOT}:assumed-role/leastwise-collector/collect is not authorized to perform:"
        f" sts:AssumeRole on resource: {target}"
    )
    log.add(
        begun + 90, session, c.ASSUME, "", {"roleArn": target, "roleSessionName": "collect"},
        error="AccessDenied", message=message, resource=target,
    )  # fmt: skip


def _vendor(log: Log, known: Roles, day: date) -> None:
    """Sortwise looks at the scans of the week."""
    draw = Draw("vendor", day.isoformat())
    begun = epoch(day) + 9 * 3600 + draw.below(3600)
    role = known[PROD, "sortwise-vendor"]
    session = who.role_session(role, "belt-tuning", begun, "192.0.2.230", who.BOTO)
    who.begin_by_vendor(log, role, session, "bw-2f6c1c7e")
    log.add(begun + 3, session, c.LIST, "arn:aws:s3:::bw-scans")
    for at in range(20 + draw.below(20)):
        log.add(begun + 5 + at * 2, session, c.GET, dated("bw-scans", "jpg"))
