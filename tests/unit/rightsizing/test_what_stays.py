"""What of a grant stays, and why, as data: the items of a gap, the rows of usage, the guards, and what is said."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from leastwise.model.decision import State
from leastwise.model.gap import Done, Item, Use, Window
from leastwise.model.plan import Clock, Why
from leastwise.rightsizing.keeping import MANY, Guards, chosen, returning
from leastwise.usage.outline import Outline, Permissions, Quiet

END = datetime(2026, 11, 1, tzinfo=UTC)
WINDOW = Window(END - timedelta(days=90), END)
GET, PUT = "s3:GetObject", "s3:PutObject"
OF = Permissions((GET, PUT), ("data read",) * 2)


def ago(days: float) -> datetime:
    return END - timedelta(days=days)


def item(permission: str = GET, state: Use = Use.UNUSED, missing: str = "", denied: int = 0) -> Item:
    return Item(permission, state, State.ALLOWED, ("*",), "data read", Done(denied=denied), missing)


def row(
    days: float, bucket: str = "b/*", permission: str = GET, how: str = "call", count: int = 1, unknown: int = 0
) -> dict[str, Any]:
    used = ago(days)
    return {
        "permission": permission, "bucket": bucket, "how": how, "count": count, "unknown": unknown, "denied": 0,
        "day": (used.date() - datetime(1970, 1, 1).date()).days, "last": used, "last_used": used if count else None,
    }  # fmt: skip


def outlined(items: list[Item], rows: list[dict[str, Any]]) -> Outline:
    """The items, those of which nothing is recorded among the quiet ones."""
    recorded = {one["permission"] for one in rows}
    told = [
        one for one in items if one.done.denied or one.permission in recorded or one.state in (Use.USED, Use.IMPLIED)
    ]
    quiet = [
        Quiet(
            OF.numbered(iter((one.permission,))), OF, one.state, one.access, one.resources, one.sensitivity, one.missing
        )
        for one in items
        if one not in told
    ]
    return Outline("p", "1", WINDOW, tuple(told), tuple(quiet), OF)


def said(items: list[Item], rows: list[dict[str, Any]], guards: Guards) -> dict[str, Any]:
    kept, dropped = chosen(outlined(items, rows), rows, guards)
    # It makes no difference whether something is listed alone.
    assert chosen(Outline("p", "1", WINDOW, tuple(items), (), OF), rows, guards) == (kept, dropped)
    told: dict[str, Any] = {}
    for one in kept:
        told.setdefault(one.permission, []).append((one.why, *one.resources))
    return told | {one.permission: one.why for one in dropped}


def clock(due: bool | None) -> Clock:
    return Clock("p", "rule closing", "cron(…)", lambda after, before: due)


LONG = ago(900)
CASES: dict[str, tuple[list[Item], list[dict[str, Any]], Guards, dict[str, Any]]] = {
    "used on two buckets": (
        [item(state=Use.USED)], [row(3), row(5, "c/*")], Guards(), {GET: [(Why.USED, "b/*", "c/*")]},
    ),
    "a call that names no resource keeps all": (
        [item(state=Use.USED)], [row(3), row(5, "")], Guards(), {GET: [(Why.USED,)]},
    ),
    "used in so many places that the log may name no more": (
        [item(state=Use.USED)], [row(3, f"{n}/*") for n in range(MANY)], Guards(), {GET: [(Why.USED,)]},
    ),
    "one place fewer": (
        [item(state=Use.USED)], [row(3, f"{n:02}/*") for n in range(MANY - 1)], Guards(),
        {GET: [(Why.USED, *(f"{n:02}/*" for n in range(MANY - 1)))]},
    ),
    "implied": ([item(state=Use.IMPLIED)], [row(3, how="implied")], Guards(), {GET: [(Why.IMPLIED, "b/*")]}),
    "one of several may have been needed": (
        [item(state=Use.UNOBSERVABLE)], [row(3, how="possible")], Guards(), {GET: [(Why.POSSIBLE, "b/*")]},
    ),
    "a call that may have been authorised": (
        [item(state=Use.UNOBSERVABLE)], [row(3, count=0, unknown=2)], Guards(), {GET: [(Why.POSSIBLE, "b/*")]},
    ),
    "unused": ([item()], [], Guards(logs=LONG), {GET: Why.UNUSED}),
    "denied only": ([item(denied=3)], [], Guards(), {GET: [(Why.WANTED,)]}),
    "its log is off": ([item(state=Use.UNOBSERVABLE, missing="off")], [], Guards(), {GET: [(Why.UNOBSERVABLE,)]}),
    "its log is off, and that is to be cut": (
        [item(state=Use.UNOBSERVABLE)], [], Guards(unobservable=False), {GET: Why.UNUSED},
    ),
    "no operation": (
        [item(state=Use.UNOBSERVABLE)], [], Guards(eventless=frozenset({GET})), {GET: Why.EVENTLESS},
    ),
    "no operation that a call may have needed": (
        [item(state=Use.UNOBSERVABLE)], [row(3, how="possible")], Guards(eventless=frozenset({GET})),
        {GET: [(Why.POSSIBLE, "b/*")]},
    ),
    "used where it is seen, and not seen elsewhere": (
        [item(state=Use.USED)], [row(3)], Guards(blind={GET: {"d/*": "off"}}),
        {GET: [(Why.USED, "b/*"), (Why.UNOBSERVABLE, "d/*")]},
    ),
    "young": ([item()], [], Guards(young={GET: ago(5)}), {GET: [(Why.NEW,)]}),
    "excepted": ([item()], [], Guards(excepted={GET: "for the audit"}), {GET: [(Why.EXCEPTED,)]}),
    "asked for": ([item()], [], Guards(added={GET: "asked for"}), {GET: [(Why.ADDED,)]}),
    "by a schedule that was not due since": (
        [item()], [row(92)], Guards(logs=LONG, schedules=(clock(due=False),)), {GET: [(Why.SEASONAL, "b/*")]},
    ),
    "by a schedule that cannot be read": (
        [item()], [row(92)], Guards(logs=LONG, schedules=(clock(due=None),)), {GET: [(Why.SEASONAL, "b/*")]},
    ),
    "by a schedule that ran since": (
        [item()], [row(92)], Guards(logs=LONG, schedules=(clock(due=True),)), {GET: Why.UNUSED},
    ),
    "used before the window, the logs go far enough back": ([item()], [row(92)], Guards(logs=LONG), {GET: Why.UNUSED}),
    "used before the window, the logs are too short to tell": (
        [item()], [row(92)], Guards(logs=ago(150)), {GET: [(Why.SEASONAL, "b/*")]},
    ),
    "used before the window, nobody knows since when there are logs": (
        [item()], [row(92)], Guards(), {GET: [(Why.SEASONAL, "b/*")]},
    ),
    "a rhythm": ([item()], [row(92), row(184), row(275)], Guards(logs=LONG), {GET: [(Why.SEASONAL, "b/*")]}),
    "a rhythm that stopped": ([item()], [row(300), row(330), row(360)], Guards(logs=LONG), {GET: Why.UNUSED}),
    "a rhythm on one bucket beside daily use of another": (
        [item(state=Use.USED)], [row(1), row(92, "q/*"), row(184, "q/*")], Guards(logs=LONG),
        {GET: [(Why.USED, "b/*"), (Why.SEASONAL, "q/*")]},
    ),
    "no seasons": ([item()], [row(92), row(184)], Guards(seasons=False), {GET: Why.UNUSED}),
    "each by itself": (
        [item(state=Use.USED), item(PUT)], [row(3)], Guards(logs=LONG), {GET: [(Why.USED, "b/*")], PUT: Why.UNUSED},
    ),
}  # fmt: skip


@pytest.mark.parametrize(("items", "rows", "guards", "expected"), CASES.values(), ids=CASES)
def test_kept(items: list[Item], rows: list[dict[str, Any]], guards: Guards, expected: dict[str, Any]) -> None:
    assert said(items, rows, guards) == expected


def test_every_reason_has_words() -> None:
    gap = Outline("p", "1", WINDOW, (item(),), (), OF)
    kept, _ = chosen(gap, [row(92)], Guards(logs=LONG, schedules=(clock(due=False),)))
    assert [one.detail for one in kept] == [
        "last used on 2026-08-01; rule closing runs by cron(…), and was not due since"
    ]


RETURNS: dict[str, tuple[list[dict[str, Any]], bool | str | None, float | None, str]] = {
    "nothing runs as it, and its uses have no rhythm": ([row(91), row(95)], "none", 91, ""),
    "a schedule was not due since": ([row(91)], False, 91, "was not due since"),
    "a schedule was due, and nothing came": ([row(91)], True, 91, ""),
    "a schedule that cannot be read": ([row(91)], None, 91, "not known whether it was due"),
    "the vendor alone tells of the last use": ([], False, 91, "was not due since"),
    "never used, and not due in the window": ([], False, None, "was not due since"),
    "never used, though due in the window": ([], True, None, ""),
    "every hundred days": ([row(95), row(195)], "none", 95, "after an earlier pause of 100 days"),
    "one permission of two comes every hundred days": (
        [row(95), row(195), row(130, permission=PUT)], "none", 95, "after an earlier pause of 100 days",
    ),
    "short logs alone keep nobody": ([row(200)], "none", 200, ""),
}  # fmt: skip


@pytest.mark.parametrize(("rows", "due", "last", "expected"), RETURNS.values(), ids=RETURNS)
def test_who_may_be_used_again(
    rows: list[dict[str, Any]], due: bool | str | None, last: float | None, expected: str
) -> None:
    schedules = [] if due == "none" else [clock(due if isinstance(due, bool) else None)]
    found = returning(rows, WINDOW, schedules, None if last is None else ago(last))
    assert expected in found if expected else not found
