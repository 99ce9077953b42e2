"""What happened in Google Cloud in the 120 days of full logs, day by day.

Nobody of the group gcp-platform-admins needs `roles/owner` but for the few changes below; `etl` may read the customers
and never does (story 4); Dmitri Volkov, Farida Aziz, Anil Deshpande, Caspar Weyl and Anders Holt do nothing at all.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from functools import cache

from demo_company import ids
from demo_company.clock import parse
from demo_company.google import calls as c
from demo_company.google.acts import (
    ACTIVITY,
    CLUSTER,
    DATA,
    GCLOUD,
    NOWHERE,
    RUNNER,
    STRANGE_CLOUD,
    Act,
    Call,
    Caller,
    outsider,
    person,
    service_account,
)
from demo_company.google.agents import AGENTS, keys
from demo_company.google.places import ANALYTICS, TRACKING, WORKBENCH
from demo_company.google.pools import AWS_POOL, GITHUB_POOL, GITHUB_SINCE, RELEASES, REPOSITORY
from demo_company.google.staff import employed
from demo_company.logs.draw import NIGHT, OFFICE, Draw, days, epoch, works

_BRIDGE = outsider(
    f"principal://iam.googleapis.com/{AWS_POOL}/subject/arn:aws:sts::{ids.PROD}:assumed-role/etl-bridge/nightly",
    STRANGE_CLOUD,
)
_WORKFLOW = outsider(
    f"principal://iam.googleapis.com/{GITHUB_POOL}/subject/repo:{REPOSITORY}:ref:refs/heads/main", RUNNER
)
_RAW, _MART = "shipments_raw", "shipments_mart"
_PODS = (
    ("tracking-api", "tracking/api"),
    ("tracking-ingest", "tracking/ingest"),
    ("carrier-sync", "tracking/carriers"),
)
_DEPLOYED = ("api", "ingest", "carriers", "eta")
_CHANGED = parse(GITHUB_SINCE).date()
"""When releases stopped to use a key."""


@cache
def happened() -> tuple[Act, ...]:
    """Everything, by time."""
    return tuple(sorted((one for day in days() for one in _day(day)), key=lambda one: one.when))


def _day(day: date) -> Iterator[Act]:
    yield from _night(day)
    yield from _pods(day)
    if works(day):
        yield from _releases(day)
        yield from _analysts(day)
        yield from _developers(day)
        yield from _security(day)
        yield from _lab(day)
    yield from _changes(day)


def _each(day: date, name: str, who: Caller, log: str, *calls: Call, hours: tuple[int, ...] = OFFICE) -> Iterator[Act]:
    draw = Draw("google", name, day.isoformat())
    for call, when in zip(calls, draw.moments(len(calls), day, hours), strict=True):
        yield Act(when, who, call, log)


def _with_key(name: str, project: str, ip: str) -> Caller:
    agent = next(one for one in AGENTS if (one.name, one.project) == (name, project))
    key = str(keys(agent, parse("2026-07-10"))[0]["name"])
    return service_account(name, project, ip, serviceAccountKeyName=f"//iam.googleapis.com/{key}")


def _through(who: Caller) -> list[dict[str, str]]:
    return [{"principalSubject": who.principal}]


def _night(day: date) -> Iterator[Act]:
    """Exports come from AWS, the marts are built."""
    yield from _each(day, "bridge", _BRIDGE, DATA, c.token("etl", ANALYTICS), hours=NIGHT)
    etl = service_account("etl", ANALYTICS, serviceAccountDelegationInfo=_through(_BRIDGE))
    files = [
        c.objects("create", "bw-analytics-landing", f"shipments/{day}/{part}.parquet", ANALYTICS) for part in (0, 1)
    ]
    yield from _each(day, "etl", etl, DATA, *files, c.job("InsertJob"), c.write(_RAW, "shipments"), hours=NIGHT)
    if day.weekday() == 6:
        old = c.objects("delete", "bw-analytics-landing", "shipments/old.parquet", ANALYTICS)
        yield from _each(day, "etl-sweep", etl, DATA, c.objects("list", "bw-analytics-landing", "", ANALYTICS), old)
    dbt = service_account("dbt-runner", ANALYTICS, "192.0.2.14")
    tables = ("daily", "by_depot")
    yield from _each(day, "dbt", dbt, DATA, c.job("InsertJob"), c.read(_RAW, "shipments"),
                     *(c.write(_MART, one) for one in tables), hours=NIGHT)  # fmt: skip
    yield from _each(day, "dbt-make", dbt, ACTIVITY, c.make(_MART, f"tmp_{day:%d}"), hours=NIGHT)


def _pods(day: date) -> Iterator[Act]:
    """Pods become service accounts; what they do with messages and the secret is in no audit log."""
    for name, pod in _PODS:
        who = outsider(f"serviceAccount:{TRACKING}.svc.id.goog[{pod}]", CLUSTER)
        yield from _each(day, name, who, DATA, c.token(name, TRACKING))
    api, ingest, carriers = (service_account(name, TRACKING, CLUSTER) for name, _ in _PODS)
    yield from _each(day, "publish", api, NOWHERE, c.publish())
    yield from _each(day, "pull", ingest, NOWHERE, c.pull())
    yield from _each(day, "secret", carriers, NOWHERE, c.secret())
    status = service_account("status-page", TRACKING, CLUSTER)
    yield from _each(day, "status", status, NOWHERE, c.objects("create", "bw-tracking-status", "index.html", TRACKING))


def _releases(day: date) -> Iterator[Act]:
    """Tuesdays and Thursdays, from GitHub: with a key, and since July 20 as a workflow of the repository."""
    if day.weekday() not in (1, 3):
        return
    ci = _with_key("ci-deployer", TRACKING, RUNNER)
    if day > _CHANGED:
        yield from _each(day, "workflow", _WORKFLOW, DATA, c.token("ci-deployer", TRACKING))
        ci = service_account("ci-deployer", TRACKING, RUNNER, serviceAccountDelegationInfo=_through(_WORKFLOW))
    patches = [c.cluster("patch", "apps.v1", "deployments", one) for one in _DEPLOYED]
    yield from _each(day, "release", ci, ACTIVITY, *patches)
    package = c.objects("create", "bw-tracking-artifacts", f"releases/{day}.tgz", TRACKING)
    yield from _each(day, "package", ci, NOWHERE, package)


def _analysts(day: date) -> Iterator[Act]:
    bi = _with_key("bi-dashboard", ANALYTICS, "198.51.100.22")
    yield from _each(day, "bi", bi, DATA, *[c.job(), c.read(_MART, "daily")] * 3)
    for name in ("Leila Farouk", "Marek Novak", "Sofia Rinaldi", "Jana Horvat"):
        draw = Draw("google", name, "whether", day.isoformat())
        if employed(name, parse(day.isoformat())) and draw.chance(0.6):
            yield from _each(day, name, person(name), DATA, c.job(), c.read(_MART, "daily"), c.read(_MART, "by_depot"))
    if day.weekday() == 2:
        yield from _each(day, "customers", person("Leila Farouk"), DATA, c.job(), c.read("customers", "people"))
        yield from _each(day, "depots", person("Ole Knudsen"), DATA, c.rows(_MART, "by_depot"))
    if day in (date(2026, 9, 9), date(2026, 9, 10)):
        for act in _each(day, "curious", person("Sofia Rinaldi"), DATA, c.read("customers", "people")):
            yield Act(act.when, act.who, act.call, act.log, denied=True)


def _developers(day: date) -> Iterator[Act]:
    """Restarts, and shells in pods; what is only looked at in the cluster is not logged."""
    for name, call, share in (
        ("Aisha Rahman", c.cluster("patch", "apps.v1", "deployments", "api"), 0.2),
        ("Ben Okafor", c.cluster("create", "core.v1", "pods", "api-0", "exec"), 0.15),
        ("Eva Lindgren", c.cluster("patch", "apps.v1", "deployments", "ingest"), 0.1),
        ("Felix Baumann", c.cluster("patch", "apps.v1", "deployments", "carriers"), 0.1),
        ("Maya Castillo", c.cluster("create", "core.v1", "pods", "ingest-0", "exec"), 0.05),
    ):
        if Draw("google", name, "whether", day.isoformat()).chance(share):
            yield from _each(day, name, person(name, agent="kubectl/v1.33.1"), ACTIVITY, call)


def _security(day: date) -> Iterator[Act]:
    """The weekly look at who may what."""
    if day.weekday() == 0:
        policies = [c.listed("cloudresourcemanager", "GetIamPolicy", "resourcemanager.projects.getIamPolicy", one)
                    for one in (ANALYTICS, TRACKING, WORKBENCH)]  # fmt: skip
        accounts = [c.listed("iam", "google.iam.admin.v1.ListServiceAccounts", "iam.serviceAccounts.list", one)
                    for one in (ANALYTICS, TRACKING, WORKBENCH)]  # fmt: skip
        yield from _each(day, "noor", person("Noor Haddad", agent=GCLOUD), DATA, *policies, *accounts)


def _lab(day: date) -> Iterator[Act]:
    """A machine that runs by day; experiments with a key, of which only tables are always logged."""
    yara = person("Yara Nassar")
    yield from _each(day, "machine", yara, ACTIVITY, c.machine("start"), c.machine("stop"))
    yield from _each(day, "machines", yara, DATA,
                     c.listed("compute", "v1.compute.instances.list", "compute.instances.list", WORKBENCH))  # fmt: skip
    experiments = _with_key("eta-experiments", WORKBENCH, "198.51.100.45")
    yield from _each(day, "features", experiments, DATA, c.rows("eta_features", "legs", WORKBENCH))
    notebook = service_account("notebook", WORKBENCH, "192.0.2.33")
    yield from _each(day, "notebook", notebook, NOWHERE, c.objects("get", "bw-lab-scratch", "legs.csv", WORKBENCH))


def _changes(day: date) -> Iterator[Act]:
    """What people changed: the only uses of `roles/owner`."""
    hiro, greta = (person(name, agent=GCLOUD) for name in ("Hiro Nakagawa", "Greta Solheim"))
    at = epoch(day) + 10 * 3600
    if day == _CHANGED:
        key = str(_with_key("ci-deployer", TRACKING, RUNNER).told["serviceAccountKeyName"]).rpartition("/")[2]
        for place, call in enumerate((
            c.pool(GITHUB_POOL), c.pool(GITHUB_POOL, "actions"),
            c.let_in("ci-deployer", TRACKING, "roles/iam.workloadIdentityUser", RELEASES),
            c.without_key("ci-deployer", TRACKING, key),
        )):  # fmt: skip
            yield Act(at + 60 * place, hiro, call, ACTIVITY)
    if day == date(2026, 8, 31):
        gone = c.on_account("DeleteServiceAccount", "iam.serviceAccounts.delete", "parcel-simulator", WORKBENCH)
        yield Act(at, person("Yara Nassar"), gone, ACTIVITY)
    if day == date(2026, 10, 23):
        made = c.on_account("CreateServiceAccount", "iam.serviceAccounts.create", "eta-predictor", TRACKING)
        yield Act(at, greta, made, ACTIVITY)
        yield Act(at + 300, greta, c.service("create", TRACKING, "eta"), ACTIVITY)
    if day.day == 14 and works(day):
        yield Act(at, greta, c.service("update", ANALYTICS, "mart-build"), ACTIVITY)
