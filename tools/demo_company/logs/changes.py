"""Changes of identities, from 2026-01-01: what made the snapshots differ, and who did it, through which pull request.

Changes go through the infrastructure pipeline: a session `pr-<number>` of terraform-apply, with the approver as its
source identity; in member accounts the pipeline's next role, whose trust lets no source identity in.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from demo_company import identity_center, people
from demo_company.clock import CLOCK, moment
from demo_company.ids import PROD, REGION, ROOT, guid, number, unique_id
from demo_company.logs import calls as c
from demo_company.logs import who
from demo_company.logs.draw import CHANGES_FROM, Draw, days, epoch, seconds, works
from demo_company.logs.jobs import FUNCTIONS
from demo_company.logs.pipelines import Roles, applying, member
from demo_company.logs.record import Json, Log, Session
from demo_company.logs.staff import user_named
from demo_company.logs.workloads import roles
from demo_company.model import Role, document
from demo_company.users import OSTRANDER, STOLEN, USERS

PULL_412 = date(2026, 2, 11)
APPROVERS = ("h.nakagawa", "g.solheim", "a.deshpande")


@dataclass(frozen=True)
class Change:
    """One call of the pipeline."""

    when: int
    account: str
    call: c.Call
    request: Json
    response: Json | None = None
    resource: str = ""


def _write(permission: str) -> c.Call:
    return c.call(permission, read=False)


def changes(log: Log) -> None:
    """All changes, and the people and the function that change something of their own."""
    known = roles()
    found = sorted(
        (one for one in _all(known) if epoch(CHANGES_FROM) <= one.when < seconds(CLOCK)), key=lambda one: one.when
    )
    numbers = _numbers({datetime.fromtimestamp(one.when, CLOCK.tzinfo).date() for one in found})
    session: Session | None = None
    inner: dict[str, Session] = {}
    for one in found:
        day = datetime.fromtimestamp(one.when, CLOCK.tzinfo).date()
        if session is None or session.name != f"pr-{numbers[day]}" or one.when - session.begun > 3000:
            approver = "h.nakagawa" if day == PULL_412 else APPROVERS[number(3, "approver", str(day))]
            identity = approver if one.account == ROOT else ""
            session, inner = applying(log, known, f"pr-{numbers[day]}", one.when - 95, identity), {}
        acting = session
        if one.account != ROOT:
            if one.account not in inner:
                inner[one.account] = member(log, known, session, one.account, one.when - 40)
            acting = inner[one.account]
        log.add(
            one.when, acting, one.call, "", one.request, response=one.response, resource=one.resource
        )  # fmt: skip
    _directory(log)
    _own_passwords(log)
    _janitor(log, known)


def _numbers(found: set[date]) -> dict[date, int]:
    """The pull request of each day: 412 on the eleventh of February, others with gaps in between."""
    ordered = sorted(found)
    at, named = 412, {PULL_412: 412}
    for day in ordered[ordered.index(PULL_412) + 1 :]:
        at += 1 + number(9, "pull", str(day))
        named[day] = at
    at = 412
    for day in reversed(ordered[: ordered.index(PULL_412)]):
        at -= 1 + number(9, "pull", str(day))
        named[day] = at
    return named


def _all(known: Roles) -> Iterator[Change]:
    yield from _memberships()
    yield from _keys()
    for role in known.values():
        if role.created >= str(CHANGES_FROM):
            yield from _created(role)
        if role.until:
            yield from _removed(role)
        if role.before:
            yield _new_version(role)
    duty = next(role for role in known.values() if role.name == "duty-quote")
    when = seconds(moment(duty.created, duty.name)) + 60
    request: Json = {
        "functionName": duty.name, "runtime": "python3.12", "role": who.role_arn(duty), "handler": "app.handler",
        "code": {}, "publish": False, "packageType": "Zip",
    }  # fmt: skip
    arn = FUNCTIONS + duty.name
    yield Change(when, PROD, c.CREATE_FUNCTION, request, {"functionName": duty.name, "functionArn": arn}, arn)


def _memberships() -> Iterator[Change]:
    store = identity_center.STORE
    for person, group, since, until in people.MEMBER_FOR_A_TIME:
        ident = guid("membership", group, person, str(number(9, person)))
        member_id: Json = {"userId": identity_center.user_id(person)}
        if since >= str(CHANGES_FROM):
            asked: Json = {
                "identityStoreId": store, "groupId": identity_center.group_id(group), "memberId": member_id
            }  # fmt: skip
            answer: Json = {"membershipId": ident, "identityStoreId": store}
            when = seconds(moment(since, "membership", group, person))
            yield Change(when, ROOT, _write("identitystore:CreateGroupMembership"), asked, answer)
        if until:
            when = seconds(moment(until, "membership", group, person))
            gone: Json = {"identityStoreId": store, "membershipId": ident}
            yield Change(when, ROOT, _write("identitystore:DeleteGroupMembership"), gone)


def _keys() -> Iterator[Change]:
    """A new key, and the old one removed the day after: in between, ops-janitor has switched it off."""
    for user in USERS:
        for key in user.keys:
            if key in (STOLEN, OSTRANDER):
                continue
            arn = f"arn:aws:iam::{user.account}:user{user.path}{user.name}"
            made = moment(key.created, key.id)
            shown: Json = {
                "userName": user.name, "accessKeyId": key.id, "status": "Active",
                "createDate": f"{made:%b} {made.day}, {made.year}, {made:%I:%M:%S %p}",
            }  # fmt: skip
            yield Change(
                seconds(made), user.account, _write("iam:CreateAccessKey"), {"userName": user.name},
                {"accessKey": shown}, arn,
            )  # fmt: skip
            if key.until:
                when = seconds(moment(key.until, "removed", key.id)) + 86400
                gone: Json = {"userName": user.name, "accessKeyId": key.id}
                yield Change(when, user.account, _write("iam:DeleteAccessKey"), gone, None, arn)


def _policies(role: Role) -> list[str]:
    own = [f"arn:aws:iam::{role.account}:policy/{role.name}"] if role.statements and not role.inline else []
    from demo_company.iam import managed_arn

    return own + [managed_arn(name) for name in role.aws]


def _text(content: object) -> str:
    import json

    return json.dumps(content, separators=(",", ":"))


def _created(role: Role) -> Iterator[Change]:
    when, arn = seconds(moment(role.created, role.name)), who.role_arn(role)
    asked: Json = {
        "roleName": role.name, "path": role.path, "description": role.description,
        "assumeRolePolicyDocument": _text(document(*role.trust)), "tags": [{"key": "owner", "value": role.owner}],
    }  # fmt: skip
    made: Json = {"roleName": role.name, "roleId": unique_id("AROA", role.account, role.name), "arn": arn}
    yield Change(when, role.account, _write("iam:CreateRole"), asked, {"role": {**made, "path": role.path}}, arn)
    for at, policy in enumerate(_policies(role), 2):
        if ":aws:policy" not in policy:
            content: Json = {
                "policyName": role.name, "path": "/", "policyDocument": _text(document(*role.statements))
            }  # fmt: skip
            answer: Json = {"policy": {"policyName": role.name, "arn": policy, "defaultVersionId": "v1"}}
            yield Change(when + at, role.account, _write("iam:CreatePolicy"), content, answer, policy)
        attach: Json = {"roleName": role.name, "policyArn": policy}
        yield Change(when + at + 4, role.account, _write("iam:AttachRolePolicy"), attach, None, arn)


def _removed(role: Role) -> Iterator[Change]:
    when, arn = seconds(moment(role.until, role.name)), who.role_arn(role)
    for at, policy in enumerate(_policies(role)):
        detach: Json = {"roleName": role.name, "policyArn": policy}
        yield Change(when + at, role.account, _write("iam:DetachRolePolicy"), detach, None, arn)
        if ":aws:policy" not in policy:
            yield Change(when + at + 3, role.account, _write("iam:DeletePolicy"), {"policyArn": policy}, None, policy)
    yield Change(when + 9, role.account, _write("iam:DeleteRole"), {"roleName": role.name}, None, arn)


def _new_version(role: Role) -> Change:
    assert role.before is not None
    when = seconds(moment(role.before[0], role.name))
    policy = f"arn:aws:iam::{role.account}:policy/{role.name}"
    asked: Json = {
        "policyArn": policy, "policyDocument": _text(document(*role.statements)), "setAsDefault": True
    }  # fmt: skip
    answer: Json = {"policyVersion": {"versionId": "v2", "isDefaultVersion": True}}
    return Change(when, role.account, _write("iam:CreatePolicyVersion"), asked, answer, policy)


def _directory(log: Log) -> None:
    """Entra makes and removes people in Identity Center by SCIM."""
    identity: Json = {"type": "WebIdentityUser", "accountId": ROOT, "accessKeyId": guid("scim token")}
    session = Session(ROOT, "WebIdentityUser", "", who.opened_text(identity), ip="192.0.2.250", agent="Azure-AD-SCIM")
    hidden = "HIDDEN_DUE_TO_SECURITY_REASONS"
    for person, (since, until) in people.EMPLOYED.items():
        ident = identity_center.user_id(person)
        for day, name in ((since, "CreateUser"), (until, "DeleteUser")):
            if not day or day < str(CHANGES_FROM):
                continue
            call = c.call("", name=name, source="identitystore-scim", read=False)
            asked: Json = {"tenantId": guid("scim tenant"), "userId": ident}
            if name == "CreateUser":
                body: Json = {"displayName": hidden, "userName": hidden, "active": True, "externalId": hidden}
                asked = {"httpBody": body, "tenantId": guid("scim tenant")}
            # In the morning: the pipeline puts the person into groups later in the day.
            when = epoch(date.fromisoformat(day)) + 6 * 3600 + number(3000, "scim", person, name)
            log.add(when, session, call, "", asked, response={"id": ident} if name == "CreateUser" else None)


def _own_passwords(log: Log) -> None:
    """The second factors and passwords of users of their own, set this year by h.nakagawa in the console."""
    from demo_company.logs.staff import console

    hiro = user_named("h.nakagawa")
    for name in ("breakglass-1", "breakglass-2", "h.nakagawa"):
        user = user_named(name)
        arn = f"arn:aws:iam::{user.account}:user{user.path}{user.name}"
        password = seconds(moment(user.password_set, "password", name))
        factor = seconds(moment(user.password_set, "mfa", name))
        for when, permission, asked in (
            (password, "iam:UpdateLoginProfile", {"userName": name, "passwordResetRequired": False}),
            (factor, "iam:EnableMFADevice", {"userName": name, "serialNumber": _serial(name)}),
        ):
            session = console(log, hiro, when - 300, "198.51.100.31", mfa=True)
            log.add(when, session, _write(permission), "", dict(asked), resource=arn)


def _serial(name: str) -> str:
    from demo_company.iam import mfa_devices

    return str(mfa_devices(user_named(name))[0]["SerialNumber"])


def _janitor(log: Log, known: Roles) -> None:
    """ops-janitor, on working days at a quarter past five: it switches off the keys that were replaced."""
    role, host = known[PROD, "ops-janitor"], FUNCTIONS + "ops-janitor"
    users = [user for user in USERS if user.account == PROD]
    for day in days():
        if not works(day):
            continue
        begun = epoch(day) + 5 * 3600 + 900 + Draw("janitor", day.isoformat()).below(5)
        log.add(begun, who.service("events", PROD), c.INVOKE, host)
        session = who.role_session(role, "ops-janitor", begun + 1, "192.0.2.32", who.LAMBDA)
        who.begin_by_service(log, "lambda", role, session)
        group = "/aws/lambda/ops-janitor"
        stream: Json = {"logGroupName": group, "logStreamName": "<<d>>/[$LATEST]<<h>>"}
        log.add(begun + 2, session, c.LOG_STREAM, f"arn:aws:logs:{REGION}:{PROD}:log-group:{group}", stream)
        log.add(begun + 3, session, c.call("iam:ListUsers"), resource="")
        for at, user in enumerate(users):
            arn = f"arn:aws:iam::{PROD}:user/{user.name}"
            log.add(begun + 4 + at, session, c.call("iam:ListAccessKeys"), "", {"userName": user.name}, resource=arn)
            for key in user.keys:
                if key.until and date.fromisoformat(key.until) == day - timedelta(days=1):
                    asked: Json = {"userName": user.name, "accessKeyId": key.id, "status": "Inactive"}
                    log.add(begun + 12, session, _write("iam:UpdateAccessKey"), "", asked, resource=arn)
