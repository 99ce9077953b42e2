"""What the stories tell: the night of the leak, the quarterly job, the last sign-ins, and what stands beside them."""

from __future__ import annotations

from datetime import date

from demo_company.clock import parse
from demo_company.ids import LEGACY, PROD, REGION, ROOT, guid
from demo_company.logs import calls as c
from demo_company.logs import who
from demo_company.logs.draw import Draw, days, epoch, seconds, works
from demo_company.logs.jobs import FUNCTIONS, SENDER, s3
from demo_company.logs.record import Json, Log, Session
from demo_company.logs.staff import console, key_at, refuse, user_named
from demo_company.logs.workloads import roles
from demo_company.model import Role
from demo_company.trusts import service
from demo_company.users import OSTRANDER, STOLEN, SVC_SORTER

NIGHT = seconds(parse("2026-10-30T03:07:12"))
STRANGER = "203.0.113.77"
TOOL = "Boto3/1.34.162 md/Botocore#1.34.162 ua/2.0 os/linux#6.6.15 md/arch#x86_64 lang/python#3.11.9"


def happenings(log: Log) -> None:
    """All of them."""
    _leak(log)
    _quarter(log)
    _leaver(log)
    _break_glass(log)
    _root(log)
    _legacy(log)


def _leak(log: Log) -> None:
    """Story 8: 133 calls in one night with the key of ci-courier, 9 of them denied."""
    user = user_named("ci-courier")
    thief = who.user_session(user, key_at(user, NIGHT), 0, STRANGER, TOOL)
    log.add(NIGHT, thief, c.WHO)
    log.add(NIGHT + 1, thief, c.LIST_BUCKETS)
    log.add(NIGHT + 2, thief, c.call("iam:ListUsers"))
    made: Json = {
        "userName": "svc-sorter", "accessKeyId": STOLEN.id, "status": "Active", "createDate": "Oct 30, 2026, 3:07:15 AM"
    }  # fmt: skip
    log.add(
        NIGHT + 3, thief, c.call("iam:CreateAccessKey", read=False), "", {"userName": "svc-sorter"},
        response={"accessKey": made}, resource=SVC_SORTER,
    )  # fmt: skip
    own = f"arn:aws:iam::{PROD}:user/ci-courier"
    refused = (
        (7, c.call("iam:ListAttachedUserPolicies"), own, {"userName": "ci-courier"}),
        (9, c.call("iam:ListGroupsForUser"), own, {"userName": "ci-courier"}),
        (14, c.call("iam:CreateUser", read=False), f"arn:aws:iam::{PROD}:user/backup", {"userName": "backup"}),
        (19, c.LIST, "arn:aws:s3:::bw-shipments", None),
        (23, c.LIST, "arn:aws:s3:::bw-ledger", None),
        (31, c.GET, s3("bw-invoices", "index.json"), None),
        (38, c.call("dynamodb:ListTables"), f"arn:aws:dynamodb:{REGION}:{PROD}:table/*", None),
        (44, c.call("secretsmanager:ListSecrets"), "*", None),
        (52, c.call("organizations:DescribeOrganization"), "*", None),
    )
    for after, call, on, request in refused:
        refuse(log, NIGHT + after, thief, call, on, dict(request) if request else None)
    draw = Draw("night")
    when = NIGHT + 70
    for at in range(120):
        log.add(when, thief, c.GET, s3("bw-shipments", f"manifests/2026-10-{1 + at // 5:02d}-{1 + at % 5:08d}.csv"))
        when += 2 + draw.below(8)


def _quarter(log: Log) -> None:
    """Story 3: the closing of the books on 2026-08-01, three calls."""
    role = roles()[PROD, "quarter-close"]
    start = seconds(parse("2026-08-01T06:00:02"))
    log.add(start, who.service("events", PROD), c.INVOKE, FUNCTIONS + "quarter-close")
    session = who.role_session(role, "quarter-close", start + 2, "192.0.2.33", who.LAMBDA)
    who.begin_by_service(log, "lambda", role, session)
    asked: Json = {"dBSnapshotIdentifier": "ledger-2026-07", "dBInstanceIdentifier": "ledger"}
    snapshot = f"arn:aws:rds:{REGION}:{PROD}:snapshot:ledger-2026-07"
    instance = f"arn:aws:rds:{REGION}:{PROD}:db:ledger"
    log.add(start + 7, session, c.call("rds:CreateDBSnapshot", read=False), "", asked,
            response={"dBSnapshotArn": snapshot, "dBInstanceIdentifier": "ledger"}, resource=instance)  # fmt: skip
    log.add(start + 24, session, c.PUT, s3("bw-ledger", "closing/2026-07.json"))
    log.add(start + 37, session, c.SEND_RAW, SENDER)


def _leaver(log: Log) -> None:
    """Story 5: what m.ostrander last did, with the password and with the key; the log keeps changes only."""
    user = user_named("m.ostrander")
    for text in user.password.split(","):
        console(log, user, seconds(parse(text.strip())), "198.51.100.77", mfa=False)
    for at, text in enumerate(OSTRANDER.used.split(",")):
        session = who.user_session(user, OSTRANDER, 0, "198.51.100.77", who.CLI)
        asked: Json = {"resourceId": PROD, "tags": [{"key": "contact", "value": ("depots", "platform")[at]}]}
        log.add(seconds(parse(text.strip())), session, c.call("organizations:TagResource", read=False), "", asked,
                resource="")  # fmt: skip


def _break_glass(log: Log) -> None:
    """Story 12: the last drill."""
    for name in ("breakglass-1", "breakglass-2"):
        user = user_named(name)
        console(log, user, seconds(parse(user.password)), "198.51.100.31", mfa=True)


def _root(log: Log) -> None:
    """Somebody mistypes the password of the management account's root user, at the office."""
    identity: Json = {"type": "Root", "principalId": ROOT, "arn": f"arn:aws:iam::{ROOT}:root", "accountId": ROOT}
    session = Session(ROOT, "Root", f"arn:aws:iam::{ROOT}:root", who.opened_text(identity), ip="198.51.100.58",
                      agent=who.BROWSER)  # fmt: skip
    more: Json = {"MobileVersion": "No", "MFAUsed": "No"}
    log.add(seconds(parse("2026-09-22T08:41:17")), session, c.LOGIN, response={"ConsoleLogin": "Failure"},
            message="Failed authentication", more=more)  # fmt: skip


def _legacy(log: Log) -> None:
    """The account that nobody reads still writes: the organization's trail has its changes."""
    role = Role(LEGACY, "tariff-archive", service("lambda"))
    for day in days():
        if works(day) and day.weekday() == 0:
            _archive(log, role, day)


def _archive(log: Log, role: Role, day: date) -> None:
    begun = epoch(day) + 3 * 3600 + Draw("legacy", day.isoformat()).below(600)
    session = who.role_session(role, role.name, begun, "192.0.2.60", who.LAMBDA)
    who.begin_by_service(log, "lambda", role, session)
    group = f"/aws/lambda/{role.name}"
    stream: Json = {"logGroupName": group, "logStreamName": f"<<d>>/[$LATEST]{guid('stream', str(day))[:8]}"}
    log.add(begun + 1, session, c.LOG_STREAM, f"arn:aws:logs:{REGION}:{LEGACY}:log-group:{group}", stream)
