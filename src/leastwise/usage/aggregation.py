"""The aggregation of events once more, as Ibis expressions: for engines that read more than one machine holds.

What our own code counts when it takes events in (`store/lake/aggregate`), said in relational words: from a table of
events with the columns of `model.tables.usage.EVENTS` to the rows of `usage` and of `sightings`. Rows must be equal on
every engine; the engine's session must be in UTC. Needs the extra `[scale]`. See docs/decisions/0022-scale-out.md.
"""

from __future__ import annotations

from typing import Any

from leastwise.model.tables.usage import SIGHTINGS, USAGE
from leastwise.model.usage import USED, Fact

from .places import family, network

_WHO = ("provider", "principal", "workload")


def usage_of(events: Any) -> Any:
    """The rows of `usage`, as an expression over a table of events."""
    counted = events.filter(events.principal != "")
    shared = {name: counted[name] for name in (*_WHO, "via", "time")} | _places(counted)
    own = (
        counted.filter((counted.facts == "") & (counted.permission != ""))
        .select(**shared, how=_text("call"), **{name: counted[name] for name in Fact._fields[1:]})
    )  # fmt: skip
    told = counted.filter(counted.facts != "").select(**shared, fact=counted.facts.split("\n").unnest())
    parts = told.fact.split("\t")
    spread = told.mutate(**{name: parts[place] for place, name in enumerate(Fact._fields)})
    every = own.union(spread.select(*own.columns))
    used = every.outcome.isin(USED)
    return _grouped(
        every,
        USAGE.names(),
        count=_number(used),
        denied=_number(every.outcome == "denied"),
        unknown=_number(every.outcome == "unknown"),
        first=every.time.min(),
        last=every.time.max(),
        first_used=every.time.min(where=used),
        last_used=every.time.max(where=used),
    )


def sightings_of(events: Any) -> Any:
    """The rows of `sightings`, as an expression over a table of events."""
    import ibis

    seen = events.filter(events.principal != "")
    places = _places(seen)
    places.pop("grant_id")
    seen = seen.select(
        **{name: seen[name] for name in (*_WHO, "mfa", "time", "outcome")},
        **places,
        credential=ibis.ifelse(seen.temporary, "session", seen.credential),
        network=network(seen.ip),
        agent=family(seen.agent),
    )
    return _grouped(
        seen,
        SIGHTINGS.names(),
        count=seen.count().cast("int32"),
        denied=_number(seen.outcome == "denied"),
        first=seen.time.min(),
        last=seen.time.max(),
    )


def _places(events: Any) -> dict[str, Any]:
    """The columns that have another name, or another form, in what is counted."""
    import ibis

    grant = events.grant_id.fill_null("") if "grant_id" in events.columns else _text("")
    day = events.time.date().delta(ibis.date(1970, 1, 1), unit="day").cast("int32")
    return {"account": events.owner, "source": events.log, "day": day, "grant_id": grant}


def _grouped(rows: Any, names: tuple[str, ...], **figures: Any) -> Any:
    """One row for rows that agree in all columns that are not counted."""
    return rows.group_by([name for name in names if name not in figures]).aggregate(**figures).select(*names)


def _number(flag: Any) -> Any:
    return flag.cast("int64").sum().cast("int32")


def _text(word: str) -> Any:
    import ibis

    return ibis.literal(word)
