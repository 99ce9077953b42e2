"""Who acts as a role without assuming it by name: people through permission sets, things through role aliases, agents.

https://docs.aws.amazon.com/singlesignon/latest/userguide/permissionsetsconcept.html
https://docs.aws.amazon.com/iot/latest/developerguide/authorizing-direct-aws.html
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from leastwise.model.decision import Decision, Link, Residual, State

from ..evaluate.arn import request_pattern, spans
from ..evaluate.decide import Decided, decide
from ..evaluate.explain import explain
from ..evaluate.facts import Facts
from ..evaluate.layers import ResourceLayer, identity_layer
from ..evaluate.logic import Question
from ..evaluate.principals import Principal
from ..evaluate.statements import Request, Target
from .access import AwsAccess

_RESERVED = ":role/aws-reserved/sso.amazonaws.com/"
_BY_CERTIFICATE = "iot:AssumeRoleWithCertificate"


@dataclass(frozen=True, slots=True)
class Actor:
    """A principal that acts through roles: its id, name, kind, native noun and account."""

    id: str
    name: str
    kind: str
    native: str
    account: str


@dataclass(frozen=True, slots=True)
class Way:
    """One way from an actor to a role.

    Args:
        actor: who acts.
        role: number of the role, or None when it is not in the estate.
        chain: what leads there, the role itself last.
        missing: why the role is not known, or whether the way is open.
        residual: under which condition the way is open; empty for always.
    """

    actor: Actor
    role: int | None
    chain: tuple[Link, ...]
    missing: str = ""
    residual: Residual | None = ()


class Acting:
    """The ways of an estate."""

    def __init__(self, access: AwsAccess) -> None:
        self._access = access
        self._facts: dict[str, Any] = dict(access.estate.arrays.facts)

    def named(self, text: str) -> list[Actor]:
        """The actors that a text names: by id, name or mail address."""
        if text in self._actors:
            return [self._actors[text]]
        return [self._actors[id] for id in self._called.get(text.lower(), ())]

    @cached_property
    def _called(self) -> Mapping[str, Sequence[str]]:
        """The actors of each name."""
        found: dict[str, list[str]] = defaultdict(list)
        for id, names in self._names.items():
            for name in dict.fromkeys(names):
                found[name].append(id)
        return found

    def all(self) -> Iterable[Actor]:
        """Every actor."""
        return self._actors.values()

    def ways(self, actor: Actor) -> list[Way]:
        """Every way from an actor to a role."""
        return self._by_actor.get(actor.id, [])

    def into(self) -> Mapping[int, Sequence[Way]]:
        """Every way to a role, by the role's number."""
        return self._by_role

    def lost(self) -> tuple[str, ...]:
        """The roles that somebody acts as, and that are not in the estate: nobody knows what these can do."""
        ways = (way for ways in self._by_actor.values() for way in ways if way.role is None)
        return tuple(sorted({way.missing for way in ways if way.missing} | set(self._unreached)))

    @cached_property
    def _unreached(self) -> list[str]:
        """Permission sets that are assigned to people or groups that are not known, without a role in the estate."""
        names = self._facts["names"]
        found = ((names.get(b, b.rsplit("/", 1)[-1]), account) for b, _, account in self._facts["assignments"])
        return [_no_role(name, account) for name, account in found if (account, name) not in self._reserved]

    def unread(self, actor: Actor) -> tuple[str, ...]:
        """What of an actor's access was not read."""
        return tuple(f"{what} of {actor.name}: not read" for what in self._facts["unread"].get(actor.id, []))

    @cached_property
    def _actors(self) -> dict[str, Actor]:
        return {
            id: Actor(id, name, kind, native, account)
            for id, (name, kind, native, account, _) in self._facts["actors"].items()
            if native != "identity_center_group"
        }

    @cached_property
    def _names(self) -> dict[str, set[str]]:
        facts = self._facts["actors"]
        return {id: {facts[id][0].lower(), facts[id][4].lower()} for id in self._actors}

    @cached_property
    def _by_actor(self) -> dict[str, list[Way]]:
        found: dict[str, list[Way]] = {}
        for way in (*self._people(), *self._things(), *self._running()):
            found.setdefault(way.actor.id, []).append(way)
        return found

    @cached_property
    def _by_role(self) -> dict[int, list[Way]]:
        found: dict[int, list[Way]] = {}
        for ways in self._by_actor.values():
            for way in ways:
                if way.role is not None:
                    found.setdefault(way.role, []).append(way)
        return found

    def _people(self) -> Iterator[Way]:
        """A person has an assigned permission set, itself or by a group, as the reserved role in that account."""
        names, actors = self._facts["names"], self._facts["actors"]
        members: dict[str, list[str]] = {}
        for member, group in self._facts["groups"]:
            members.setdefault(group, []).append(member)
        for bundle, principal, account in self._facts["assignments"]:
            name = names.get(bundle, bundle.rsplit("/", 1)[-1])
            role = self._reserved.get((account, name))
            last = Link("role", self._access.estate.principal_ids[role] if role is not None else "", name)
            links = (Link("permission_set", bundle, name), *((last,) if role is not None else ()))
            why = "" if role is not None else _no_role(name, account)
            if principal in self._actors:
                yield Way(self._actors[principal], role, links, why)
            group = Link("identity_center_group", principal, actors.get(principal, [principal])[0])
            for member in members.get(principal, []):
                if member in self._actors:
                    yield Way(self._actors[member], role, (group, *links), why)

    @cached_property
    def _reserved(self) -> dict[tuple[str, str], int]:
        """Reserved roles by account and permission set: AWSReservedSSO_NAME_SUFFIX."""
        found = {}
        for number, id in enumerate(self._access.estate.principal_ids.all()):
            if _RESERVED in id:
                name = id.rsplit("/", 1)[-1].removeprefix("AWSReservedSSO_").rpartition("_")[0]
                found[id.split(":")[4], name] = number
        return found

    def _things(self) -> Iterator[Way]:
        """A thing has a certificate, whose policies let it use a role alias, which stands for a role."""
        aliases = [(s, o) for s, o, kind in self._facts["runs"] if kind == "role_alias"]
        for thing, certificate, kind in self._facts["runs"]:
            if kind != "attached_certificate" or thing not in self._actors:
                continue
            for alias, role in aliases:
                asked = self._device((thing, certificate), alias.split(":")[4], _BY_CERTIFICATE, alias)
                decision = explain(asked)
                if decision.state is State.DENIED:
                    continue
                policy = next((one.policy for one in decision.reasons if one.effect == "allows"), certificate)
                number = self._access.estate.principal_number(role)
                chain = (
                    Link("attached_certificate", certificate, certificate.rsplit("/", 1)[-1]),
                    Link("iot", policy, policy.rsplit("/", 1)[-1]),
                    Link("role_alias", alias, alias.rsplit("/", 1)[-1]),
                    Link("role", role, role.rsplit("/", 1)[-1]),
                )
                why = "; ".join(decision.missing) if number is not None else f"{role}: not in the estate"
                yield Way(self._actors[thing], number, chain, why, decision.residual)

    def device(self, actor: Actor, action: str, resource: str | None) -> Decision | None:
        """What the policies of a thing and its certificates say of an action of IoT; None for anybody or anything else.

        https://docs.aws.amazon.com/iot/latest/developerguide/iot-policies.html
        """
        if actor.native != "thing" or not action.startswith("iot:"):
            return None
        held = [o for s, o, kind in self._facts["runs"] if s == actor.id and kind == "attached_certificate"]
        return explain(self._device((actor.id, *held), actor.account, action, resource))

    def things(self) -> Iterator[Actor]:
        """Every thing that has a policy or a certificate."""
        named = {s for s, _, kind in self._facts["runs"] if kind == "attached_certificate"} | set(
            self._facts["devices"]
        )
        return (self._actors[id] for id in sorted(named) if id in self._actors)

    def _device(self, held: Sequence[str], account: str, action: str, resource: str | None) -> Decided:
        """The policies that certificates and things hold against an action; an unread one may say anything."""
        many = resource is None or spans(resource)
        target = Target(resource or "*", request_pattern(resource or "*") if many else None)
        request = Request(Principal("user", held[-1], account), action, target, account, Facts())
        bad, policies, gaps = self._access.estate.arrays["doc_bad"], [], []
        for document, name, source in (row for one in held for row in self._facts["devices"].get(one, [])):
            if document < 0 or bad[document]:
                gaps.append(f"IoT policy {name}: not read or not supported")
            else:
                policies.append(self._access.estate.policy(document, name, source))
        layer = identity_layer("identity", policies, request, tuple(dict.fromkeys(gaps)))
        return decide(Question(request, {"identity": layer}, ResourceLayer({}, False), layer.allow, layer.deny))

    def _running(self) -> Iterator[Way]:
        """An agent or another workload runs as a role."""
        for subject, role, kind in self._facts["runs"]:
            if kind == "executes_as" and subject in self._actors:
                number = self._access.estate.principal_number(role)
                chain = (Link("role", role, role.rsplit("/", 1)[-1]),)
                why = "" if number is not None else f"{role}: not in the estate"
                yield Way(self._actors[subject], number, chain, why)


def _no_role(name: str, account: str) -> str:
    return f"role of permission set {name} in account {account}: not in the estate"
