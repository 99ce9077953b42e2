"""Who calls: the `userIdentity` of every kind, and the calls by which sessions begin.

https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-event-reference-user-identity.html
"""

from __future__ import annotations

import json

from demo_company import trusts
from demo_company.ids import DATA, PROD, READABLE, REGION, ROOT, SORTWISE, guid, hexes, unique_id
from demo_company.logs.calls import ASSUME, ASSUME_AS, SAML, WEB
from demo_company.logs.record import Json, Log, Session, opened, session_key
from demo_company.model import Key, Role, User
from demo_company.people import user_name

BOTO = "Boto3/1.40.21 md/Botocore#1.40.21 ua/2.1 os/linux#6.1.0 md/arch#aarch64 lang/python#3.12.11"
JAVA = "aws-sdk-java/2.32.19 md/io#async ua/2.1 os/Linux#5.10.240 lang/java#21.0.8 exec-env/AWS_ECS_FARGATE"
NODE = "aws-sdk-js/3.879.0 ua/2.1 os/linux#5.10.240 lang/js md/nodejs#22.18.0 exec-env/AWS_Lambda_nodejs22.x"
LAMBDA = "Boto3/1.40.4 md/Botocore#1.40.4 ua/2.1 os/linux#5.10.240 lang/python#3.12.11 exec-env/AWS_Lambda_python3.12"
GO = "aws-sdk-go-v2/1.38.3 ua/2.1 os/linux lang/go#1.24.6 md/GOARCH#arm64"
GITHUB_AGENT = "configure-aws-credentials-for-github-actions"
TERRAFORM = "APN/1.0 HashiCorp/1.0 Terraform/1.13.1 terraform-provider-aws/6.11.0 aws-sdk-go-v2/1.38.3 os/linux"
CLI = "aws-cli/2.28.21 md/awscrt#0.27.6 ua/2.1 os/linux#6.8.0 lang/python#3.13.7 md/installer#exe"
BROWSER = "Mozilla/5.0 (X11; Linux x86_64; rv:142.0) Gecko/20100101 Firefox/142.0"
HOURS = 3600


def role_arn(role: Role) -> str:
    """ARN of a role."""
    return f"arn:aws:iam::{role.account}:role{role.path}{role.name}"


def opened_text(identity: Json) -> str:
    """The text of a `userIdentity`, its places open."""
    return opened(json.dumps(identity, separators=(",", ":"), ensure_ascii=False))


def role_session(
    role: Role, name: str, begun: int, ip: str, agent: str, *,
    mfa: bool = False, source_identity: str = "", web: str = "", behalf: Json | None = None, via: str = "",
) -> Session:  # fmt: skip
    """A session of a role."""
    ident = unique_id("AROA", role.account, role.name)
    context: Json = {
        "sessionIssuer": {
            "type": "Role",
            "principalId": ident,
            "arn": role_arn(role),
            "accountId": role.account,
            "userName": role.name,
        },
        "attributes": {"creationDate": "<<begun>>", "mfaAuthenticated": str(mfa).lower()},
    }
    if web:
        context["webIdFederationData"] = {"federatedProvider": web, "attributes": {}}
    if source_identity:
        context["sourceIdentity"] = source_identity
    identity: Json = {
        "type": "AssumedRole",
        "principalId": f"{ident}:<<name>>",
        "arn": f"arn:aws:sts::{role.account}:assumed-role/{role.name}/<<name>>",
        "accountId": role.account,
        "accessKeyId": "<<key>>",
        "sessionContext": context,
    }
    if behalf:
        identity["onBehalfOf"] = behalf
    if via:
        identity["invokedBy"] = via
    key = session_key(role.account, role.name, name, str(begun))
    return Session(role.account, "AssumedRole", role_arn(role), opened_text(identity), key, name, begun, ip, agent, via)


def service(name: str, account: str) -> Session:
    """A service that acts for itself."""
    host = f"{name}.amazonaws.com"
    return Session(
        account, "AWSService", "", opened_text({"type": "AWSService", "invokedBy": host}), ip=host, agent=host
    )


def user_session(user: User, key: Key | None, begun: int, ip: str, agent: str, mfa: bool = False) -> Session:
    """A user with a key; without one, a session of the console."""
    arn = f"arn:aws:iam::{user.account}:user{user.path}{user.name}"
    identity: Json = {
        "type": "IAMUser",
        "principalId": unique_id("AIDA", user.account, user.name),
        "arn": arn,
        "accountId": user.account,
        "accessKeyId": key.id if key else "<<key>>",
        "userName": user.name,
    }
    if key:
        return Session(user.account, "IAMUser", arn, opened_text(identity), key.id, "", 0, ip, agent)
    attributes = {"creationDate": "<<begun>>", "mfaAuthenticated": str(mfa).lower()}
    identity["sessionContext"] = {"attributes": attributes}
    made = session_key(user.account, user.name, str(begun))
    return Session(user.account, "IAMUser", arn, opened_text(identity), made, "", begun, ip, agent)


def sign_in(user: User, ip: str) -> Session:
    """A user who is about to sign in to the console: such events have no key."""
    arn = f"arn:aws:iam::{user.account}:user{user.path}{user.name}"
    ident = unique_id("AIDA", user.account, user.name)
    identity: Json = {
        "type": "IAMUser", "principalId": ident, "accountId": user.account, "arn": arn, "userName": user.name
    }  # fmt: skip
    return Session(user.account, "IAMUser", arn, opened_text(identity), ip=ip, agent=BROWSER)


def anonymous(ip: str) -> Session:
    """Somebody without credentials."""
    identity: Json = {"type": "AWSAccount", "principalId": "", "accountId": "ANONYMOUS_PRINCIPAL"}
    return Session(PROD, "Anonymous", "", opened_text(identity), ip=ip, agent=BROWSER)


def stranger(principal: str, account: str, ip: str, agent: str, kind: str = "AWSAccount") -> Session:
    """A caller of another account, as the called account's log names it."""
    identity: Json = {"type": "AWSAccount", "principalId": principal, "accountId": account}
    return Session(account, kind, "", opened_text(identity), ip=ip, agent=agent)


def _issued(role: Role, extra: Json) -> Json:
    ident = unique_id("AROA", role.account, role.name)
    arn = f"arn:aws:sts::{role.account}:assumed-role/{role.name}/<<an>>"
    return {
        "credentials": {"accessKeyId": "<<ak>>", "expiration": "<<ae>>"},
        "assumedRoleUser": {"assumedRoleId": f"{ident}:<<an>>", "arn": arn},
        **extra,
    }


def _role_resource(role: Role) -> list[Json]:
    return [{"accountId": role.account, "type": "AWS::IAM::Role", "ARN": role_arn(role)}]


def begin_by_service(log: Log, name: str, role: Role, session: Session) -> None:
    """A service assumes a role for a task, a function or an instance."""
    request: Json = {"roleArn": role_arn(role), "roleSessionName": "<<an>>"}
    shown = {"response": _issued(role, {}), "resources": _role_resource(role), "about": session}
    log.add(session.begun, service(name, role.account), ASSUME, role_arn(role), request, **shown)  # type: ignore[arg-type]


def begin_by_role(log: Log, by: Session, role: Role, session: Session, identity: str = "") -> None:
    """A session assumes a role; from another account, both accounts log it."""
    request: Json = {"roleArn": role_arn(role), "roleSessionName": "<<an>>", "durationSeconds": 3600}
    if identity:
        request["sourceIdentity"] = identity
    response = _issued(role, {"sourceIdentity": identity} if identity else {})
    crossing = by.account != role.account
    shared = guid("shared", session.key) if crossing else ""
    log.add(
        session.begun, by, ASSUME_AS if identity else ASSUME, role_arn(role), request, response=response, about=session,
        shared=shared, resources=_role_resource(role),
    )  # fmt: skip
    if crossing:
        issuer = by.principal.rpartition("/")[2]
        known = unique_id("AROA", by.account, issuer) if by.account in READABLE else ""
        other = stranger(f"{known}:{by.name}", by.account, by.ip, by.agent)
        log.add(
            session.begun, other, ASSUME, role_arn(role), request, response=response, about=session, shared=shared,
            account=role.account, resources=_role_resource(role), counted=False,
        )  # fmt: skip


def begin_by_vendor(log: Log, role: Role, session: Session, external: str) -> None:
    """The vendor Sortwise assumes its role."""
    other = stranger(f"{unique_id('AROA', SORTWISE, 'belt-tuning')}:tuner", SORTWISE, session.ip, session.agent)
    request: Json = {
        "roleArn": role_arn(role), "roleSessionName": "<<an>>", "externalId": external, "durationSeconds": 3600
    }  # fmt: skip
    log.add(
        session.begun, other, ASSUME, role_arn(role), request, response=_issued(role, {}), about=session,
        account=role.account, shared=guid("shared", session.key), resources=_role_resource(role), counted=False,
    )  # fmt: skip


def begin_by_web(log: Log, role: Role, session: Session, host: str, subject: str) -> None:
    """A workflow or a pod trades its token for a session."""
    provider = f"arn:aws:iam::{role.account}:oidc-provider/{host}"
    identity: Json = {
        "type": "WebIdentityUser",
        "principalId": f"{provider}:sts.amazonaws.com:{subject}",
        "userName": subject,
        "identityProvider": provider,
    }
    other = Session(role.account, "WebIdentityUser", "", opened_text(identity), ip=session.ip, agent=session.agent)
    request: Json = {"roleArn": role_arn(role), "roleSessionName": "<<an>>", "durationSeconds": 3600}
    extra: Json = {
        "subjectFromWebIdentityToken": subject, "provider": provider, "audience": "sts.amazonaws.com"
    }  # fmt: skip
    log.add(
        session.begun, other, WEB, role_arn(role), request, response=_issued(role, extra), about=session,
        resources=_role_resource(role),
    )  # fmt: skip


def begin_by_person(log: Log, person: str, role: Role, session: Session) -> None:
    """A person takes up a permission set: Identity Center's own record is written by `staff`."""
    mail = f"{user_name(person)}@brightwater.example"
    source = hexes(27, "saml name", role.account)
    identity: Json = {
        "type": "SAMLUser", "principalId": f"{source}=:{mail}", "userName": mail, "identityProvider": f"{source}="
    }  # fmt: skip
    other = Session(role.account, "SAMLUser", "", opened_text(identity), ip=session.ip, agent=session.agent)
    request: Json = {
        "sAMLAssertionID": "_<<h>>", "roleSessionName": "<<an>>", "durationSeconds": 43200,
        "roleArn": role_arn(role), "principalArn": trusts.saml_provider(role.account),
    }  # fmt: skip
    extra: Json = {
        "subject": mail, "subjectType": "persistent", "nameQualifier": f"{source}=",
        "issuer": f"https://portal.sso.{REGION}.amazonaws.com/saml/assertion/{hexes(16, 'issuer', role.account)}",
        "audience": "https://signin.aws.amazon.com/saml",
    }  # fmt: skip
    log.add(
        session.begun, other, SAML, role_arn(role), request, response=_issued(role, extra), about=session,
        resources=_role_resource(role),
    )  # fmt: skip


OWN_ACCOUNTS = (ROOT, PROD, DATA)
