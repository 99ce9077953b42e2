"""From the journal of a scope to what a snapshot is made of: raw documents in a fixed order, and coverage."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any

import msgspec

from leastwise.model.scope import PART, Collected, Coverage, CoverageStatus, RawDocument

from .declaration import Call, Service
from .expand import subject
from .journal import Record

if TYPE_CHECKING:
    from .run import Target

_NAMED = 5


def gather(
    target: Target, time: datetime, interrupted: str, sections: Callable[[str], Iterable[Coverage]]
) -> Collected:
    """Everything collected of a scope, whatever order the answers came in; `sections` as `Run` has them."""
    calls = {
        (service.of(call).name, call.call): (service.of(call), call)
        for service in target.services
        for opening in service.opening
        for call in opening.walk()
    }
    order = {name: number for number, name in enumerate(calls)}
    latest: dict[tuple[Any, ...], Record] = {}
    for record in target.journal.records():
        latest[_place(record, order)] = record
    records = list(_to_the_end(latest))
    documents = tuple(_documents(target, time, records, calls))
    coverage = (*_coverage(target, records, calls, sections), *_skipped(target.skipped, calls, interrupted))
    return Collected(target.scope, time, documents, coverage)


def _place(record: Record, order: Mapping[tuple[str, str], int]) -> tuple[Any, ...]:
    return (
        order[record.service, record.call],
        record.region,
        msgspec.json.encode(record.parameters, order="sorted"),
        record.page,
    )


def _to_the_end(latest: Mapping[tuple[Any, ...], Record]) -> Iterator[Record]:
    """The records in order, without pages behind a last one: a list that was read twice had more of them before."""
    ended: tuple[Any, ...] = ()
    for place in sorted(latest):
        if place[:-1] == ended:
            continue
        yield latest[place]
        if latest[place].more is None:
            ended = place[:-1]


def _documents(
    target: Target, time: datetime, records: Iterable[Record], calls: Mapping[tuple[str, str], tuple[Service, Call]]
) -> Iterable[RawDocument]:
    """One document an answer, its pages joined; those of `separate` calls stay apart."""
    pages: dict[tuple[str, str, str, bytes, int], list[Record]] = defaultdict(list)
    for record in records:
        _, call = calls[record.service, record.call]
        if record.status is CoverageStatus.OK and record.body and not call.passing:
            asked = msgspec.json.encode(record.parameters, order="sorted")
            number = record.page if call.separate else 0
            pages[record.service, record.call, record.region, asked, number].append(record)
    for (_, _, region, _, number), found in pages.items():
        service, call = calls[found[0].service, found[0].call]
        kind, about = service.kind(call), subject(call, found[0].parameters)
        parts = [target.scope.id, *([region] if region else []), kind]
        parts += [about.replace("\x1f", " ")] if about else []
        # The next page was never told, whatever kept it.
        part = PART if found[-1].more is not None and not call.separate else ""
        body = found[0].body if len(found) == 1 else msgspec.json.encode(joined(_decoded(found)))
        yield RawDocument(
            target.scope, service.name, f"{kind}!{found[0].error}" if found[0].error else kind,
            "/".join(parts) + (f"#{number + 1}" if number else part), body, about, time, region,
        )  # fmt: skip


def _decoded(pages: Iterable[Record]) -> Iterator[Mapping[str, Any]]:
    return (msgspec.json.decode(page.body) for page in pages)


def joined(pages: Iterable[Mapping[str, Any]]) -> dict[str, Any]:
    """The pages as one answer: lists are continued, other members are those of the first page that has them."""
    whole: dict[str, Any] = {}
    for page in pages:
        for name, value in page.items():
            if isinstance(value, list) and isinstance(whole.get(name), list):
                whole[name] = [*whole[name], *value]
            else:
                whole.setdefault(name, value)
    return whole


def _coverage(
    target: Target, records: Iterable[Record], calls: Mapping[tuple[str, str], tuple[Service, Call]],
    sections: Callable[[str], Iterable[Coverage]],
) -> Iterable[Coverage]:  # fmt: skip
    """One record a call, outcome and part of the scope; what is not ok names regions and what it was asked for."""
    groups: dict[tuple[str, str, CoverageStatus, str, str], list[Record]] = defaultdict(list)
    for record in records:
        code = record.detail.partition(":")[0]
        whole = record.status is CoverageStatus.OK and not record.detail
        part = "" if whole else target.part(calls[record.service, record.call][1], record.parameters)
        groups[record.service, record.call, record.status, code, part].append(record)
    for (name, operation, status, _, part), found in groups.items():
        service, call = calls[name, operation]
        regions = sorted({record.region for record in found} - {""})
        if status is CoverageStatus.OK and not found[0].detail:
            told = ", ".join([f"{len(found)} answers", *([f"{len(regions)} regions"] if regions else [])])
            yield Coverage(name, operation, status, told if len(found) > 1 else "")
            yield from sections(service.kind(call))
            continue
        abouts = [subject(call, record.parameters).replace("\x1f", " ") for record in found]
        places = [*([f"in {_few(regions)}"] if regions else []), *([f"for {_few(abouts)}"] if any(abouts) else [])]
        detail = f"{found[0].detail} ({'; '.join(places)})" if places else found[0].detail
        # An answer that lacks a part of what it should tell is a gap, though the call itself did not fail.
        status = CoverageStatus.FAILED if status is CoverageStatus.OK else status
        yield Coverage(name, operation, status, detail, service.affected(call), part)


def _skipped(
    skipped: Counter[tuple[str, str]], calls: Mapping[tuple[str, str], tuple[Service, Call]], why: str
) -> Iterable[Coverage]:
    for name, operation in calls:
        if (name, operation) in skipped:
            service, call = calls[name, operation]
            yield Coverage(name, operation, CoverageStatus.NOT_TRIED, why, service.affected(call))


def _few(names: list[str]) -> str:
    more = len(names) - _NAMED
    return ", ".join(names[:_NAMED]) + (f" and {more} more" if more > 0 else "")
