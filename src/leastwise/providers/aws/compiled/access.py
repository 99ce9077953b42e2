"""Questions to the compiled estate: can, who can, what can."""

from __future__ import annotations

from collections.abc import Collection, Hashable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property, lru_cache, partial

import numpy as np

from leastwise.engine.arrays import Array, Arrays
from leastwise.errors import UsageError
from leastwise.model.decision import Decision, Link

from .. import catalog
from ..evaluate.arn import parse_arn
from ..evaluate.decide import decide
from ..evaluate.explain import explain
from ..evaluate.facts import Look, Values, Within
from ..evaluate.logic import Question, question
from ..evaluate.policies import Gaps, Policies
from ..evaluate.policy import Policy
from ..evaluate.principals import Principal, parse_principal
from ..evaluate.statements import Request
from .context import choices_of, complete, facts_of, principal_facts, resource_facts
from .endpoints import Endpoints
from .estate import NONE, CompiledEstate
from .people import people_of
from .places import Guardrails, Place, find_place, merged
from .traits import Columns
from .whereabouts import Whereabouts

_TAG_SESSION = "sts:tagsession"
RETIRING = "kms:retiregrant"
_UNTAGGED = ("service", "anonymous", "federated", "root")
"""Kinds of principals that carry no tags."""


@dataclass(frozen=True)
class Circumstances:
    """What a question says besides who, what and where.

    Args:
        context: values of condition keys by name; they go before what the estate knows.
        strict: keys that nobody gives are absent; otherwise they are not known.
        session: session policies, or None.
        endpoint: id or ARN of the VPC endpoint that the request comes through, or None.
    """

    context: Mapping[str, Values | Look | Within] = field(default_factory=dict)
    strict: bool = False
    session: Sequence[Policy] | None = None
    endpoint: str | None = None


class AwsAccess:
    """Answers from one compiled estate; what it learns it keeps.

    `alone` are accounts that are known to be in no organization; `complete` tells that what the estate does not have
    (access lists, VPC endpoints) is not there, as suites of cases mean it.
    """

    def __init__(self, arrays: Arrays, alone: Collection[str] = (), *, complete: bool = False) -> None:
        self.estate = CompiledEstate(arrays)
        self._complete = complete
        self.guardrails = Guardrails(self.estate, alone)
        self.columns = Columns(self.estate, self.guardrails)
        self.whereabouts = Whereabouts(self.estate, self.guardrails)
        self.concerned = lru_cache(maxsize=256)(self.estate.concerned)
        self._likeness: dict[str, int] = {}
        self._alike: dict[Hashable, int] = {}
        self.people = lru_cache(maxsize=256)(partial(people_of, self.estate))

    # --- one decision

    def can(
        self, subject: str, action: str, resource: str | None, circumstances: Circumstances | None = None
    ) -> Decision:
        """Whether a principal may do an action on a resource (or, without one, on any).

        Raises:
            UsageError: the subject is no principal that AWS knows.
        """
        given = circumstances or Circumstances()
        decision = explain(decide(self.question(subject, action, resource, given)))
        return replace(decision, chain=self._chain(subject, decision))

    def question(self, subject: str, action: str, resource: str | None, given: Circumstances) -> Question:
        """The question in full, for `decide`."""
        principal, number = self.principal(subject)
        return self.question_of(principal, number, action, self.place(action, resource), given)

    def question_of(
        self, principal: Principal, number: int | None, action: str, place: Place, given: Circumstances
    ) -> Question:
        """The question of a principal whose number is known."""
        return question(
            self.request(principal, number, action, place, given),
            self.policies(principal, number, action, place, given),
        )

    def principal(self, subject: str) -> tuple[Principal, int | None]:
        """Who a text names, and its number if it is a user or role (or a session of one) of the estate.

        Raises:
            UsageError: it names nobody.
        """
        number = self.estate.principal_number(subject)
        if number is not None:
            return self.estate.principal(number), number
        parsed = parse_principal(subject, partition=self.partition(subject))
        if parsed is None:
            raise UsageError(f"{subject}: is no ARN, account, service, identity provider or * of a principal")
        parsed = replace(parsed, canonical=self.estate.canonical(parsed.account))
        if parsed.kind == "root" and parsed.account not in self.accounts:
            # Of an account that was not read, its ARN stands for everybody there, as it does in Principal.
            return replace(parsed, kind="account"), None
        if parsed.kind != "session":
            return parsed, None
        role = self._role_of(parsed)
        if role is None:
            return parsed, None
        known = self.estate.principal(role)
        return replace(parsed, role=known.id, aliases=known.aliases), role

    @cached_property
    def accounts(self) -> frozenset[str]:
        """The accounts of the estate's users and roles."""
        return frozenset(self.estate.texts("principal.account.texts").all())

    def likeness(self, account: str) -> int:
        """A number that is equal for accounts whose names alone tell them apart: of one partition, with users or roles.

        Guardrails are the same, and where they stand in their organization.
        """
        known = self._likeness.get(account)
        if known is None:
            ours = account in self.accounts and account
            said: Hashable = (self.partition(account), self.guardrails.alike(account)) if ours else account
            known = self._likeness[account] = self._alike.setdefault(said, len(self._alike))
        return known

    @cached_property
    def likenesses(self) -> Array:
        """That number of the account of each user and role."""
        accounts = self.estate.texts("principal.account.texts").all()
        codes = np.array([*map(self.likeness, accounts), self.likeness("")], np.int64)
        return np.asarray(codes[self.estate.arrays["principal.account"]])

    def partition(self, account: str) -> str:
        """The partition of an account: its users' and roles', or the only one of the estate; empty where that is open.

        Accounts are told by their numbers, and a number does not tell its partition.
        https://docs.aws.amazon.com/whitepapers/latest/aws-fault-isolation-boundaries/partitions.html
        """
        every = set(self._partitions.values())
        return self._partitions.get(account, every.pop() if len(every) == 1 else "")

    @cached_property
    def _partitions(self) -> dict[str, str]:
        accounts, ids = self.estate.texts("principal.account.texts").all(), self.estate.principal_ids
        codes = np.asarray(self.estate.arrays["principal.account"])
        some = np.full(len(accounts) + 1, NONE, np.int64)
        some[codes] = np.arange(len(codes))
        known = zip(accounts, some[: len(accounts)].tolist(), strict=True)
        return {one: ids[number].split(":", 2)[1] for one, number in known if number != NONE}

    @cached_property
    def roots(self) -> Mapping[str, Principal]:
        """The root users of the accounts of the estate's users and roles, by account."""
        partitions = self._partitions.items()
        return {account: self.principal(f"arn:{one}:iam::{account}:root")[0] for account, one in partitions if account}

    def _role_of(self, session: Principal) -> int | None:
        """The role of a session: its ARN names the role without its path."""
        direct = self.estate.principal_number(session.role)
        if direct is not None:
            return direct
        name, account = session.role.rsplit("/", 1)[-1], session.account
        return self._roles_with_paths.get((account, name))

    @cached_property
    def _roles_with_paths(self) -> dict[tuple[str, str], int]:
        found = {}
        for number, id in enumerate(self.estate.principal_ids.all()):
            head, _, rest = id.partition(":role/")
            if "/" in rest:
                found[head.rsplit(":", 1)[-1], rest.rsplit("/", 1)[-1]] = number
        return found

    def place(self, action: str, resource: str | None) -> Place:
        """Where the resource of a question stands."""
        known = catalog.action(action)
        everywhere = known is not None and known.wildcard_only
        return find_place(self.estate, action, resource, wildcard_only=everywhere, complete=self._complete)

    def request(
        self, principal: Principal, number: int | None, action: str, place: Place, given: Circumstances
    ) -> Request:
        """The request, with what the estate knows of its context."""
        tags = number is not None and principal.kind in ("user", "role", "session")
        bring = tags and principal.kind != "user" and not given.strict and self.tags_sessions(number or 0)
        who = principal_facts(self.estate, self.guardrails, principal, number, tag_sessions=bring)
        own = parse_arn(principal.id)
        partition = own.partition if own is not None else self.partition(principal.account)
        where = resource_facts(self.guardrails, place, action, partition)
        through = self._endpoints.facts(self._endpoints.through(given.endpoint, given.context, action))
        facts = facts_of(
            action,
            [who, where, through, {k.lower(): v for k, v in given.context.items()}],
            complete(place, action, tags=(tags and not bring) or principal.kind in _UNTAGGED),
            strict=given.strict,
            choices=choices_of(self.estate, number if principal.kind == "user" else None),
        )
        account = place.account or principal.account
        return Request(principal, action, place.target, account, facts)

    def policies(
        self,
        principal: Principal,
        number: int | None,
        action: str,
        place: Place,
        given: Circumstances,
        *,
        identity: bool = True,
    ) -> Policies:
        """Everything that bears on a request; without `identity`, but for the identity policies."""
        account = principal.account
        scps, scp_gaps = self.guardrails.levels("scp", account) if account else (None, ())
        rcps, rcp_gaps = self.rcps(place, account, action)
        own, identity_gaps = self.identity(principal, number, action) if identity else ((), ())
        boundaries, boundary_gaps = self.boundary(number)
        endpoint, endpoint_gaps = self.endpoint_for(given, action)
        mortal = principal.kind in ("user", "role", "session", "federated_user", "root")
        linked = principal.service_linked
        return Policies(
            identity=own,
            boundaries=boundaries,
            session=given.session,
            scps=scps,
            rcps=rcps,
            endpoint=endpoint,
            resource=merged(place.policies),
            behind=place.behind,
            blocks_public=place.blocks_public,
            public=place.public,
            grants=place.grants,
            gaps=Gaps(
                identity=identity_gaps,
                boundary=boundary_gaps,
                scp=scp_gaps if mortal and not linked else (),
                rcp=() if linked else rcp_gaps,
                endpoint=endpoint_gaps,
                resource=place.gaps,
                giving=place.giving,
                consent=(place.consent,) if place.consent else (),
            ),
        )

    def rcps(self, place: Place, account: str, action: str) -> tuple[list[list[Policy]] | None, tuple[str, ...]]:
        """The resource control policies above a place (or an account), for a service that they act on.

        They leave keys that AWS manages alone, and the retiring of grants.
        https://docs.aws.amazon.com/organizations/latest/userguide/orgs_manage_policies_rcps.html
        https://docs.aws.amazon.com/kms/latest/developerguide/resource-control-policies.html
        """
        owner = place.account or account
        if not owner or not catalog.rcp_supported(action.partition(":")[0]):
            return None, ()
        if action.lower() == RETIRING or place.target.text in self.estate.arrays.facts["managed"]:
            return None, ()
        return self.guardrails.levels("rcp", owner)

    def identity(
        self, principal: Principal, number: int | None, action: str | None = None
    ) -> tuple[tuple[Policy, ...], tuple[str, ...]]:
        """The identity policies of a principal (as far as they concern an action), and what of them was not read."""
        if number is None:
            unread = principal.kind in ("user", "role", "session", "federated_user")
            return (), ((f"policies of {principal.role or principal.id}: it is not in the estate",) if unread else ())
        arrays = self.estate.arrays
        found, gaps = [], []
        among = None if action is None else self.concerned(action)
        for row in range(int(arrays["att.starts"][number]), int(arrays["att.starts"][number + 1])):
            document = int(arrays["att.doc"][row])
            name = self.estate.word("att.policy", row) or ""
            if document < 0 or arrays["doc_bad"][document]:
                gaps.append(_unread_policy(name, self.estate.principal_ids[number]))
                continue
            policy = self.estate.policy(document, name, self.estate.word("att.source", row) or "", among)
            if policy.statements or among is None:
                found.append(policy)
        return tuple(found), tuple(gaps)

    def boundary(self, number: int | None) -> tuple[tuple[Policy, ...] | None, tuple[str, ...]]:
        """The permissions boundary of a principal, and what of it was not read."""
        document = NONE if number is None else int(self.estate.arrays["principal.boundary"][number])
        if document == NONE:
            return None, ()
        if document < 0 or self.estate.arrays["doc_bad"][document]:
            return None, (_unread_boundary(self.estate.principal_ids[number or 0]),)
        name = self.estate.word("principal.bound", number or 0) or "permissions boundary"
        return (self.estate.policy(document, name, ""),), ()

    def endpoint_for(self, given: Circumstances, action: str) -> tuple[tuple[Policy, ...] | None, tuple[str, ...]]:
        """The policy of the VPC endpoint that a request comes through, when the question says so; what was not read."""
        return self._endpoints.policy(self._endpoints.through(given.endpoint, given.context, action))

    @cached_property
    def _endpoints(self) -> Endpoints:
        return Endpoints(self.estate, complete=self._complete)

    def number_of(self, named: str) -> int | None:
        """The user or role that an entry of Principal names: by its ARN, its unique id, or a session of it."""
        number = self.estate.principal_number(named)
        if number is not None or not named.startswith("arn:"):
            return number if number is not None else self._unique.get(named)
        parsed = parse_principal(named)
        return self._role_of(parsed) if parsed is not None and parsed.kind == "session" else None

    @cached_property
    def _unique(self) -> dict[str, int]:
        codes = self.estate.arrays["principal.unique"]
        texts = self.estate.texts("principal.unique.texts").all()
        return {texts[code]: number for number, code in enumerate(codes.tolist()) if code >= 0}

    @cached_property
    def held(self) -> Array:
        """Mask of the documents that are in force on some principal."""
        starts = self.estate.arrays["att_doc.starts"]
        mask: Array = np.diff(starts) > 0
        return mask

    @cached_property
    def linked(self) -> Array:
        """Mask of the service-linked roles."""
        ids = self.estate.principal_ids.all()
        return np.fromiter((":role/aws-service-role/" in id for id in ids), bool, len(ids))

    @cached_property
    def bringing(self) -> Array:
        """Mask of the roles whose sessions can bring tags of their own."""
        trust = self.estate.arrays["principal.trust"]
        words = self.estate.texts("principal.native.texts").all()
        role = self.estate.arrays["principal.native"] == (words.index("role") if "role" in words else NONE)
        mask: Array = role & ((trust < 0) | self._tagging[np.maximum(trust, 0)])
        return mask

    def tags_sessions(self, number: int) -> bool:
        """Whether the trust policy of a role lets somebody bring session tags; unread ones may."""
        return bool(self.bringing[number])

    @cached_property
    def _tagging(self) -> Array:
        statements = self.concerned(_TAG_SESSION)
        statements = statements[~self.estate.arrays["st_deny"][statements]]
        mask = np.zeros(len(self.estate.arrays["doc_bad"]) + 1, bool)
        mask[self.estate.arrays["st_doc"][statements]] = True
        return mask

    def identity_gaps(self, number: int) -> tuple[str, ...]:
        """What of the identity policies of a user or role was not read."""
        if not self.estate.arrays["principal.unread"][number]:
            return ()
        return self.identity(self.estate.principal(number), number)[1]

    def unread(self, number: int) -> dict[str, str]:
        """The clauses about policies and the boundary of a user or role that were not read, as for all who have them.

        Empty for what nobody else can have: a policy within the principal itself.
        """
        arrays, id, found = self.estate.arrays, self.estate.principal_ids[number], dict[str, str]()
        if arrays["principal.unread"][number]:
            for row in range(int(arrays["att.starts"][number]), int(arrays["att.starts"][number + 1])):
                document, name = int(arrays["att.doc"][row]), self.estate.word("att.policy", row) or ""
                if document < 0 or arrays["doc_bad"][document]:
                    group = self.estate.word("att.via", row)
                    one = name if name.startswith("arn:") else f"{name} of {group}" if group else ""
                    found[_unread_policy(name, id)] = f"policy {one}: not read or not supported" if one else ""
        if self.boundary(number)[1]:
            bound = self.estate.word("principal.bound", number) or ""
            found[_unread_boundary(id)] = f"permissions boundary {bound}: not read" if bound else ""
        return found

    def _chain(self, subject: str, decision: Decision) -> tuple[Link, ...]:
        """Through which groups the deciding policies come."""
        number = self.estate.principal_number(subject)
        if number is None:
            return ()
        arrays = self.estate.arrays
        named = {reason.policy for reason in decision.reasons if reason.layer == "identity"}
        found = []
        for row in range(int(arrays["att.starts"][number]), int(arrays["att.starts"][number + 1])):
            via = self.estate.word("att.via", row)
            if via is not None and self.estate.word("att.policy", row) in named:
                found.append(Link("iam_group", via, via.rsplit("/", 1)[-1]))
        return tuple(dict.fromkeys(found))


def _unread_policy(name: str, id: str) -> str:
    return f"policy {name} of {id}: not read or not supported"


def _unread_boundary(id: str) -> str:
    return f"permissions boundary of {id}: not read"
