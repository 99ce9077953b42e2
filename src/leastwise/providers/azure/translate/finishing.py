"""The rows of what was told bit by bit: containers, resources, principals, roles."""

from __future__ import annotations

from leastwise.model.scope import CoverageStatus
from leastwise.providers.azure.exports.shapes import type_of
from leastwise.providers.azure.language.ids import ROOT
from leastwise.providers.azure.tree import SUBSCRIPTIONS

from .assignments import finish_given
from .context import Context
from .federated import finish_federated
from .lighthouse import finish_delegations
from .older import finish_older
from .owned import finish_clients, finish_owned
from .roles import finish_roles


def finish(context: Context) -> None:
    """Add every row that is left to make, and the coverage."""
    finish_delegations(context)
    finish_given(context)
    finish_owned(context)
    finish_clients(context)
    finish_federated(context)
    _attached(context)
    finish_older(context)
    finish_roles(context)
    _resources(context)
    _containers(context)
    _coverage(context)
    context.principals.finish(context.facts)


def _attached(context: Context) -> None:
    """Identities that resources were told to have attached without saying as whom they act."""
    for key, resources in context.attached.items():
        who = context.identities.get(key)
        for one in resources:
            if who is None:
                context.skip(
                    "identities that are attached to resources and were not read", context.resources[one]["source"]
                )
            elif who not in context.running.setdefault(one, []):
                context.running[one].append(who)


def _coverage(context: Context) -> None:
    for one in context.collected.coverage:
        context.facts.coverage.add(
            service=one.service, call=one.call, status=one.status.value, detail=one.detail, affects=one.affects,
            account=one.account,
        )  # fmt: skip
    for reason, places in context.odd.items():
        detail = f"{len(places)} left out: {reason} ({places[0]})"
        context.gap("import", "unreadable", CoverageStatus.UNSUPPORTED, detail, "what they say")
    if context.principals.lost:
        id, source = next(iter(context.principals.lost.items()))
        detail = f"{len(context.principals.lost)} principals that Azure itself does not find, {id} first ({source})"
        context.gap("authorization", "principals", CoverageStatus.UNSUPPORTED, detail, "who they are, or were")


def _containers(context: Context) -> None:
    tree = context.tree
    keys = dict.fromkeys((*tree.containers(), *context.containers))
    if any(above is None for above in tree.parents.values()):
        # Of a group at the top nothing else says that no other is above it.
        keys.setdefault(ROOT)
    for key in keys:
        told = context.containers.get(key, {})
        above = None if key == ROOT else tree.parents.get(key)
        at_top = key != ROOT and key in tree.parents and above is None
        context.facts.scopes.add(
            id=tree.name(key), kind=_kind(key), name=told.get("name"),
            parent=ROOT if at_top else tree.name(above) if above else None, tenant=tree.tenant(key) or None,
            status=told.get("status"), tags=told.get("tags", ()), source=told.get("source", ""),
        )  # fmt: skip


def _kind(key: str) -> str:
    if key == ROOT:
        return "root"
    return "subscription" if key.startswith(SUBSCRIPTIONS) else "management_group"


def _resources(context: Context) -> None:
    for key, told in context.resources.items():
        id = context.id(key, told["source"])
        runs = context.running.get(key, [])
        account = context.account(id) if id is not None else context.top
        context.facts.resources.add(
            id=told["id"], account=account, kind=_resource_kind(told.get("type", "") or type_of({"id": told["id"]})),
            name=told.get("name") or told["id"].rpartition("/")[2], region=told.get("region"),
            created=told.get("created"), policy=told.get("policy"), policy_known=told.get("policy_known", False),
            principal=told.get("principal") or (runs[0] if len(runs) == 1 else None),
            beside=context.own.words(key), details=told.get("details", ()), tags=told.get("tags", ()),
            source=told["source"],
        )  # fmt: skip
        for one in runs:
            context.facts.runs_as.add(
                subject=told["id"], object=one, kind="executes_as", account=account, source=told["source"]
            )


def _resource_kind(type: str) -> str:
    """The kind of a resource by its type, as `storage:storageaccounts`."""
    space, _, noun = type.replace("/subscriptions/", "/").partition("/")
    return f"{space.removeprefix('microsoft.')}:{noun}" if noun else "resources:resource"
