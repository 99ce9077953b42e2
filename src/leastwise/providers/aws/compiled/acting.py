"""Who acts as a role without assuming it by name: people through permission sets, things through role aliases, agents.

https://docs.aws.amazon.com/singlesignon/latest/userguide/permissionsetsconcept.html
https://docs.aws.amazon.com/iot/latest/developerguide/authorizing-direct-aws.html
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from leastwise.engine.solve import Outcome
from leastwise.model.decision import Link

from ..evaluate.decide import solver
from ..evaluate.facts import Facts
from ..evaluate.layers import ResourceLayer, identity_layer
from ..evaluate.logic import Question
from ..evaluate.policy import Policy
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
        missing: why the role is not known.
    """

    actor: Actor
    role: int | None
    chain: tuple[Link, ...]
    missing: str = ""


class Acting:
    """The ways of an estate."""

    def __init__(self, access: AwsAccess) -> None:
        self._access = access
        self._facts: dict[str, Any] = dict(access.estate.arrays.facts)

    def named(self, text: str) -> list[Actor]:
        """The actors that a text names: by id, name or mail address."""
        if text in self._actors:
            return [self._actors[text]]
        wanted = text.lower()
        return [self._actors[id] for id, names in self._names.items() if wanted in names]

    def ways(self, actor: Actor) -> list[Way]:
        """Every way from an actor to a role."""
        return self._by_actor.get(actor.id, [])

    def into(self) -> Mapping[int, Sequence[Way]]:
        """Every way to a role, by the role's number."""
        return self._by_role

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
            why = "" if role is not None else f"role of permission set {name} in account {account}: not in the estate"
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
                policy = self._lets(thing, certificate, alias)
                if policy is None:
                    continue
                number = self._access.estate.principal_number(role)
                chain = (
                    Link("attached_certificate", certificate, certificate.rsplit("/", 1)[-1]),
                    Link("iot", policy, policy.rsplit("/", 1)[-1]),
                    Link("role_alias", alias, alias.rsplit("/", 1)[-1]),
                    Link("role", role, role.rsplit("/", 1)[-1]),
                )
                yield Way(
                    self._actors[thing], number, chain, "" if number is not None else f"{role}: not in the estate"
                )

    def _lets(self, thing: str, certificate: str, alias: str) -> str | None:
        """The name of a policy of a certificate that lets it use a role alias, if one does and none denies."""
        account = alias.split(":")[4]
        facts = Facts()
        request = Request(Principal("user", certificate, account), _BY_CERTIFICATE, Target(alias), account, facts)
        policies = [
            self._access.estate.policy(document, name, source)
            for held in (thing, certificate)
            for document, name, source in self._facts["devices"].get(held, [])
            if document >= 0 and not self._access.estate.arrays["doc_bad"][document]
        ]
        layer = identity_layer("identity", policies, request)
        question = Question(request, {"identity": layer}, ResourceLayer({}, False), layer.allow, layer.deny)
        if solver(question).verdict(question.formula).outcome is Outcome.NEVER:
            return None
        allowing: Policy = layer.allows[0].policy
        return allowing.name

    def _running(self) -> Iterator[Way]:
        """An agent or another workload runs as a role."""
        for subject, role, kind in self._facts["runs"]:
            if kind == "executes_as" and subject in self._actors:
                number = self._access.estate.principal_number(role)
                chain = (Link("role", role, role.rsplit("/", 1)[-1]),)
                why = "" if number is not None else f"{role}: not in the estate"
                yield Way(self._actors[subject], number, chain, why)
