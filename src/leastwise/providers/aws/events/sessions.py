"""Sessions that a call began: the key that AWS issued, which later calls are signed with.

A later call names the role of its session, not who began it; the id of its access key does. Who joins `Issued.key` with
`Who.key` walks a chain of roles back to the first caller. Ids of keys are no secrets; the secret key and the session
token, which older records carry, are never read into a value.

https://docs.aws.amazon.com/IAM/latest/UserGuide/cloudtrail-integration.html#cloudtrail-integration_examples-sts-api
"""

from __future__ import annotations

from dataclasses import dataclass

from .names import stable
from .principals import Who
from .record import Record, tree
from .subjects import subject_of

_BEGINS = frozenset(
    ("AssumeRole", "AssumeRoleWithSAML", "AssumeRoleWithWebIdentity", "AssumeRoot", "GetFederationToken",
     "GetSessionToken", "AssumeRoleForPodIdentity")
)  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Issued:
    """A session that began. Texts are empty where the log does not say.

    `key` is the id of its access key, `role` the role that was assumed, `session` the name it was given and `steady`
    that name's stable form, which tells workflows apart where the token's subject does not. `by` is who began it:
    `Who.id`, or for callers named by their account only, `Who.unique`. `by_key` is the key of that call, the next link
    of the chain. `source_identity` is what was asked to be carried along, else what the caller carried. `provider` is
    the ARN of the SAML or OpenID Connect provider; `repository`, `workflow` and `ref` are those of a workflow's run.
    `service` is the service that began the session for itself (a role of an instance, a function).
    """

    key: str
    role: str
    session: str
    steady: str
    by: str
    by_key: str
    source_identity: str
    provider: str = ""
    repository: str = ""
    workflow: str = ""
    ref: str = ""
    service: str = ""


def may_issue(name: str) -> bool:
    """Whether a call of this name can begin a session."""
    return name in _BEGINS


def issued(record: Record, by: Who) -> Issued | None:
    """The session that a call began, or None. `by` is who made the call."""
    if record.name not in _BEGINS or record.error:
        return None
    response, request = tree(record.response), tree(record.request)
    credentials = response.get("credentials")
    key = credentials.get("accessKeyId") if isinstance(credentials, dict) else None
    if not isinstance(key, str) or not key:
        return None
    asked = {name: one for name, one in request.items() if isinstance(one, str)}
    provider = asked.get("principalArn", "") or (by.web_provider if by.kind == "web" else "")
    subject = subject_of(by.web_provider, by.session) if by.kind == "web" else None
    session = asked.get("roleSessionName", "") or asked.get("name", "")
    return Issued(
        key=key,
        role=asked.get("roleArn", ""),
        session=session,
        steady=stable(session),
        by=by.id or by.unique,
        by_key=by.key,
        source_identity=asked.get("sourceIdentity", "") or by.source_identity,
        provider=provider,
        repository=subject.repository if subject else "",
        workflow=subject.workflow if subject else "",
        ref=subject.ref if subject else "",
        service=by.via if by.kind == "service" else "",
    )
