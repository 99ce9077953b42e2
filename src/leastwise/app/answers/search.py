"""Search: what a text is, where it stands, and what a text that is being typed may become."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any
from urllib.parse import quote

from ..asking import answering_of
from ..inventory import Filters, Page, list_rows
from .seen import Seeing

_ADDRESS = re.compile(r"(?:\d{1,3}\.){3}\d{1,3}(?:/\d{1,2})?|[0-9A-Fa-f]*:[0-9A-Fa-f:]+:[0-9A-Fa-f:.]*(?:/\d{1,3})?")
_LISTS = {"identities": "identity", "resources": "resource", "credentials": "credential"}


def search(seeing: Seeing, text: str, limit: int) -> dict[str, Any]:
    """What a text is: things of that id first, then those that have it in their names; each with its page.

    An identity, a resource, a credential, an address from which somebody came, a finding by its key, an account.
    """
    wanted = text.strip()
    items = [*_exact(seeing, wanted)]
    exact = bool(items)
    if len(items) < limit and wanted:
        known = {(one["kind"], one["id"]) for one in items}
        items += [one for one in _alike(seeing, wanted, limit) if (one["kind"], one["id"]) not in known]
    return {"text": wanted, "items": items[:limit], "exact": exact, "more": len(items) > limit}


def _exact(seeing: Seeing, text: str) -> Iterator[dict[str, Any]]:
    for what, kind in _LISTS.items():
        for row in _rows(seeing, what, Filters(id=text), 5).items:
            yield _hit(kind, row["id"], row.get("name") or row["id"], row, row["kind"])
    for row in _rows(seeing, "identities", Filters(text=text), 50).items:
        if text.lower() in ((row["mail"] or "").lower(), row["name"].lower()) and row["id"] != text:
            yield _hit("identity", row["id"], row["name"], row, row["kind"])
    for entry in seeing.estate.estate.entries:
        if entry.scope.id == text and seeing.sight.sees(entry.scope.provider, text):
            row = {"provider": entry.scope.provider, "account": text}
            yield _hit("account", text, text, row, entry.scope.kind)
    if _ADDRESS.fullmatch(text):
        link = f"/activity?ip={quote(text, safe='')}"
        yield {"kind": "address", "id": text, "name": text, "provider": "", "account": "", "what": "address",
               "link": link}  # fmt: skip


def _alike(seeing: Seeing, text: str, limit: int) -> Iterator[dict[str, Any]]:
    for what, kind in _LISTS.items():
        for row in _rows(seeing, what, Filters(text=text), limit + 1).items:
            yield _hit(kind, row["id"], row.get("name") or row["id"], row, row["kind"])


def _rows(seeing: Seeing, what: str, filters: Filters, limit: int) -> Page:
    return list_rows(seeing.estate, what, filters, limit=limit, sight=seeing.sight)


_PAGES = {"identity": "identities", "resource": "resources", "credential": "credentials", "account": "accounts"}


def _hit(kind: str, id: str, name: str, row: dict[str, Any], what: str) -> dict[str, Any]:
    return {
        "kind": kind, "id": id, "name": name, "provider": row["provider"], "account": row["account"] or "",
        "what": what, "link": f"/{_PAGES[kind]}/{quote(id, safe='')}",
    }  # fmt: skip


def complete(seeing: Seeing, kind: str, text: str, limit: int) -> dict[str, Any]:
    """What a text that is being typed may become: those that begin with it first."""
    if kind == "action":
        found = _actions(seeing, text.strip().lower())
    else:
        what = "identities" if kind == "principal" else "resources"
        rows = _rows(seeing, what, Filters(text=text.strip()), 200).items
        found = [
            {"kind": kind, "id": row["id"], "name": row.get("name") or row["id"], "provider": row["provider"],
             "account": row["account"] or "", "what": row["kind"]}
            for row in rows
        ]  # fmt: skip
        low = text.strip().lower()
        found.sort(key=lambda one: (not one["name"].lower().startswith(low), not one["id"].lower().startswith(low)))
    return {"items": found[:limit], "more": len(found) > limit}


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
