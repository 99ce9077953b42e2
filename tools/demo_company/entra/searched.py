"""What security asked of the unified audit log: what the vendor's app did for whoever let it in, since she did.

The audit log of the directory is not in it: that is kept for itself.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from demo_company.entra import consents
from demo_company.entra.acts import UNIFIED, Act
from demo_company.entra.entries import CLOUD, site, unified
from demo_company.ids import number
from demo_company.logs.draw import days, epoch

VICTIM = "Aoife Brennan"
_EXCHANGE, _SHAREPOINT = 50, 6
"""Types of records: https://learn.microsoft.com/office/office-365-management-api/office-365-management-activity-api-schema"""


def searched() -> Iterator[Act]:
    """Its records."""
    begun = date.fromisoformat(consents.RISKY_ON)
    for day in days(begun):
        if day > begun and day.weekday() in (1, 4):
            for number_, (operation, workload, type, on) in enumerate((
                ("MailItemsAccessed", "Exchange", _EXCHANGE, ""),
                ("FileDownloaded", "SharePoint", _SHAREPOINT, f"{site(VICTIM)}rota-{day:%m}.xlsx"),
            )):  # fmt: skip
                when = epoch(day) + 4 * 3600 + number(1800, "searched", day.isoformat()) + number_ * 60
                entry = unified(VICTIM, operation, workload, type, on, app=consents.VENDOR, ip=CLOUD)
                yield Act(when, UNIFIED, entry, who=VICTIM, app=consents.VENDOR)
