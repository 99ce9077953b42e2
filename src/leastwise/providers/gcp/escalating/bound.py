"""What bindings, conditions and offers lead to: custom roles that are held, tags that turn grants on, entitlements."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import msgspec

from leastwise.model.decision import State

from ..language.administering import administers, sets_passwords
from .granting import Grant
from .names import EVERYTHING, HOLDER, named
from .tagging import Tagging
from .undenied import Undenied

if TYPE_CHECKING:
    from .granting import Granting
    from .shading import Shading

_OF_RESOURCE = re.compile(r"resource\.|api\.|destination\.")
"""What a condition says that asks of what is done to which resource."""
_TAG = re.compile(r"matchTag|hasTagKey")
_UNREAD = f"{HOLDER}_withcond_0"
"""What binds a holder where the condition of the binding cannot be asked of what stands for it."""
_Statement = tuple[str, tuple[str, ...], str | None]


class Bound:
    """The bindings of an estate that lead somewhere.

    Args:
        shading: the estate.
    """

    def __init__(self, shading: Shading) -> None:
        self._shading, self._trees = shading, shading.trees
        self.pairs: dict[str, list[tuple[str, str]]] = defaultdict(list)
        self._roles = dict(self._custom())
        holds = {id: frozenset(body.get("includedPermissions") or ()) for id, (_, body) in self._roles.items()}
        self._tagging = Tagging(shading, holds)
        tags, self._bindings = self._tagging.found, list[tuple[str, str, Grant]]()
        self.beside: dict[str, dict[str, str]] = {"role": {}, **tags.beside}
        self.so: dict[str, dict[str, State]] = {"only the tag": tags.so}
        for number, granting in enumerate(shading.granting):
            documents = _by_document(granting)
            self._allowed(number, granting, documents)
            self._denied(number, granting)
            self._offered(number, granting, documents)
        self._administrators()
        undenied = Undenied(shading, holds, self._bindings)
        self.pairs |= {**tags.pairs, "undenied": undenied.pairs}
        self.beside["denying"] = undenied.beside

    # --- custom roles

    def _custom(self) -> Iterator[tuple[str, tuple[str, Mapping[str, Any]]]]:
        """Each custom role by name: the container that has it, and what is told of it."""
        for granting in self._shading.granting:
            texts = granting.texts()
            for id, kind, document in granting.rows("policies", "id", "kind", "document"):
                if kind == "custom_role" and document is not None:
                    owner = id.partition("/roles/")[0]
                    owner = self._trees.projects.id(owner.removeprefix("projects/")) or owner
                    yield id, (owner.removeprefix("projects/"), msgspec.json.decode(texts[document].as_py()))

    def _allowed(self, number: int, granting: Granting, documents: Mapping[int, Sequence[_Statement]]) -> None:
        """The bindings of custom roles and those with tags, on everything."""
        for account, layer, target, document in granting.rows("attachments", "account", "layer", "target", "document"):
            if layer != "allow" or document is None or not self._trees.speaks(number, account):
                continue
            custom: dict[str, list[_Statement]] = defaultdict(list)
            for one in documents.get(document, ()):
                self._bindings.append((target, account, Grant(*one)))
                if one[0] in self._roles:
                    custom[one[0]].append(one)
                expression = _expression(one[2])
                if _TAG.search(expression):
                    self._tagging.follow(target, account, Grant(one[0], one[1]), expression)
            for role, several in custom.items():
                self._held(role, target, account, several)

    def _held(self, role: str, target: str, account: str, several: Sequence[_Statement]) -> None:
        """Whoever holds a custom role somewhere holds there whatever is written into it."""
        owner, body = self._roles[role]
        thing = self._shading.hold([_as_holder(one) for one in several], account)
        self.beside["role"][thing] = named(owner)
        if body.get("deleted") is not True:
            self.pairs["custom role"].append((thing, self._shading.power_over(target, account)))
            return
        told = f"whoever holds {role} on {target}"
        who = self._shading.somebody(f"undeleted/{role}", named(target), told)
        restored = f"roles/leastwise.undeleted_{len(self.pairs['deleted role'])}_{len(self._shading.others)}"
        self._shading.granting[0].role(restored, list(body.get("includedPermissions") or ()))
        self._shading.grant(target, Grant(restored, (who,)), account)
        self.pairs["deleted role"].append((thing, who))

    # --- deny policies, entitlements, administrators of the directory

    def _denied(self, number: int, granting: Granting) -> None:
        """Whoever may do everything where deny policies stand, and takes them away first."""
        for account, layer, target in granting.rows("attachments", "account", "layer", "target"):
            if layer != "deny" or target not in self._trees.containers or not self._trees.speaks(number, account):
                continue
            told = f"administrator of {target} without its deny policies"
            who = self._shading.somebody("undenied", named(target), told)
            if (named(target), who) not in self.pairs["denied"]:
                self.pairs["denied"].append((named(target), who))
                self._shading.grant(target, Grant(EVERYTHING, (who,)))
            granting.spare(target, who)

    def _offered(self, number: int, granting: Granting, documents: Mapping[int, Sequence[_Statement]]) -> None:
        """What entitlements offer: roles on a container, to whom it is eligible.

        https://cloud.google.com/iam/docs/pam-overview
        """
        columns = ("account", "layer", "target", "policy", "document")
        for account, layer, target, policy, document in granting.rows("attachments", *columns):
            if layer != "eligible" or document is None or not self._trees.speaks(number, account):
                continue
            offered = documents.get(document, ())
            told = f"whoever holds what {policy} offers"
            who = self._shading.somebody("offered", policy, told)
            for role, _, condition in offered:
                self._shading.grant(target, Grant(role, (who,), condition))
            self.pairs["entitlement"].append((named(account), who))
            eligible = tuple(dict.fromkeys(member for _, members, _ in offered for member in members))
            if eligible:
                self.pairs["eligible"].append((self._shading.hold([Grant(HOLDER, eligible)], account), who))

    def _administrators(self) -> None:
        """Super administrators of the directory: they can make themselves administrators of its organization.

        https://cloud.google.com/resource-manager/docs/super-admin-best-practices
        """
        for granting in self._shading.granting:
            found = granting.rows("principals", "id", "tags")
            supers = [id for id, tags in found if dict(tags or ()).get("directory_admin") == "super"]
            for id, row in self._trees.containers.items():
                if row["kind"] != "organization":
                    continue
                own = tuple(one for one in supers if one.rpartition("@")[2] in (row["domains"] or ()))
                if own:
                    thing = self._shading.hold([Grant(HOLDER, own)], id)
                    self.pairs["directory"].append((thing, self._shading.power_over(id)))
                self._resetting(granting, id, row["domains"] or ())

    def _resetting(self, granting: Granting, organization: str, domains: Collection[str]) -> None:
        """Administrators who set the password of anybody who is none.

        https://support.google.com/a/answer/2405986
        """
        whole, part, people = list[str](), list[str](), list[str]()
        columns = ("id", "native", "enabled", "tags", "details")
        for id, native, enabled, tags, details in granting.rows("principals", *columns):
            if native != "user" or enabled is False or id.rpartition("@")[2] not in domains:
                continue
            sets, admin = sets_passwords(details or ()), dict(tags or ()).get("directory_admin", "")
            if admin and admin != "super" and not administers(details or ()):
                sets = None  # the directory says that he administers, and not what
            if sets is not False:
                (part if sets is None else whole).append(id)
            if not admin and not administers(details or ()):
                people.append(id)
        grants = [Grant(HOLDER, tuple(whole))] if whole else []
        grants += [Grant(_UNREAD, tuple(part))] if part else []
        if grants and people:
            thing = self._shading.hold(grants, organization)
            self.pairs["directory passwords"] += [(thing, one) for one in people]


def _expression(condition: str | None) -> str:
    return "" if condition is None else str(msgspec.json.decode(condition).get("expression", ""))


def _as_holder(one: _Statement) -> Grant:
    """Who is named by a binding, as holders; under its condition where that does not ask of the resource."""
    _, members, condition = one
    if condition is None:
        return Grant(HOLDER, members)
    expression = _expression(condition)
    return (
        Grant(_UNREAD, members)
        if not expression or _OF_RESOURCE.search(expression)
        else Grant(HOLDER, members, condition)
    )


def _by_document(granting: Granting) -> Mapping[int, list[_Statement]]:
    """The bindings of each document: role, members, condition."""
    found: dict[int, list[_Statement]] = defaultdict(list)
    columns = ("document", "effect", "actions", "principals", "condition")
    for document, effect, actions, principals, condition in granting.rows("statements", *columns):
        if effect == "Allow" and actions:
            found[document].append((actions[0], tuple(principals), condition))
    return found
