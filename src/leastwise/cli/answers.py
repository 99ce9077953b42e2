"""Answers to questions about access, of one time or of every period of a day, as tables, JSON or CSV."""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from leastwise.errors import UsageError

from .options import Asked, Format, Request, at_day, at_moment, workspace
from .render import emit, emit_json, estate_line, printable

if TYPE_CHECKING:
    from leastwise.app.answers.told import Told
    from leastwise.app.asking import Asking
    from leastwise.app.days import Period
    from leastwise.app.overlay import Overlay
    from leastwise.model.decision import Circumstances


@dataclass(frozen=True)
class Answer:
    """One answer.

    Args:
        body: the JSON of the answer, without the estate.
        rows: rows of the table and of CSV.
        lines: the answer as text, where it is no table.
        closing: lines below a table.
        failed: the command ends with code 1.
        used: parts of estate.yaml that it rests on, where they are more than those of the question.
        unasked: providers of which it does not speak, where they are others than those that were not opened first.
        document: a text that is printed as it is, instead of all others.
    """

    body: Mapping[str, Any]
    rows: Sequence[Mapping[str, Any]]
    lines: tuple[str, ...] = ()
    closing: tuple[str, ...] = ()
    failed: bool = False
    used: tuple[str, ...] | None = None
    unasked: tuple[str, ...] | None = None
    document: str = ""

    @classmethod
    def of(
        cls, told: Told[Any], rows: Sequence[Mapping[str, Any]], lines: tuple[str, ...] = (),
        closing: tuple[str, ...] = (),
    ) -> Answer:  # fmt: skip
        """What was told, with how it is shown."""
        return cls(told.body, rows, lines, closing, used=told.used, unasked=told.unasked)


@dataclass(frozen=True)
class Shape:
    """How a command's answers are printed.

    Args:
        columns: of the table, name → heading; empty for an answer that is text.
        key: under which a period of a day holds the answer in JSON; empty: its keys stand in the period itself.
        names: the columns of CSV.
    """

    columns: Mapping[str, str] = field(default_factory=dict)
    key: str = ""
    names: tuple[str, ...] = ()


Ask = Callable[["Asking"], Answer]


def put(
    options: Asked,
    shape: Shape,
    ask: Ask,
    given: Circumstances,
    permissions: Callable[[Asking], Sequence[str | None]] = lambda _: (None,),
    about: Sequence[str | None] = (),
    each: Callable[[Asking], Sequence[Asking]] = lambda asking: asking.every,
    *,
    every: bool = False,
    who: Sequence[str] = (),
    known: bool = False,
    parts: bool = False,
) -> bool:
    """Ask, print, and return whether something failed.

    With `--at DATE` the question is put to every period of that day; `permissions` are those whose conditions on the
    time cut the day (None: all). `about` are the permission (or None) and the ids that it names. `each` are all that
    the question is put to; a question to `every` provider of the estate finds them in `Asking.every`. One about
    principals alone (`who`) is put to the provider that knows them, one about a single principal that is `known` to
    whoever knows it: `about` names it second, and they are in `Asking.every`. With `parts` the scopes of a provider
    are there that answer each by itself, where nothing that is named is of one.

    Raises:
        UsageError, NotFoundError, InputError: as the question does.
    """
    day = at_day(options.at)

    def estate(at: datetime | None, said: set[str] | None = None) -> Asking:
        if who:
            return opened_for(options, who, at, said)
        if known and about[1]:
            return opened_knowing(options, about[1], at, said)
        return opened_whole(options, at, said) if every else opened(options, at, said, about, parts=parts)

    if day is None:
        asking = estate(at_moment(options.at))
        answer = ask(asking)
        _print(options.form, shape, asking, answer)
        return answer.failed
    return _day(options, shape, day, ask, given, permissions, estate, each)


def opened(
    options: Asked,
    at: datetime | None,
    said: set[str] | None = None,
    about: Sequence[str | None] = (),
    *,
    parts: bool = False,
) -> Asking:
    """The estate that a question is put to; what is to be noted, and was not `said`, goes to standard error.

    Raises:
        UsageError, NotFoundError, InputError: see `app.asking.open_access`.
    """
    from leastwise.app.asking import open_access
    from leastwise.app.each import parted

    here = workspace(options.home, options.database)
    asking = open_access(here, at, options.snapshot, _note, overlay_of(options.overlay), about)
    if parts:
        first, *others = parted(here, [asking], _note)
        asking = replace(first, beside=tuple(others))
    _warn(asking, set() if said is None else said)
    return asking


def opened_for(options: Asked, who: Sequence[str], at: datetime | None, said: set[str] | None = None) -> Asking:
    """The estate that a question about some principals is put to; notes as `opened` has them.

    Raises:
        UsageError, NotFoundError, InputError: see `app.each.open_for`.
    """
    from leastwise.app.each import open_for

    here = workspace(options.home, options.database)
    asking = open_for(here, who, at, options.snapshot, _note, overlay_of(options.overlay))
    _warn(asking, set() if said is None else said)
    return asking


def opened_knowing(options: Asked, who: str, at: datetime | None, said: set[str] | None = None) -> Asking:
    """The estate as those providers answer of it that know somebody; notes as `opened` has them.

    Raises:
        UsageError, NotFoundError, InputError: see `app.each.open_knowing`.
    """
    from leastwise.app.each import open_knowing

    here = workspace(options.home, options.database)
    asking = open_knowing(here, who, at, options.snapshot, _note, overlay_of(options.overlay))
    _warn(asking, set() if said is None else said)
    return asking


def opened_each(options: Asked, at: datetime | None, said: set[str] | None = None) -> list[Asking]:
    """The estate, once for each of its providers, of which a question is put to all; one whose scopes are worlds of
    their own once for each of these. Notes as `opened` has them.

    Raises:
        UsageError, NotFoundError, InputError: see `app.each.open_each`.
    """
    from leastwise.app.each import open_each

    here = workspace(options.home, options.database)
    askings = open_each(here, at, options.snapshot, _note, overlay_of(options.overlay), apart=True)
    known = set() if said is None else said
    for one in askings:
        _warn(one, known)
    return askings


def opened_whole(options: Asked, at: datetime | None, said: set[str] | None = None) -> Asking:
    """The estate as the first of its providers answers of it, with the others beside it. Raises as `opened_each`."""
    first, *others = opened_each(options, at, said)
    return replace(first, beside=tuple(others))


def _note(text: str) -> None:
    if sys.stderr.isatty():
        print(f"leastwise: {text} ...", file=sys.stderr)


def _warn(asking: Asking, known: set[str]) -> None:
    """Prints what is to be noted of an answer and is not known yet."""
    for warning in asking.warnings:
        if warning not in known:
            print(f"leastwise: {printable(warning)}", file=sys.stderr)
    known.update(asking.warnings)


def overlay_of(path: Path | None) -> Overlay | None:
    """The changes of the file of `--with`. Raises InputError."""
    if path is None:
        return None
    from leastwise.app.overlay import read_overlay

    return read_overlay(path)


def circumstances_of(request: Request) -> Circumstances:
    """What the options say of the request. Raises UsageError, InputError."""
    from leastwise.app.asking import circumstances, session_policy

    read = None if request.session is None else [session_policy(path) for path in request.session]
    return circumstances(request.context or [], strict=request.strict, session=read, through=request.endpoint)


def _print(form: Format, shape: Shape, asking: Asking, answer: Answer) -> None:
    if answer.document:
        print(answer.document)
        return
    whole = _whole(asking, answer)
    if form is Format.JSON:
        emit_json(whole)
        return
    told = estate_line(whole["estate"], whole["coverage"])
    if form is Format.TABLE and not shape.columns:
        print("\n".join(printable(line) for line in [*answer.lines, told]))
        return
    first, *others = answer.closing or ("",)
    footer = "\n".join([f"{first} {told}".strip(), *others])
    emit(form, whole, answer.rows, shape.columns, footer, shape.names)


def _whole(asking: Asking, answer: Answer) -> dict[str, Any]:
    """An answer with what it was asked of."""
    from leastwise.app.answers.told import whole

    return whole(asking, answer.body, answer.used, answer.unasked)


def _day(
    options: Asked,
    shape: Shape,
    day: date,
    ask: Ask,
    given: Circumstances,
    permissions: Callable[[Asking], Sequence[str | None]],
    estate: Callable[[datetime | None, set[str]], Asking],
    each: Callable[[Asking], Sequence[Asking]],
) -> bool:
    from leastwise.app.days import over_day

    if options.snapshot is not None:
        raise UsageError("--at and --snapshot exclude each other")
    said: set[str] = set()

    def cuts(asking: Asking, begin: datetime, end: datetime) -> list[datetime]:
        asked = [(put_to.access, one) for put_to in each(asking) for one in dict.fromkeys(permissions(put_to))]
        return sorted({moment for access, one in asked for moment in access.moments(one, given, begin, end)})

    here = workspace(options.home, options.database)
    periods = over_day(here, day, lambda at: estate(at, said), cuts, ask, lambda answer: _alike(answer.body))
    if options.form is Format.JSON:
        emit_json(_day_values(periods, shape))
    elif options.form is Format.CSV or shape.columns:
        _day_rows(options.form, shape, periods)
    else:
        print("\n".join(printable(line) for line in _day_lines(periods)))
    return any(one.answer is None or one.answer.failed for one in periods)


def _alike(value: Any) -> Any:
    """An answer without where its documents were read: two snapshots that say the same are no change of access."""
    if isinstance(value, Mapping):
        return {key: _alike(one) for key, one in value.items() if key != "source"}
    return [_alike(one) for one in value] if isinstance(value, list | tuple) else value


_NOTHING = {"state": "UNKNOWN", "reasons": [], "residual": [], "chain": [], "exact": True, "beside": []}


def _day_values(periods: Sequence[Period[Answer]], shape: Shape) -> dict[str, Any]:
    """The JSON of a day: its periods; of a day that is one period also the answer itself."""
    found = []
    last: dict[str, Any] = {}
    for one in periods:
        span = {"from": one.begin.isoformat(), "to": one.end.isoformat()}
        if one.asking is None or one.answer is None:
            nothing: dict[str, Any] = {"items": [], "next": None, "missing": [one.missing]}
            body = {shape.key: {**_NOTHING, "missing": [one.missing]}} if shape.key else nothing
            found.append({**span, "estate": None, **body, "coverage": None})
            continue
        last = _whole(one.asking, one.answer)
        body = {shape.key: dict(one.answer.body)} if shape.key else dict(one.answer.body)
        found.append({**span, "estate": last["estate"], **body, "coverage": last["coverage"]})
    alone = periods[0].answer.body if len(periods) == 1 and periods[0].answer is not None else {}
    return {"estate": last["estate"], **alone, "periods": found, "coverage": last["coverage"]}


def _day_rows(form: Format, shape: Shape, periods: Sequence[Period[Answer]]) -> None:
    rows: list[dict[str, Any]] = []
    closing: list[str] = []
    for one in periods:
        span = {"from": one.begin.isoformat(), "to": one.end.isoformat()}
        if one.asking is None or one.answer is None:
            rows.append({**span, "state": "UNKNOWN", "when": one.missing, "missing": one.missing})
            continue
        rows += [{**span, **row} for row in one.answer.rows]
        whole = _whole(one.asking, one.answer)
        told = " ".join([*one.answer.closing[:1], estate_line(whole["estate"], whole["coverage"])])
        closing += [f"{_spoken(one)}: {told}", *one.answer.closing[1:]]
    spans = {"from": "From", "to": "To"}
    names = ["from", "to", *shape.names]
    emit(form, {}, rows, spans | dict(shape.columns), "\n".join(closing), names)


def _day_lines(periods: Sequence[Period[Answer]]) -> list[str]:
    lines: list[str] = []
    for one in periods:
        lines.append(_spoken(one))
        if one.asking is None or one.answer is None:
            lines += ["UNKNOWN", f"  not known: {one.missing}"]
            continue
        whole = _whole(one.asking, one.answer)
        lines += [*one.answer.lines, estate_line(whole["estate"], whole["coverage"])]
    return lines


def _spoken(one: Period[Answer]) -> str:
    """A period as a person says it: `2026-03-01 09:00 to 17:00 UTC`."""
    ends_day = one.end.date() != one.begin.date()
    return f"{one.begin.date()} {_clock(one.begin)} to {'24:00' if ends_day else _clock(one.end)} UTC"


def _clock(moment: datetime) -> str:
    text = moment.time().isoformat()
    return text[:5] if text.endswith(":00") and len(text) == 8 else text
