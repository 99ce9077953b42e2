"""Service accounts that a request attaches to what it makes: `iam.serviceAccounts.actAs` on each of them.

Some services name the permission in `authorizationInfo`, some do not. Only a call that went through proves it, and only
of services of which Google says that they ask for it it is sure.

https://docs.cloud.google.com/iam/docs/service-accounts-actas
https://docs.cloud.google.com/iam/docs/attach-service-accounts
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from leastwise.providers.gcp.language.members import is_service_account

from .entry import Entry

ACT_AS = "iam.serviceAccounts.actAs"
_FIELDS = frozenset(
    ("serviceaccount", "serviceaccountemail", "serviceaccountname", "serviceaccounts", "runtimeserviceaccount",
     "controllerserviceaccount", "workerserviceaccount", "executorserviceaccount", "runasserviceaccount")
)  # fmt: skip
_SURE = frozenset(
    f"{name}.googleapis.com"
    for name in ("appengine", "cloudbuild", "cloudfunctions", "cloudscheduler", "composer", "compute", "container",
                 "dataflow", "dataproc", "deploymentmanager", "notebooks", "run", "workflows")
)  # fmt: skip
_WITHOUT = frozenset(f"{name}.googleapis.com" for name in ("iam", "iamcredentials", "cloudresourcemanager", "sts"))
"""Services whose requests name a service account because they are about it."""
_READS = re.compile(r"(?:^|\.)(?:get|list|Get|List|BatchGet|aggregatedList|search|Search|query|Query)[^.]*$")
_MOST, _DEEPEST = 2_000, 12


def attached(entry: Entry) -> tuple[tuple[str, ...], bool]:
    """The addresses of the service accounts that a call attached, and whether it surely needed to act as them."""
    if entry.service in _WITHOUT or _READS.search(entry.method) or not entry.request:
        return (), False
    return tuple(dict.fromkeys(_named(entry.request))), entry.service in _SURE


def _named(request: object) -> Iterator[str]:
    waiting: list[tuple[Any, bool, int]] = [(request, False, 0)]
    seen = 0
    while waiting and seen < _MOST:
        value, named, depth = waiting.pop()
        seen += 1
        if isinstance(value, dict) and depth < _DEEPEST:
            for name, one in value.items():
                plain = str(name).replace("_", "").lower()
                below = named and plain in ("email", "name")
                waiting.append((one, plain in _FIELDS or below, depth + 1))
        elif isinstance(value, list) and depth < _DEEPEST:
            waiting.extend((one, named, depth + 1) for one in value)
        elif named and isinstance(value, str):
            mail = value.rpartition("/")[2].lower()
            if is_service_account(mail):
                yield mail
