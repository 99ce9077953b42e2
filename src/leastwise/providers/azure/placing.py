"""In which container an object lies: a subscription, a management group, or the root."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from leastwise.providers.fields import FieldError

from .language.fields import Fields
from .language.ids import ROOT, ArmId, IdError, arm_id
from .tree import ENTITIES, MANAGEMENT_GROUPS, SUBSCRIPTION_LIST, SUBSCRIPTIONS, Tree, subscription_id

_EXTENSION = "/providers/microsoft.authorization/"


def about_container(kind: str) -> bool:
    """Whether objects of a kind describe containers themselves."""
    return kind in (ENTITIES, SUBSCRIPTION_LIST)


def node_of(value: Mapping[str, Any], kind: str, tree: Tree) -> str:
    """The key of the container; empty where the object names none."""
    found = place_of(value, kind)
    return "" if found is None else tree.see(found)


def place_of(value: Mapping[str, Any], kind: str) -> ArmId | None:
    """The scope or resource that an object is on, or is; None where it names none."""
    fields = Fields(value)
    try:
        if value.keys() == {"resource"}:
            return _id(fields.text("resource"))  # a list without objects, of what its file's name says
        if kind == SUBSCRIPTION_LIST:
            return _id(subscription_id(value))
        if kind == ENTITIES:
            id = fields.text("id")
            below = id.lower().startswith(MANAGEMENT_GROUPS.lower()) and SUBSCRIPTIONS in id.lower()
            return _id(SUBSCRIPTIONS + id.rpartition("/")[2] if below else id)
        if kind.endswith("roleDefinitions.list"):
            return _role(fields)
        scope = fields.text("scope") if kind.startswith("authorization.") else ""
        return _id(scope) or on(fields.text("id", "roleAssignmentId", "denyAssignmentId"))
    except FieldError:
        return None


def _role(fields: Fields) -> ArmId | None:
    """Where a custom role may be assigned first; roles that are Azure's own lie nowhere."""
    kind = fields.text("roleType").lower()
    if kind == "builtinrole" or fields.get("isCustom") is False:
        return None
    scopes = fields.texts("assignableScopes")
    if not scopes or scopes == (ROOT,):
        return None
    return next((found for one in scopes if (found := _id(one)) is not None), None)


def on(id: str) -> ArmId | None:
    """What something lies on whose id this is: what stands before the last provider where that extends something."""
    low = id.lower()
    at = low.rfind("/providers/")
    if (at > 0 and "/providers/" in low[:at]) or (at >= 0 and low.startswith(_EXTENSION, at)):
        return _id(id[:at] or ROOT)
    return _id(id)


def _id(text: str) -> ArmId | None:
    try:
        return arm_id(text) if text else None
    except IdError:
        return None
