"""One record of Azure's logs, whichever form it was delivered in."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

import msgspec

ACTIVITY = "activity"
ADMINISTRATIVE = "Administrative"
Body = Mapping[str, Any]
_NONE: Body = MappingProxyType({})


class Record(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """A record of the Activity Log or of a resource log. Texts are empty and objects have no fields where it is silent.

    - `log`: `activity`, or the category of a resource log. `time`: microseconds since 1970.
    - `operation`: as it was logged; `action`: what was authorised, where the record says so.
    - `resource`: the resource's id as it was logged. `subscription`: of the Activity Log, where its own field names it.
    - `claims`: of the token. `caller`: who called, where a field of its own says so. `identity`: of resource logs.
    - `evidence`: what authorised it. `checks`: what was checked for it, action by action (storage).
    - `status`: started, accepted, succeeded, failed, canceled, or as it was logged in lower case; `code`: the HTTP
      status as it was logged, a number or its name; `properties`: what the service says besides.
    """

    log: str
    time: int
    operation: str
    resource: str = ""
    action: str = ""
    subscription: str = ""
    claims: Body = _NONE
    caller: str = ""
    identity: Body = _NONE
    evidence: Body = _NONE
    checks: tuple[Body, ...] = ()
    status: str = ""
    code: str = ""
    correlation: str = ""
    ip: str = ""
    agent: str = ""
    region: str = ""
    properties: Body = _NONE
    uri: str = ""

    @property
    def activity(self) -> bool:
        """Whether it is of the Activity Log."""
        return self.log == ACTIVITY

    @property
    def id(self) -> str:
        """What every form of the record tells: its correlation, its time, and a hash of what was asked and came of it.

        Exports have no id of their own. Records that agree in all of this are one.
        """
        told = [self.operation.lower(), self.resource.lower(), self.status]
        if not self.activity:
            more = (str(self.properties.get(name, "")).strip('"') for name in ("objectKey", "operationCount", "id"))
            told += [self.code, self.uri, *more]
        if not self.correlation:
            told += [self.ip, self.caller, str(sorted(self.claims.items()))]
        mark = hashlib.blake2b("\x1f".join(told).encode("utf-8", "surrogatepass"), digest_size=8).hexdigest()
        return f"{self.correlation}@{self.time}/{mark}"
