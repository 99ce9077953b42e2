"""credential-report.csv, with the columns that IAM writes."""

from __future__ import annotations

import csv
import io
from datetime import datetime

from demo_company import uses
from demo_company.clock import START, alive, iso, moment
from demo_company.export import Export
from demo_company.iam import user_arn, users
from demo_company.ids import REGION
from demo_company.model import Key, User

COLUMNS = (
    "user",
    "arn",
    "user_creation_time",
    "password_enabled",
    "password_last_used",
    "password_last_changed",
    "password_next_rotation",
    "mfa_active",
    "access_key_1_active",
    "access_key_1_last_rotated",
    "access_key_1_last_used_date",
    "access_key_1_last_used_region",
    "access_key_1_last_used_service",
    "access_key_2_active",
    "access_key_2_last_rotated",
    "access_key_2_last_used_date",
    "access_key_2_last_used_region",
    "access_key_2_last_used_service",
    "cert_1_active",
    "cert_1_last_rotated",
    "cert_2_active",
    "cert_2_last_rotated",
)


def _key(keys: list[Key], slot: int, day: datetime) -> list[str]:
    if slot >= len(keys):
        return ["false", "N/A", "N/A", "N/A", "N/A"]
    key = keys[slot]
    rotated = iso(moment(key.created, key.id))
    used = uses.last(key.id, key.used, day, key.created, key.id)
    if used is None:
        return ["true", rotated, "N/A", "N/A", "N/A"]
    return ["true", rotated, iso(used), REGION, key.service]


def _user(user: User, day: datetime) -> list[str]:
    keys = [key for key in user.keys if alive(day, key.created, key.until)]
    row = [user.name, user_arn(user), iso(moment(user.created, user.name))]
    if user.password:
        thing = f"password {user_arn(user)}"
        used = uses.last(thing, user.password, day, user.created, "password", user.name)
        changed = iso(moment(user.password_set, "password", user.name))
        row += ["true", iso(used) if used else "no_information", changed, "N/A"]
    else:
        row += ["false", "N/A", "N/A", "N/A"]
    row.append("true" if user.mfa else "false")
    return [*row, *_key(keys, 0, day), *_key(keys, 1, day), "false", "N/A", "false", "N/A"]


def _root(account: str) -> list[str]:
    row = ["<root_account>", f"arn:aws:iam::{account}:root", iso(moment(START, account)), "not_supported"]
    row += ["2024-03-05T09:12:44+00:00", "not_supported", "not_supported", "true"]
    return [*row, *_key([], 0, moment(START)), *_key([], 1, moment(START)), "false", "N/A", "false", "N/A"]


def credential_report(export: Export) -> None:
    """The report of one account."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(COLUMNS)
    writer.writerow(_root(export.account))
    writer.writerows(_user(user, export.day) for user in users(export.account, export.day))
    export.text("credential-report.csv", text.getvalue())
