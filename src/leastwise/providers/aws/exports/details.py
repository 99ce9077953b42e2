"""Reading account authorization details: one scope an account, also where somebody joined several in one file."""

from __future__ import annotations

import re
from collections import defaultdict
from pathlib import Path

import msgspec

from leastwise.errors import InputError
from leastwise.model.scope import Coverage, CoverageStatus, RawDocument, Scope

from . import recognise as kinds
from .files import Found, folder_account, modified, name_of, parse
from .gaps import section_gaps

_OWNER = re.compile(rb'"Arn"\s*:\s*"arn:aws[a-z-]*:iam::(\d{12}):')
_ACCOUNT = re.compile(r"arn:aws[a-z-]*:iam::(\d{12}):")
_TRUNCATED = re.compile(rb'"IsTruncated"\s*:\s*true')
_SECTIONS = ("UserDetailList", "GroupDetailList", "RoleDetailList", "Policies")


class _Entity(msgspec.Struct):
    Arn: str = ""


def read_details(path: Path, data: bytes) -> list[Found]:
    """The details as raw documents of their accounts. Raises InputError."""
    first = _OWNER.search(data)
    account = first[1].decode() if first else folder_account(path)
    if account is None:
        parse(path, data)
        raise InputError(path, "names no account: no user, group, role or policy of an account is in it")
    if first and _foreign(account).search(data, first.end()):
        return _split(path, data, account)
    return [_found(path, name_of(path), account, data, data)]


def _foreign(account: str) -> re.Pattern[bytes]:
    return re.compile(rb'"Arn"\s*:\s*"arn:aws[a-z-]*:iam::(?!' + account.encode() + rb":)\d{12}:")


def _found(path: Path, name: str, account: str, body: bytes, whole: bytes, joined: str = "") -> Found:
    scope = Scope("aws", "account", account)
    *early, last = _SECTIONS
    present = [one for one in early if f'"{one}"'.encode() in whole]
    # The vendor writes it last: looked for from the end, it is found at once.
    present += [last] if whole.rfind(f'"{last}"'.encode()) >= 0 else []
    missing = [one for one in _SECTIONS if one not in present]
    coverage = section_gaps(present, missing, b'"IsTruncated"' in whole and bool(_TRUNCATED.search(whole)))
    if joined:
        coverage.append(Coverage("iam", "one account an export", CoverageStatus.OK, joined))
    return Found(scope, [RawDocument(scope, "iam", kinds.DETAILS, name, body, time=modified(path))], coverage)


def _split(path: Path, data: bytes, first: str) -> list[Found]:
    """One document an account: a group is named without its account, and a trust says *own* by it.

    Policies that AWS owns go to every account. An entity without an account stays with the first, where translation
    says what is wrong with it.
    """
    try:
        sections = msgspec.json.decode(data, type=dict[str, msgspec.Raw])
        lists = {name: msgspec.json.decode(sections[name], type=list[msgspec.Raw]) for name in _SECTIONS
                 if name in sections and bytes(sections[name]) != b"null"}  # fmt: skip
        owned = {name: [(_owner(one), one) for one in found] for name, found in lists.items()}
    except msgspec.ValidationError as error:
        cause, _, place = str(error).partition(" - at ")
        raise InputError(path, cause, place.strip("`")) from None
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise InputError(path, f"not valid JSON: {error}") from None
    parts: dict[str, dict[str, list[msgspec.Raw]]] = defaultdict(lambda: {name: [] for name in owned})
    accounts = sorted({owner for found in owned.values() for owner, _ in found if owner.isdigit()} | {first})
    for name, found in owned.items():
        for owner, one in found:
            for account in accounts if owner == "aws" else [owner if owner.isdigit() else first]:
                parts[account][name].append(one)
    told = f"{name_of(path)} holds {len(accounts)} accounts: {', '.join(accounts)}"
    return [
        _found(path, f"{name_of(path)}#{account}", account, msgspec.json.encode(parts[account]), data, told)
        for account in accounts
    ]


def _owner(entity: msgspec.Raw) -> str:
    try:
        arn = msgspec.json.decode(entity, type=_Entity).Arn
    except msgspec.ValidationError:
        return ""
    match = _ACCOUNT.match(arn)
    return match[1] if match else "aws" if ":iam::aws:" in arn else ""
