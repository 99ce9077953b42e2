"""What apps ask of Microsoft Graph, with all that their tokens have; what they hold and never need is not asked for.

`mail-archiver` reads mail and never gives an app role (story 16). `depot-scheduler` and `intranet` hold app roles, and
call nothing as themselves.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from demo_company.entra import apps, consents, registrations, staff
from demo_company.entra.acts import GRAPH, Act, Used
from demo_company.entra.entries import OFFICE, request
from demo_company.ids import number
from demo_company.logs.draw import days, epoch, works

_HOUR = 3
FOR_USER = " on behalf of a user"


@dataclass(frozen=True, slots=True)
class Ask:
    """A request: of which app, by which permission, and what it counts as; `when` says on which days."""

    app: str
    method: str
    path: str
    counts_as: str
    permission: str
    when: str = "nightly"
    who: str = ""


_MAILBOX, _ALL_STAFF = staff.object_id("Hiro Nakagawa"), staff.group_id("all-staff")
ASKS = (
    Ask("scim-aws", "GET", "/users/delta", "GET /users/delta", "User.Read.All"),
    Ask("scim-aws", "GET", f"/groups/{_ALL_STAFF}/members", "GET /groups/{id}/members", "Group.Read.All"),
    Ask("mail-archiver", "GET", f"/users/{_MAILBOX}/messages/AAMkAD1/attachments",
        "GET /users/{id}/messages/{id}/attachments", "Mail.Read"),
    Ask("hr-sync", "GET", "/users/delta", "GET /users/delta", "User.Read.All", "weekly"),
    Ask("svc-erp-monitor", "GET", "/reports/getOffice365ActiveUserDetail(period='D7')",
        "GET /reports/getoffice365activeuserdetail(period={value})", "Reports.Read.All", "weekly"),
    Ask(registrations.EXPIRED, "POST", f"/users/{_MAILBOX}/sendMail", "POST /users/{id}/sendmail", "Mail.Send",
        "works"),
    Ask("bi-connector", "GET", "/me", "GET /me", "User.Read", "weekly", "Leila Farouk"),
    Ask(consents.VENDOR, "GET", "/me/drive/root/children", "GET /me/drive/root/children", "Files.ReadWrite.All",
        "weekly", "Aoife Brennan"),
    Ask(consents.VENDOR, "GET", "/me/messages", "GET /me/messages", "Mail.ReadWrite", "weekly", "Aoife Brennan"),
)  # fmt: skip


def asking() -> Iterator[Act]:
    """All requests."""
    for day in days():
        for one in ASKS:
            if _asks(day, one):
                yield _asked(day, one)


def _asks(day: date, one: Ask) -> bool:
    if one.when == "works":
        ends = next(key.ends for key in registrations.CREDENTIALS if key.app == one.app)
        return works(day) and f"{day}" < ends
    if one.app == consents.VENDOR and f"{day}" <= consents.RISKY_ON:
        return False
    return one.when == "nightly" or day.weekday() == number(7, "service", one.app)


def values_of(one: Ask, day: date) -> list[str]:
    """What the token of a request has: every app role of Graph that was given, or every scope consented to."""
    when = f"{day}"
    if not one.who:
        return [given.role for given in apps.APP_ROLES if given.who == one.app and given.offered_by == apps.GRAPH]
    mine = [given for given in consents.CONSENTS if given.client == one.app and given.of == apps.GRAPH]
    said = [given.scopes for given in mine if given.who in ("", one.who) and given.since <= when]
    return list(dict.fromkeys(" ".join(said).split()))


def _asked(day: date, one: Ask) -> Act:
    when = epoch(day) + _HOUR * 3600 + number(3600, "asked", one.app, one.path, day.isoformat())
    entry = request(one.app, one.method, one.path, values=values_of(one, day), who=one.who,
                    **({"ip": OFFICE} if one.app == "bi-connector" else {}))  # fmt: skip
    bucket = one.counts_as + (FOR_USER if one.who else "")
    return Act(when, GRAPH, entry, (Used(apps.principal_id(one.app), one.permission, bucket),), app=one.app)
