"""The trails of an account or an organization: what they record, into which bucket, and whether it can be read.

https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_DescribeTrails.html
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any

import msgspec

from leastwise.providers.aws.observing.selectors import DATA, MANAGEMENT, selectors
from leastwise.providers.base import ScopeTables
from leastwise.providers.fetching import Place, Survey, Wanted
from leastwise.providers.logs.prices import prices_of

from .clients import CallFailed
from .log_access import AT_ONCE, Access, access, refused, source_of
from .log_estimate import estimated
from .log_objects import Bucket, parse_url
from .patient import regions_of

DAYS = 90
"""So far back logs are read where no first day is given."""
_KIND, _VENDOR = "cloudtrail:trail", "leastwise.providers.aws"
Trail = Mapping[str, Any]


def survey(wanted: Wanted, known: Sequence[ScopeTables]) -> Survey:
    """Where the trails write that snapshots and CloudTrail tell of, with what reading it means.

    Raises:
        UsageError: there is nothing to start from.
    """
    source, entered = source_of(wanted.sign_in), access(wanted.sign_in)
    notes: list[str] = []
    trails = {str(one["TrailARN"]): one for one in _of_snapshots(known)}
    for one in _of_the_vendor(entered, regions_of(source, entered.entered, entered.clients)[0], notes):
        arn = str(one["TrailARN"])
        trails[arn] = {**trails.get(arn, {}), **one}
    if not trails:
        notes.append("neither snapshots nor CloudTrail tell of a trail")
    begin, end = wanted.window(DAYS, datetime.now(UTC).date())
    places = [_look(entered, one, encrypted, begin, end) for one, encrypted in _places(trails.values())]
    return Survey(tuple(places), tuple(notes), prices_of(_VENDOR).told, "outside of AWS")


def _of_snapshots(known: Sequence[ScopeTables]) -> Iterable[Trail]:
    for scope in known:
        table = scope.tables.get("resources")
        for row in () if table is None else table.select(["id", "kind", "details"]).to_pylist():
            details = dict(row["details"] or ())
            if row["kind"] == _KIND and details.get("S3BucketName"):
                told = msgspec.json.decode(details["selectors"]) if details.get("selectors") else None
                yield {**details, "TrailARN": row["id"], "told": told}


def _of_the_vendor(entered: Access, regions: Sequence[str], notes: list[str]) -> list[Trail]:
    """The trails that are seen from the account, with their selectors where these may be asked for."""

    def described(region: str) -> list[Trail] | CallFailed:
        try:
            return list(entered.ask("cloudtrail", "DescribeTrails", region).members.get("trailList", ()))
        except CallFailed as error:
            return error

    def chosen(trail: Trail) -> Trail:
        home = str(trail.get("HomeRegion", ""))
        try:
            told = entered.ask("cloudtrail", "GetEventSelectors", home, TrailName=trail["TrailARN"]).members
        except CallFailed:
            # A member may not ask about the organization's trail: what it records stays unknown.
            return trail
        return {**trail, "told": told}

    with ThreadPoolExecutor(AT_ONCE) as pool:
        answers = list(pool.map(described, regions))
        refusals = [one for one in answers if isinstance(one, CallFailed)]
        if refusals:
            notes.append(f"trails were not told in {len(refusals)} of {len(regions)} regions: {refusals[0]}")
        found = {str(one["TrailARN"]): one for many in answers if not isinstance(many, CallFailed) for one in many}
        return list(pool.map(chosen, found.values()))


def _places(trails: Iterable[Trail]) -> list[tuple[Place, bool]]:
    """Each place once, with all that is written there, and whether files are encrypted with a key of the customer's."""
    by_url: dict[str, list[Trail]] = {}
    for one in trails:
        prefix = str(one.get("S3KeyPrefix") or "").strip("/")
        by_url.setdefault(f"s3://{one['S3BucketName']}/{prefix + '/' if prefix else ''}AWSLogs/", []).append(one)
    found = []
    for url, some in sorted(by_url.items()):
        names = tuple(sorted({str(one["TrailARN"]).rsplit("/", 1)[-1] for one in some}))
        found.append((Place(url, names, _records(some)), any(one.get("KmsKeyId") for one in some)))
    return found


def _records(trails: Sequence[Trail]) -> str:
    """What the trails of one place record together, in words."""
    words: set[str] = set()
    for one in trails:
        if not one.get("told"):
            words.add("selectors not known")
            continue
        for each in selectors(one["told"]):
            if each.category == MANAGEMENT:
                words.add("management events")
            elif each.category == DATA:
                words.add(f"data events of {each.type or 'some kind'}")
    return ", ".join(sorted(words, key=lambda one: (not one.startswith("management"), one))) or "nothing"


def _look(entered: Access, place: Place, encrypted: bool, begin: date, end: date) -> Place:
    """The place with its volume and cost, or with why it cannot be read."""
    name, prefix = parse_url(place.url)
    bucket = Bucket(entered, name)
    try:
        found = estimated(bucket, prefix, begin, end)
    except CallFailed as error:
        cause = "there is no such bucket" if error.code == "NoSuchBucket" else _cause(place, error, "s3:ListBucket")
        return replace(place, cause=cause)
    requests, transfer = prices_of(_VENDOR).of(found.files, found.lists, found.bytes, encrypted)
    place = replace(
        place, files=found.files, bytes=found.bytes, exact=found.exact, requests=requests, transfer=transfer
    )
    if found.one is None:
        return place
    try:
        entered.ask("s3", "GetObject", bucket.region, Bucket=name, Key=found.one.key, Range="bytes=0-0")
    except CallFailed as error:
        return replace(place, cause=_cause(place, error, "s3:GetObject"))
    return place


def _cause(place: Place, error: CallFailed, needed: str) -> str:
    return refused(place.url, error, needed).cause
