"""Commands of Google Cloud's command line that stop a service account or a key of one, and that take it back.

https://cloud.google.com/iam/docs/service-accounts-disable-enable,
https://cloud.google.com/iam/docs/keys-disable-enable, https://cloud.google.com/iam/docs/service-accounts-delete-undelete

People belong to Cloud Identity or Workspace, and are stopped there: what is granted to them here is taken away.
"""

from __future__ import annotations

import shlex
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from leastwise.model.plan import Step
from leastwise.providers.base.halting import Halting, Holder, deletion, leaving, made_by, unnamed

from .regranting.commands import command

_ACCOUNT, _GROUP = "serviceAccount:", "group:"


def _gcloud(*words: str) -> str:
    return shlex.join(("gcloud", *words))


def _credential(holder: Holder, credential: Mapping[str, Any]) -> Step | None:
    """A key that a customer made; those of Google's own cannot be disabled."""
    if credential["active"] is False or credential["kind"] not in ("service_account_key", ""):
        return None
    key = credential["id"].rpartition("/")[2]
    off, on = (
        _gcloud("iam", "service-accounts", "keys", verb, key, f"--iam-account={_mail(holder)}", _project(holder))
        for verb in ("disable", "enable")
    )
    return Step("disable key", credential["id"], "nobody signs in with it any more", off, on)


def _sessions(holder: Holder, before: datetime) -> Step | None:
    """None: tokens that were given out last until they expire, which disabling the account ends."""
    return None


def _retired(holder: Holder, days: int) -> list[Step]:
    left = [_left(holder, one) for one in holder.groups if one.startswith(_GROUP)]
    if holder.native != "service_account":
        return left
    off, on, gone = (
        _gcloud("iam", "service-accounts", verb, _mail(holder), _project(holder), *quiet)
        for verb, quiet in (("disable", ()), ("enable", ()), ("delete", ("--quiet",)))
    )
    why = "no key and no token of it does anything any more, and whoever still needs it is noticed"
    return [Step("disable", holder.id, why, off, on), *left, deletion(holder, days, gone)]


def _left(holder: Holder, group: str) -> Step:
    told = (f"--group-email={group.removeprefix(_GROUP)}", f"--member-email={_mail(holder)}")
    off, on = (_gcloud("identity", "groups", "memberships", verb, *told) for verb in ("delete", "add"))
    return leaving(group, off, on)


def _mail(holder: Holder) -> str:
    return holder.id.partition(":")[2]


def _project(holder: Holder) -> str:
    return f"--project={holder.account}"


HALTING = Halting(_credential, _sessions, _retired, made_by(command), unnamed)
