"""The bindings of somebody, the roles that could be bound, and custom roles for some permissions."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import cached_property

from pyroaring import BitMap

from leastwise.engine.placed import Bundle, Making, Placed, Written
from leastwise.model.decision import State
from leastwise.providers.conditions import ConditionError

from .. import catalog
from ..catalog import BASIC
from ..compiled.belonging import state_of
from ..compiled.port import GcpPort
from ..language.cel import parse_condition
from ..language.members import CONVENIENCE, parse_member
from ..language.roles import without_condition
from .scopes import CONTAINERS

MOST, BYTES, ROLES = 3_000, 64 * 1024, 300
"""Permissions of a custom role, bytes of its title, description and permissions, custom roles of a project or
organization. https://cloud.google.com/iam/quotas
"""
HEAD = 4 * (100 + 300)
"""Bytes that are left free for a title and a description of the greatest length."""
_UNFIT = re.compile(r"[^A-Za-z0-9_.]+")


class Grants:
    """What one estate of Google Cloud grants.

    Args:
        port: its answers.
    """

    def __init__(self, port: GcpPort) -> None:
        self._port, self._held, self._numbers = port, port.compiled, port.numbers

    # --- what is granted

    def of(self, principal: str) -> Sequence[Placed]:
        """The bindings that name somebody, or a group or set that surely, or perhaps, takes it in."""
        asked = self._port.about(principal)
        found: list[Placed] = []
        for member, when in self._port.holding.owned.sets(asked):
            state = state_of(when)
            if state in (State.ALLOWED, State.CONDITIONAL):
                found += self._bound(member, surely=state is State.ALLOWED)
        return [self._hanging(one, asked.who.text, found) for one in found]

    @staticmethod
    def _hanging(one: Placed, principal: str, found: Sequence[Placed]) -> Placed:
        """A grant to all owners, editors or viewers of a project: one has it by one's own basic roles.

        https://cloud.google.com/iam/docs/principals-overview
        """
        if parse_member(one.holder).kind not in CONVENIENCE:
            return one
        mine = frozenset(each.id for each in found if each.holder == principal and each.bundle in BASIC)
        return replace(one, firm=False, hangs=mine)

    def _bound(self, member: int, *, surely: bool) -> Iterator[Placed]:
        held, arrays = self._held, self._held.arrays
        holder = held.members[member]
        for number in held.rows("member.bindings").row(member).tolist():
            document = int(arrays["binding.document"][number])
            policy = held.policy(document)
            binding = None if policy is None else policy.bindings[int(arrays["binding.position"][number])]
            role = held.role_names[int(arrays["binding.role"][number])]
            condition = "" if binding is None or binding.condition is None else binding.condition
            title = "" if binding is None else binding.title
            told = {"condition": {"title": title, "expression": condition}} if condition else {}
            hidden = without_condition(role) is not None or binding is None
            kept = "the condition of its binding was not read" if hidden else _unparsed(condition)
            permissions = self._numbers.role(role)
            for place in held.rows("document.places").row(document).tolist():
                if not arrays["place.alias"][place]:
                    name = held.places[place]
                    yield Placed(
                        f"{name} {role} {condition} {title} {holder}", holder, role, self._title(role), name,
                        permissions, f"{title} {condition}".strip(), told,
                        firm=surely and not condition and not hidden, kept=kept or _unread(permissions),
                    )  # fmt: skip

    @staticmethod
    def _title(role: str) -> str:
        found = catalog.role(role)
        return found.title if found is not None and found.title else role

    # --- what could be granted

    def offers(self, grant: Placed, scope: str) -> Sequence[Bundle]:
        """The predefined roles that can be granted on a resource, and the role of the grant itself.

        On what is no project, folder or organization only roles about its own service are: of others it is not known.
        """
        service = "" if scope.startswith(CONTAINERS) else scope[2:].partition(".")[0]
        found = [one for one in self._predefined if not service or self._services(one) == {service}]
        permissions = grant.permissions or BitMap()
        return [*found, Bundle(grant.bundle, grant.title, permissions, own=grant.bundle.count("/") > 1)]

    @cached_property
    def _predefined(self) -> list[Bundle]:
        found = []
        for name in catalog.current().roles:
            role, permissions = catalog.role(name), self._numbers.role(name)
            if role is None or not permissions or name in BASIC or role.stage == "DEPRECATED":
                continue
            if not name.lower().endswith(("serviceagent", "agent")):
                found.append(Bundle(name, role.title or name, permissions))
        return found

    def _services(self, one: Bundle) -> set[str]:
        prefixes = {self._numbers.names[number].partition(".")[0] for number in one.permissions}
        return prefixes - {"resourcemanager"}

    # --- what could be made

    def written(self, grant: Placed, scope: str, name: str, wanted: BitMap) -> Making:
        """Custom roles of the project that a place lies in, or of the organization where it lies in none.

        What is too large for one is split in several, each within the vendor's limits. An organization's roles can be
        bound in its projects as well: for what a project's cannot hold they are told as `beyond`, but not for what lies
        in a project, where so little is not worth them. Of permissions of which no source lists where they can be
        granted, the vendor may refuse some; it does so before anything is taken away.
        https://cloud.google.com/iam/docs/custom-roles-permissions-support,
        https://cloud.google.com/iam/docs/roles-overview#custom
        """
        names, left = self._numbers.names, wanted
        unlisted = BitMap(one for one in wanted if not catalog.current().levels(names[one]))
        made: list[tuple[Written, ...]] = []
        parents = list(self._parents(scope))[: 2 if scope.startswith(CONTAINERS) else 1]
        blocked = "" if parents else "it is not known in which project or organization a role could be made"
        lefts = []
        for parent, level, had in parents:
            held = BitMap(one for one in left if one in unlisted or level in catalog.current().levels(names[one]))
            parts = list(self._split(held))
            if had + len(parts) > ROLES and made:
                break
            if had + len(parts) > ROLES:
                blocked = f"{parent} has {had} custom roles, {len(parts)} more are needed and {ROLES} are allowed"
            titles = [f"leastwise {name}{_of(number, parts)}" for number in range(1, len(parts) + 1)]
            of = f"{scope}\n{grant.id}"
            made.append(tuple(self._role(parent, of, *one, grant.title) for one in zip(titles, parts, strict=True)))
            left = left - held
            lefts.append(left)
        lacking = lefts[0] if lefts else wanted
        why = f"custom roles of a {parents[0][1]} cannot hold them" if parents and lacking else ""
        told = [names[one] for one in unlisted]
        doubt = f"whether custom roles can hold {', '.join(told[:3])}{_more(told)} is not known" if told else ""
        first, *others = made or [()]
        return Making(first, lacking, why, blocked, doubt, tuple(one for each in others for one in each))

    def _split(self, wanted: BitMap) -> Iterator[BitMap]:
        """Permissions in as few parts as their order allows, each small enough for one custom role."""
        part, size = BitMap(), 0
        for one in sorted(wanted, key=self._numbers.names.__getitem__):
            bytes_ = len(self._numbers.names[one].encode())
            if part and (len(part) == MOST or size + bytes_ > BYTES - HEAD):
                yield part
                part, size = BitMap(), 0
            part.add(one)
            size += bytes_
        if part:
            yield part

    def _role(self, parent: str, of: str, title: str, part: BitMap, instead: str) -> Written:
        """A custom role that gives just some permissions, with an id that tells what it is for."""
        permissions = [self._numbers.names[one] for one in part]
        mark = hashlib.sha256("\n".join((of, *permissions)).encode()).hexdigest()[:8]
        name = title.removeprefix("leastwise ")
        id = f"{parent}/roles/leastwise_{_UNFIT.sub('_', name)[:44]}_{mark}"
        document = {
            "name": id, "title": title[:100], "description": f"What is needed of {instead}"[:300],
            "includedPermissions": permissions, "stage": "GA",
        }  # fmt: skip
        return Written(id, title[:100], document, part)

    def _parents(self, scope: str) -> Iterator[tuple[str, str, int]]:
        """Where custom roles for a place can lie, the nearest first, at which level, and how many are there already."""
        names = [one.removeprefix(CONTAINERS) for one in self._port.above(scope) if one.startswith(CONTAINERS)]
        for level in ("project", "organization"):
            for one in [each for each in names if each.startswith(f"{level}s/")][:1]:
                parent = f"{level}s/{self._shown(one)}"
                yield parent, level, sum(each.startswith(f"{parent}/") for each in self._own)

    def _shown(self, container: str) -> str:
        """The id of a container as people write it: of a project its id, not its number."""
        number = self._held.place_number(f"{CONTAINERS}{container}")
        shown = "" if number is None else self._held.texts("place.id")[number]
        return (shown or container).rpartition("/")[2]

    @cached_property
    def _own(self) -> Sequence[str]:
        return list(self._held.roles)


def _of(number: int, parts: Sequence[BitMap]) -> str:
    """Which of several roles one is; nothing where it is the only one."""
    return f" {number} of {len(parts)}" if len(parts) > 1 else ""


def _more(names: Sequence[str]) -> str:
    return f" and {len(names) - 3} more" if len(names) > 3 else ""


def _unparsed(condition: str) -> str:
    """Why a grant under a condition stays as it is: what a condition asks that nobody can read is not written anew."""
    try:
        parse_condition(condition or "true")
    except ConditionError as error:
        return f"its condition {error}"
    return ""


def _unread(permissions: BitMap | None) -> str:
    return "its role was not read" if permissions is None else ""
