"""People at work: sessions of Identity Center, the console of one user, and the keys of the service users."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime

from demo_company import identity_center, people, services, things
from demo_company.clock import UTC, moment
from demo_company.ids import DATA, PROD, REGION, ROOT, guid, hexes, letters, number
from demo_company.logs import calls as c
from demo_company.logs import who
from demo_company.logs.draw import DEPOT, OFFICE, Draw, days, epoch, seconds, works
from demo_company.logs.jobs import FUNCTIONS, TABLE, Use, dated, s3
from demo_company.logs.record import Json, Log, Session
from demo_company.logs.workloads import roles
from demo_company.model import Key, Role, User
from demo_company.users import STOLEN, USERS

AGENT = f"arn:aws:bedrock:{REGION}:{PROD}:agent/BWDISPATCH"
ALIAS = f"arn:aws:bedrock:{REGION}:{PROD}:agent-alias/BWDISPATCH/{letters(10, 'alias', 'dispatch-assistant')}"
GROUPS = f"arn:aws:athena:{REGION}:{DATA}:workgroup/primary"
CURATED = f"arn:aws:glue:{REGION}:{DATA}:table/curated/parcels"
_SERVICE = f"arn:aws:ecs:{REGION}:{PROD}:service/shop/web"

HABITS: dict[tuple[str, str], tuple[float, tuple[Use, ...]]] = {
    ("Developer", PROD): (0.7, (
        (c.LIST_FUNCTIONS, "", 1, 0), (c.GET_FUNCTION, FUNCTIONS + "track-webhook", 0.8, 0),
        (c.GET_FUNCTION, FUNCTIONS + "invoice-render", 0.5, 0), (c.call("logs:DescribeLogGroups"), "", 1, 0),
        (c.call("logs:FilterLogEvents"), f"arn:aws:logs:{REGION}:{PROD}:log-group:/aws/lambda/track-webhook", 1.2, 0),
        (c.call("ecs:DescribeServices"), _SERVICE, 0.9, 0), (c.READ_METRIC, "", 2, 0),
        (c.GET, dated("bw-build-artifacts", "zip"), 0.9, 0), (c.PUT, dated("bw-build-artifacts", "zip"), 0.4, 0))),
    ("ViewOnly", PROD): (0.45, (
        (c.call("ecs:ListClusters"), "", 1, 0), (c.call("ec2:DescribeInstances"), "", 1, 0),
        (c.LIST_BUCKETS, "", 0.4, 0))),
    ("ViewOnly", DATA): (0.15, ((c.LIST_BUCKETS, "", 1, 0),)),
    ("CustomsRead", DATA): (0.8, (
        (c.GET, dated("bw-customs-records", "pdf"), 9, 0), (c.LIST, "arn:aws:s3:::bw-customs-records", 2, 0))),
    ("VendorMaster", PROD): (0.6, (
        (c.ITEM, TABLE + "vendors", 4, 0), (c.QUERY, TABLE + "vendors", 2, 0),
        (c.UPDATE_ITEM, TABLE + "vendors", 1.2, 0),
        (c.PUT_ITEM, TABLE + "vendors", 0.5, 0))),
    ("DispatchDesk", PROD): (0.7, (
        (c.call("bedrock:GetAgent"), AGENT, 1, 0), (c.INVOKE_AGENT, ALIAS, 4, 0))),
    ("CostReader", ROOT): (0.4, (
        (c.call("ce:GetCostAndUsage"), "", 2, 0), (c.call("ce:GetCostForecast"), "", 0.5, 0),
        (c.GET, dated("bw-billing-reports", "csv"), 1, 0))),
    ("CostReader", PROD): (0.25, (
        (c.GET, s3("bw-ledger", "postings/<<n>>.json"), 3, 0), (c.call("ce:GetCostAndUsage"), "", 1, 0))),
    ("DataAnalyst", DATA): (0.7, (
        (c.call("athena:ListWorkGroups"), "", 1, 0), (c.call("athena:StartQueryExecution", read=False), GROUPS, 3, 0),
        (c.call("athena:GetQueryExecution"), GROUPS, 5, 0), (c.call("athena:GetQueryResults"), GROUPS, 3, 0),
        (c.call("glue:GetTable"), CURATED, 2, 0), (c.GET, dated("bw-lake-curated", "parquet"), 4, 0),
        (c.PUT, s3("bw-athena-results", "<<d>>/<<h>>.csv"), 3, 0))),
    ("SecurityAudit", ROOT): (0.25, (
        (c.call("iam:GetAccountAuthorizationDetails"), "", 1, 0), (c.call("organizations:ListPolicies"), "", 1, 0))),
    ("SecurityAudit", PROD): (0.3, (
        (c.call("iam:ListRoles"), "", 1, 0), (c.call("cloudtrail:DescribeTrails"), "", 1, 0),
        (c.LIST_BUCKETS, "", 1, 0))),
    ("SecurityAudit", DATA): (0.2, (
        (c.LIST_BUCKETS, "", 1, 0), (c.call("cloudtrail:DescribeTrails"), "", 1, 0))),
    ("AdministratorAccess", ROOT): (0.3, (
        (c.call("organizations:ListAccounts"), "", 1, 0), (c.call("sso:ListPermissionSets"), "", 1, 0))),
    ("AdministratorAccess", PROD): (0.35, (
        (c.call("ec2:DescribeInstances"), "", 1, 0),
        (c.call("eks:DescribeCluster"), f"arn:aws:eks:{REGION}:{PROD}:cluster/depot", 1, 0),
        (c.call("rds:DescribeDBInstances"), "", 1, 0))),
    ("AdministratorAccess", DATA): (0.15, (
        (c.call("glue:GetCrawler"), f"arn:aws:glue:{REGION}:{DATA}:crawler/raw", 1, 0), (c.LIST_FUNCTIONS, "", 1, 0))),
}  # fmt: skip
"""Permission set and account: the share of working days on which a member takes it up, and what it is used for."""

CURIOUS = {"Developer": (c.call("secretsmanager:ListSecrets"), c.DELETE_FUNCTION, c.call("iam:ListUsers")),
           "ViewOnly": (c.call("ssm:StartSession", read=False),),
           "DataAnalyst": (c.call("glue:DeleteTable", read=False),)}  # fmt: skip
"""What members try now and then, and may not."""


def office_ip(person: str) -> str:
    """The address at the office from which a person works."""
    return f"198.51.100.{30 + number(70, 'desk', person)}"


def staff(log: Log) -> None:
    """Every permission set on every working day."""
    known = roles()
    for bundle in people.PERMISSION_SETS:
        for group, account in bundle.assigned:
            if (bundle.name, account) not in HABITS:
                continue
            name = f"AWSReservedSSO_{bundle.name}_{hexes(16, 'reserved', account, bundle.name)}"
            for day in days():
                if not works(day):
                    continue
                midnight = datetime(day.year, day.month, day.day, tzinfo=UTC)
                for person in identity_center.members(group, midnight):
                    _takes_up(log, bundle.name, known[account, name], person, day)
    _deployments(log, known)


def _takes_up(log: Log, bundle: str, role: Role, person: str, day: date) -> None:
    draw = Draw("staff", bundle, role.account, person, day.isoformat())
    share, uses = HABITS[bundle, role.account]
    if not draw.chance(share):
        return
    begun = draw.moment(day, OFFICE)
    session = person_session(log, person, role, begun, bundle == "DataAnalyst")
    planned = [(begun + 5 + draw.below(2400), use) for use in uses for _ in range(draw.about(use[2]))]
    for when, use in sorted(planned, key=lambda one: one[0]):
        log.add(when, session, use[0], use[1])
    if bundle in CURIOUS and draw.chance(0.012):
        tried = CURIOUS[bundle][draw.below(len(CURIOUS[bundle]))]
        refuse(log, begun + 2500, session, tried)


def refuse(log: Log, when: int, session: Session, call: c.Call, on: str = "", request: Json | None = None) -> None:
    """A call that no policy allows."""
    caller = session.principal
    if session.name:
        role = session.principal.rpartition("/")[2]
        caller = f"arn:aws:sts::{session.account}:assumed-role/{role}/{session.name}"
    on = on or _asked_for(call, session.account)
    message = (
        f"User: {caller} is not authorized to perform: {call.permission} on resource: {on} because no identity-based"
        f" policy allows the {call.permission} action"
    )
    log.add(
        when, session, call, on if call.data else "", request, error="AccessDenied", message=message,
        resource=on if on != "*" else "",
    )  # fmt: skip


def _asked_for(call: c.Call, account: str) -> str:
    return f"{FUNCTIONS}track-webhook" if call == c.DELETE_FUNCTION else "*"


def person_session(log: Log, person: str, role: Role, begun: int, propagated: bool = False) -> Session:
    """A session of a permission set, with the records of its beginning."""
    mail = f"{people.user_name(person)}@brightwater.example"
    ident = identity_center.user_id(person)
    store = f"arn:aws:identitystore::{ROOT}:identitystore/{identity_center.STORE}"
    behalf: Json = {"userId": ident, "identityStoreArn": store}
    agent = who.CLI if number(3, "agent", person) == 0 else who.BROWSER
    ip = office_ip(person)
    session = who.role_session(role, mail, begun, ip, agent, behalf=behalf if propagated else None)
    identity: Json = {
        "type": "IdentityCenterUser",
        "accountId": ROOT,
        "onBehalfOf": behalf,
        "credentialId": guid("portal", person),
    }
    text = who.opened_text(identity)
    portal = Session(ROOT, "IdentityCenterUser", "", text, ip=ip, agent=who.BROWSER)
    log.add(
        begun - 3, portal, c.FEDERATE, more={"AuthenticationType": "SAML", "TargetAccount": role.account}, counted=False
    )
    who.begin_by_person(log, person, role, session)
    return session


def _deployments(log: Log, known: dict[tuple[str, str], Role]) -> None:
    """The functions of bw-prod are deployed early each month, each by one of the developers."""
    role = known[PROD, f"AWSReservedSSO_Developer_{hexes(16, 'reserved', PROD, 'Developer')}"]
    for function in things.FUNCTIONS:
        if function.account != PROD:
            continue
        for month in range(7, 11):
            when = services.deployed(function, 2026, month)
            if seconds(when) < epoch(next(iter(days()))):
                continue
            team = identity_center.members("developers", when)
            person = team[number(len(team), "deploys", function.name, str(month))]
            session = person_session(log, person, role, seconds(when) - 240)
            on = services.function_arn(function)
            request: Json = {"functionName": function.name, "publish": False, "dryRun": False}
            log.add(seconds(when), session, c.UPDATE_CODE, on, request, resource=on)


# --- users ---------------------------------------------------------------------------------------------------------

CARRIERS = s3("bw-lake-raw", "carriers/<<n>>.csv")
KEY_USES: dict[str, tuple[str, str, tuple[Use, ...], tuple[int, ...], bool]] = {
    "svc-sorter": ("198.51.100.20", who.BOTO, (
        (c.GET, dated("bw-sorting-plans", "json"), 9, 6), (c.PUT, dated("bw-sorting-plans", "json"), 3, 2),
        (c.ITEM, TABLE + "shipments", 14, 8), (c.UPDATE_ITEM, TABLE + "shipments", 7, 4)), DEPOT, False),
    "svc-customs-edi": ("198.51.100.21", who.BOTO, ((c.PUT, dated("bw-customs-inbox", "edi"), 16, 4),), DEPOT, False),
    "svc-erp-export": ("198.51.100.22", who.CLI, ((c.GET, dated("bw-invoices", "json"), 10, 3),), DEPOT, False),
    "svc-bi-export": ("198.51.100.23", who.BOTO, ((c.GET, dated("bw-lake-curated", "parquet"), 8, 0),), OFFICE, True),
    "svc-carrier-dhb": ("192.0.2.200", who.CLI, ((c.PUT, CARRIERS, 10, 6),), DEPOT, False),
}  # fmt: skip
CI_JOBS = (
    ("courier-manifest", "198.51.100.200", (c.GET, s3("bw-shipments", "manifests/<<d>>-<<n>>.csv"), 14, 0)),
    ("courier-pricing", "198.51.100.201", (c.GET, s3("bw-shipments", "prices/<<d>>-<<n>>.csv"), 9, 0)),
)
"""The two CI jobs that hold the key of ci-courier, told apart by the application that their command line names."""


def user_named(name: str) -> User:
    """A user by name."""
    return next(user for user in USERS if user.name == name)


def key_at(user: User, when: int) -> Key:
    """The key in use: a new one takes over an hour after it was made."""
    found = [one for one in user.keys if one != STOLEN and seconds(moment(one.created, one.id)) + 3600 <= when]
    return max(found, key=lambda one: one.created)


def users(log: Log) -> None:
    """The service users, the CI user, and the one administrator with a user of his own."""
    for name, (ip, agent, uses, hours, workdays) in KEY_USES.items():
        for day in days():
            if not workdays or works(day):
                _with_key(log, user_named(name), ip, agent, uses, hours, day)
    for job, ip, use in CI_JOBS:
        agent = f"{who.CLI} app/{job} md/command#s3.cp"
        for day in days():
            if works(day):
                _with_key(log, user_named("ci-courier"), ip, agent, (use,), OFFICE, day)
    hiro = user_named("h.nakagawa")
    for day in days():
        if works(day):
            draw = Draw("console", day.isoformat())
            begun = draw.moment(day, (0,) * 7 + (3, 5, 1) + (0,) * 14)
            session = console(log, hiro, begun, "198.51.100.31", mfa=True)
            for at in range(1 + draw.below(3)):
                call = (c.call("organizations:ListAccounts"), c.call("iam:ListUsers"), c.call("iam:ListRoles"))[at]
                log.add(begun + 60 + draw.below(3000), session, call)


def _with_key(
    log: Log, user: User, ip: str, agent: str, uses: Sequence[Use], hours: tuple[int, ...], day: date
) -> None:  # fmt: skip
    draw = Draw("key", user.name, agent, day.isoformat())
    for use in uses:
        for when in draw.moments(draw.about(use[2] if works(day) else use[3]), day, hours):
            log.add(when, who.user_session(user, key_at(user, when), 0, ip, agent), use[0], use[1])


def console(log: Log, user: User, begun: int, ip: str, *, mfa: bool) -> Session:
    """A user signs in to the console."""
    more: Json = {"LoginTo": f"https://{REGION}.console.aws.amazon.com/console/home", "MobileVersion": "No"}
    more["MFAUsed"] = "Yes" if mfa else "No"
    if mfa:
        more["MFAIdentifier"] = str(_mfa(user))
    log.add(begun, who.sign_in(user, ip), c.LOGIN, response={"ConsoleLogin": "Success"}, more=more)
    return who.user_session(user, None, begun, ip, who.BROWSER, mfa)


def _mfa(user: User) -> str:
    serial = f"arn:aws:iam::{user.account}:mfa/{user.name}"
    if user.mfa == "hardware":
        serial = f"arn:aws:iam::{user.account}:u2f/user/{user.name}/security-key-{guid('fido', user.name)[:8].upper()}"
    return serial
