"""Search: what a text is, where it stands, and what a text that is being typed may become."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any
from urllib.parse import quote

from ..asking import answering_of
from ..listing import Listing
from .seen import Seeing

_ADDRESS = re.compile(r"(?:\d{1,3}\.){3}\d{1,3}(?:/\d{1,2})?|[0-9A-Fa-f]*:[0-9A-Fa-f:]+:[0-9A-Fa-f:.]*(?:/\d{1,3})?")
_MANY = 20
_LISTS = {"identities": "identity", "resources": "resource", "credentials": "credential"}


def search(listing: Listing, seeing: Seeing, text: str, limit: int) -> dict[str, Any]:
    """What a text is: things of that id, name or address first, then those that have it in theirs; each with its page.

    An identity, a resource, a credential, an account, an address from which somebody came.
    """
    wanted = text.strip()
    items = list(_exact(listing, seeing, wanted))
    exact = bool(items)
    known = {(one["kind"], one["id"]) for one in items}
    many = 0
    for what, (hits, count) in listing.search(wanted, seeing.accounts, limit).items() if wanted else ():
        kind = _LISTS[what]
        many += count
        items += [
            _hit(kind, one.id, one.name, one.provider, one.account, one.kind)
            for one in hits if (kind, one.id) not in known
        ]  # fmt: skip
    return {"text": wanted, "items": items[:limit], "exact": exact, "more": max(len(items), many) > limit}


def _exact(listing: Listing, seeing: Seeing, text: str) -> Iterator[dict[str, Any]]:
    found = set[tuple[str, str]]()
    for what, column in (("identities", "id"), ("resources", "id"), ("credentials", "id"), ("identities", "mail"),
                         ("identities", "name")):  # fmt: skip
        for row in listing.having(what, column, text, seeing.accounts)[:_MANY]:
            if (what, row["id"]) not in found:
                found.add((what, row["id"]))
                name = row.get("name") or row["id"]
                yield _hit(_LISTS[what], row["id"], name, row["provider"], row["account"], row["kind"])
    for entry in seeing.estate.estate.entries:
        if entry.scope.id == text and seeing.sight.sees(entry.scope.provider, text):
            yield _hit("account", text, text, entry.scope.provider, text, entry.scope.kind)
    if _ADDRESS.fullmatch(text):
        link = f"/activity?ip={quote(text, safe='')}"
        yield {"kind": "address", "id": text, "name": text, "provider": "", "account": "", "what": "address",
               "link": link}  # fmt: skip


_PAGES = {"identity": "identities", "resource": "resources", "credential": "credentials", "account": "accounts"}


def _hit(kind: str, id: str, name: str, provider: str, account: str | None, what: str) -> dict[str, Any]:
    return {
        "kind": kind, "id": id, "name": name, "provider": provider, "account": account or "", "what": what,
        "link": f"/{_PAGES[kind]}/{quote(id, safe='')}",
    }  # fmt: skip


def complete(listing: Listing, seeing: Seeing, kind: str, text: str, limit: int) -> dict[str, Any]:
    """What a text that is being typed may become: those that begin with it first."""
    if kind == "action":
        found = _actions(seeing, text.strip().lower())
        return {"items": found[:limit], "more": len(found) > limit}
    what = "identities" if kind == "principal" else "resources"
    hits, count = listing.search(text.strip(), seeing.accounts, limit)[what]
    items = [
        {"kind": kind, "id": one.id, "name": one.name, "provider": one.provider, "account": one.account or "",
         "what": one.kind}
        for one in hits
    ]  # fmt: skip
    return {"items": items, "more": count > len(items)}


def _actions(seeing: Seeing, text: str) -> list[dict[str, Any]]:
    """Actions of the catalogues of the estate's providers."""
    workspace, estate = seeing.estate.workspace, seeing.estate.estate
    found = []
    for provider in answering_of(workspace, estate):
        names = {} if provider.observing is None else provider.observing.sensitivity()
        found += [
            {"kind": "action", "id": name, "name": name, "provider": provider.name, "account": "", "what": names[name]}
            for name in names if text in name.lower()
        ]  # fmt: skip
    return sorted(found, key=lambda one: (not one["id"].lower().startswith(text), one["id"]))
