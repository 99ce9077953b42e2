"""Reading account authorization details: one scope an account, also where somebody joined several in one file."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Mapping
from pathlib import Path

import msgspec

from leastwise.errors import InputError
from leastwise.model.scope import Coverage, CoverageStatus, RawDocument, Scope
from leastwise.providers.aws.translate.entities import Apart

from . import recognise as kinds
from .files import Found, Listed, folder_account, listed, members, modified, name_of
from .gaps import section_gaps

_OWNER = re.compile(rb'"Arn"\s*:\s*"arn:aws[a-z-]*:iam::(\d{12}):')
_ACCOUNT = re.compile(r"arn:aws[a-z-]*:iam::(\d{12}):")
_TRUE, _NULL = msgspec.Raw(b"true"), msgspec.Raw(b"null")
_Sections = Mapping[str, msgspec.Raw] | Mapping[str, Listed]
_SECTIONS = ("UserDetailList", "GroupDetailList", "RoleDetailList", "Policies")


class _Entity(msgspec.Struct):
    Arn: str = ""


def read_details(path: Path, data: bytes) -> list[Found]:
    """The details as raw documents of their accounts. Raises InputError."""
    lists = listed(data)
    sections = members(path, data) if lists is None else lists
    first = _OWNER.search(data)
    account = first[1].decode() if first else folder_account(path)
    if account is None:
        raise InputError(path, "names no account: no user, group, role or policy of an account is in it")
    if first and _foreign(account).search(data, first.end()):
        return _split(path, sections, account)
    apart = None if lists is None else Apart(data, lists)
    return [_found(path, name_of(path), account, data, sections, apart=apart)]


def _foreign(account: str) -> re.Pattern[bytes]:
    return re.compile(rb'"Arn"\s*:\s*"arn:aws[a-z-]*:iam::(?!' + account.encode() + rb":)\d{12}:")


def _found(
    path: Path,
    name: str,
    account: str,
    body: bytes,
    sections: _Sections,
    joined: str = "",
    apart: Apart | None = None,
) -> Found:
    scope = Scope("aws", "account", account)
    present = [one for one in _SECTIONS if _given(sections, one)]
    missing = [one for one in _SECTIONS if one not in present]
    truncated: object = sections.get("IsTruncated")
    coverage = section_gaps(present, missing, truncated is True or truncated == _TRUE)
    if joined:
        coverage.append(Coverage("iam", "one account an export", CoverageStatus.OK, joined))
    document = RawDocument(scope, "iam", kinds.DETAILS, name, body, time=modified(path), apart=apart)
    return Found(scope, [document], coverage)


def _given(sections: _Sections, name: str) -> bool:
    """Whether an export has a member; null, which some exporters write, is none."""
    return sections.get(name) not in (None, _NULL)


def _split(path: Path, sections: _Sections, first: str) -> list[Found]:
    """One document an account: a group is named without its account, and a trust says *own* by it.

    Policies that AWS owns go to every account. An entity without an account stays with the first, where translation
    says what is wrong with it.
    """
    owned: dict[str, list[tuple[str, msgspec.Raw]]] = {}
    for name in _SECTIONS:
        if _given(sections, name):
            owned[name] = [(_owner(one), one) for one in _entities(path, name, sections[name])]
    parts: dict[str, dict[str, list[msgspec.Raw]]] = defaultdict(lambda: {name: [] for name in owned})
    accounts = sorted({owner for found in owned.values() for owner, _ in found if owner.isdigit()} | {first})
    for name, found in owned.items():
        for owner, one in found:
            for account in accounts if owner == "aws" else [owner if owner.isdigit() else first]:
                parts[account][name].append(one)
    told = f"{name_of(path)} holds {len(accounts)} accounts: {', '.join(accounts)}"
    return [
        _found(path, f"{name_of(path)}#{account}", account, msgspec.json.encode(parts[account]), sections, told)
        for account in accounts
    ]


def _entities(path: Path, name: str, section: msgspec.Raw | Listed) -> list[msgspec.Raw]:
    if isinstance(section, list):
        return section
    raw = section if isinstance(section, msgspec.Raw) else msgspec.json.encode(section)
    try:
        return msgspec.json.decode(raw, type=list[msgspec.Raw])
    except msgspec.ValidationError as error:
        raise InputError(path, str(error), f"$.{name}") from None


def _owner(entity: msgspec.Raw) -> str:
    try:
        arn = msgspec.json.decode(entity, type=_Entity).Arn
    except msgspec.ValidationError:
        return ""
    match = _ACCOUNT.match(arn)
    return match[1] if match else "aws" if ":iam::aws:" in arn else ""
