"""Which trails the folders of log files are of, and from when to when each is whole; pure.

A trail writes below `BUCKET/PREFIX/AWSLogs/[ORGANIZATION/]ACCOUNT/CloudTrail/REGION/YEAR/MONTH/DAY`, and no file where
nothing happened. So a day counts as whole when the account has a file of it in any region, and regions without files
as quiet when there are files of two at least (decision 0023).

https://docs.aws.amazon.com/awscloudtrail/latest/userguide/get-and-view-cloudtrail-log-files.html
https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-find-log-files.html
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta

from leastwise.model.gap import Kept
from leastwise.providers.base import Folder, Told

from .trails import Trail, recorded

_FOLDER = re.compile(
    r"(?P<root>(?:.*/)?)AWSLogs/(?:(?P<organization>o-[a-z0-9]+)/)?(?P<account>\d{12})/CloudTrail/(?P<region>[a-z0-9-]+)"
    r"/(?P<year>\d{4})/(?P<month>\d\d)/(?P<day>\d\d)/?"
)
_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class _Tree:
    """Where one trail, or several, write the files of an account."""

    root: str
    organization: bool
    account: str


@dataclass(slots=True)
class _Days:
    """The days of a tree of which there are files, those of which something could not be read, and their regions."""

    days: set[date] = field(default_factory=set)
    broken: set[date] = field(default_factory=set)
    regions: set[str] = field(default_factory=set)


def kept(told: Sequence[Told], folders: Sequence[Folder]) -> tuple[list[Kept], Mapping[str, str]]:
    """What folders hold of which trail, and by account why some of them count for none.

    Columns read: those of `trails.recorded`.
    """
    writers: dict[str, dict[tuple[str, str, str, bool], Trail]] = {}
    for one in told:
        for each in recorded(one.scopes):
            known = writers.setdefault(each.account, {})
            written = [trail for trail in each.trails if trail.bucket]
            known |= {(trail.arn, trail.bucket, trail.prefix, trail.everywhere): trail for trail in written}
    found: dict[tuple[str, str], _Days] = {}
    regional: dict[str, bool] = {}
    unclear: dict[str, str] = {}
    for tree, held in sorted(_trees(folders).items(), key=lambda one: (one[0].account, one[0].root)):
        writing = _writing(tree, list(writers.get(tree.account, {}).values()))
        if not writing:
            why = f"of which of its trails the files below {tree.root or 'AWSLogs'} are is not known"
            unclear.setdefault(tree.account, why)
        for trail in writing:
            into = found.setdefault((trail.arn, tree.account), _Days())
            into.days |= held.days
            into.broken |= held.broken
            into.regions |= held.regions
            # One that once recorded every region did so at that time, whatever it is now.
            regional[trail.arn] = regional.get(trail.arn, True) and not trail.everywhere
    return [one for key, held in sorted(found.items()) for one in _spans(*key, held, regional[key[0]])], unclear


def _trees(folders: Sequence[Folder]) -> Mapping[_Tree, _Days]:
    found: dict[_Tree, _Days] = {}
    for folder in folders:
        told = _FOLDER.fullmatch(folder.name.replace("\\", "/"))
        if told is None:
            continue
        try:
            day = date(int(told["year"]), int(told["month"]), int(told["day"]))
        except ValueError:
            continue
        held = found.setdefault(_Tree(told["root"], bool(told["organization"]), told["account"]), _Days())
        held.regions.add(told["region"])
        (held.days if folder.whole else held.broken).add(day)
    return found


def _writing(tree: _Tree, trails: Sequence[Trail]) -> list[Trail]:
    """The trails that write to a tree: those of which it names bucket and prefix, else the only one it can be of."""
    fitting = [one for one in trails if one.organization == tree.organization and _ends(tree.root, one.prefix)]
    named = [one for one in fitting if _ends(tree.root, f"{one.bucket}/{one.prefix}".rstrip("/"))]
    if named:
        return named
    # A root that names the bucket of another trail is that one's.
    others = {one.bucket for one in trails} & set(tree.root.split("/"))
    return fitting if len({one.arn for one in fitting}) == 1 and not others else []


def _ends(root: str, path: str) -> bool:
    return not path or f"/{root}".endswith(f"/{path}/")


def _spans(log: str, account: str, held: _Days, regional: bool) -> Iterator[Kept]:
    """The runs of whole days of a trail's files of one account."""
    days = sorted(held.days - held.broken)
    starts = [day for before, day in zip([None, *days], days, strict=False) if before is None or day - before > _DAY]
    ends = [day for day, after in zip(days, [*days[1:], None], strict=False) if after is None or after - day > _DAY]
    for region in ["*"] if regional or len(held.regions) > 1 else sorted(held.regions):
        for first, last in zip(starts, ends, strict=True):
            yield Kept(log, account, region, _midnight(first), _midnight(last) + _DAY)


def _midnight(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, tzinfo=UTC)
