"""Whether the Activity Log of a tree's subscriptions may be read: it tells usage, though no collection reads it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from leastwise.model.scope import CoverageStatus
from leastwise.providers.azure.log_names import container_of
from leastwise.providers.base import Check, Unknown, Want
from leastwise.providers.logs.spans import Asked
from leastwise.providers.rest.failure import RestFailed
from leastwise.providers.rest.paging import Paging, pages
from leastwise.providers.rest.patient import patiently
from leastwise.providers.rest.session import Ask

from .asking import Asking
from .log_activity import READING, asked_of
from .roots import Tree
from .source import SUBSCRIPTIONS, Source

QUESTION = "which permissions are used (leastwise events --lookup --provider azure)"
_MOST, _TRIES = 50, 2
_VERSION = "2022-12-01"
_LINKS = Paging("member", of="nextLink")


def examine_logs(
    source: Source, asking: Asking, tree: Tree, want: Callable[[RestFailed], Want]
) -> tuple[list[Check], list[Unknown]]:
    """A check of the Activity Log, tried on each of up to fifty subscriptions, and what stays unknown of the others."""
    try:
        ids = _subscriptions(source, asking, tree)
    except RestFailed as error:
        return [Check("activity log", "missing", str(error))], [
            Unknown(QUESTION, want(error), (str(error),), (tree.root,))
        ]
    if not ids:
        return [Check("activity log", "unknown", "no subscription that it could be tried on")], []
    refused: dict[str, RestFailed] = {}
    end = datetime.now(UTC)
    for id in ids[:_MOST]:
        span = Asked(container_of(id), end - timedelta(minutes=1), end, ())
        ask = asked_of(source.address("arm"), span)
        try:
            patiently(lambda ask=ask: asking.made("arm", ask), _TRIES)  # type: ignore[misc]
        except RestFailed as error:
            refused[id] = error
    unknown = [
        Unknown(QUESTION, want(error), (READING,) if error.status is CoverageStatus.DENIED else (str(error),), (id,))
        for id, error in refused.items()
    ]  # fmt: skip
    more = f" ({len(ids) - _MOST} more not tried)" if len(ids) > _MOST else ""
    tried = min(len(ids), _MOST)
    if not refused:
        return [Check("activity log", "ok", f"{tried} answered{more}")], []
    some = ", ".join(f"{id.removeprefix(SUBSCRIPTIONS)}: {error}" for id, error in list(refused.items())[:3])
    return [Check("activity log", "missing", f"{len(refused)} of {tried} refuse{more}: {some}")], unknown


def _subscriptions(source: Source, asking: Asking, tree: Tree) -> list[str]:
    """The ids of the subscriptions of a tree, of the whole tenant for a management group. Raises RestFailed."""
    if tree.kind == "subscription":
        return [tree.root]
    ask = Ask("GET", f"{source.address('arm')}/subscriptions", {"api-version": _VERSION})
    replies = pages(lambda one: patiently(lambda: asking.made("arm", one), _TRIES), ask, _LINKS)
    listed = [one for reply in replies for one in reply.content.get("value") or () if isinstance(one, dict)]
    return [str(one["id"]) for one in listed
            if one.get("id") and str(one.get("tenantId") or tree.tenant).lower() == tree.tenant]  # fmt: skip
