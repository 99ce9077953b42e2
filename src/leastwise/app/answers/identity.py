"""The identity page: everything about one identity that a page needs, in one answer."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from leastwise.errors import NotFoundError

from ..estate import OpenEstate
from ..listing import Listing
from ..people import person_rows, persons_of
from ..posture import Findings
from .seen import Seeing

MOST = 200
"""So many rows of each part; how many there are is told beside."""


def row_of(listing: Listing, seeing: Seeing, what: str, id: str) -> dict[str, Any]:
    """The row of one of a list. Raises NotFoundError where there is none, or it is out of sight."""
    try:
        return listing.one(what, id, seeing.accounts)
    except NotFoundError:
        raise NotFoundError(f"{id}: is not in the estate, or out of sight") from None


def identity(listing: Listing, seeing: Seeing, id: str) -> dict[str, Any]:
    """An identity with its credentials, groups, grants, trusts and persons; what of it is out of sight is counted.

    Raises:
        NotFoundError: there is none of that id, or it is out of sight.
    """
    row, estate = row_of(listing, seeing, "identities", id), seeing.estate
    groups = row.get("groups") or []
    hidden = seeing.hidden(groups)
    people, strange = seeing.split(_persons(estate, id))
    body = {
        "identity": {**row, "groups": [one for one in groups if one not in hidden]},
        **{what: _of(listing, seeing, what, id) for what in ("credentials", "grants", "trusts")},
        "persons": people,
    }
    told = {"estate": estate.header(), **body, "coverage": listing.coverage(seeing.accounts)}
    return seeing.envelope(told, strange + len(hidden))


def _of(listing: Listing, seeing: Seeing, what: str, id: str) -> dict[str, Any]:
    page = listing.page(what, limit=MOST, sight=seeing.accounts, values={"principal": [id]})
    return {"items": page.items, "total": page.total}


def _persons(estate: OpenEstate, id: str) -> list[dict[str, Any]]:
    if id not in estate.people:
        return []
    return person_rows(persons_of(estate), id)


def findings_of(found: Findings, id: str) -> list[dict[str, Any]]:
    """The findings about an identity."""
    return [one.to_json() for one in found.rows if one.finding.subject == id]


def by_service(items: Iterable[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """A gap by service: how many permissions are used, implied, never used, and how many no log would have shown."""
    found: dict[tuple[str, str], dict[str, Any]] = {}
    for one in items:
        service = service_of(one["permission"])
        row = found.setdefault(
            (one["provider"], service),
            {"provider": one["provider"], "service": service, "can": 0, "did": 0, "implied": 0, "never_did": 0,
             "cannot_know": 0, "last_used": None},
        )  # fmt: skip
        row["can"] += 1
        row[_STATES[one["state"]]] += 1
        if one["last_used"] and (row["last_used"] is None or one["last_used"] > row["last_used"]):
            row["last_used"] = one["last_used"]
    return sorted(found.values(), key=lambda row: (-row["did"], row["provider"], row["service"]))


def service_of(permission: str) -> str:
    """The service that a permission is of, as its vendor writes it: what stands before the first `:`, `/` or `.`."""
    mark = next((one for one in ":/." if one in permission), "")
    return permission.partition(mark)[0] if mark else permission


_STATES = {"USED": "did", "IMPLIED": "implied", "UNUSED": "never_did", "UNOBSERVABLE": "cannot_know"}
