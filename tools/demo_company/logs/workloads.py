"""Machines at work: sessions and calls of the jobs, day by day."""

from __future__ import annotations

from datetime import date

from demo_company import iam, trusts
from demo_company.clock import parse
from demo_company.ids import PROD, REGION, guid, hexes
from demo_company.logs import calls as c
from demo_company.logs import who
from demo_company.logs.draw import PEAK, Draw, days, epoch, works
from demo_company.logs.jobs import JOBS, OWN_LOGS, Job, s3
from demo_company.logs.record import Log, Session
from demo_company.model import Role


def roles() -> dict[tuple[str, str], Role]:
    """Every role that ever was, by account and name."""
    found = [*iam.ROLES, *(one for account in who.OWN_ACCOUNTS for one in iam.service_linked(account))]
    found += [one for account in who.OWN_ACCOUNTS for one in iam.reserved_roles(account)]
    return {(one.account, one.name): one for one in found}


def machines(log: Log) -> None:
    """All jobs on all days."""
    known = roles()
    for job in JOBS:
        role = known[job.account, job.role]
        until = parse(job.until).date() if job.until else None
        for at, day in enumerate(days()):
            if (until and day >= until) or (job.workdays and not works(day)) or at % job.every:
                continue
            _day(log, job, role, day)
    _visitors(log)


def _day(log: Log, job: Job, role: Role, day: date) -> None:
    draw = Draw("job", job.account, job.role, day.isoformat())
    busy = 1.5 if day in PEAK else 1.0
    open_ = 2 if works(day) else 3
    planned = [
        (when, use)
        for use in job.uses
        if (count := draw.about(float(use[open_]) * busy))
        for when in draw.moments(count, day, job.hours)
    ]
    planned.sort(key=lambda one: one[0])
    if not planned:
        return
    size = max(1, -(-len(planned) // job.sessions))
    for at in range(0, len(planned), size):
        part = planned[at : at + size]
        session = _begin(log, job, role, max(epoch(day), part[0][0] - 2 - draw.below(40)))
        for when, use in part:
            log.add(when, session, use[0], use[1])
    if job.invoked:
        _invoked(log, job, day, draw, [when for when, _ in planned])


def _begin(log: Log, job: Job, role: Role, begun: int) -> Session:
    name = _name(job, begun)
    via = job.ip if job.ip.endswith(".amazonaws.com") else ""
    pod = job.by.startswith("pod:")
    web = f"arn:aws:iam::{PROD}:oidc-provider/{trusts.EKS}" if pod else ""
    session = who.role_session(role, name, begun, job.ip, job.agent, web=web, via=via)
    if pod:
        _, space, account = job.by.split(":")
        who.begin_by_web(log, role, session, trusts.EKS, f"system:serviceaccount:{space}:{account}")
    else:
        who.begin_by_service(log, job.by, role, session)
    if job.role in OWN_LOGS:
        group = f"/aws/lambda/{job.role}"
        stream = {"logGroupName": group, "logStreamName": "<<d>>/[$LATEST]<<h>>"}
        on = f"arn:aws:logs:{REGION}:{job.account}:log-group:{group}"
        log.add(begun + 1, session, c.LOG_STREAM, on, dict(stream))
    return session


def _name(job: Job, begun: int) -> str:
    if job.names == "task":
        return hexes(32, "task", job.role, str(begun))
    if job.names == "instance":
        return "i-0" + hexes(16, "instance", job.role)
    if job.by.startswith("pod:"):
        return f"{job.names}-{guid('pod', job.role, str(begun))}"
    return job.names


def _invoked(log: Log, job: Job, day: date, draw: Draw, when: list[int]) -> None:
    """A function's invocations by a service, as data events of Lambda; by schedule every so often, else just before."""
    assert job.invoked is not None
    by, working, other = job.invoked
    count = int(working if works(day) else other)
    if by == "events" and count > 1:
        when = [epoch(day) + at * (86400 // count) + draw.below(3) for at in range(count)]
    elif by == "events":
        when = [epoch(day) + 5 * 3600 + 900]
    on = f"arn:aws:lambda:{REGION}:{job.account}:function:{job.role}"
    for one in when[:count]:
        log.add(one - (by != "events"), who.service(by, job.account), c.INVOKE, on)


def _visitors(log: Log) -> None:
    """The public website, and what the content network fetches for it."""
    network = who.service("cloudfront", PROD)
    for day in days():
        draw = Draw("visitors", day.isoformat())
        for when in draw.moments(draw.about(8), day, (1,) * 24):
            visitor = who.anonymous(f"203.0.113.{100 + draw.below(100)}")
            log.add(when, visitor, c.GET, s3("bw-website", ("index.html", "prices.html", "depots.html")[draw.below(3)]))
        for when in draw.moments(draw.about(6), day, (1,) * 24):
            log.add(when, network, c.GET, s3("bw-web-assets", f"app-{draw.below(12)}.css"))
