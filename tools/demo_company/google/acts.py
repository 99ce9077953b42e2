"""What somebody did in Google Cloud: one call, and whether an audit log has it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from demo_company.google.places import account, mail

ACTIVITY, DATA, NOWHERE = "activity", "data_access", ""
"""The log that an entry stands in; nowhere, where Data Access is off, leaves the caller out, or there is no entry."""
OFFICE, CLUSTER, STRANGE_CLOUD, RUNNER = "198.51.100.40", "192.0.2.60", "192.0.2.12", "198.51.100.140"
CONSOLE, GCLOUD, PYTHON = "Mozilla/5.0,gzip(gfe)", "google-cloud-sdk gcloud/531.0.0", "gl-python/3.12 grpc/1.71.0"


@dataclass(frozen=True, slots=True)
class Caller:
    """Who calls: as usage counts it, and what `authenticationInfo` says."""

    principal: str
    told: dict[str, Any] = field(hash=False)
    ip: str = OFFICE
    agent: str = CONSOLE


def person(name: str, ip: str = OFFICE, agent: str = CONSOLE) -> Caller:
    """Somebody who signed in."""
    return Caller(f"user:{mail(name)}", {"principalEmail": mail(name)}, ip, agent)


def service_account(name: str, project: str, ip: str = STRANGE_CLOUD, agent: str = PYTHON, **told: Any) -> Caller:
    """A service account; `told` are a key's name, or who acts through it."""
    address = account(name, project)
    return Caller(f"serviceAccount:{address}", {"principalEmail": address, **told}, ip, agent)


def outsider(subject: str, ip: str, agent: str = PYTHON) -> Caller:
    """An identity of a pool, before it has a service account's token."""
    return Caller(subject, {"principalSubject": subject}, ip, agent)


@dataclass(frozen=True, slots=True)
class Call:
    """One method on one thing.

    Args:
        service: without its domain; `k8s.io` for objects in a cluster.
        method: as the entry names it.
        permission: as the catalogue writes it; `checked` where the entry spells it otherwise.
        on: the resource as the entry names it.
        bucket: the full name under which usage counts it.
        project: in whose log it stands.
        type: of the monitored resource, with its labels.
        more: further members of the payload.
    """

    service: str
    method: str
    permission: str
    on: str
    bucket: str
    project: str
    type: str
    labels: dict[str, str] = field(default_factory=dict, hash=False)
    more: dict[str, Any] = field(default_factory=dict, hash=False)
    checked: str = ""


@dataclass(frozen=True, slots=True)
class Act:
    """A call at a moment, in seconds since 1970."""

    when: int
    who: Caller
    call: Call
    log: str
    denied: bool = False

    @property
    def logged(self) -> bool:
        """Whether a log has it."""
        return self.log != NOWHERE

    @property
    def counts_as(self) -> tuple[str, str, str]:
        """Principal, permission, bucket of resources."""
        return self.who.principal, self.call.permission, self.call.bucket


def entry(act: Act, time: str, id: str) -> dict[str, Any]:
    """The log entry of an act, as a sink writes it."""
    call = act.call
    host = call.service if "." in call.service else f"{call.service}.googleapis.com"
    checked: dict[str, Any] = {"resource": call.on, "permission": call.checked or call.permission}
    if not act.denied:
        checked["granted"] = True
    payload: dict[str, Any] = {
        "@type": "type.googleapis.com/google.cloud.audit.AuditLog",
        "status": {"code": 7, "message": "Access Denied"} if act.denied else {},
        "authenticationInfo": act.who.told,
        "requestMetadata": {"callerIp": act.who.ip, "callerSuppliedUserAgent": act.who.agent},
        "serviceName": host,
        "methodName": call.method,
        "authorizationInfo": [checked],
        "resourceName": call.on,
        **call.more,
    }
    return {
        "insertId": id,
        "logName": f"projects/{call.project}/logs/cloudaudit.googleapis.com%2F{act.log}",
        "protoPayload": payload,
        "receiveTimestamp": time,
        "resource": {"type": call.type, "labels": {"project_id": call.project, **call.labels}},
        "severity": "ERROR" if act.denied else "NOTICE" if act.log == ACTIVITY else "INFO",
        "timestamp": time,
    }
