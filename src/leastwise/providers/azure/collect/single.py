"""One subscription of a tree, collected anew (`--only`) and put in its place in the tree's last snapshot."""

from __future__ import annotations

from dataclasses import replace

from leastwise.model.scope import Collected, Coverage, CoverageStatus, RawDocument
from leastwise.providers.rest.failure import RestFailed
from leastwise.providers.rest.patient import patiently
from leastwise.providers.rest.session import Ask

from .asking import Asking
from .roots import Tree
from .source import SUBSCRIPTIONS, Source


def only_of(only: str, tree: Tree, asking: Asking, source: Source) -> str | None:
    """The id of the subscription of a tree that is called so; None when the tree has none."""
    if tree.kind == "subscription":
        return None
    name = only.removeprefix(SUBSCRIPTIONS).lower()
    ask = Ask("GET", f"{source.address('arm')}{SUBSCRIPTIONS}{name}", {"api-version": "2022-12-01"})
    try:
        told = patiently(lambda: asking.made("arm", ask)).content
    except RestFailed as error:
        if error.ending or error.network:
            raise
        return None
    mine = isinstance(told, dict) and str(told.get("tenantId", tree.tenant)).lower() == tree.tenant
    return f"{SUBSCRIPTIONS}{name}" if mine else None


def put_into(earlier: Collected | None, found: Collected, root: str) -> Collected:
    """The tree's last snapshot with one subscription (its id) as it was found now.

    Without a snapshot it is that subscription alone, and the coverage says so.
    """
    account = root.removeprefix(SUBSCRIPTIONS)
    if earlier is None:
        gap = Coverage(
            "collection", "only", CoverageStatus.NOT_TRIED, f"only subscription {account} was asked for",
            "everything outside that subscription",
        )  # fmt: skip
        return replace(found, coverage=(*found.coverage, gap))
    new = {(one.kind, one.resource.lower()) for one in found.documents}
    kept = [
        one for one in earlier.documents
        if not _about(one, root) and (one.kind.partition("!")[0], one.resource.lower()) not in new
    ]  # fmt: skip
    old = [one for one in earlier.coverage if one.account != account]
    carried = Coverage(
        "collection", "only", CoverageStatus.OK,
        f"only subscription {account} was asked for; the rest is as of {earlier.time.isoformat()}",
    )  # fmt: skip
    return replace(found, documents=(*kept, *found.documents), coverage=(*old, *found.coverage, carried))


def _about(document: RawDocument, root: str) -> bool:
    """Whether a document is about the subscription or something in it."""
    about = document.resource.lower()
    return about == root.lower() or about.startswith((f"{root.lower()}/", f"{root.lower()}\x1f"))
