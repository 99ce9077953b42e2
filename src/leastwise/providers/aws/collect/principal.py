"""One user, role or group, asked again by itself and put into what its account told before.

An account's details cannot be asked for one identity, so the same facts are read by the calls that can
(https://docs.aws.amazon.com/IAM/latest/APIReference/API_GetUser.html and its siblings) and written in the shape of the
details, where translation finds them. Everything else of the account stays as it was.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any, NamedTuple

import msgspec

from leastwise.errors import UsageError
from leastwise.model.scope import Collected, Coverage, CoverageStatus, RawDocument, Scope
from leastwise.providers.collecting.expand import below, subject
from leastwise.providers.collecting.failure import Answer
from leastwise.providers.collecting.gather import joined
from leastwise.providers.collecting.prune import Hash, prune

from .clients import CallFailed
from .declaration import Call, Service

ACTIONS = tuple(
    f"iam:{name}"
    for name in (
        "GetUser", "GetRole", "GetGroup", "ListUserPolicies", "ListRolePolicies", "ListGroupPolicies", "GetUserPolicy",
        "GetRolePolicy", "GetGroupPolicy", "ListAttachedUserPolicies", "ListAttachedRolePolicies",
        "ListAttachedGroupPolicies", "ListGroupsForUser", "ListInstanceProfilesForRole", "GetPolicy",
        "ListPolicyVersions", "GetPolicyVersion",
    )
)  # fmt: skip
"""What asking for one identity needs besides what a whole collection does."""

_ARN = re.compile(r"arn:aws[a-z-]*:iam::(\d{12}):(user|role|group)/(?:.+/)?([^/]+)")
_DETAILS = "account_authorization_details"
_SECTIONS = {"User": "UserDetailList", "Role": "RoleDetailList", "Group": "GroupDetailList"}
_ALWAYS: dict[str, dict[str, list[Any]]] = {
    "User": {"UserPolicyList": [], "GroupList": [], "AttachedManagedPolicies": []},
    "Role": {"RolePolicyList": [], "InstanceProfileList": [], "AttachedManagedPolicies": []},
    "Group": {"GroupPolicyList": [], "AttachedManagedPolicies": []},
}

Ask = Callable[[Service, Call, Mapping[str, Any]], Answer]


def account_of(arn: str) -> str:
    """The account of a user, role or group. UsageError when the text is no ARN of one."""
    match = _ARN.fullmatch(arn)
    if match is None:
        raise UsageError(f"--only: {arn} is neither an account nor the ARN of a user, role or group")
    return match[1]


def refreshed(
    arn: str, earlier: Collected, iam: Service, ask: Ask, hashed: Hash, now: datetime, region: str
) -> Collected:
    """The account as it was told before, with this identity as it is now; without it when it is gone.

    Raises:
        CallFailed: the identity or its policies could not be read; nothing is known then that was not before.
    """
    match = _ARN.fullmatch(arn)
    assert match is not None
    noun, name = match[2].capitalize(), match[3]
    reader = _Reader(iam, ask)
    try:
        entity = reader.entity(noun, name)
    except CallFailed as error:
        if error.code != "NoSuchEntity":
            raise
        entity = None
    policies = [reader.policy(one["PolicyArn"]) for one in entity["AttachedManagedPolicies"]] if entity else []
    details = next(call for call in iam.calls if call.as_ == _DETAILS)
    answer = {section: [entity] if entity and section == _SECTIONS[noun] else [] for section in _SECTIONS.values()}
    place = _Place(earlier.scope, region, now, [])
    fresh = list(_answers(place, iam, details, answer, {}, ask, hashed)) if entity else []
    documents = _spliced(earlier.documents, _SECTIONS[noun], arn, entity, policies)
    # What was told about this identity by calls of its own gives way, also where nothing is told any more.
    about = {call.operation for call in details.walk()}
    keys = {document.resource for document in fresh} | {name, arn}
    kept = [
        one for one in documents
        if not (one.service == iam.name and one.resource in keys and _operation(one.kind) in about)
    ]  # fmt: skip
    told = Coverage("iam", "one identity", CoverageStatus.OK, f"{arn} was asked again; the rest is of {earlier.time}")
    coverage = tuple(one for one in earlier.coverage if one.call != told.call)
    return replace(earlier, time=now, documents=(*kept, *fresh), coverage=(*coverage, *place.gaps, told))


class _Reader:
    """Reads one identity and its policies in the shape of account details."""

    def __init__(self, iam: Service, ask: Ask) -> None:
        self._iam, self._ask = iam, ask

    def entity(self, noun: str, name: str) -> dict[str, Any]:
        """The identity as an entry of its section. Raises CallFailed."""
        key = {f"{noun}Name": name}
        entity: dict[str, Any] = dict(self.members(f"Get{noun}", key)[noun]) | {
            part: list(value) for part, value in _ALWAYS[noun].items()
        }
        if bound := entity.get("PermissionsBoundary"):
            entity["PermissionsBoundary"] = dict(bound)
        inline = self.listed(f"List{noun}Policies", key, "PolicyNames")
        entity[f"{noun}PolicyList"] = [
            {"PolicyName": one, "PolicyDocument": self.members(f"Get{noun}Policy", asked)["PolicyDocument"]}
            for one in inline
            for asked in ({**key, "PolicyName": one},)
        ]
        entity["AttachedManagedPolicies"] = self.listed(f"ListAttached{noun}Policies", key, "AttachedPolicies")
        if noun == "User":
            entity["GroupList"] = [one["GroupName"] for one in self.listed("ListGroupsForUser", key, "Groups")]
            entity.pop("PasswordLastUsed", None)
        if noun == "Role":
            entity["InstanceProfileList"] = self.listed("ListInstanceProfilesForRole", key, "InstanceProfiles")
        return entity

    def policy(self, arn: str) -> dict[str, Any]:
        """A managed policy with its versions. Raises CallFailed."""
        policy: dict[str, Any] = dict(self.members("GetPolicy", {"PolicyArn": arn})["Policy"])
        versions = self.listed("ListPolicyVersions", {"PolicyArn": arn}, "Versions")
        policy["PolicyVersionList"] = [
            self.members("GetPolicyVersion", {"PolicyArn": arn, "VersionId": one["VersionId"]})["PolicyVersion"]
            for one in versions
        ]
        return policy

    def members(self, call: str, parameters: Mapping[str, Any]) -> dict[str, Any]:
        """The answer of one call."""
        return self._ask(self._iam, Call(call=call), parameters).members

    def listed(self, call: str, parameters: Mapping[str, Any], name: str) -> list[Any]:
        """A list of all pages."""
        found: list[Any] = []
        more: Mapping[str, Any] | None = {}
        while more is not None:
            answer = self._ask(self._iam, Call(call=call), {**parameters, **more})
            found += answer.members.get(name, [])
            more = answer.more
        return found


class _Place(NamedTuple):
    """Where and when documents are told; `gaps` collects what was not."""

    scope: Scope
    region: str
    now: datetime
    gaps: list[Coverage]


def _answers(
    place: _Place, iam: Service, call: Call, members: Mapping[str, Any], parameters: Mapping[str, Any], ask: Ask,
    hashed: Hash,
) -> Iterable[RawDocument]:  # fmt: skip
    """Documents of every declared call that follows from an answer; one that fails is a gap."""
    around = {"$account": place.scope.id, "$region": place.region}
    for one in below(call, members, parameters, around):
        error, kept = "", {}
        try:
            kept = prune(_whole(ask, iam, one.call, one.parameters), one.call.keep, hashed)
        except CallFailed as failed:
            if failed.code not in one.call.absent:
                about = subject(one.call, one.known)
                affects = iam.affected(one.call)
                place.gaps.append(Coverage(iam.name, one.call.call, failed.status, f"{failed} (for {about})", affects))
                continue
            error = failed.code
        kind, about = iam.kind(one.call), subject(one.call, one.known)
        name = f"{place.scope.id}/{place.region}/{kind}/{about}".replace("\x1f", " ")
        shown, body = f"{kind}!{error}" if error else kind, msgspec.json.encode(kept)
        if not one.call.passing:
            yield RawDocument(place.scope, iam.name, shown, name, body, about, place.now, place.region)
        if not error:
            yield from _answers(place, iam, one.call, kept, one.parameters, ask, hashed)


def _whole(ask: Ask, iam: Service, call: Call, parameters: Mapping[str, Any]) -> dict[str, Any]:
    """The pages of an answer as one. Raises CallFailed."""
    pages: list[Mapping[str, Any]] = []
    more: Mapping[str, Any] | None = {}
    while more is not None:
        answer = ask(iam, call, {**parameters, **more})
        pages.append(answer.members)
        more = answer.more if answer.more != more else None
    return joined(pages)


def _spliced(
    documents: Iterable[RawDocument], section: str, arn: str, entity: dict[str, Any] | None,
    policies: Iterable[dict[str, Any]],
) -> list[RawDocument]:  # fmt: skip
    """The documents, with the entity and policies in the first account details and in no other."""
    fresh = {(section, arn): entity} | {("Policies", one["Arn"]): one for one in policies}
    found, first = [], True
    for document in documents:
        if document.kind == _DETAILS:
            whole = msgspec.json.decode(document.body)
            for name, id in fresh:
                whole[name] = [one for one in whole.get(name) or [] if one.get("Arn") != id]
            if first:
                for (name, _), one in fresh.items():
                    whole[name] += [one] if one else []
            first = False
            document = replace(document, body=msgspec.json.encode(whole))
        found.append(document)
    return found


def _operation(kind: str) -> str:
    return kind.partition("!")[0].rpartition(".")[2]
