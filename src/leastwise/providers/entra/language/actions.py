"""Actions of directory roles, `namespace/entity/propertySet/action`, and which of them includes which.

https://learn.microsoft.com/entra/identity/role-based-access-control/privileged-roles-permissions#how-to-understand-role-permissions
https://learn.microsoft.com/entra/identity/role-based-access-control/custom-group-permissions
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import lru_cache

DIRECTORY = "microsoft.directory"
_ALL_ENTITIES, _ALL_PROPERTIES, _ALL_TASKS = "allentities", "allproperties", "alltasks"
_LESS_THAN = {"read": ("limitedread", "restrictedread")}
_BY_POLICY = "managepermissiongrantsfor"
"""Of the actions that let somebody consent to what a consent policy takes in: no keyword includes them."""
_APART = frozenset({"customsecurityattributes"})
"""Properties that only their own roles read and write, and no keyword includes.

https://learn.microsoft.com/entra/fundamentals/custom-security-attributes-overview
"""
_READS = frozenset({"read", "limitedread", "restrictedread"})


class ActionError(ValueError):
    """A text is no action; the message says why."""


@dataclass(frozen=True, slots=True)
class Action:
    """An action, in lower case.

    Args:
        namespace: of the product, as in `microsoft.directory`.
        entity: with its subtype, as in `groups.unified`.
        properties: what stands between the entity and the last word.
        verb: the last word.
    """

    namespace: str
    entity: str
    properties: tuple[str, ...]
    verb: str

    def __str__(self) -> str:
        return "/".join((self.namespace, self.entity, *self.properties, self.verb))

    @property
    def base(self) -> str:
        """The entity without its subtype."""
        return self.entity.partition(".")[0]

    @property
    def subtypes(self) -> tuple[str, ...]:
        """The words of the subtype."""
        return tuple(self.entity.split(".")[1:])

    @property
    def directory(self) -> bool:
        """Whether it is about the directory itself."""
        return self.namespace == DIRECTORY

    @property
    def reads(self) -> bool:
        """Whether it changes nothing."""
        return self.verb in _READS

    def of(self, entity: str) -> Action:
        """The same of another entity."""
        return replace(self, entity=entity.lower())

    def includes(self, other: Action) -> bool:
        """Whether who has this action has the other one too."""
        if self == other:
            return True
        if self.namespace != other.namespace or not self._does(other.verb):
            return False
        if self.entity != _ALL_ENTITIES and other.entity != self.entity:
            return other.entity.startswith(f"{self.entity}.") and self._covers(other)
        return self._covers(other)

    def _does(self, verb: str) -> bool:
        if self.verb == _ALL_TASKS:
            return not verb.startswith(_BY_POLICY)
        return verb == self.verb or verb in _LESS_THAN.get(self.verb, ())

    def _covers(self, other: Action) -> bool:
        if not self.properties:
            return self.verb == _ALL_TASKS or not other.properties
        if self.properties[-1] != _ALL_PROPERTIES:
            return other.properties == self.properties
        above, deeper = self.properties[:-1], len(other.properties) - len(self.properties)
        if other.properties[: len(above)] != above or _APART & set(other.properties):
            return False
        if deeper < 0:
            # What has no property set (create, delete, disable) is a task of the entity, and no property of it.
            return self.verb == _ALL_TASKS
        # What lies deeper, or is created, is an entity within this one: roles name it beside all properties.
        return self.entity == _ALL_ENTITIES or (deeper == 0 and other.verb not in ("create", "delete"))


@lru_cache(maxsize=4096)
def parse_action(text: str) -> Action:
    """The action of a text. Raises ActionError."""
    parts = text.strip().lower().split("/")
    if len(parts) < 3 or not all(parts):
        raise ActionError(f"{text!r} is no action (namespace/entity/propertySet/action)")
    return Action(parts[0], parts[1], tuple(parts[2:-1]), parts[-1])


def is_action(text: str) -> bool:
    """Whether a permission is written as an action, and not as a value of an app role or scope."""
    return text.strip().lower().startswith("microsoft.") and "/" in text
