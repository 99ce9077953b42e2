"""Shadows of AWS: users who stand for what no identity is yet, added to an estate before its graph is made.

See decision 0037. A shadow is a user of its account, under a path of ours, to whom everything is granted; what stands
against it is what would stand against the principal that it is the shadow of: guardrails of the account, the
permissions boundary, explicit denies in policies of the principal.

https://docs.aws.amazon.com/IAM/latest/UserGuide/access_policies_boundaries.html
"""

from __future__ import annotations

import hashlib
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence

from leastwise.model.decision import State
from leastwise.model.shadows import Shadows, Ties
from leastwise.providers.base import ScopeTables

from .assigned import Assigned, assigned, without
from .identified import Identified
from .joiners import joiners
from .organized import REQUIRES, WHO, Organized, organized
from .presupposed import OTHERWISE, presupposed
from .shadowing import PATH, SPLIT, UNREAD, Limits, Shadowing
from .signed_in import signed_in
from .tagging import changes
from .unsaid import carried, unsaid

READS: Mapping[str, Sequence[str]] = {
    "principals": ("id", "account", "native", "boundary", "tags", "console", "keys_known", "enabled"),
    "credentials": ("principal", "kind"),
    "attachments": ("layer", "kind", "target", "policy", "document"),
    "memberships": ("member", "group", "kind"),
    "documents": ("denies", "admin"),
    "statements": ("document", "effect", "actions", "not_actions", "resources", "not_resources", "condition"),
    "resources": ("id", "kind", "account", "name", "policy", "details", "tags"),
    "runs_as": ("subject", "object", "kind", "account"),
    "coverage": ("service", "call", "status"),
    "trusts": ("subject_kind", "subject", "dead"),
    "policies": ("id", "kind", "version", "default", "document"),
    "assignments": ("bundle", "principal", "principal_kind", "account"),
    "scopes": ("id", "kind", "tenant", "management"),
}
"""What is read of the tables besides what the estate is compiled from."""
CARRIED, FOLLOWED = "carried", "followed"
"""What rules call it that an instance profile carries a role; that what a version of a policy gives is told."""


def shaded(scopes: Sequence[ScopeTables]) -> tuple[list[ScopeTables], Shadows]:
    """The scopes of an estate with shadows in them, and whose they are."""
    named, center, above = Identified(scopes, f"user/{PATH}/"), assigned(scopes), organized(scopes)
    found: list[ScopeTables] = []
    made: list[_Scope] = []
    for one in scopes:
        if one.kind != "account" or "principals" not in one.tables:
            found.append(without(one, center))
            continue
        scope = _Scope(one, named, center, above.get(one.id, Organized()))
        found.append(scope.shaded())
        made.append(scope)
    people = signed_in(scopes)
    managing = [(scope.above, kind, shadow) for scope in made for kind, shadow in scope.managing.items()]
    followed = {power: state for one in made for power, state in one.followed.items()}
    written, untried = changes(scopes)
    return found, Shadows(
        {one.id: one.administrator for one in made},
        {id: shadow for one in made for id, shadow in one.anything.items()},
        {id: shadow for one in made for id, shadow in one.member.items()},
        rewritten={id: shadow for one in made for id, shadow in one.rewritten.items()},
        unbounded={id: shadow for one in made for id, shadow in one.unbounded.items()},
        full={id: policy for one in made for id, policy in one.full.items()},
        limits={id: told for one in made for id, told in one.limits.items()},
        members={pair: shadow for one in made for pair, shadow in one.members.items()},
        above={id: one.administrator for one in made for id in one.limits if f":user/{PATH}/" in id}
        | {id: one.administrator for one in made for id in one.own}
        | {id: one.administrator for one in made for id in one.member.values()}
        | {id: one.administrator for one in made for _, _, id in one.versions.values()},
        versions={power: told for one in made for power, told in one.versions.items()},
        others={**people.others, **{shadow: WHO[kind] for _, kind, shadow in managing}},
        leads=people.leads,
        offered={
            (shadow, one.administrator): REQUIRES[kind]
            for within, kind, shadow in managing
            for one in made
            if one.id in within.members
        },
        joining={id: several for one in made for id, several in one.joining.items()},
        ties=Ties(
            pairs={
                **center.pairs,
                **{one: [(within.id, shadow) for within, kind, shadow in managing if kind == one] for one in WHO},
            },
            so={CARRIED: carried(scopes), FOLLOWED: followed, **presupposed(scopes)},
            otherwise=OTHERWISE,
            unsaid=unsaid(scopes),
            kinds={id: "iam:policy" for one in made for id in one.policies} if written else {},
        ),
        changes=written,
        missing=(*people.missing, *untried, *(text for one in made for text in one.missing)),
    )


class _Scope(Shadowing):
    """One account being given its shadows."""

    def __init__(self, one: ScopeTables, named: Identified, center: Assigned, above: Organized) -> None:
        super().__init__(one, named)
        self._groups: dict[str, list[str]] = defaultdict(list)
        for member, group in self._pairs("memberships", "member", "group"):
            self._groups[group].append(member)
        self.full: dict[str, str] = {}
        self._full_of: dict[str, list[str]] = defaultdict(list)
        self._made: Counter[str] = Counter()
        self.followed: dict[str, State] = {}
        self._denying: set[int] = set()
        self._granting: set[int] = set()
        self.missing: list[str] = []
        self.anything: dict[str, str] = {}
        self.rewritten: dict[str, str] = {}
        self.unbounded: dict[str, str] = {}
        of = self._limited()
        self.member, self.members, self.joining = self._joined(of)
        self.versions = self._versions(of)
        self._vouched()
        self.policies = {id for id, kind in self._pairs("policies", "id", "kind") if kind == "managed_customer"}
        self.above = above
        self.managing = {kind: self._user(kind.replace(":", "/"), Limits()) for kind in above.kinds(self.id)}
        if self.id == center.account:
            for id, kind in center.kinds.items():
                self._rows["resources"].add(id=id, account=self.id, kind=kind, policy_known=True, source="assignments")

    # --- who stands against what

    def _limited(self) -> dict[str, Limits]:
        """The limits of each user and role; their shadows, and who holds everything."""
        told = list(self._pairs("documents", "denies", "admin"))
        # What was not read may deny.
        denies = {UNREAD, *(row for row, (one, _) in enumerate(told) if one)}
        full = {row for row, (_, one) in enumerate(told) if one}
        self._denying, self._granting = denies, full
        against: dict[str, dict[int, bool]] = defaultdict(dict)
        bounds: dict[str, tuple[int, str]] = {}
        unread = {id: (UNREAD, bound) for id, bound in self._pairs("principals", "id", "boundary") if bound}
        for layer, kind, target, policy, document in self._pairs(
            "attachments", "layer", "kind", "target", "policy", "document"
        ):
            document = UNREAD if document is None else document
            if layer == "boundary":
                bounds[target] = (document, policy)
            if layer != "identity":
                continue
            held = (target, *self._groups.get(target, ()))
            if document in full:
                self._full_of[target].append(policy)
                self.full |= {one: policy for one in held if self._natives.get(one) in _IDENTITIES}
            if document in denies:
                for one in held:
                    own = kind == "inline" and one == target
                    against[one][document] = against[one].get(document, True) and own
        root = next((id for id, native in self._natives.items() if native == "root"), "")
        if root:
            self.anything[root] = self.administrator
            self.full[root] = ""
        found = {}
        for id, native in self._natives.items():
            if native not in _IDENTITIES:
                continue
            bound = bounds.get(id, unread.get(id))
            if bound is not None and bound[0] in full and bound[0] not in denies:
                bound = None
            limits = found[id] = Limits(bound, tuple(sorted(against.get(id, ()))))
            left = tuple(document for document in limits.denies if not against[id][document])
            self.anything[id] = self._shadow_of(id, limits)
            self.rewritten[id] = self._shadow_of(id, Limits(bound, left))
            if bound is not None:
                self.unbounded[id] = self._shadow_of(id, Limits(None, limits.denies))
        return found

    def _versions(self, of: Mapping[str, Limits]) -> dict[str, tuple[str, str, str]]:
        """Who each user and role is once another version of a policy that it holds is in force.

        https://docs.aws.amazon.com/IAM/latest/APIReference/API_SetDefaultPolicyVersion.html
        """
        told = [row for row in self._pairs("policies", "id", "version", "default", "document", "kind")
                if row[-1] == "managed_customer"]  # fmt: skip
        now = {id: document for id, _, default, document, _ in told if default}
        others: dict[str, list[tuple[str, int]]] = defaultdict(list)
        for id, version, default, document, _ in told:
            if not default and (document is None or document != now.get(id)):
                others[id].append((version, UNREAD if document is None else document))
        if not others:
            return {}
        held: dict[str, set[tuple[str, int]]] = defaultdict(set)
        for layer, target, policy, document in self._pairs("attachments", "layer", "target", "policy", "document"):
            if layer == "identity":
                for one in (target, *self._groups.get(target, ())):
                    held[one].add((policy, UNREAD if document is None else document))
        found = {}
        for id, limits in of.items():
            mine = sorted(held[id])
            for policy in dict.fromkeys(name for name, _ in mine if name in others):
                rest = {document for name, document in mine if name != policy}
                for version, document in others[policy]:
                    power = f"{id}#{policy.rpartition('/')[2]}@{version}"
                    shadow = self._holding(id, limits, tuple(sorted({*rest, document})))
                    self.followed[power] = State.ALLOWED if shadow else State.UNKNOWN
                    found[power] = policy, id, shadow or self._shadow_of(id, Limits(limits.boundary))
        return found

    def _holding(self, id: str, limits: Limits, documents: tuple[int, ...]) -> str:
        """A user with some documents, within the boundary of another; those who hold the same are one. Empty where
        there are too many already.
        """
        own = id if id in self._apart else ""
        label = hashlib.sha256(repr((documents, limits.boundary, own)).encode()).hexdigest()[:12]
        told = f"version/{label}{SPLIT}{id.rpartition(':')[2]}" if own else f"version/{label}"
        shadow = f"arn:{self._partition}:iam::{self.id}:user/{PATH}/{told}"
        if shadow in self.anything:
            return shadow
        self._made[own] += 1
        if self._made[own] > (_MOST_OWN if own else _MOST):
            return ""
        against = Limits(limits.boundary, tuple(one for one in documents if one in self._denying))
        self._user(told, Limits(limits.boundary))
        for document in documents:
            self._attached(shadow, "identity", f"held-{document}", document)
        if against.label:
            self.limits[shadow] = against.label
        if not self._granting.isdisjoint(documents):
            self.full[shadow] = "another version of a policy"
        self.anything[shadow] = self.rewritten[shadow] = self._shadow_of(id, against)
        return shadow

    def _vouched(self) -> None:
        """Identity providers that roles trust are things to be asked about, also where nobody listed them."""
        known = {id for (id,) in self._pairs("resources", "id")}
        for kind, subject, dead in sorted(set(self._pairs("trusts", "subject_kind", "subject", "dead"))):
            own = subject.startswith(f"arn:{self._partition}:iam::{self.id}:{kind}-provider/")
            if own and kind in ("saml", "oidc") and not dead and subject not in known:
                known.add(subject)
                self._rows["resources"].add(
                    id=subject, account=self.id, kind=f"iam:{kind}-provider", name=subject.partition("/")[2],
                    policy_known=True, source="trust",
                )  # fmt: skip

    def _joined(
        self, of: Mapping[str, Limits]
    ) -> tuple[dict[str, str], dict[tuple[str, str], str], dict[str, dict[str, list[str]]]]:
        """The shadows of each group: users in it and in nothing else, within each limits that a user has."""
        users: dict[Limits, list[str]] = defaultdict(list)
        for id, limits in of.items():
            if self._natives[id] == "user":
                users[limits].append(id)
                if limits.label:
                    self.limits[id] = limits.label
        alone: dict[str, str] = {}
        within: dict[tuple[str, str], str] = {}
        joining: dict[str, dict[str, list[str]]] = {}
        groups = [id for id, native in self._natives.items() if native == "group"]
        told = [one for one in users if one.label] if len(users) * len(groups) <= _MOST else []
        for group in groups:
            label = f"member/{group.rsplit('/', 1)[-1]}"
            alone[group] = self._member(label, group, Limits())
            joining[group] = {alone[group]: list(users.get(Limits(), ()))}
            for limits in told:
                id = within[group, limits.label] = self._member(f"{label}/{limits.label}", group, limits)
                joining[group][id] = list(users[limits])
        self._with_own(of, within, joining)
        return alone, within, joining

    def _with_own(
        self, of: Mapping[str, Limits], within: dict[tuple[str, str], str], joining: dict[str, dict[str, list[str]]]
    ) -> None:
        """Members who keep their own rights, where it is they who may add to the group."""
        found = {id: one for id, one in joiners(self._one, self._groups).items() if id in of and id not in self.full}
        pairs = {id: [group for group in joining if one.joins(group)] for id, one in found.items()}
        if sum(map(len, pairs.values())) > _MOST:
            self.missing.append(f"{self.id}: what users who may join groups can do by their own rights and a group's")
            return
        for id, groups in pairs.items():
            limits, documents = of[id], found[id].documents
            own = hashlib.sha256(repr((tuple(limits), documents)).encode()).hexdigest()[:12]
            self.limits[id] = own
            for group, shadows in joining.items():
                before = next((one for one, several in shadows.items() if id in several), None)
                if before is None:
                    continue
                shadow = before
                if group in groups and id not in self._groups[group]:
                    shadow = within.get((group, own)) or self._member(
                        f"member/{group.rsplit('/', 1)[-1]}/with-{own}", group, limits, documents
                    )
                    shadows[before].remove(id)
                    shadows.setdefault(shadow, []).append(id)
                within[group, own] = shadow

    def _member(self, label: str, group: str, limits: Limits, documents: Sequence[int] = ()) -> str:
        id = self._user(label, limits)
        for document in documents:
            self._attached(id, "identity", f"held-{document}", document)
        self.anything[id] = self.rewritten[id] = self._shadow(limits)
        if group in self._full_of:
            self.full[id] = self._full_of[group][0]
        self._rows["memberships"].add(member=id, group=group, kind="iam_group", source="shadow")
        return id


_IDENTITIES = ("user", "role")
_MOST = 5000
"""So many shadows of members with limits are made in an account; with more, what joining a group gives whoever has
limits stays unknown.
"""
_MOST_OWN = 3
"""So many shadows with another version of a policy are made of one who has shadows of his own, each of which is asked
by itself. Of further ones, and of more than the other number, any policy is supposed, and the step is UNKNOWN.
"""
