"""What the trails deliver: which record lies in which file of which bucket, packed for the archive.

Each readable account has a trail of its own. The organization's trail has the management events of all accounts that
change something, so that those stand in two files, as they do in life. `leastwise.demo.logs` writes the files.

https://docs.aws.amazon.com/awscloudtrail/latest/userguide/get-and-view-cloudtrail-log-files.html
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from datetime import UTC, datetime

from demo_company.ids import ACCOUNT_NAMES, READABLE, SEED, letters
from demo_company.logs.record import Event, Session
from demo_company.organization import ORGANIZATION

WINDOW = 6 * 3600
"""Seconds of one file. CloudTrail writes one every few minutes; fewer files make a demo that starts sooner."""
ORGANIZATION_BUCKET = "bw-root-trail-logs"


def packed(events: Iterable[Event]) -> bytes:
    """The archive's `logs.json`: what repeats once, and a row a record."""
    shown = sorted((one for one in events if one.logged), key=_order)
    identities: dict[str, int] = {}
    sessions: dict[Session, int] = {}
    shapes: dict[str, int] = {}
    files: dict[tuple[str, str, int], list[int]] = {}
    copies: dict[tuple[str, str, int], list[int]] = {}
    rows: dict[str, list[int]] = {"session": [], "shape": [], "time": []}
    about: list[tuple[int, int]] = []
    last = 0
    for at, one in enumerate(shown):
        rows["session"].append(_session(one.session, sessions, identities))
        rows["shape"].append(shapes.setdefault(one.shape, len(shapes)))
        rows["time"].append(one.when - last)
        last = one.when
        if one.about:
            about.append((at, _session(one.about, sessions, identities)))
        place = (one.account, one.region, one.when // WINDOW)
        if one.account in READABLE:
            files.setdefault(place, []).append(at)
        if not one.call.read and not one.call.data:
            copies.setdefault(place, []).append(at)
    content = {
        "version": 1,
        "seed": SEED,
        "identities": list(identities),
        "sessions": {
            "identity": [identities[one.identity] for one in sessions],
            "key": [one.key for one in sessions],
            "name": [one.name for one in sessions],
            "begun": [one.begun for one in sessions],
        },
        "shapes": list(shapes),
        "rows": rows,
        "about": about,
        "files": [
            *([_name(place, shown[held[-1]].when, False), held[0], len(held)] for place, held in files.items()),
            *([_name(place, shown[held[-1]].when, True), held] for place, held in copies.items()),
        ],
    }
    return json.dumps(content, separators=(",", ":"), ensure_ascii=False).encode()


def _order(one: Event) -> tuple[str, str, int, int]:
    return (one.account, one.region, one.when // WINDOW, one.when)


def _session(one: Session, sessions: dict[Session, int], identities: dict[str, int]) -> int:
    identities.setdefault(one.identity, len(identities))
    return sessions.setdefault(one, len(sessions))


def _name(place: tuple[str, str, int], newest: int, organization: bool) -> str:
    """The file's name below `logs/`: bucket and key. It is delivered some minutes after its newest record."""
    account, region, _ = place
    when = datetime.fromtimestamp(newest + 300 + newest % 240, UTC)
    bucket = ORGANIZATION_BUCKET if organization else f"{ACCOUNT_NAMES[account]}-trail-logs"
    folder = f"{ORGANIZATION}/{account}" if organization else account
    unique = letters(16, "file", *map(str, place), bucket, folder)
    return (
        f"{bucket}/AWSLogs/{folder}/CloudTrail/{region}/{when:%Y/%m/%d}/"
        f"{account}_CloudTrail_{region}_{when:%Y%m%dT%H%MZ}_{unique}.json.gz"
    )
