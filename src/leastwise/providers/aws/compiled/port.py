"""The port `Access` for AWS: reads questions, refuses those that make no sense, and gives neutral answers."""

from __future__ import annotations

import difflib
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from functools import cached_property
from typing import Any

from leastwise.engine.arrays import Arrays
from leastwise.engine.containment import Containment
from leastwise.engine.holdings import Everybody, GivenBy, Holdings
from leastwise.engine.quiet import without_collector
from leastwise.engine.relation import Relation
from leastwise.engine.residuals import both
from leastwise.errors import AmbiguousError, NotFoundError
from leastwise.model.comparison import Change, Likenesses
from leastwise.model.decision import (
    Circumstances,
    Confined,
    Cube,
    Decision,
    Reach,
    Reached,
    Reason,
    Residual,
    State,
    WhoCan,
)  # fmt: skip
from leastwise.model.exposure import Exposed, Inside

from ..containment import documents_contain
from ..evaluate.arn import parse_arn
from ..evaluate.principals import parse_principal
from .access import AwsAccess
from .access import Circumstances as Given
from .acting import Acting, Actor
from .actions import actions
from .agreement import check, check_who
from .anywhere import anywhere
from .asked import objection
from .assuming import Assuming
from .changes import Changes
from .confined import confined
from .effective import Effective, Standing
from .exposure import Exposing
from .folding import folded
from .held import Holders, given_by, missing_of, parts_of
from .holders import Behind, open_state
from .holding import Holding
from .likeness import Likeness
from .listing import Found, rank
from .moments import marks
from .named import check_keys
from .questions import action_of, asked_of, given_of, policies_of, refuse_empty, resource_of
from .reaching import Reaching
from .relate import Relating
from .side import Side
from .standings import no_role, standings_of
from .unread import unread_in_both, unread_resources

_PROVIDERS = ("accounts.google.com", "cognito-identity.amazonaws.com", "graph.facebook.com", "www.amazon.com")
"""Identity providers that every account knows by name.

https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_principal.html
"""


class AwsPort:
    """Questions as they are asked, on one compiled estate."""

    def __init__(self, arrays: Arrays, alone: Collection[str] = ()) -> None:
        self.access = AwsAccess(arrays, alone)
        self._acting = Acting(self.access)
        self._relations = Relating(self.access)
        self._behind = Behind(self.access, self._acting, self._relations)

    def can(self, subject: str, permission: str, resource: str | None, given: Circumstances) -> Decision:
        """Whether a subject may do an action on a resource. Raises UsageError, NotFoundError."""
        action, named, read = *asked_of(permission, resource), self._given(given)
        actor = self._actor(subject)
        if actor is None:
            id = self._subject(subject)
            check(self.access, id, action, named, read)
            return self._behind.best(id, action, named, read)
        return self._by_ways(actor, action, named, read)

    def who_can(
        self, permission: str, resource: str | None, given: Circumstances, *, transitive: bool = False
    ) -> WhoCan:
        """Everybody who may do an action on a resource. Raises UsageError."""
        read = self._given(given)
        check_who(read)
        (action, named), found = asked_of(permission, resource), Found(self.access.estate)
        missing = self._behind.direct(action, named, read, found)
        if transitive:
            missing = (*missing, *Assuming(self.access, self._relations, read).find(found))
        self._behind.devices(action, named, found)
        self._behind.actors(found)
        missing = tuple(dict.fromkeys((*missing, *self._acting.lost())))
        return WhoCan(found.listed(), missing)

    def objection(self, permission: str, resource: str | None) -> str:
        """Why a permission cannot be asked of a resource; empty if it can. Raises UsageError where one is malformed."""
        return objection(action_of(permission), resource_of(resource))

    def what_can(self, subject: str, resource: str | None, given: Circumstances) -> tuple[Cube, ...]:
        """Everything that a subject may do (on a resource). Raises UsageError, NotFoundError."""
        named = resource_of(resource)
        if named is None:
            return self.effective(subject, given).cubes()
        standings, missing, read = self._standing(subject, named, given)
        cubes = Effective(self.access, standings, named, read, missing=missing).cubes()
        told = ((cube, tuple([one for one in cube.permissions if not objection(one, named)])) for cube in cubes)
        return tuple(replace(cube, permissions=kept) for cube, kept in told if kept)

    def effective(self, subject: str, given: Circumstances) -> Holding:
        """Everything that a subject may do, as a value. Raises UsageError, NotFoundError."""
        standings, missing, read = self._standing(subject, None, given)
        return Holding(self.access, self.side.telling, standings, read, missing=missing)

    def held(self, subject: str, given: Circumstances) -> Holdings:
        """What a subject holds, exactly. Raises UsageError, NotFoundError."""
        actor = self._actor(subject)
        cubes = self.effective(subject, given).cubes()
        if actor is not None:
            missing = (*self._acting.unread(actor), *missing_of(cubes))
            return Holdings(actor.id, actor.kind, actor.native, actor.account, parts_of(cubes), missing)
        id = self._subject(subject)
        principal, number = self.access.principal(id)
        kind = principal.kind if number is None else self.access.estate.word("principal.kind", number) or ""
        return Holdings(id, kind, principal.kind, principal.account, parts_of(cubes), missing_of(cubes))

    def everybody(self) -> Everybody:
        """What every user and role holds by its own policies."""
        found = Holders(self.side)
        return Everybody(found.bundles, found.groups())

    def permissions(self) -> Sequence[str]:
        """Every action of the catalogue, in the order of their numbers."""
        return actions().names

    def given(self, subject: str) -> tuple[GivenBy, ...]:
        """What each statement of a subject's own policies gives, whatever limits it. Raises as `effective` does."""
        standings, _, _ = self._standing(subject, None, Circumstances())
        return tuple(one for each in standings for one in given_by(each.own, "identity"))

    def acts_as(self, subject: str) -> tuple[str, ...]:
        """The roles that a person, thing or agent acts as; none for users and roles. Raises NotFoundError."""
        actor = self._actor(subject)
        found = [] if actor is None else self._acting.ways(actor)
        return tuple(sorted({self.access.estate.principal_ids[way.role] for way in found if way.role is not None}))

    def folded(self, permissions: Iterable[str]) -> tuple[str, ...]:
        """Some permissions as patterns that take in exactly these of the catalogue."""
        return folded(permissions)

    def changes(self, before: AwsPort) -> Iterator[Change]:
        """Whose access is another one here than in an earlier estate, sorted by id."""
        return Changes(before.side, self.side).all()

    def unseen(self, before: AwsPort) -> tuple[str, ...]:
        """What neither estate has read, and `changes` takes to be unchanged."""
        return unread_in_both(before.access, self.access)

    def alike(self, threshold: float, *, kinds: Collection[str] = (), account: str = "") -> Likenesses:
        """Groups of users and roles whose access is equal, or nearly so, the largest first."""
        found = Likeness(self.side)
        left_out = found.unread(kinds, account)
        with without_collector():
            groups = tuple(found.groups(threshold, kinds, account))
        missing = [f"{left_out} principals are left out: something of their policies was not read"] if left_out else []
        if found.undecided:
            missing.append(f"of {found.undecided} principals it was not decided whether others have equal access")
        return Likenesses(groups, (*missing, *unread_resources(self.access)))

    @cached_property
    def side(self) -> Side:
        """The estate as one of two that are held against each other."""
        return Side(self.access, self._acting, self._behind.granting)

    def _standing(
        self, subject: str, resource: str | None, given: Circumstances
    ) -> tuple[list[Standing], tuple[str, ...], Given]:
        actor, read = self._actor(subject), self._given(given)
        if actor is not None:
            return *standings_of(self.access, self._acting, actor), read
        id = self._subject(subject)
        check(self.access, id, "", resource, read)
        return [Standing.of(self.access, id)], (), read

    def relation(self, permission: str, given: Circumstances) -> Relation:
        """An action against every known resource that it can act on. Raises UsageError."""
        return self._relations.relation(action_of(permission), self._given(given))

    def somewhere(self, permission: str, given: Circumstances) -> Relation:
        """An action on anything that can be named, as a relation with one resource. Raises UsageError."""
        return anywhere(self.access, action_of(permission), self._given(given))

    def reach(self, subject: str, permission: str, given: Circumstances) -> Reach:
        """On which known resources a subject may do an action. Raises UsageError, NotFoundError."""
        actor, action, read = self._actor(subject), action_of(permission), self._given(given)
        elsewhere = self.can(subject, permission, None, given)
        relation = self._relations.relation(action, read)
        reaching = Reaching(self.access, self._acting, relation, read)
        missing = (*relation.missing, *self._behind.lacking(action))
        if actor is not None:
            found = reaching.of_actor(actor)
            missing = (*missing, *self._acting.unread(actor))
        else:
            found, more = self._reached(reaching, self._subject(subject))
            missing = (*missing, *more)
        return Reach(tuple(sorted(found, key=lambda one: one.resource)), elsewhere, missing)

    def _reached(self, reaching: Reaching, id: str) -> tuple[Iterator[Reached], tuple[str, ...]]:
        """What somebody by that id reaches, and what else was not read of its own side."""
        principal, number = self.access.principal(id)
        if number is not None:
            session = principal.kind == "session"
            return (reaching.of_session(id, number) if session else reaching.of_principal(number)), ()
        if principal.kind == "root":
            return reaching.of_root(principal.id), ()
        # Of somebody of our own accounts whose policies were not read, what they allow there is not known.
        own = principal.account in self.access.accounts
        return reaching.of_outsider(id), self.access.identity(principal, None)[1] if own else ()

    def inside(self) -> Inside:
        """The accounts and organizations that the estate holds, or names as parts of an organization."""
        facts: dict[str, Any] = self.access.estate.arrays.facts  # type: ignore[assignment]
        scopes = [(kind, id) for kind, id, _ in facts["scopes"]]
        places = [(place.get("kind"), id, place.get("tenant")) for id, place in facts["places"].items()]
        accounts = {id for kind, id in scopes if kind == "account"} | {
            id for kind, id, _ in places if kind == "account"
        }
        tenants = {tenant for _, _, tenant in places if tenant}
        organizations = {id for kind, id in scopes if kind == "organization"}
        organizations |= {id for kind, id, _ in places if kind == "organization"} | tenants
        return Inside(frozenset(accounts), frozenset(organizations))

    def exposed(self, inside: Inside, given: Circumstances, *, services: bool = False) -> Exposed:
        """What those outside can reach. Raises UsageError."""
        read = self._given(given)
        check_who(read)
        return Exposing(self.access, inside, read, services=services).answer()

    def owner(self, permission: str, resource: str | None) -> str | None:
        """The account that holds a resource, where it is known. Raises UsageError."""
        return self.access.place(action_of(permission), resource_of(resource)).account or None

    def above(self, resource: str) -> tuple[str, ...]:
        """Nothing: what a statement is about says its patterns."""
        return ()

    def confined(self, residual: Residual | None) -> Confined | None:
        """Of which accounts or organizations somebody must be to meet a condition."""
        return confined(residual)

    def moments(
        self, permission: str | None, given: Circumstances, begin: datetime, end: datetime
    ) -> tuple[datetime, ...]:
        """The moments at which conditions on the time change answers about an action. Raises UsageError."""
        action = None if permission is None else action_of(permission)
        return marks(self.access, action, self._given(given), begin, end)

    def contains(self, inner: Sequence[Mapping[str, Any]], outer: Sequence[Mapping[str, Any]]) -> Containment:
        """Whether everything that documents allow together is allowed by others. Raises UsageError."""
        return documents_contain(policies_of(inner, "inner"), policies_of(outer, "outer"))

    def _actor(self, text: str) -> Actor | None:
        """A person, thing or agent that acts through roles. Raises NotFoundError when several have the name."""
        refuse_empty("principal", text)
        if self.access.estate.principal_number(text) is not None:
            return None
        found = self._acting.named(text)
        if len(found) > 1:
            listed = ", ".join(sorted(actor.id for actor in found)[:5])
            raise AmbiguousError(f"{text}: is the name of {len(found)} principals: {listed}")
        if not found and "@" in text:
            raise NotFoundError(f"{text}: nobody of that name in the estate")
        return found[0] if found else None

    def _by_ways(self, actor: Actor, action: str, resource: str | None, given: Given) -> Decision:
        """The best of what an actor can do by the roles that it acts as."""
        ids, best = self.access.estate.principal_ids, self._acting.device(actor, action, resource)
        for way in self._acting.ways(actor):
            if way.role is None:
                found = Decision(State.UNKNOWN, missing=(way.missing,))
            else:
                found = self._behind.best(ids[way.role], action, resource, given)
                state = max(found.state, open_state(way), key=rank)
                if found.state is not State.DENIED and state is not State.ALLOWED:
                    missing = (*((way.missing,) if way.missing else ()), *found.missing)
                    found = replace(found, state=state, residual=both(way.residual, found.residual), missing=missing)
            found = replace(found, chain=(*way.chain, *found.chain))
            if best is None or rank(found.state) < rank(best.state):
                best = found
        unread = self._acting.unread(actor)
        if unread and (best is None or best.state is not State.ALLOWED):
            residual = best.residual if best is not None and best.state is State.CONDITIONAL else ()
            return Decision(State.UNKNOWN, best.reasons if best else (), residual, missing=unread)
        if best is not None:
            return best
        if actor.native != "identity_center_user":
            return Decision(State.UNKNOWN, missing=(no_role(actor),))
        text = f"{actor.name} has no permission set"
        return Decision(State.DENIED, (Reason("blocks", "identity", text),))

    def _given(self, given: Circumstances) -> Given:
        """The circumstances, read. Raises UsageError, also for keys that nobody knows."""
        read = given_of(given)
        check_keys(given.context, self.access.estate, read.session or ())
        return read

    def _subject(self, text: str) -> str:
        """The id that a text means: an id, the only user or role of that name, or the only identity provider of it."""
        estate = self.access.estate
        if estate.principal_number(text) is not None:
            return text
        arn = parse_arn(text)
        if arn is not None:
            if arn.service == "iam" and arn.resource.startswith(("user/", "role/")):
                self._refuse_unknown(text, arn.account)
            return text
        if text in ("*", "anonymous") or (text.isdigit() and len(text) == 12):
            return text
        return self._by_name(text)

    def _by_name(self, name: str) -> str:
        wanted = name if name.startswith("/") else f"/{name}"
        ids = self.access.estate.principal_ids.all()
        found = [id for id in ids if id.endswith(wanted)] or self._providers(name)
        if len(found) == 1:
            return found[0]
        if found:
            raise AmbiguousError(f"{name}: is the name of {len(found)} principals: {', '.join(sorted(found)[:5])}")
        known = parse_principal(name)
        if known is not None and (known.kind == "service" or name in _PROVIDERS):
            return name
        raise NotFoundError(f"{name}: no user or role of that name{self._near(name, ids)}")

    def _providers(self, name: str) -> list[str]:
        """The identity providers that some policy names so, or by an ARN that ends so."""
        named = [text.removeprefix("Federated=") for text in self.access.estate.texts("subject.texts").all()]
        providers = [one for one in named if one == name or (one.endswith(f"/{name}") and "-provider/" in one)]
        return [name] if name in providers else providers

    def _refuse_unknown(self, arn: str, account: str) -> None:
        """Where an account was read, a user or role that is not there does not exist."""
        estate = self.access.estate
        if account in estate.texts("principal.account.texts").all():
            raise NotFoundError(
                f"{arn}: no such user or role in the estate{self._near(arn, estate.principal_ids.all())}"
            )

    @staticmethod
    def _near(text: str, ids: list[str]) -> str:
        names = {id.rsplit("/", 1)[-1]: id for id in ids}
        near = difflib.get_close_matches(text.rsplit("/", 1)[-1], names, n=3, cutoff=0.6)
        return f"; did you mean {', '.join(names[one] for one in near)}?" if near else ""
