"""IAM users, groups and their access keys."""

from __future__ import annotations

from datetime import timedelta

from demo_company.clock import CLOCK, parse
from demo_company.ids import DATA, PROD, ROOT, key_id
from demo_company.model import Group, Key, User, allow

SVC_SORTER = f"arn:aws:iam::{PROD}:user/svc-sorter"

GROUPS = (
    Group(ROOT, "admins", aws=("AdministratorAccess",)),
    Group(ROOT, "break-glass", aws=("AdministratorAccess",)),
    Group(
        PROD,
        "ci",
        (
            allow("s3:GetObject", "arn:aws:s3:::bw-shipments/*"),
            allow("s3:ListAllMyBuckets iam:ListUsers"),
            allow("iam:CreateAccessKey iam:UpdateAccessKey iam:ListAccessKeys", SVC_SORTER),
        ),
    ),
    Group(
        PROD,
        "sorting",
        (
            allow("s3:GetObject s3:PutObject", "arn:aws:s3:::bw-sorting-plans/*"),
            allow("dynamodb:GetItem dynamodb:UpdateItem", f"arn:aws:dynamodb:eu-west-1:{PROD}:table/shipments"),
        ),
    ),
    Group(PROD, "customs-senders", (allow("s3:PutObject", "arn:aws:s3:::bw-customs-inbox/*"),)),
    Group(PROD, "erp-export", (allow("s3:GetObject", "arn:aws:s3:::bw-invoices/*"),)),
    Group(DATA, "bi-export", (allow("s3:GetObject", "arn:aws:s3:::bw-lake-curated/*"),)),
    Group(DATA, "carrier-drop", (allow("s3:PutObject", "arn:aws:s3:::bw-lake-raw/carriers/*"),)),
)


def rotating(account: str, user: str, newest: str, used: str, known: str = "", service: str = "s3") -> tuple[Key, ...]:
    """The keys of a user whose key is replaced every 61 days; `known` is the id of the newest one."""
    keys: list[Key] = []
    created, until = parse(newest), ""
    while created > CLOCK - timedelta(days=330):
        day = created.date().isoformat()
        name = known if known and not keys else key_id(account, user, day)
        keys.append(Key(name, day, used, until, service))
        created, until = created - timedelta(days=61), day
    return tuple(keys)


OSTRANDER = Key(
    "AKIARTXV5AHDQDEMO222", "2025-09-15", "2026-03-30T14:05:10, 2026-04-05T00:00:00", service="organizations"
)
STOLEN = Key("AKIATHPL2AOHADEMO777", "2026-10-30T03:07:15", "never")

USERS = (
    User(  # story 5
        ROOT,
        "m.ostrander",
        ("admins",),
        "2024-03-04",
        (OSTRANDER,),
        password="2026-02-24T08:30:02, 2026-03-19T10:11:45",
        password_set="2025-09-15",
        owner="team-platform",
    ),
    User(  # near miss of story 5
        ROOT,
        "h.nakagawa",
        ("admins",),
        "2024-03-04",
        password="office",
        password_set="2026-02-09",
        mfa="virtual",
        owner="team-platform",
    ),
    *(
        User(  # story 12
            ROOT,
            name,
            ("break-glass",),
            "2024-03-11",
            password="2026-01-05T00:00:00",
            password_set="2026-01-05",
            mfa="hardware",
            owner="team-security",
            path="/break-glass/",
        )
        for name in ("breakglass-1", "breakglass-2")
    ),
    User(  # story 8
        PROD,
        "ci-courier",
        ("ci",),
        "2024-06-17",
        rotating(PROD, "ci-courier", "2026-09-07", "office", known="AKIATHPL2AOHADEMO222"),
        owner="team-dispatch",
    ),
    User(  # near miss of story 8, until the night of the leak
        PROD,
        "svc-sorter",
        ("sorting",),
        "2024-06-17",
        (*rotating(PROD, "svc-sorter", "2026-09-14", "daily"), STOLEN),
        owner="team-depots",
    ),
    *(
        User(account, name, (group,), created, rotating(account, name, newest, used), owner=owner)
        for account, name, group, created, newest, used, owner in (
            (PROD, "svc-customs-edi", "customs-senders", "2024-09-02", "2026-10-05", "daily", "team-customs"),
            (PROD, "svc-erp-export", "erp-export", "2025-01-13", "2026-09-21", "daily", "team-erp"),
            (DATA, "svc-bi-export", "bi-export", "2024-11-18", "2026-09-28", "office", "team-data"),
            (DATA, "svc-carrier-dhb", "carrier-drop", "2025-02-24", "2026-10-19", "daily", "team-data"),
        )
    ),
)
