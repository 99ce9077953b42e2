"""Documents of a case of suite `ask` → what a collection would have brought, one `Collected` a scope.

Every document becomes the vendor's answer to a call that the translators know; nothing is read here but whose it is.
The documents are complete: what they do not name is known not to be there.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from leastwise.model.conformance import CaseError
from leastwise.model.scope import Collected, Coverage, CoverageStatus, RawDocument, Scope
from leastwise.providers.ask import text_of

from ..evaluate.arn import parse_arn
from .organization import organization_calls

_TIME = datetime(2026, 1, 1, tzinfo=UTC)
_SECTIONS = ("UserDetailList", "GroupDetailList", "RoleDetailList", "Policies")
_OWNER = re.compile(r"arn:aws[a-z-]*:iam::(\d{12}|aws):")
_CALL = re.compile(r"[a-z0-9-]+\.[a-z0-9-]+(?:![A-Za-z]+)?")
_ORGANIZATION = ("organization", "scp", "rcp", "permission_set", "account_assignment")
_NO_BLOCK = "get-public-access-block!NoSuchPublicAccessBlockConfiguration"


def collected(documents: Sequence[Mapping[str, Any]]) -> list[Collected]:
    """The documents by scope.

    Args:
        documents: each with `kind` and `body` as the `ask` suite has them. A kind with a dot is a call as the AWS CLI
            spells it (`s3api.get-bucket-acl`); `account`, `region` and `subject` beside it say what was asked.

    Raises:
        CaseError: a document is of no kind that is known, or does not say whose it is.
    """
    return list(_Scopes(documents).collected())


class _Scopes:
    """The documents of each scope while they are read."""

    def __init__(self, documents: Sequence[Mapping[str, Any]]) -> None:
        self._found: dict[Scope, list[RawDocument]] = {}
        self._keys: dict[str, str] = {}
        self._buckets: dict[str, str] = {}
        self._blocked: set[str] = set()
        self._organization: list[tuple[str, Mapping[str, Any]]] = []
        self._listed: set[str] = set()
        for document in sorted(documents, key=lambda one: one.get("kind") != "resource_policy"):
            kind, body = text_of(document, "kind", "documents/"), document.get("body")
            if not isinstance(body, Mapping):
                raise CaseError(f"documents: body of {kind} must be an object")
            if kind in _ORGANIZATION:
                self._organization.append((kind, body))
            elif kind in _READERS:
                _READERS[kind](self, body)
            elif _CALL.fullmatch(kind):
                self._call(kind, document, body)
            else:
                raise CaseError(f"documents: kind {kind!r} is not known")

    def collected(self) -> Iterator[Collected]:
        """One a scope."""
        for bucket, account in self._buckets.items():
            if bucket not in self._blocked:
                self.answer(account, f"s3api.{_NO_BLOCK}", {}, bucket)
        organization = organization_calls(self._organization, [scope.id for scope in self._found])
        for account in (scope.id for scope in list(self._found)):
            if account not in self._blocked:
                self.answer(account, f"s3control.{_NO_BLOCK}", {})
        for scope, documents in sorted(self._found.items()):
            yield Collected(scope, _TIME, tuple(documents), tuple(_coverage(scope.id in self._listed)))
        if organization is not None:
            scope = Scope("aws", "organization", organization.id)
            answers = [_raw(scope, *call) for call in organization.calls]
            yield Collected(scope, _TIME, tuple(answers), (_ok("organizations", "ListPolicies"),))

    def answer(self, account: str, call: str, body: object, subject: str = "", region: str = "") -> None:
        """Add the answer to a call."""
        scope = Scope("aws", "account", account)
        self._found.setdefault(scope, []).append(_raw(scope, call, body, subject, region))

    # --- kinds

    def details(self, body: Mapping[str, Any]) -> None:
        """A response of GetAccountAuthorizationDetails; entities of several accounts are told apart by their ARNs."""
        accounts: dict[str, dict[str, list[Any]]] = {}
        shared: dict[str, list[Any]] = {name: [] for name in _SECTIONS}
        for name in _SECTIONS:
            for one in _objects(body, name):
                found = _OWNER.match(str(one.get("Arn", "")))
                if found is None:
                    raise CaseError(f"account_authorization_details.{name}: an entity has no ARN of IAM")
                owner = found[1]
                sections = accounts.setdefault(owner, {each: [] for each in _SECTIONS}) if owner != "aws" else shared
                sections[name].append(one)
        for account, sections in accounts.items():
            self._listed.add(account)
            whole = {name: [*sections[name], *shared[name]] for name in _SECTIONS}
            self.answer(account, "account_authorization_details", whole)

    def resource_policy(self, body: Mapping[str, Any]) -> None:
        """The policy of a resource, or null for one that has none."""
        resource = text_of(body, "resource", "resource_policy.")
        account = _account(body, resource, "resource_policy")
        self.answer(account, "resource_policies", {resource: body.get("policy")})
        arn = parse_arn(resource)
        if arn is not None and arn.service == "kms" and arn.resource.startswith("key/"):
            self._keys[arn.resource.removeprefix("key/")] = resource
        if arn is not None and arn.service == "s3" and "/" not in arn.resource and ":" not in arn.resource:
            self._buckets[resource] = account

    def endpoint(self, body: Mapping[str, Any]) -> None:
        """A VPC endpoint as DescribeVpcEndpoints lists it, its policy in `PolicyDocument`; or the whole response."""
        if "VpcEndpoints" in body:
            for one in _objects(body, "VpcEndpoints"):
                self.endpoint(one)
            return
        id = _first(body, "vpc_endpoint_policy", "VpcEndpointId", "vpc_endpoint", "id")
        account = _first(body, "vpc_endpoint_policy", "OwnerId", "account", default="000000000000")
        policy = body.get("PolicyDocument", body.get("policy"))
        text = policy if isinstance(policy, str) or policy is None else json.dumps(policy)
        shown = {**body, "VpcEndpointId": id.rsplit("/", 1)[-1], "PolicyDocument": text}
        region = str(body.get("ServiceName", "")).split(".")
        where = region[2] if len(region) > 2 and region[2] else "us-east-1"
        self.answer(account, "ec2.describe-vpc-endpoints", {"VpcEndpoints": [shown]}, region=where)

    def grant(self, body: Mapping[str, Any]) -> None:
        """An entry of ListGrants."""
        named = text_of(body, "KeyId", "kms_grant.")
        key = named if named.startswith("arn:") else self._keys.get(named)
        if key is None:
            raise CaseError(f"kms_grant.KeyId: {named} is no ARN, and no document names the key")
        whole = {"GrantId": "grant", **body, "KeyId": key}
        self.answer(_account(body, key, "kms_grant"), "kms.list-grants", {"Grants": [whole]}, key)

    def access_point(self, body: Mapping[str, Any]) -> None:
        """A response of GetAccessPoint, with the policy beside it in `Policy`; null or nothing for none."""
        arn = _first(body, "access_point", "AccessPointArn", "arn", "resource")
        account = _account(body, arn, "access_point")
        parsed = parse_arn(arn)
        region = parsed.region if parsed else ""
        known = {"AccessPointArn": arn, "Name": arn.rpartition("/")[2], "BucketAccountId": account, **body}
        self.answer(account, "s3control.get-access-point", known, region=region)
        policy = body.get("Policy", body.get("policy"))
        text = policy if isinstance(policy, str) else json.dumps(policy)
        call, told = ("", {"Policy": text}) if policy is not None else ("!NoSuchAccessPointPolicy", {})
        self.answer(account, f"s3control.get-access-point-policy{call}", told, arn, region)

    def block(self, body: Mapping[str, Any]) -> None:
        """A response of GetPublicAccessBlock of a bucket or an account, which `Bucket` or `AccountId` names."""
        settings = body.get("PublicAccessBlockConfiguration", body)
        shown = {"PublicAccessBlockConfiguration": settings}
        bucket = _first(body, "public_access_block", "Bucket", "bucket", "BucketName", "resource", default="")
        if bucket:
            arn = bucket if bucket.startswith("arn:") else f"arn:aws:s3:::{bucket}"
            account = self._buckets.get(arn) or _account(body, arn, "public_access_block")
            self._blocked.add(arn)
            self.answer(account, "s3api.get-public-access-block", shown, arn)
            return
        only = next(iter(self._found)).id if len(self._found) == 1 else None
        account = _first(body, "public_access_block", "AccountId", "account", default=only)
        self._blocked.add(account)
        self.answer(account, "s3control.get-public-access-block", shown)

    def _call(self, kind: str, document: Mapping[str, Any], body: Mapping[str, Any]) -> None:
        account = text_of(document, "account", f"documents: {kind}: ")
        subject, region = (str(document.get(key, "")) for key in ("subject", "region"))
        self.answer(account, kind, body, subject, region)


_READERS: dict[str, Callable[[_Scopes, Mapping[str, Any]], None]] = {
    "account_authorization_details": _Scopes.details,
    "resource_policy": _Scopes.resource_policy,
    "vpc_endpoint_policy": _Scopes.endpoint,
    "kms_grant": _Scopes.grant,
    "access_point": _Scopes.access_point,
    "public_access_block": _Scopes.block,
}


def _raw(scope: Scope, call: str, body: object, subject: str = "", region: str = "") -> RawDocument:
    text = json.dumps(body).encode("utf-8", "surrogatepass")
    return RawDocument(scope, call.partition(".")[0], call, call, text, subject, _TIME, region)


def _ok(service: str, call: str) -> Coverage:
    return Coverage(service, call, CoverageStatus.OK)


def _coverage(listed: bool) -> Iterator[Coverage]:
    """An account without an organization in the documents has none."""
    yield _ok("organizations", "DescribeOrganization")
    if listed:
        yield _ok("iam", "GetAccountAuthorizationDetails")


def _objects(body: Mapping[str, Any], key: str) -> list[Mapping[str, Any]]:
    found = body.get(key) or []
    if not isinstance(found, list) or not all(isinstance(one, Mapping) for one in found):
        raise CaseError(f"documents: {key} must be a list of objects")
    return found


def _first(body: Mapping[str, Any], kind: str, *keys: str, default: str | None = None) -> str:
    found = next((body[key] for key in keys if body.get(key)), default)
    if not isinstance(found, str):
        raise CaseError(f"documents: {kind} lacks {keys[0]}")
    return found


def _account(body: Mapping[str, Any], resource: str, kind: str) -> str:
    """The account of a resource: as the document says, or as its ARN does."""
    arn = parse_arn(resource)
    found = body.get("account") or body.get("AccountId") or (arn.account if arn else "")
    if not isinstance(found, str) or not found.isdigit():
        raise CaseError(f"documents: {kind} does not say whose {resource} is")
    return found
