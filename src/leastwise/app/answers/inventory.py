"""Identities, resources, grants, credentials, trusts, requests and coverage; persons, and what was tried at trusts."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from leastwise.errors import NotFoundError

from ..credential_use import credential_use
from ..estate import OpenEstate
from ..inventory import Page
from ..people import person_rows, persons_of
from ..provenance import with_provenance
from ..tried import tries_of, try_values
from .told import listed


def page_values(
    estate: OpenEstate, what: str, page: Page, *, history: bool = False, use_of: str = ""
) -> dict[str, Any]:
    """A page of a list, with who made each row (`history`), or with how the credential of an id was used (`use_of`).

    Raises:
        IntegrityError, StoreError: the lake cannot be read.
    """
    answer = page.to_json()
    if history:
        answer["items"] = with_provenance(estate, what, page.items)
    if use_of:
        answer |= credential_use(estate.workspace, use_of, estate.clock)
    return answer


def persons(estate: OpenEstate, wanted: str | None = None, limit: int | None = None) -> dict[str, Any]:
    """Persons with their accounts, one account a row; of one by name, address or id. Raises NotFoundError."""
    items = person_rows(persons_of(estate), wanted)
    if wanted is not None and not items:
        raise NotFoundError(f"--person {wanted}: no person of the estate has this name, address or account")
    return _first(estate, items, limit)


def tries(
    estate: OpenEstate,
    provider: str | None = None,
    account: str | None = None,
    text: str | None = None,
    limit: int | None = None,
) -> tuple[dict[str, Any], int]:
    """What became of hostile subjects that were tried at each trust, and how many of those shown were let in."""
    items = [
        one for one in map(try_values, tries_of(estate))
        if provider in (None, one["provider"]) and account in (None, one["account"])
        and (text is None or text.lower() in f"{one['principal']} {one['subject']} {one['names']}".lower())
    ]  # fmt: skip
    answer = _first(estate, items, limit)
    return answer, sum(one["state"] != "DENIED" for one in answer["items"])


def _first(estate: OpenEstate, items: Sequence[dict[str, Any]], limit: int | None) -> dict[str, Any]:
    header, coverage = estate.header(), estate.coverage()
    return listed(header, list(items[: limit or None]), coverage, len(items))
