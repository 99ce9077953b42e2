"""The tree of management groups and subscriptions, as the documents of an import tell it.

Of what lies below a subscription a resource's id tells the place; what lies above it is told by management groups
alone. https://learn.microsoft.com/azure/governance/management-groups/overview
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from .language.ids import ROOT, ArmId, IdError, arm_id

MANAGEMENT_GROUPS = "/providers/Microsoft.Management/managementGroups/"
SUBSCRIPTIONS = "/subscriptions/"
ENTITIES = "management.managementGroups.list"
SUBSCRIPTION_LIST = "subscription.subscriptions.list"
_GROUPS = MANAGEMENT_GROUPS.lower()


class Tree:
    """Management groups and subscriptions by the key of their id (`ArmId.key`)."""

    def __init__(self) -> None:
        self._spelled: dict[str, str] = {}
        self.parents: dict[str, str | None] = {}
        """What lies above; None for a group that is known to be at the top."""
        self.tenants: dict[str, str] = {}
        """The tenant of those that told it."""
        self.told: dict[str, None] = {}
        """Those that a document describes, besides naming them."""

    def see(self, id: ArmId) -> str:
        """The key of the container that an id names or lies in: of a subscription, a management group, or the root."""
        top = id.top
        if top != ROOT and top not in self._spelled:
            count = 3 if id.subscription else 5
            self._spelled[top] = "/".join(id.text.split("/")[:count])
        return top

    def name(self, key: str) -> str:
        """What rows call a container: a subscription's id, a management group's name, `/`."""
        return self._spelled.get(key, key).rpartition("/")[2] or ROOT

    def containers(self) -> Iterator[str]:
        """Every container below the root, in the order in which they were named."""
        yield from self._spelled

    def path(self, key: str) -> list[str]:
        """A container and what is known to lie above it."""
        found = [key]
        while (above := self.parents.get(found[-1])) is not None and above not in found:
            found.append(above)
        return found

    def open(self, key: str) -> bool:
        """Whether something may lie above that nothing told."""
        return self.path(key)[-1] not in self.parents

    def tenant(self, key: str) -> str:
        """The tenant of a container, where it or something above it told it."""
        return next((self.tenants[one] for one in self.path(key) if one in self.tenants), "")

    def learn(self, value: Mapping[str, Any], kind: str) -> None:
        """What a document that is about containers tells of them."""
        if kind == SUBSCRIPTION_LIST:
            self._subscription(value)
        elif kind == ENTITIES:
            self._group(value)
        elif isinstance(value.get("tenantId"), str) and isinstance(value.get("subscriptionId"), str):
            # A row of Resource Graph.
            self._tenant(f"{SUBSCRIPTIONS}{value['subscriptionId']}", value)

    def _subscription(self, value: Mapping[str, Any]) -> None:
        self._place(self._tell(subscription_id(value)), value)

    def _group(self, value: Mapping[str, Any]) -> None:
        key = self._tell(_own(value.get("id")))
        self._place(key, value)
        if key.startswith(_GROUPS) and _at_top(value):
            self.parents.setdefault(key, None)

    def _place(self, key: str, value: Mapping[str, Any]) -> None:
        """What an object tells of its tenant, what lies above it and below it."""
        for one in (value, _inner(value)) if key else ():
            self._tenant(key, one)
            details = one.get("details")
            for holder in (one, details if isinstance(details, Mapping) else {}):
                self._parent(key, holder)
                self._chain(key, holder.get("managementGroupAncestorsChain"))
            self._children(key, one.get("children"), 0)
            names = one.get("parentNameChain")
            if isinstance(names, list):
                self._chain(key, [{"name": name} for name in reversed(names)])
        for above in self.path(key) if key else ():
            if self.name(above).lower() == self.tenants.get(key, ""):
                # The group at the top is called as its tenant.
                self.parents[above] = None

    def _parent(self, key: str, holder: Mapping[str, Any]) -> None:
        self._below(key, self._named_parent(holder))

    def _named_parent(self, holder: Mapping[str, Any]) -> str:
        """The key of the container that an object names as its parent; empty where it names none."""
        parent = holder.get("parent")
        if not isinstance(parent, Mapping):
            return ""
        id = parent.get("id") or parent.get("name")
        return self._key(id if not isinstance(id, str) or "/" in id else MANAGEMENT_GROUPS + id)

    def _below(self, key: str, above: str) -> None:
        """One container lies in another, unless it is the top by its name or was told to lie elsewhere."""
        if above and above != key and self.parents.get(key) is None and self.name(key).lower() != self.tenant(key):
            self.parents[key] = above

    def _chain(self, key: str, chain: object) -> None:
        """Management groups above, the next one first."""
        at = key
        for one in chain if isinstance(chain, list) else ():
            name = one.get("name") if isinstance(one, Mapping) else None
            above = self._key(MANAGEMENT_GROUPS + name) if isinstance(name, str) and name else ""
            if not above or above == at:
                return
            self._below(at, above)
            at = above

    def _children(self, key: str, children: object, depth: int) -> None:
        for one in children if isinstance(children, list) and depth < 12 else ():
            if isinstance(one, Mapping):
                child = self._tell(_own(one.get("id")))
                if child and child != key:
                    self._below(child, key)
                    self._children(child, one.get("children"), depth + 1)

    def _tell(self, id: object) -> str:
        key = self._key(id)
        if key:
            self.told.setdefault(key)
        return key

    def _key(self, id: object) -> str:
        """The key of the container whose id this is; empty where it is none."""
        if not isinstance(id, str):
            return ""
        try:
            found = arm_id(id)
        except IdError:
            return ""
        return self.see(found) if found.top == found.key != ROOT else ""

    def _tenant(self, id: str, value: Mapping[str, Any]) -> None:
        # The command line calls the tenant that was signed in to `tenantId`, and the subscription's own its home.
        key, tenant = self._key(id), value.get("homeTenantId") or value.get("tenantId") or value.get("tenant")
        if key and isinstance(tenant, str) and tenant:
            self.tenants.setdefault(key, tenant.lower())


def _at_top(value: Mapping[str, Any]) -> bool:
    """Whether an object says that nothing is its parent; one that does not speak of a parent says nothing."""
    properties = value.get("properties")
    for one in (value, properties if isinstance(properties, Mapping) else {}):
        details = one.get("details")
        for holder in (one, details if isinstance(details, Mapping) else {}):
            parent = holder.get("parent", False)
            if parent is None or (isinstance(parent, Mapping) and not (parent.get("id") or parent.get("name"))):
                return True
    return False


def _inner(value: Mapping[str, Any]) -> Mapping[str, Any]:
    properties = value.get("properties")
    return properties if isinstance(properties, Mapping) else {}


def _own(id: object) -> object:
    """The id of a container in the lists of management groups, which write a subscription below its group, too."""
    if isinstance(id, str) and id.lower().startswith(MANAGEMENT_GROUPS.lower()) and SUBSCRIPTIONS in id.lower():
        return SUBSCRIPTIONS + id.rpartition("/")[2]
    return id


def subscription_id(value: Mapping[str, Any]) -> str:
    """The id of a subscription; the command line tells its GUID alone."""
    id = value.get("id")
    id = id if isinstance(id, str) else ""
    return id if id.startswith("/") else f"{SUBSCRIPTIONS}{id}" if id else ""
