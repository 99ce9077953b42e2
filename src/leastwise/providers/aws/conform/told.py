"""The short way in which cases of rule files tell an account: who is in it, with what, and what else there is.

    users:    {actor: {groups: [strong], allows: ['iam:PutUserPolicy *'], denies: [], attached: [own], boundary: fence}}
    groups:   {strong: {allows: ['*']}}
    roles:    {target: {trusts: [lambda.amazonaws.com, user/actor], allows: ['*']}}
    policies: {shared: {allows: ['s3:ListAllMyBuckets']}}
    things:   {'lambda:eu-west-1:function:job': {kind: 'lambda:function', role: target}}
    guardrails: [{denies: ['iam:*']}]
    asked:    [lambda.ListFunctions]
    failed:   [iam.GetAccountAuthorizationDetails]

A statement is an action and a resource (left out: all), or a mapping of what stands in it. A role is carried by
the instance profile that its `profile` names. Whether a user has a `password`, and how many access `keys`, is read
where it is told; a thing can have `details`. Users, roles, policies and things can have `tags`.
`partition` is aws, and `account` 111122223333, where they are not told; `accounts`
tells further ones in the same way.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from leastwise.model.conformance import CaseError

ACCOUNT = "111122223333"
_MANAGER = "999999999999"
_KEYS = frozenset(
    (
        "account", "accounts", "partition", "users", "groups", "roles", "policies", "things", "guardrails", "asked",
        "failed", "documents",
    )
)  # fmt: skip
_VERSION = "2012-10-17"


class Told:
    """An account told in short.

    Args:
        body: see the module.

    Raises:
        CaseError: it has a key that is not known, or a statement that is none.
    """

    def __init__(self, body: Mapping[str, Any]) -> None:
        unknown = set(body) - _KEYS
        if unknown:
            raise CaseError(f"estate: {', '.join(sorted(unknown))} is not known; known are {', '.join(sorted(_KEYS))}")
        self._body = body
        self.account = str(body.get("account", ACCOUNT))
        self._head = f"arn:{body.get('partition', 'aws')}"

    def documents(self) -> list[dict[str, Any]]:
        """The account as documents of suite `ask`."""
        found = [{"kind": "account_authorization_details", "body": self._details()}]
        for number, one in enumerate(self._body.get("guardrails") or ()):
            if not number:
                found += self._organization()
            targets = {"id": f"p-{number:08d}", "targets": ["r-root"], "policy": _document(one)}
            found.append({"kind": str(one.get("kind", "scp")), "body": targets})
        for name, user in (self._body.get("users") or {}).items():
            found += self._signs_in(str(name), user or {})
        for id, told in (self._body.get("things") or {}).items():
            if told.get("policy"):
                # A key's own policy decides alone, so that its account has to be let in.
                body = {"resource": self._thing(str(id)), "account": self.account, "policy": told["policy"]}
                found.append({"kind": "resource_policy", "body": body})
        return found

    def _signs_in(self, name: str, user: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
        """What the calls about a user's password and access keys answer, where they were made."""
        asked = {"account": self.account, "subject": name}
        if user.get("password") is True:
            yield {"kind": "iam.get-login-profile", "body": {"LoginProfile": {"UserName": name}}, **asked}
        elif user.get("password") is False:
            yield {"kind": "iam.get-login-profile!NoSuchEntity", "body": {}, **asked}
        if "keys" in user:
            keys = [
                {"UserName": name, "AccessKeyId": f"AKIA{name.upper():X<15.15}{number}", "Status": "Active"}
                for number in range(user["keys"])
            ]
            yield {"kind": "iam.list-access-keys", "body": {"AccessKeyMetadata": keys}, **asked}

    def things(self) -> Iterator[dict[str, Any]]:
        """The resources besides, as `scenarios.scopes_of` takes them."""
        for id, told in (self._body.get("things") or {}).items():
            arn = self._thing(str(id))
            own = arn.split(":", 5)[-1]
            role = self._arn("role", told["role"]) if told.get("role") else ""
            name = own.replace("/", ":").rpartition(":")[2]
            yield {"id": arn, "kind": str(told["kind"]), "name": name, "account": self.account, "role": role,
                   "profile": str(told.get("profile", "")), "details": dict(told.get("details") or {}),
                   "tags": told.get("tags")}  # fmt: skip

    def _thing(self, id: str) -> str:
        """The ARN of a resource: service, region and its own part are told; a bucket lies in no region or account."""
        service, region, own = id.split(":", 2)
        return f"{self._head}:{service}:{region}:{'' if service == 's3' else self.account}:{own}"

    def _arn(self, kind: str, name: str) -> str:
        return name if name.startswith("arn:") else f"{self._head}:iam::{self.account}:{kind}/{name}"

    def _details(self) -> dict[str, Any]:
        users, groups, roles, policies = (self._body.get(key) or {} for key in ("users", "groups", "roles", "policies"))
        return {
            "UserDetailList": [
                self._common("user", "User", name, one or {}) | {"GroupList": list((one or {}).get("groups") or ())}
                for name, one in users.items()
            ],
            "GroupDetailList": [self._common("group", "Group", name, one or {}) for name, one in groups.items()],
            "RoleDetailList": [
                self._common("role", "Role", name, one or {})
                | {"AssumeRolePolicyDocument": self._trust(one or {})}
                | {"InstanceProfileList": self._profiles(name, one or {})}
                for name, one in roles.items()
            ],
            "Policies": [
                {
                    "Arn": self._arn("policy", name), "Path": "/", "PolicyName": name, "DefaultVersionId": "v1",
                    "PolicyId": f"ANPA{name.upper():0<17.17}", **_tags(one),
                    "PolicyVersionList": [
                        {"VersionId": f"v{at + 1}", "IsDefaultVersion": not at, "Document": _document(version)}
                        for at, version in enumerate([one, *(one.get("others") or ())])
                    ],
                }
                for name, one in policies.items()
            ],
        }  # fmt: skip

    def _common(self, kind: str, word: str, name: str, one: Mapping[str, Any]) -> dict[str, Any]:
        marks = {"user": "AIDA", "group": "AGPA", "role": "AROA"}
        found: dict[str, Any] = {
            "Arn": self._arn(kind, name), "Path": "/", f"{word}Name": name,
            f"{word}Id": f"{marks[kind]}{name.upper():0<17.17}",
            f"{word}PolicyList": [{"PolicyName": "own", "PolicyDocument": _document(one)}]
            if one.get("allows") or one.get("denies") else [],
            "AttachedManagedPolicies": [
                {"PolicyName": each.rpartition("/")[2], "PolicyArn": self._arn("policy", each)}
                for each in one.get("attached") or ()
            ],
        }  # fmt: skip
        found |= _tags(one)
        if one.get("boundary"):
            arn = self._arn("policy", one["boundary"])
            found["PermissionsBoundary"] = {"PermissionsBoundaryType": "Policy", "PermissionsBoundaryArn": arn}
        return found

    def _profiles(self, name: str, one: Mapping[str, Any]) -> list[dict[str, Any]]:
        if not one.get("profile"):
            return []
        profile = str(one["profile"])
        return [{
            "Arn": self._arn("instance-profile", profile), "Path": "/", "InstanceProfileName": profile,
            "InstanceProfileId": f"AIPA{profile.upper():0<17.17}", "Roles": [{"Arn": self._arn("role", name)}],
        }]  # fmt: skip

    def _trust(self, one: Mapping[str, Any]) -> dict[str, Any]:
        """Who may assume a role: services, `user/…` and `role/…` of the account, accounts, identity providers."""
        statements = []
        for told in one.get("trusts") or ["nobody.amazonaws.com"]:
            more: Mapping[str, Any] = {}
            if isinstance(told, Mapping):
                more = {key: value for key, value in told.items() if key != "who"}
                told = told["who"]
            told = str(told)
            action = "sts:AssumeRole"
            if ":saml-provider/" in told or ":oidc-provider/" in told:
                who, action = {"Federated": told}, "sts:AssumeRoleWithSAML"
                action = action if ":saml" in told else "sts:AssumeRoleWithWebIdentity"
            elif told.endswith((".amazonaws.com", ".amazonaws.com.cn")):
                who = {"Service": told}
            else:
                own = f"{self._head}:iam::{self.account}:{told}" if told.startswith(("user/", "role/")) else told
                who = {"AWS": f"{self._head}:iam::{told}:root" if told.isdigit() else own}
            statements.append({"Effect": "Allow", "Principal": who, "Action": action, **more})
        return {"Version": _VERSION, "Statement": statements}

    def _organization(self) -> list[dict[str, Any]]:
        accounts = [{"id": one, "parent": "r-root"} for one in (self.account, _MANAGER)]
        body = {
            "id": "o-a1b2c3d4e5", "management_account": _MANAGER, "units": [{"id": "r-root", "name": "Root"}],
            "accounts": accounts,
        }  # fmt: skip
        full = {"id": "p-full0000", "targets": ["r-root"], "policy": _document({"allows": ["*"]})}
        return [{"kind": "organization", "body": body}, {"kind": "scp", "body": full}]


def _tags(one: Mapping[str, Any]) -> dict[str, Any]:
    return {"Tags": [{"Key": key, "Value": value} for key, value in one["tags"].items()]} if one.get("tags") else {}


def _document(one: Mapping[str, Any]) -> dict[str, Any]:
    statements = [
        _statement(effect, told) for key, effect in (("allows", "Allow"), ("denies", "Deny"))
        for told in one.get(key) or ()
    ]  # fmt: skip
    return {"Version": _VERSION, "Statement": statements}


def _statement(effect: str, told: object) -> dict[str, Any]:
    if isinstance(told, Mapping):
        base: dict[str, Any] = {"Effect": effect, "Action": "*", "Resource": "*"}
        if "NotAction" in told:
            del base["Action"]
        if "NotResource" in told:
            del base["Resource"]
        return base | dict(told)
    if not isinstance(told, str) or not told.strip():
        raise CaseError(f"estate: {told!r} is no statement")
    action, _, resource = told.strip().partition(" ")
    return {"Effect": effect, "Action": action, "Resource": resource.strip() or "*"}


def accounts_of(body: Mapping[str, Any]) -> Sequence[Told]:
    """The accounts that a case tells in short. Raises CaseError."""
    return [Told(body), *(Told(one) for one in body.get("accounts") or ())]
