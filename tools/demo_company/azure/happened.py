"""What happened in Azure in the 120 days of full logs, day by day.

`svc-erp-deploy` (story 16) is Owner of bw-erp-prod: five operations of Microsoft.Web that write, in the resource group
erp-web, and not one role assignment. Reads stand in no log, nor does anything of bw-sandbox, bwerparchive, bw-old-kv.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date
from functools import cache

from demo_company.azure import grants as g
from demo_company.azure import things as t
from demo_company.azure.acts import (
    RUNNER,
    Act,
    Call,
    Caller,
    Verb,
    assigning,
    blob,
    log_of,
    manage,
    managed,
    person,
    secret,
    service,
)
from demo_company.azure.grants import ELIGIBLE, GRANTS, Grant
from demo_company.azure.places import PROD, SANDBOX, subscription
from demo_company.clock import moment
from demo_company.entra import apps, staff
from demo_company.logs.draw import Draw, days, works

_WEB = "Microsoft.Web/sites/"
DEPLOYS = (
    (f"{_WEB}slots/config/Write", "/slots/staging/config/appsettings"), (f"{_WEB}slots/Write", "/slots/staging"),
    (f"{_WEB}config/Write", "/config/web"), (f"{_WEB}Write", ""),
)  # fmt: skip
"""A release of a web app: operation, and what it is done to below the app."""
SCALES = "Microsoft.Web/serverfarms/Write"
_NIGHT = (0, 0, 0, 1) + (0,) * 20
_DAY = (0,) * 9 + (1, 0, 0, 0, 0, 1) + (0,) * 9
"""Hours of few files: work is drawn into these alone."""
_VNET = f"{t.NET}/providers/Microsoft.Network/virtualNetworks/erp-vnet"
_DOCUMENTS: tuple[tuple[Verb, str], ...] = (
    ("write", "invoices"), ("read", "invoices"), ("write", "labels"), ("read", "contracts"),
)  # fmt: skip
TAKEN_AWAY, TRIED, GAVE = date(2026, 7, 20), date(2026, 8, 5), date(2026, 8, 18)


def by(role: str, on: str, who: str, of: Sequence[Grant] = GRANTS) -> Grant:
    """The grant of a role at a scope to somebody, by the object id of whom it names."""
    return next(one for one in of if (one.role, one.on, one.who.id) == (role, on, who))


def of_group(role: str, on: str, name: str, of: Sequence[Grant] = GRANTS) -> Grant:
    """The grant that a group's members have."""
    return by(role, on, staff.group_id(name), of)


@cache
def happened() -> tuple[Act, ...]:
    """Everything, by time."""
    return tuple(sorted((one for day in days() for one in _day(day)), key=lambda one: one.when))


def _day(day: date) -> Iterator[Act]:
    yield from _nightly(day)
    yield from _started(day)
    if works(day):
        yield from _releases(day)
        yield from _documents(day)
        yield from _engineers(day)
        yield from _sandbox(day)
    yield from _changes(day)


def _each(
    day: date, name: str, who: Caller, let: Grant | None, *calls: Call, hours: tuple[int, ...] = _DAY,
    denied: bool = False,
) -> Iterator[Act]:  # fmt: skip
    draw = Draw("azure", name, day.isoformat())
    for call, when in zip(calls, draw.moments(len(calls), day, hours), strict=True):
        # An operation ends a second after it began, in the file of the same hour.
        when -= when % 3600 == 3599
        yield Act(when, who, call, log_of(call), None if denied else let, denied)


def _nightly(day: date) -> Iterator[Act]:
    """Restarts, imports, backups, archives."""
    restarter, jobs = managed("erp-automation"), managed("erp-jobs")
    may = by("Website Contributor", t.WEB, restarter.principal)
    yield from _each(day, "restart", restarter, may, manage(f"{_WEB}restart/Action", t.JOBS), hours=_NIGHT)
    imports, bi, backup = (service(name) for name in ("invoice-import", "bi-connector", "svc-erp-backup"))
    write = by("Storage Blob Data Contributor", t.INVOICES, imports.principal)
    yield from _each(day, "import", imports, write, blob("write", "invoices", f"{day:%d}.csv"), hours=_NIGHT)
    read = by("Storage Blob Data Reader", t.INVOICES, bi.principal)
    yield from _each(day, "bi", bi, read, blob("read", "invoices", f"{day:%d}.csv"), hours=_NIGHT)
    if day.weekday() == 5:
        read = by("Storage Blob Data Reader", t.DOCS, backup.principal)
        calls = [blob("read", one, "all.zip") for one in ("invoices", "contracts", "labels")]
        yield from _each(day, "backup", backup, read, *calls, hours=_NIGHT)
    archiver = service("mail-archiver")
    may = by("Storage Blob Data Contributor", t.ARCHIVE, archiver.principal)
    yield from _each(day, "archive", archiver, may, blob("write", "mail", f"{day:%d}.pst", t.ARCHIVE), hours=_NIGHT)
    may = by("Storage Blob Data Owner", t.ARCHIVE, jobs.principal)
    yield from _each(day, "close", jobs, may, blob("write", "ledger", f"{day:%d}.csv", t.ARCHIVE), hours=_NIGHT)
    if day.weekday() == 6:
        batch = managed("erp-batch")
        join = manage("Microsoft.Network/virtualNetworks/subnets/join/action", f"{_VNET}/subnets/batch")
        yield from _each(day, "join", batch, by("Network Contributor", t.NET, batch.principal), join, hours=_NIGHT)


def _started(day: date) -> Iterator[Act]:
    """Apps take their secrets when they start; one vault asks its own access policies, which are no assignments."""
    for name, key in (("erp-portal", "session-key"), ("id-erp-api", "sql-login"), ("erp-jobs", "sql-login")):
        may = by("Key Vault Secrets User", t.VAULT, managed(name).principal)
        yield from _each(day, f"start {name}", managed(name), may, secret("get", t.VAULT, key), hours=_NIGHT)
    pay = managed("id-erp-payments")
    yield from _each(day, "start pay", pay, None, secret("get", t.PAY_VAULT, "bank-token"), hours=_NIGHT)


def _releases(day: date) -> Iterator[Act]:
    """Tuesdays and Thursdays the pipeline releases; on Wednesdays somebody swaps slots back by hand."""
    deploy = service("svc-erp-deploy", RUNNER)
    owner = by("Owner", subscription(PROD), deploy.principal)
    if day.weekday() in (1, 3):
        apps_ = (t.PORTAL, t.API) if day.weekday() == 1 else (t.JOBS,)
        calls = [manage(operation, app + below) for app in apps_ for operation, below in DEPLOYS]
        looks = [manage(f"{_WEB}Read", app) for app in apps_]
        yield from _each(day, "release", deploy, owner, *calls, *looks)
    if day.weekday() == 1 and day.day <= 7:
        yield from _each(day, "scale", deploy, owner, manage(SCALES, t.PLAN))
    if day.weekday() == 2:
        swap = manage(f"{_WEB}slots/slotsswap/Action", f"{t.PORTAL}/slots/staging")
        operator = of_group(g.OPERATOR, t.WEB, "erp-release")
        yield from _each(day, "swap", person("Selma Yildiz"), operator, swap)


def _documents(day: date) -> Iterator[Act]:
    """The ERP reads and writes documents; auditors look at invoices, and once at what they may not."""
    api = managed("id-erp-api")
    may = by("Storage Blob Data Contributor", t.DOCS, api.principal)
    calls = [blob(*_DOCUMENTS[n % len(_DOCUMENTS)], f"{n}.pdf") for n in range(Draw("azure", str(day)).about(14))]
    yield from _each(day, "documents", api, may, *calls)
    if day.day == 12:
        read = of_group("Storage Blob Data Reader", t.DOCS, "erp-auditors")
        yield from _each(day, "audit", person("Fatou Diallo"), read, blob("read", "invoices", "2026/q3.csv"))
    if day == date(2026, 10, 13):
        contract = blob("read", "contracts", "2026/lease.pdf")
        yield from _each(day, "curious", person("Fatou Diallo"), None, contract, denied=True)


def _engineers(day: date) -> Iterator[Act]:
    """What people change by hand."""
    platform = of_group("Contributor", subscription(PROD), "erp-platform")
    if day.weekday() == 0 and day.day <= 7:
        account = manage("Microsoft.Storage/storageAccounts/write", t.DOCS)
        yield from _each(day, "mirko", person("Mirko Jansen"), platform, account)
    if day.weekday() == 4 and day.day <= 7:
        database = manage("Microsoft.Sql/servers/databases/write", f"{t.SQL}/databases/erp")
        dba = of_group("SQL DB Contributor", t.DATA, "erp-dba")
        yield from _each(day, "ulla", person("Ulla Fischer"), dba, database)
        yield from _each(day, "old vault", person("Ulla Fischer"), None, secret("get", t.OLD_VAULT, "legacy"))
        officer = by("Key Vault Secrets Officer", t.VAULT, staff.object_id("Selma Yildiz"))
        yield from _each(day, "rotate", person("Selma Yildiz"), officer, secret("set", t.VAULT, "sql-login"))
    if day.weekday() == 3 and day.day <= 7:
        run = manage("Microsoft.Automation/automationAccounts/jobs/write", f"{t.AUTOMATION}/jobs/nightly-restart")
        operator = of_group("Automation Job Operator", t.AUTOMATION, "erp-operators")
        yield from _each(day, "caspar", person("Caspar Weyl"), operator, run)
    if day.day == 21:
        renewed = secret("set", t.PAY_VAULT, "bank-token")
        yield from _each(day, "elise", person("Elise Moreau"), None, renewed)


def _sandbox(day: date) -> Iterator[Act]:
    """Of which no diagnostic setting keeps the log."""
    users = of_group("Contributor", subscription(SANDBOX), "sandbox-users")
    site = f"{t.DEMO}/providers/Microsoft.Web/sites/erp-demo"
    if day.weekday() == 4:
        demo = managed("id-sandbox-deploy")
        may = by("Contributor", t.DEMO, demo.principal)
        yield from _each(day, "demo", demo, may, manage(f"{_WEB}Write", site))
    machine = f"{t.LAB}/providers/Microsoft.Compute/virtualMachines/lab-vm-1"
    if day < date(2026, 9, 11) and day.weekday() in (0, 2):
        verbs = [manage(f"Microsoft.Compute/virtualMachines/{one}/action", machine) for one in ("start", "deallocate")]
        yield from _each(day, "lab", person("Nadia Rossi"), users, *verbs)


def _changes(day: date) -> Iterator[Act]:
    """Role assignments that came and went, and what failed."""
    if day == TAKEN_AWAY:
        old = of_group("Website Contributor", t.WEB, "erp-developers")
        owner = of_group("Owner", ELIGIBLE[0].on, staff.ADMINS, ELIGIBLE)
        yield from _each(day, "taken away", person("Greta Solheim"), owner, assigning(old, "delete"))
    if day == TRIED:
        restart = manage(f"{_WEB}restart/Action", t.PORTAL)
        yield from _each(day, "viktor", person("Viktor Lund"), None, restart, denied=True)
    if day == GAVE:
        new = of_group("Storage Blob Data Reader", t.DOCS, staff.SECURITY)
        lead = of_group("Role Based Access Control Administrator", subscription(PROD), "erp-leads")
        yield from _each(day, "gave", person("Mirko Jansen"), lead, assigning(new))
    if day == date(2026, 9, 3):
        more = Grant(t.PAY, "Contributor", g.person("Pieter Smit"))
        yield from _each(day, "too much", person("Elise Moreau"), None, assigning(more), denied=True)
    if day == date(2026, 10, 31):
        oncall = next(one for one in GRANTS if one.activated)
        pim = service(apps.PIM)
        may = by("User Access Administrator", ELIGIBLE[0].on, pim.principal)
        call = assigning(oncall)
        yield Act(int(moment(g.ONCALL_SINCE).timestamp()), pim, call, log_of(call), may)
