"""The management group, the subscriptions, and ids of what lies in them."""

from __future__ import annotations

from demo_company.identity_center import TENANT
from demo_company.ids import guid

MANAGEMENT = "/providers/Microsoft.Management/managementGroups/"
ROOT_GROUP, GROUP = MANAGEMENT + TENANT, f"{MANAGEMENT}bw"
PROD, SANDBOX = "bw-erp-prod", "bw-sandbox"
SUBSCRIPTIONS = {PROD: guid("subscription", PROD), SANDBOX: guid("subscription", SANDBOX)}
REGION = "westeurope"


def subscription(name: str) -> str:
    """The id of a subscription."""
    return f"/subscriptions/{SUBSCRIPTIONS[name]}"


def group(name: str, in_: str = PROD) -> str:
    """The id of a resource group."""
    return f"{subscription(in_)}/resourceGroups/{name}"


def inside(group: str, type: str, name: str) -> str:
    """The id of a resource in a resource group; `type` as `Microsoft.Web/sites`."""
    return f"{group}/providers/{type}/{name}"


def within(id: str) -> str:
    """The name of the subscription that an id lies in; empty for what lies above subscriptions."""
    return next((name for name, guid in SUBSCRIPTIONS.items() if f"/subscriptions/{guid}" in id), "")
