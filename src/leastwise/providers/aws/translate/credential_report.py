"""The IAM credential report: passwords, MFA, keys and certificates of every user and of root.

https://docs.aws.amazon.com/IAM/latest/UserGuide/id_credentials_getting-report.html. The report names no key ids, so a
key is `ARN#access_key_1` unless `list-access-keys` gave its id.
"""

from __future__ import annotations

import csv
import io

from leastwise.errors import InputError
from leastwise.model.scope import RawDocument
from leastwise.providers.rows import one_time

from .context import Context

_NOTHING = ("", "N/A", "no_information", "not_supported")
REQUIRED = ("user", "arn", "user_creation_time", "password_enabled", "mfa_active", "access_key_1_active")


def translate_report(document: RawDocument, context: Context) -> None:
    """Add the report's credentials and complete its principals. Raises InputError naming the line."""
    try:
        text = document.body.decode("utf-8")
    except UnicodeDecodeError as error:
        raise InputError(document.name, f"not valid UTF-8: {error.reason}", f"byte {error.start}") from None
    reader = csv.DictReader(io.StringIO(text))
    try:
        _rows(reader, document, context)
    except csv.Error as error:
        raise InputError(document.name, str(error), f"line {reader.line_num}") from None


def _rows(reader: csv.DictReader[str], document: RawDocument, context: Context) -> None:
    missing = [name for name in REQUIRED if name not in (reader.fieldnames or ())]
    if missing:
        raise InputError(document.name, f"no column {missing[0]}; is this a credential report?", "line 1")
    for row in reader:
        place = f"line {reader.line_num}"
        if None in row.values() or None in row:
            raise InputError(document.name, "the row has not as many fields as the header", place)
        source = f"{document.name}:{reader.line_num}"
        other = context.report_rows.setdefault(row["arn"], (source, row))
        if other[1] != row:
            raise InputError(document.name, f"{row['arn']} is also in {other[0]} with different content", place)
        _user(row, source, context)


def _user(row: dict[str, str], source: str, context: Context) -> None:
    arn = row["arn"]
    if f":{context.account}:" not in arn:
        raise InputError(source, f"{arn} is not of account {context.account}; a report holds one account")
    root = row["user"] == "<root_account>"
    # The report says not_supported of root, and FALSE where root credentials of a member account were removed.
    password = row["password_enabled"].lower() != "false" if root else _flag(row["password_enabled"])
    values = {
        "console": password,
        "mfa": _flag(row["mfa_active"]),
        "mfa_hardware": None if _flag(row["mfa_active"]) else False,
        "last_used": _time(row.get("password_last_used"), source),
        "last_used_known": True,
        "keys_known": True,
    }
    context.principal(
        arn, source, kind="root" if root else None, native="root" if root else "user",
        name="root" if root else row["user"], created=_time(row["user_creation_time"], source), **values,
    )  # fmt: skip
    if password:
        context.credential(
            f"{arn}#password", arn, "password", source, active=True, last_used_known=True,
            created=_time(row.get("password_last_changed"), source),
            last_used=_time(row.get("password_last_used"), source),
        )  # fmt: skip
    for number in ("1", "2"):
        key = f"access_key_{number}"
        created = _time(row.get(f"{key}_last_rotated"), source)
        if _flag(row.get(f"{key}_active")) or created:
            context.sign_in.reported_key(
                arn, number, source, active=_flag(row.get(f"{key}_active")), created=created, last_used_known=True,
                last_used=_time(row.get(f"{key}_last_used_date"), source),
                last_used_service=_value(row.get(f"{key}_last_used_service")),
                last_used_region=_value(row.get(f"{key}_last_used_region")),
            )  # fmt: skip
        certificate = f"cert_{number}"
        changed = _time(row.get(f"{certificate}_last_rotated"), source)
        if _flag(row.get(f"{certificate}_active")) or changed:
            context.credential(
                f"{arn}#{certificate}", arn, "signing_certificate", source,
                active=_flag(row.get(f"{certificate}_active")), created=changed,
            )  # fmt: skip


def _flag(value: str | None) -> bool:
    return (value or "").lower() == "true"


def _value(value: str | None) -> str | None:
    return None if value is None or value in _NOTHING else value


def _time(value: str | None, source: str) -> str | None:
    found = _value(value)
    try:
        one_time(found)
    except ValueError as error:
        raise InputError(source, str(error)) from None
    return found
