"""Folders of CloudTrail's files: of which trail they are, and of which days all is there."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from test_observability import END, MANAGEMENT, ROOT, A, B, scope, trail

from leastwise.model.gap import Kept
from leastwise.providers.aws.observing import kept
from leastwise.providers.base import Folder, ScopeTables, Told

T, U = (f"arn:aws:cloudtrail:eu-west-1:{A}:trail/{name}" for name in "tu")
ALL = f"arn:aws:cloudtrail:eu-west-1:{ROOT}:trail/all"
EU, US = "eu-west-1", "us-east-1"


def folders(
    root: str, *days: int, account: str = A, regions: tuple[str, ...] = (EU, US), organization: str = ""
) -> list[Folder]:
    below = f"{organization}/" if organization else ""
    return [
        Folder(f"{root}AWSLogs/{below}{account}/CloudTrail/{region}/2026/10/{day:02}/")
        for day in days
        for region in regions
    ]


def ours(*trails: dict[str, object]) -> list[ScopeTables]:
    return [scope(*trails)]


def asked(scopes: list[ScopeTables], held: list[Folder]) -> tuple[list[tuple[str, str, str, int, int]], dict[str, str]]:
    found, unclear = kept([Told(END, scopes)], held)
    return [_short(one) for one in found], dict(unclear)


def _short(one: Kept) -> tuple[str, str, str, int, int]:
    assert (one.begin.hour, one.end.hour) == (0, 0)
    return one.log, one.account, one.region, one.begin.day, (one.end - timedelta(days=1)).day


ONE = ours(trail(MANAGEMENT, S3BucketName="logs"))
TWO = ours(trail(MANAGEMENT, S3BucketName="logs"), trail(MANAGEMENT, name="u", S3BucketName="more"))
PREFIXED = ours(
    trail(MANAGEMENT, S3BucketName="logs", S3KeyPrefix="a"),
    trail(MANAGEMENT, name="u", S3BucketName="logs", S3KeyPrefix="b"),
)
SHARED = ours(trail(MANAGEMENT, S3BucketName="logs"), trail(MANAGEMENT, name="u", S3BucketName="logs"))
UNCLEAR = {A: "of which of its trails the files below x/ are is not known"}
OURS: dict[str, tuple[list[ScopeTables], list[Folder], list[tuple[str, str, str, int, int]], dict[str, str]]] = {
    "the bucket's name": (TWO, folders("/home/x/logs/", 1, 2, 3), [(T, A, "*", 1, 3)], {}),
    "straight from the bucket": (TWO, folders("s3://more/", 1, 2), [(U, A, "*", 1, 2)], {}),
    "bucket and prefix": (PREFIXED, folders("s3://logs/b/", 1), [(U, A, "*", 1, 1)], {}),
    "the bucket alone where trails have prefixes": (
        PREFIXED,
        folders("s3://logs/", 1),
        [],
        {A: "of which of its trails the files below s3://logs/ are is not known"},
    ),
    "two trails in one place": (SHARED, folders("s3://logs/", 1), [(T, A, "*", 1, 1), (U, A, "*", 1, 1)], {}),
    "no bucket's name, one trail": (ONE, folders("x/", 4, 5), [(T, A, "*", 4, 5)], {}),
    "no root, one trail": (ONE, folders("", 4), [(T, A, "*", 4, 4)], {}),
    "no bucket's name, two trails": (TWO, folders("x/", 4, 5), [], UNCLEAR),
    "a name that only ends as the bucket's does": (
        TWO,
        folders("x/catalogs/", 4),
        [],
        {A: "of which of its trails the files below x/catalogs/ are is not known"},
    ),
    "an account without a trail": (
        [scope(coverage="ok")],
        folders("x/", 4),
        [],
        UNCLEAR,
    ),
    "another account's": (
        ONE,
        folders("x/", 4, account=B),
        [],
        {B: "of which of its trails the files below x/ are is not known"},
    ),
    "a hole": (ONE, folders("logs/", 1, 2, 4, 5, 7), [(T, A, "*", 1, 2), (T, A, "*", 4, 5), (T, A, "*", 7, 7)], {}),
    "days in any order": (ONE, folders("logs/", 3, 1, 2), [(T, A, "*", 1, 3)], {}),
    "one region only": (ONE, folders("logs/", 1, 2, regions=(EU,)), [(T, A, EU, 1, 2)], {}),
    "each day another region": (
        ONE,
        [*folders("logs/", 1, regions=(EU,)), *folders("logs/", 2, regions=(US,))],
        [(T, A, "*", 1, 2)],
        {},
    ),
    "a trail of one region": (
        ours(trail(MANAGEMENT, S3BucketName="logs", IsMultiRegionTrail="false")),
        folders("logs/", 1, regions=(EU,)),
        [(T, A, "*", 1, 1)],
        {},
    ),
    "a file that could not be read": (
        ONE,
        [*folders("logs/", 1, 2, 3), Folder(f"logs/AWSLogs/{A}/CloudTrail/{EU}/2026/10/02/", whole=False)],
        [(T, A, "*", 1, 1), (T, A, "*", 3, 3)],
        {},
    ),
    "as another system writes paths": (
        ONE,
        [Folder(f"C:\\logs\\AWSLogs\\{A}\\CloudTrail\\{one}\\2026\\10\\03\\") for one in (EU, US)],
        [(T, A, "*", 3, 3)],
        {},
    ),
    "no date": (ONE, [Folder(f"logs/AWSLogs/{A}/CloudTrail/{EU}/2026/13/41/")], [], {}),
    "digests": (ONE, [Folder(f"logs/AWSLogs/{A}/CloudTrail-Digest/{EU}/2026/10/01/")], [], {}),
    "some folder": (ONE, [Folder("/home/x/downloads/")], [], {}),
}


@pytest.mark.parametrize("name", OURS)
def test_folders_of_an_accounts_own_trails(name: str) -> None:
    scopes, held, expected, why = OURS[name]
    assert asked(scopes, held) == (expected, why)


def organization() -> list[ScopeTables]:
    above = trail(MANAGEMENT, name="all", account=ROOT, IsOrganizationTrail="true", S3BucketName="org")
    mine = trail(MANAGEMENT, S3BucketName="logs")
    return [scope(above, account=ROOT, tenant="o-1"), scope(mine, tenant="o-1")]


def test_files_below_an_organization_are_of_its_trail() -> None:
    held = folders("x/", 1, organization="o-1") + folders("x/", 2, account=ROOT, organization="o-1")
    assert asked(organization(), held) == ([(ALL, ROOT, "*", 2, 2), (ALL, A, "*", 1, 1)], {})


def test_files_beside_it_are_of_the_accounts_own() -> None:
    assert asked(organization(), folders("x/", 1)) == ([(T, A, "*", 1, 1)], {})
    found, why = asked(organization(), folders("x/", 1, account=ROOT))
    assert found == []
    assert list(why) == [ROOT]


def test_a_place_that_a_trail_had_earlier_counts() -> None:
    earlier = ours(trail(MANAGEMENT, S3BucketName="old"))
    held = folders("old/", 1, 2) + folders("logs/", 3)
    found, _ = kept([Told(END - timedelta(days=60), earlier), Told(END, TWO)], held)
    assert [_short(one) for one in found] == [(T, A, "*", 1, 3)]


def test_a_day_lasts_until_midnight_in_utc() -> None:
    found, _ = kept([Told(END, ONE)], folders("logs/", 31))
    assert (found[0].begin, found[0].end) == (datetime(2026, 10, 31, tzinfo=UTC), END)


@pytest.mark.parametrize("newest_regional", [True, False])
def test_a_trail_that_recorded_every_region_once_is_held_only_where_there_are_files(newest_regional: bool) -> None:
    """Files of one region alone do not show that the others were quiet while the trail recorded them all."""
    flags = ("true", "false") if newest_regional else ("false", "true")
    then, now = (scope(trail(MANAGEMENT, S3BucketName="logs", IsMultiRegionTrail=one)) for one in flags)
    found, _ = kept([Told(END - timedelta(days=60), [then]), Told(END, [now])], folders("logs/", 31, regions=(EU,)))
    assert {one.region for one in found} == {"eu-west-1"}
