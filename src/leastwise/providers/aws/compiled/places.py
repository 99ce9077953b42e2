"""Where a resource stands: its account, what lies on it, and what above it limits access."""

from __future__ import annotations

import json
from collections.abc import Collection, Hashable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any

from ..evaluate.arn import parse_arn, request_pattern, spans
from ..evaluate.policies import Behind, Gives, Unread
from ..evaluate.policy import Policy
from ..evaluate.services import assumes
from ..evaluate.statements import Target
from .estate import NONE, UNREAD, CompiledEstate
from .giving import by_grants, by_lists, of_qualifier, qualified
from .leads import alias, key_behind, point
from .policied import can_be_shared, can_have_policy, default_policies

_TITLES = {"scp": "service control policies", "rcp": "resource control policies"}
_FILTERS = {"scp": "SERVICE_CONTROL_POLICY", "rcp": "RESOURCE_CONTROL_POLICY"}
_BESIDE = ("DescribeOrganization", "DescribeResourcePolicy", "ListDelegated")
"""Calls about an organization whose want leaves no guardrail unknown."""


@dataclass(frozen=True)
class Place:
    """What is acted on, and what the estate knows of it.

    Args:
        target: the resource or the pattern of resources.
        account: of the resource; empty when it has none or it is not known.
        thing: number of the resource whose policy counts, or -1.
        policies: its policies (one at most, unless a service keeps several).
        grants: on a key.
        blocks_public: S3 restricts its public policies; None when that was not read.
        public: its policy is public as S3 means it.
        tags: its tags; None when they are not known.
        gaps: what of its policies was not read.
        behind: the bucket, for a request through an access point.
        consent: whose policy must let the request in, where it is not told which key or role is meant.
        giving: what else was not read, and can only allow.
    """

    target: Target
    account: str = ""
    thing: int = NONE
    policies: tuple[Policy, ...] = ()
    grants: tuple[Policy, ...] = ()
    blocks_public: bool | None = False
    public: bool = False
    tags: dict[str, str] | None = None
    gaps: tuple[str, ...] = field(default_factory=tuple)
    behind: Behind | None = None
    consent: str = ""
    giving: tuple[Unread, ...] = ()

    @property
    def lacking(self) -> tuple[Unread, ...]:
        """What was not read and can only allow, here or on the bucket behind."""
        return (*self.giving, *(self.behind.giving if self.behind is not None else ()))


def find_place(
    estate: CompiledEstate, action: str, resource: str | None, *, wildcard_only: bool, complete: bool = False
) -> Place:
    """Where the resource of a question stands; without one, any resource is meant.

    With `complete`, what the estate does not have is known not to be there.
    """
    if wildcard_only:
        return Place(Target("*"))
    if resource is None or resource == "*":
        return Place(Target("*", request_pattern("*")), consent=_consent(action))
    if alias(action, resource):
        key = estate.arrays.facts["aliases"].get(resource)
        if key is None:
            gap = f"key of {resource}: no alias that was read leads to one"
            keys = key_behind(resource)
            return Place(Target(keys, request_pattern(keys)), _account_of(resource), gaps=(gap,))
        resource = str(key)
    target = Target(resource, request_pattern(resource) if spans(resource) else None)
    arn, account = parse_arn(resource), _account_of(resource)
    if (
        arn is not None
        and arn.service == "iam"
        and (arn.resource.startswith(("role/", "user/")) or spans(arn.resource))
    ):
        return _identity(estate, action, target, resource, account)
    part = qualified(resource)
    if part is not None and estate.thing(resource) is None:
        return _qualifier(estate, target, account, *part)
    thing = holder(estate, resource)
    through = point(resource)
    if through is not None and thing is not None:
        return replace(_known(estate, target, thing), behind=_behind(estate, action, *through, target, complete))
    if thing is None:
        return Place(target, account, gaps=_unknown(resource), giving=_shared(resource))
    place = _known(estate, target, thing)
    coverage = estate.arrays.facts["coverage"].get(place.account, [])
    giving = (
        *by_lists(estate, thing, action, complete=complete), *by_grants(coverage, resource, action), *_shared(resource)
    )  # fmt: skip
    return replace(place, giving=(*place.giving, *giving)) if giving else place


def _account_of(resource: str) -> str:
    """The account that an ARN names; empty where it names none, or several by a wildcard: the own may be one."""
    arn = parse_arn(resource)
    return "" if arn is None or spans(arn.account) else arn.account


def _qualifier(estate: CompiledEstate, target: Target, account: str, whole: str, qualifier: str) -> Place:
    """A version or an alias of a function: the function's own policy is for requests that name none.

    https://docs.aws.amazon.com/lambda/latest/dg/configuration-versions.html#versioning-permissions
    """
    thing = estate.thing(whole)
    tags = None if thing is None else tags_of(estate, thing)
    return Place(target, account, tags=tags, giving=of_qualifier(target.text, qualifier))


def _consent(action: str) -> str:
    """Whose policy must let an action in, whatever identity policies say, of a resource that is not named."""
    if assumes(action):
        return "trust policy of the role that is meant: ask about one role"
    return "policy of the key that is meant: ask about one key" if action.lower().startswith("kms:") else ""


def _identity(estate: CompiledEstate, action: str, target: Target, resource: str, account: str) -> Place:
    """A user, or a role, whose trust policy is the resource policy of the actions that assume it."""
    number = estate.principal_number(resource)
    if not assumes(action):
        return Place(target, account, tags=None if number is None else estate.tags(number))
    if number is None:
        return Place(target, account, gaps=(f"trust policy of {resource}: the role is not in the estate",))
    document = int(estate.arrays["principal.trust"][number])
    if document < 0 or estate.arrays["doc_bad"][document]:
        return Place(target, account, gaps=(f"trust policy of {resource}: not read",))
    trust = estate.policy(document, "trust policy", resource)
    return Place(target, account, policies=(trust,), tags=estate.tags(number))


def _behind(estate: CompiledEstate, action: str, through: str, key: str, target: Target, complete: bool) -> Behind:
    """The bucket that an access point leads to: it must consent as well.

    https://docs.aws.amazon.com/AmazonS3/latest/userguide/access-points-policies.html
    """
    bucket = estate.arrays.facts["points"].get(through)
    if bucket is None or (target.pattern is not None and not key):
        why = (
            f"bucket of {through}: not read"
            if bucket is None
            else f"the bucket and its objects behind {through} at once"
        )
        return Behind(Target(""), "", None, (why,))
    where = f"{bucket}/{key}" if key else str(bucket)
    place = find_place(estate, action, where, wildcard_only=False, complete=complete)
    reached = place.target
    if target.pattern is not None:
        reached = replace(reached, named=(f"{bucket}/", f"{through}/object/"))
    return Behind(reached, place.account, merged(place.policies), place.gaps, place.giving)


def _known(estate: CompiledEstate, target: Target, thing: int) -> Place:
    arrays = estate.arrays
    account = estate.word("thing.account", thing) or ""
    id = estate.texts("thing.id")[thing]
    policies: list[Policy] = []
    grants: list[Policy] = []
    gaps: list[str] = []
    for row in range(int(arrays["laid.starts"][thing]), int(arrays["laid.starts"][thing + 1])):
        document = int(arrays["laid.doc"][row])
        if document < 0 or arrays["doc_bad"][document]:
            gaps.append(f"policy of {id}: not read or not supported")
            continue
        name = estate.word("laid.policy", row) or ""
        policy = estate.policy(document, name, estate.word("laid.source", row) or "")
        (grants if arrays["laid.grant"][row] else policies).append(policy)
    if not gaps and not arrays["thing.asked"][thing]:
        gaps.append(f"policy of {id}: was not asked for")
    arn = parse_arn(id)
    adds = arn is not None and arn.service == "lambda"
    if arn is not None and arn.service == "elasticfilesystem" and not policies and not gaps:
        policies = default_policies(arn.resource)
    return Place(
        target,
        account,
        thing,
        tuple(policies),
        tuple(grants),
        None if arrays["thing.block_unread"][thing] else bool(arrays["thing.block"][thing]),
        bool(arrays["thing.restrictable"][thing]),
        tags_of(estate, thing),
        () if adds else tuple(gaps),
        giving=tuple(map(Unread, gaps)) if adds else (),
    )


def tags_of(estate: CompiledEstate, thing: int) -> dict[str, str] | None:
    """The tags of a resource that conditions see; None when they are not known."""
    tagged = int(estate.arrays["thing.tagged"][thing])
    if tagged <= 0:
        return {} if tagged else None
    raw = estate.texts("thing.tags")[thing]
    return json.loads(raw) if raw else {}


def holder(estate: CompiledEstate, resource: str) -> int | None:
    """The resource, or the one that holds it (the bucket of an object, the table of an index)."""
    ids, lookup = estate.texts("thing.id"), estate.lookup("thing.id")
    for candidate in _holders(resource):
        found = lookup.find(ids, candidate)
        if found is not None:
            return found
    return None


def _holders(resource: str) -> Iterator[str]:
    yield resource
    # The literal beginning of a pattern names its holder when the wildcard stands behind a separator.
    text = resource
    while True:
        cut = max(text.rfind("/"), text.rfind(":"))
        text = text[:cut]
        if text.count(":") < 5:
            return
        if not spans(text):
            yield text


def _unknown(resource: str) -> tuple[str, ...]:
    """Why the policy of a resource that is not in the estate is not known; nothing when it can have none."""
    if not can_have_policy(resource) or ":alias/" in resource:
        return ()
    return (f"policy of {resource}: the resource is not in the estate",)


def _shared(resource: str) -> tuple[Unread, ...]:
    """Whom the owner of a resource shares it with: that is never read."""
    if not can_be_shared(resource):
        return ()
    return (Unread(f"with which accounts {resource} is shared: not read", Gives.BY_SHARE),)


def merged(policies: Sequence[Policy]) -> Policy | None:
    """Several policies of one resource as one."""
    if len(policies) < 2:
        return policies[0] if policies else None
    return Policy(
        " + ".join(policy.name for policy in policies),
        tuple(statement for policy in policies for statement in policy.statements),
        policies[0].source,
    )


class Guardrails:
    """The guardrails above accounts, level by level, the highest first.

    Args:
        estate: where they stand.
        alone: accounts that are known to be in no organization.
    """

    def __init__(self, estate: CompiledEstate, alone: Collection[str] = ()) -> None:
        self._estate, self._alone = estate, alone
        facts: dict[str, Any] = estate.arrays.facts  # type: ignore[assignment]
        self._places, self._attached = facts["places"], facts["guardrails"]
        self._coverage, self._scopes = facts["coverage"], facts["scopes"]
        self._names: dict[str, str] = facts["names"]
        self._known: dict[tuple[str, str], tuple[list[list[Policy]] | None, tuple[str, ...]]] = {}

    def organization(self, account: str) -> str | None:
        """The organization of an account, when it is known."""
        tenant = self._places.get(account, {}).get("tenant")
        return None if tenant is None else str(tenant)

    def path(self, account: str) -> str | None:
        """The path of an account in its organization, as aws:PrincipalOrgPaths has it."""
        above = self._above(account)
        tenant = self.organization(account)
        if above is None or tenant is None:
            return None
        return "/".join([tenant, *above[:-1], ""])

    def levels(self, kind: str, account: str) -> tuple[list[list[Policy]] | None, tuple[str, ...]]:
        """The guardrails above an account by level, or None when none act on it; and what was not read of them.

        The management account of an organization is not subject to them.
        https://docs.aws.amazon.com/organizations/latest/userguide/orgs_manage_policies_scps.html
        """
        known = self._known.get((kind, account))
        if known is None:
            known = self._known[kind, account] = self._levels(kind, account)
        return known

    def alike(self, account: str) -> Hashable:
        """A value that is equal for accounts under the same guardrails and at one place: their names alone differ."""
        if any(self.levels(kind, account)[1] for kind in self._attached):
            return account
        above, place = self._above(account) or (), self._places.get(account, {})
        attached = tuple(
            tuple(tuple(one[0] for one in level) for level in map(told.get, above) if level)
            for told in self._attached.values()
        )
        path = self.path(account) if self._paths else None
        return place.get("tenant"), path, bool(place.get("management")), self.alone(account), attached

    @cached_property
    def _paths(self) -> bool:
        """Whether any condition asks for the place of an account in its organization."""
        return any("orgpaths" in text.lower() for text in self._estate.texts("st_condition.texts").all())

    def _levels(self, kind: str, account: str) -> tuple[list[list[Policy]] | None, tuple[str, ...]]:
        place = self._places.get(account, {})
        title = _TITLES[kind]
        if place.get("management"):
            return None, ()
        above = self._above(account)
        tenant = place.get("tenant")
        if above is None:
            if tenant is not None:
                return None, (f"{title} above account {account}: organization {tenant} was not read",)
            if self.alone(account):
                return None, ()
            return None, (f"{title} above account {account}: its organization was not read",)
        gaps = self._gaps(kind, str(tenant), title)
        some, levels = bool(gaps), []
        for target in above:
            attached = self._attached[kind].get(target)
            if not attached:
                continue
            read = [self._policy(*one) for one in attached]
            levels.append([policy for policy in read if policy is not None])
            if None in read:
                gaps.append(f"{title} on {target}: one was not read")
            if some or None in read:
                # One that was not read may allow what the others of a level do not; that it need not is the gap.
                levels[-1].append(_FULL)
        if kind == "rcp":
            # RCPFullAWSAccess stands on every level and cannot be taken away: levels can only deny.
            levels = [[*level, _FULL] for level in levels]
        return levels or None, tuple(gaps)

    def alone(self, account: str) -> bool:
        """Whether an account is known to be in no organization."""
        if self.organization(account) is not None or self._above(account) is not None:
            return False
        return account in self._alone or self._in_none(account)

    def _in_none(self, account: str) -> bool:
        """Whether the account was asked for its organization, and has none."""
        told = [entry[2] for entry in self._coverage.get(account, []) if entry[0] == "organizations"]
        return bool(told) and all(status == "ok" for status in told)

    def _gaps(self, kind: str, tenant: str, title: str) -> list[str]:
        """What of the guardrails of one kind was not read: every call that failed, but for those about other things."""
        other = next(text for name, text in _FILTERS.items() if name != kind)
        return [
            f"{title} of {tenant}: {call} {status}"
            for service, call, status, detail, _ in self._coverage.get(tenant, [])
            if status not in ("ok", "unlicensed")
            and service in ("organizations", "ous", f"{kind}s")
            and not call.startswith(_BESIDE)
            and other not in f"{call} {detail}"
        ]

    def _policy(self, document: int, name: str, source: str) -> Policy | None:
        if document == UNREAD or self._estate.arrays["doc_bad"][document]:
            return None
        return self._estate.policy(document, self._names.get(name, name), source)

    def _above(self, account: str) -> list[str] | None:
        """The root, units and the account itself, or None when its place is not known."""
        chain, at = [account], self._places.get(account, {}).get("parent")
        while at is not None and at not in chain:
            chain.append(at)
            place = self._places.get(at)
            if place is None:
                return None
            at = place.get("parent")
            if place.get("kind") in ("root", "organization"):
                break
        if len(chain) == 1:
            return None
        return [one for one in reversed(chain) if not one.startswith("o-")]


def _full() -> Policy:
    from ..evaluate.policy import parse_policy

    statement = {"Effect": "Allow", "Principal": "*", "Action": "*", "Resource": "*"}
    return parse_policy({"Version": "2012-10-17", "Statement": [statement]}, "RCPFullAWSAccess")


_FULL = _full()
"""Stands on every level for resource control policies, and for a guardrail that was not read."""
