"""Who made a call, out of a record's `userIdentity`.

Followed: https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-event-reference-user-identity.html

A call counts for the principal whose policies decided it: the user, the role behind a session, the user or root behind
a federated session. A service that calls on somebody's behalf (`invokedBy`, forward access sessions) used that
principal's permissions: the call counts for the principal, and `via` names the service. What a service does with its
own account (`AWSService`) counts for nobody here, and neither does a caller whom the log names only by account.

https://docs.aws.amazon.com/IAM/latest/UserGuide/access_forward_access_sessions.html
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any, Literal

import msgspec

from .names import stable
from .record import tree
from .subjects import subject_of

Kind = Literal[
    "user", "role", "root", "federated", "saml", "web", "person", "service", "account", "anonymous", "unknown"
]
"""`federated` is a session of GetFederationToken, `saml` and `web` are callers of AssumeRoleWithSAML and
AssumeRoleWithWebIdentity, `person` is a user of Identity Center, `account` somebody in an account that is named."""

HIDDEN = "HIDDEN_DUE_TO_SECURITY_REASONS"
_ANONYMOUS = "ANONYMOUS_PRINCIPAL"
_PERMISSION_SET = "AWSReservedSSO_"


@dataclass(frozen=True, slots=True, kw_only=True)
class Who:
    """Who made a call. Texts are empty where the log does not say.

    - `id`: whom the call counts for: the ARN of a user, role or root; `web:…` and `saml:…` subjects (`subjects`); the
      ARN of an Identity Center user. Empty: for nobody (`service`, `account`, `anonymous`, `unknown`).
    - `exact`: whether `id` is the ARN as IAM has it. A role of which the log has only a session's ARN, and a user of
      whom it has only the name, lack the path (and the partition): they are to be found by account and name.
    - `unique`: IAM's own id (`AROA…`, `AIDA…`), which outlives no re-creation of the name. Of a caller in another
      account it is all that names the principal.
    - `account`: the account of the principal, which is not the account of the log in cross-account calls.
    - `session`: the session's name as logged; `steady`: its stable form (`names`).
    - `workload`: the ARN of the function or task that the credentials were issued to, where the log tells.
    - `key`: the id of the access key, of temporary credentials the link to the call that issued them (`sessions`).
    - `source_identity`: set by AssumeRole, carried along chains of roles. `person`: the ARN of the Identity Center user
      on whose behalf a session acts, or the user's name in a session of a permission set.
    - `via`: the service that called with the principal's permissions. `mfa`: None when the log does not say; `issued`:
      when the session began.
    - `web_provider`: the provider whose token the session began with.
    """

    kind: Kind
    id: str = ""
    exact: bool = True
    unique: str = ""
    account: str = ""
    session: str = ""
    steady: str = ""
    workload: str = ""
    key: str = ""
    source_identity: str = ""
    person: str = ""
    via: str = ""
    mfa: bool | None = None
    issued: str = ""
    web_provider: str = ""

    @property
    def attributed(self) -> bool:
        """Whether the call counts for a principal."""
        return self.id != ""


def who(identity: msgspec.Raw | bytes) -> Who:
    """Who made the call, from the bytes of `userIdentity`.

    A pure function of these bytes: remember the answer by them. They are the same for all calls of a session, save for
    the key of long-term credentials.
    """
    fields = _Fields(tree(identity))
    return _TYPES.get(fields.text("type"), _unnamed)(fields)


def place(found: Who, recipient: str, collected: Collection[str]) -> Literal["own", "cross", "elsewhere", "nowhere"]:
    """Where the principal is: in the log's account, in another collected one, in one not collected, or in none.

    `recipient` is the account of the log. Of a principal `elsewhere` there is no snapshot: its usage is kept under its
    id, and no permission of it is called unused.
    """
    if not found.account:
        return "nowhere"
    if found.account not in collected:
        return "elsewhere"
    return "own" if found.account == recipient else "cross"


def part(arn: str, at: int) -> str:
    """A part of an ARN by its place (1 partition, 2 service, 3 region, 4 account), empty when there is none."""
    parts = arn.split(":", 5)
    return parts[at] if len(parts) > at else ""


class _Fields:
    """The texts of a `userIdentity`; whatever is no text is empty, and no object has no fields."""

    def __init__(self, tree: dict[str, Any]) -> None:
        self._tree = tree

    def text(self, *path: str) -> str:
        found: Any = self._tree
        for name in path:
            found = found.get(name) if isinstance(found, dict) else None
        if isinstance(found, bool):
            return str(found).lower()
        if isinstance(found, int):
            return str(found).zfill(12) if path[-1] == "accountId" else str(found)
        return found if isinstance(found, str) else ""

    def issuer(self, name: str) -> str:
        return self.text("sessionContext", "sessionIssuer", name)

    @property
    def common(self) -> dict[str, Any]:
        """What every kind of principal can have."""
        mfa = self.text("sessionContext", "attributes", "mfaAuthenticated").lower()
        return {
            "account": self.text("accountId"),
            "unique": self.text("principalId").partition(":")[0],
            "key": self.text("accessKeyId"),
            "source_identity": self.text("sessionContext", "sourceIdentity") or self.text("sourceIdentity"),
            "person": self._person,
            "workload": self.text("inScopeOf", "credentialsIssuedTo")
            or self.text("sessionContext", "inScopeOf", "credentialsIssuedTo"),
            "via": self.text("invokedBy"),
            "mfa": {"true": True, "false": False}.get(mfa),
            "issued": self.text("sessionContext", "attributes", "creationDate"),
            "web_provider": self.text("sessionContext", "webIdFederationData", "federatedProvider"),
        }

    @property
    def _person(self) -> str:
        user = self.text("onBehalfOf", "userId")
        if not user:
            return ""
        partition = part(self.text("onBehalfOf", "identityStoreArn"), 1) or "aws"
        return f"arn:{partition}:identitystore:::user/{user}"


def _user(fields: _Fields) -> Who:
    """A user. Sign-in events have no ARN, and hide a name that may have been a password typed in the wrong place."""
    arn, name, account = fields.text("arn"), fields.text("userName"), fields.text("accountId")
    if not arn and account and name not in ("", HIDDEN):
        return Who(kind="user", id=f"arn:aws:iam::{account}:user/{name}", exact=False, **fields.common)
    return _known("user", fields, arn)


def _root(fields: _Fields) -> Who:
    """The root of an account; also sessions of AssumeRoot, which act as the member account's root."""
    arn, account = fields.text("arn"), fields.text("accountId")
    if ":assumed-root" in arn or not arn:
        partition = part(arn, 1) or "aws"
        arn = f"arn:{partition}:iam::{account}:root" if account else ""
    return _known("root", fields, arn)


def _role(fields: _Fields) -> Who:
    """A session of a role: its issuer is the role itself, path and all."""
    arn = fields.text("arn")
    issuer = fields.issuer("arn")
    role, exact = issuer, True
    head, _, tail = arn.partition(":assumed-role/")
    name, _, session = tail.partition("/")
    if not role and name:
        role, exact = f"arn:{part(head, 1) or 'aws'}:iam::{part(head, 4)}:role/{name}", False
    session = session or fields.text("principalId").partition(":")[2]
    common = fields.common
    if not common["account"]:
        common["account"] = part(role, 4)
    if not common["person"] and role.rpartition("/")[2].startswith(_PERMISSION_SET):
        common["person"] = session
    if not role:
        return Who(kind="unknown", session=session, steady=stable(session), **common)
    return Who(kind="role", id=role, exact=exact, session=session, steady=stable(session), **common)


def _federated(fields: _Fields) -> Who:
    """A session of GetFederationToken: it has the rights of the user (or root) that asked for it, at most."""
    issuer, arn = fields.issuer("arn"), fields.text("arn")
    session = arn.partition(":federated-user/")[2] or fields.text("principalId").partition(":")[2]
    return Who(
        kind="federated", id=issuer or arn, exact=bool(issuer), session=session, steady=stable(session), **fields.common
    )


def _saml(fields: _Fields) -> Who:
    user, provider = fields.text("userName"), fields.text("identityProvider")
    if not user:
        user = fields.text("principalId").partition(":")[2]
    return Who(kind="saml", id=f"saml:{provider}/{user}" if user else "", session=user, steady=user, **fields.common)


def _web(fields: _Fields) -> Who:
    """A subject of a web identity token: what is made anew for each run is taken out of it (`subjects`)."""
    provider, subject = fields.text("identityProvider"), fields.text("userName")
    if not subject:
        subject = fields.text("principalId").removeprefix(f"{provider}:").partition(":")[2]
    common = fields.common | {"unique": "", "web_provider": provider}
    if not common["account"]:
        common["account"] = part(provider, 4)
    found = subject_of(provider, subject)
    return Who(kind="web", id=found.id if subject else "", session=subject, steady=found.steady, **common)


def _person(fields: _Fields) -> Who:
    """A user of Identity Center, before any role."""
    common = fields.common
    return Who(kind="person", id=common["person"], **common)


def _service(fields: _Fields) -> Who:
    return Who(kind="service", **fields.common)


def _account(fields: _Fields) -> Who:
    """Somebody in another account. The log of this account has the principal's unique id, or nothing: anonymous."""
    common = fields.common
    if common["account"] == _ANONYMOUS:
        return Who(kind="anonymous", **common | {"account": "", "unique": ""})
    session = fields.text("principalId").partition(":")[2]
    return Who(kind="account", session=session, steady=stable(session), **common)


def _unnamed(fields: _Fields) -> Who:
    """No type, or one that AWS does not document further (`Directory`, `Unknown`)."""
    common = fields.common
    if not fields.text("type") and common["via"]:
        return Who(kind="service", **common)
    arn = "" if fields.text("type") else fields.text("arn")
    # Exporters drop the type; the ARN tells it.
    for part, named in ((":assumed-role/", _role), (":user/", _user), (":federated-user/", _federated)):
        if part in arn:
            return named(fields)
    return _root(fields) if arn.endswith(":root") else Who(kind="unknown", **common)


def _known(kind: Kind, fields: _Fields, arn: str) -> Who:
    common = fields.common
    if not common["account"]:
        common["account"] = part(arn, 4)
    return Who(kind=kind if arn else "unknown", id=arn, **common)


_TYPES = {
    "IAMUser": _user,
    "Root": _root,
    "AssumedRole": _role,
    "Role": _role,
    "FederatedUser": _federated,
    "SAMLUser": _saml,
    "WebIdentityUser": _web,
    "IdentityCenterUser": _person,
    "AWSService": _service,
    "AWSAccount": _account,
}
