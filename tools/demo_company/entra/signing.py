"""Who signs in when: people about once in four working days, tokens renewed every other week, apps by themselves.

Whoever does something in Azure or in the directory has signed in to the portal that morning.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import UTC, date, datetime

from demo_company.azure.happened import happened as azure_happened
from demo_company.clock import parse
from demo_company.entra import apps, guarding, registrations, staff
from demo_company.entra.acts import SERVICES, SIGN_INS, SILENT, Act
from demo_company.entra.entries import CLOUD, HOME, OFFICE, PORTAL, RUNNER, service_sign_in, sign_in
from demo_company.ids import number
from demo_company.logs.draw import Draw, days, epoch, works

EARLY = (0,) * 6 + (1, 2) + (0,) * 16
"""Hours of few files, before anything is done in Azure (nine o'clock)."""
_NIGHT_HOUR = 2
STRANGER = "203.0.113.9"
BY_THEMSELVES = (
    "svc-erp-monitor", "hr-sync", "payroll-export", "bank-connector", "scim-google", "tracking-webhook",
)  # fmt: skip
"""Apps that sign in as themselves once a week."""
NIGHTLY = ("scim-aws", "mail-archiver", "invoice-import", "bi-connector")
"""Apps that sign in as themselves every night."""
_FRIDAYS = ("payroll-export", "bank-connector")
WRONG_PASSWORD, DISABLED, EXPIRED, BLOCKED = 50126, 50057, 7000222, 53003
"""Codes of sign-ins that failed: https://learn.microsoft.com/entra/identity-platform/reference-error-codes"""
_SINGLE = {"Tunde Abara": (apps.PAYMENTS, "erp-portal-login"), "Elise Moreau": (apps.PAYMENTS, "erp-portal-login"),
           "Pieter Smit": (apps.PAYMENTS, "intranet"), "Aoife Brennan": ("sortwise-portal", "intranet"),
           "Leila Farouk": ("bi-connector", "intranet"),
           staff.GUEST: ("sortwise-portal", "returns-portal")}  # fmt: skip
"""Who signs in to what, where it matters."""


def signed_in_to() -> list[str]:
    """The apps that people sign in to, whoever they are."""
    alone = {*BY_THEMSELVES, *NIGHTLY, "svc-erp-deploy", "svc-erp-backup", registrations.EXPIRED, apps.PAYMENTS}
    return [one for one in apps.APPS if one not in alone and one not in registrations.UNUSED]


def apps_of(who: str) -> tuple[str, ...]:
    """The apps that somebody signs in to."""
    open = signed_in_to()
    at = staff.everyone().index(who)
    return _SINGLE.get(who) or (open[at % len(open)], open[(at * 7 + 3) % len(open)])


def signing(portal: Mapping[date, set[str]]) -> Iterator[Act]:
    """All sign-ins; `portal` has whom the portal saw on which day, for what they did in the directory."""
    seen: dict[date, set[str]] = {day: set(names) for day, names in portal.items()}
    known = {staff.object_id(one): one for one in staff.everyone()}
    for act in azure_happened():
        if act.who.principal in known:
            seen.setdefault(datetime.fromtimestamp(act.when, UTC).date(), set()).add(known[act.who.principal])
    for day in days():
        for who in staff.everyone():
            yield from _person(day, who, who in seen.get(day, ()))
        yield from _services(day)
    yield from _failed()


def _person(day: date, who: str, portal: bool) -> Iterator[Act]:
    morning = datetime(day.year, day.month, day.day, 6, tzinfo=UTC)
    if who in (staff.DISABLED, *staff.BREAK_GLASS) or not staff.listed(who, morning):
        return
    draw = Draw("entra", "sign-in", who, day.isoformat())
    if portal:
        yield _signed(draw.moment(day, EARLY), who, PORTAL)
    elif works(day) and _comes(day, who):
        open = [one for one in apps_of(who) if parse(apps.APPS[one]) < morning]
        yield _signed(draw.moment(day, EARLY), who, open[draw.below(len(open))])
    if works(day) and staff.rarely(who) == "" and day.toordinal() % 14 == number(14, "renewed", who):
        yield _signed(draw.moment(day, EARLY), who, "intranet", silent=True)


def _comes(day: date, who: str) -> bool:
    """Whether somebody has to sign in anew on a working day."""
    often = staff.rarely(who)
    if not often:
        return (day.toordinal() + number(4, "sign-in", who)) % 4 == 0
    return day.weekday() == 2 and (often == "weekly" or day.toordinal() // 7 % 4 == number(4, "sign-in", who))


def _signed(when: int, who: str, app: str, *, silent: bool = False, ip: str = OFFICE, code: int = 0) -> Act:
    factors = who not in guarding.NO_FACTOR and code == 0
    entry = sign_in(who, app, ip=ip, code=code, factors=factors, silent=silent)
    return Act(when, SILENT if silent else SIGN_INS, entry, denied=code != 0, who=who, app=app)


# --- apps by themselves -----------------------------------------------------------------------------------------------


def _services(day: date) -> Iterator[Act]:
    for name in NIGHTLY:
        yield _service(day, name)
    for name in BY_THEMSELVES:
        weekday = 4 if name in _FRIDAYS else number(7, "service", name)
        if day.weekday() == weekday and f"{day}" > max(apps.APPS[name], _credential_since(name)):
            yield _service(day, name)
    if day.weekday() in (1, 3) and works(day):
        yield _service(day, "svc-erp-deploy", ip=RUNNER)
    if day.weekday() == 5:
        yield _service(day, "svc-erp-backup")
    if works(day) and f"{day}" < _ends(registrations.EXPIRED):
        yield _service(day, registrations.EXPIRED)
    elif works(day) and day.weekday() == 1:
        # It still tries: nobody renewed its password.
        yield _service(day, registrations.EXPIRED, code=EXPIRED)


def _credential(name: str) -> registrations.Credential | None:
    return next((one for one in registrations.CREDENTIALS if one.app == name and not one.until), None)


def _credential_since(name: str) -> str:
    found = _credential(name)
    return found.since if found else ""


def _ends(name: str) -> str:
    found = _credential(name)
    return found.ends if found else "9999"


def _service(day: date, name: str, *, ip: str = CLOUD, code: int = 0) -> Act:
    found = _credential(name)
    key = registrations.key_id(found) if found else ""
    when = epoch(day) + _NIGHT_HOUR * 3600 + number(3600, "service", name, day.isoformat())
    return Act(when, SERVICES, service_sign_in(name, ip=ip, code=code, key=key), denied=code != 0, app=name)


# --- what failed ------------------------------------------------------------------------------------------------------


def _failed() -> Iterator[Act]:
    """Wrong passwords, a blocked place, and somebody who tries the account of who left."""
    for day, who in ((date(2026, 7, 14), "Jorge Medina"), (date(2026, 9, 8), "Tomas Berg")):
        yield _signed(_at(day, 7, who), who, "intranet", code=WRONG_PASSWORD)
    yield _signed(_at(date(2026, 9, 1), 6, "Omar Said"), "Omar Said", PORTAL, ip=HOME, code=BLOCKED)
    for day in (date(2026, 8, 19), date(2026, 8, 20), date(2026, 10, 12)):
        yield _signed(_at(day, 7, "left"), staff.DISABLED, "intranet", ip=STRANGER, code=DISABLED)


def _at(day: date, hour: int, *parts: str) -> int:
    return epoch(day) + hour * 3600 + number(3600, "failed", day.isoformat(), *parts)
