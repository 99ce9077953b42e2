"""All that happened, once per build."""

from __future__ import annotations

from functools import cache

from demo_company.logs import changes, happenings, pipelines, staff, workloads
from demo_company.logs.record import Log


@cache
def everything() -> Log:
    """Every call, logged or not, in no order."""
    log = Log()
    workloads.machines(log)
    staff.staff(log)
    staff.users(log)
    pipelines.pipelines(log)
    changes.changes(log)
    happenings.happenings(log)
    return log
