"""Where CloudTrail's files lie in a bucket: one branch an account and region, in which names sort by time.

`[PREFIX/]AWSLogs/[ORGANIZATION/]ACCOUNT/CloudTrail/REGION/YYYY/MM/DD/FILE`
https://docs.aws.amazon.com/awscloudtrail/latest/userguide/get-and-view-cloudtrail-log-files.html
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

_BRANCH = re.compile(r"(?:^|/)CloudTrail(?:-[A-Za-z]+)?/[a-z]{2,}(?:-[a-z]+)+-\d+/(.*)$")
_TOP = re.compile(r"(?:^|/)AWSLogs/(?:o-[a-z0-9]{10,32}/)?$")
_ACCOUNT = re.compile(r"(?:^|/)AWSLogs/(?:o-[a-z0-9]{10,32}/)?\d{12}/$")
_OWNER = re.compile(r"(?:\d{12}|o-[a-z0-9]{10,32})/")
_WITHIN = re.compile(r"(?:^|/)AWSLogs/")
_NAMED = re.compile(r"_(\d{4})(\d{2})(\d{2})T\d{4}Z_[^/]*$")
_FOLDERS = re.compile(r"/(\d{4})/(\d{2})/(\d{2})/")
_DIGESTS = "CloudTrail-Digest/"
_DEEPEST, _DEEPEST_WITHIN, _WIDEST = 3, 8, 64


@dataclass(frozen=True, slots=True)
class Branch:
    """Keys that are listed in one go. `dated`: days follow as YYYY/MM/DD/; `flat`: only what lies right here."""

    prefix: str
    dated: bool = False
    flat: bool = False


@dataclass(frozen=True, slots=True)
class Level:
    """What lies at a prefix: folders, each with its whole prefix, and whether there are objects beside them."""

    folders: tuple[str, ...]
    objects: bool


def branches(prefix: str, levels: Callable[[Sequence[str]], Iterable[Level]]) -> tuple[list[Branch], set[str]]:
    """The branches below a prefix, and the names of folders of an account that hold other services' logs.

    `levels` looks at several prefixes. Folders that are no part of the layout are opened a few levels deep, as the
    prefix of a trail may have several; what is wider or deeper is listed as it comes.
    """
    found: list[Branch] = []
    others: set[str] = set()
    waiting = [prefix]
    depth = 0
    while waiting:
        opened = []
        for one in waiting:
            if reached := _BRANCH.search(one):
                found.append(Branch(one, dated=not reached[1]))
            else:
                opened.append(one)
        waiting = []
        for one, level in zip(opened, levels(opened), strict=True):
            if level.objects:
                found.append(Branch(one, flat=True))
            within = _WITHIN.search(one)
            if depth > (_DEEPEST_WITHIN if within else _DEEPEST) or (not within and len(level.folders) > _WIDEST):
                found += [Branch(folder) for folder in level.folders]
                continue
            for folder in level.folders:
                name = folder[: -len("/")].rpartition("/")[2] + "/"
                other = _ACCOUNT.search(one) and not name.startswith("CloudTrail")
                if other or (_TOP.search(one) and not _OWNER.fullmatch(name)):
                    others.add(name[:-1])
                elif name != _DIGESTS:
                    waiting.append(folder)
        depth += 1
    return sorted(found, key=lambda one: one.prefix), others


def after(branch: Branch, begin: date | None) -> str:
    """The key after which the first day's keys of a branch come; empty for all."""
    return f"{branch.prefix}{begin:%Y/%m/%d}/" if begin and branch.dated else ""


def past(branch: Branch, key: str, end: date | None) -> bool:
    """Whether this key of a branch and all that follow are of later days."""
    return end is not None and branch.dated and key >= f"{branch.prefix}{end + timedelta(1):%Y/%m/%d}/"


def between(key: str, begin: date | None, end: date | None) -> bool:
    """Whether a file was written on one of these days (UTC), by its name or its folders; one that tells none counts."""
    if begin is None and end is None:
        return True
    told = _NAMED.search(key) or _FOLDERS.search(key)
    try:
        day = date(*map(int, told.groups())) if told else None
    except ValueError:
        day = None
    return day is None or ((begin is None or day >= begin) and (end is None or day <= end))
