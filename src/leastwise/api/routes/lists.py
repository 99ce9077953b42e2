"""The inventory: identities, resources, grants, credentials, trusts, requests, and what was read."""

from __future__ import annotations

from dataclasses import dataclass
from dataclasses import fields as dataclass_fields
from itertools import chain
from typing import Annotated, Any

from fastapi import Depends, Query, Request
from starlette.responses import Response

from leastwise.app.answers.inventory import page_values
from leastwise.app.answers.seen import Seeing
from leastwise.app.duties import Caller, Right
from leastwise.app.inventory import COVERAGE_COLUMNS, Filters, list_coverage
from leastwise.app.listing import Listing

from ..answered import lists as answered
from ..asked import EstateAsked, Form, GivenAsked, GivenPage, Page
from ..routing import subject
from ..security.rights import needs
from ..sending import DOWNLOADS, exported, listed, sent

router = subject("lists")
See = Annotated[Caller, needs(Right.SEE)]


Kind = Annotated[list[str] | None, Query(description="Only this kind; may be repeated.")]
Tag = Annotated[list[str] | None, Query(description="KEY or KEY=VALUE; may be repeated.")]
Of = Annotated[str | None, Query(description="Only of the principal of this id.")]
Unused = Annotated[int | None, Query(ge=0, le=36500, description="Known unused for so many days.")]
Used = Annotated[int | None, Query(ge=0, le=36500, description="Used within so many days.")]
History = Annotated[bool, Query(description="Who made each, and who changed it last.")]


@dataclass(frozen=True, slots=True)
class Common:
    """Filters that every list has; each is the option of that name of the command."""

    provider: Annotated[str | None, Query(description="Only this provider.", examples=["aws"])] = None
    account: Annotated[str | None, Query(description="Only this account.", examples=["111111111111"])] = None
    text: Annotated[str | None, Query(description="Only rows with this text in id, name or policy.")] = None
    owner: Annotated[str | None, Query(description="Only this owner; * and ? are wildcards.")] = None

    def asked(self) -> tuple[Filters, dict[str, list[object]]]:
        """The same as lists take them: filters, and values of columns."""
        given = {one.name: getattr(self, one.name) for one in dataclass_fields(self)}
        for name in ("kind", "tag"):
            given[name] = tuple(given.get(name) or ())
        for ours, theirs in (("unused_for", "unused_days"), ("used_within", "used_days")):
            given[theirs] = given.pop(ours, None)
        principal = given.pop("principal", None)
        return Filters(**given), {} if principal is None else {"principal": [principal]}


@dataclass(frozen=True, slots=True)
class IdentityFilters(Common):
    """Filters of identities."""

    kind: Kind = None
    tag: Tag = None
    admin: Annotated[str | None, Query(description="yes, conditional, limited, no or unknown.")] = None
    mfa: Annotated[bool | None, Query(description="With or without a second factor.")] = None
    external: Annotated[bool | None, Query(description="Reachable from outside.")] = None
    unused_for: Unused = None
    used_within: Used = None


@dataclass(frozen=True, slots=True)
class ResourceFilters(Common):
    """Filters of resources."""

    kind: Kind = None
    tag: Tag = None
    public: Annotated[str | None, Query(description="yes, conditional, blocked, no or unknown.")] = None


@dataclass(frozen=True, slots=True)
class GrantFilters(Common):
    """Filters of grants."""

    kind: Kind = None
    principal: Of = None


@dataclass(frozen=True, slots=True)
class CredentialFilters(Common):
    """Filters of credentials."""

    kind: Kind = None
    active: Annotated[bool | None, Query(description="Usable or not.")] = None
    principal: Of = None
    id: Annotated[str | None, Query(description="Only this one.")] = None
    unused_for: Unused = None
    used_within: Used = None


@dataclass(frozen=True, slots=True)
class TrustFilters(Common):
    """Filters of trusts."""

    principal: Of = None


@dataclass(frozen=True, slots=True)
class RequestFilters(Common):
    """Filters of requests."""

    kind: Kind = None
    status: Annotated[
        str | None, Query(description="pending, granted, denied, canceled, expired, failed, revoked or unknown.")
    ] = None


def _list(
    request: Request, caller: Caller, asked: EstateAsked, page: Page, what: str, given: Common, *,
    history: bool = False,
) -> Response:  # fmt: skip
    seeing, listing, (filters, values) = asked.seen(caller.sight), asked.listing, given.asked()
    sight = seeing.accounts
    if page.form is not Form.JSON:
        rows = chain.from_iterable(listing.each(what, filters, page.sort, page.fields or None, sight, values))
        return exported(caller, page, rows, listing.columns(what), what)
    found = listing.page(what, filters, page.sort, page.fields or None, page.limit, page.cursor, sight, values)
    body = page_values(asked.estate, what, found, history=history)
    return sent(request, caller, asked, seeing.envelope(body, _outside(listing, seeing, what, given)))


def _outside(listing: Listing, seeing: Seeing, what: str, given: Common) -> int:
    """How many rows match that are out of sight."""
    if seeing.everything:
        return 0
    filters, values = given.asked()
    seen, every = (
        listing.page(what, filters, fields=("provider",), limit=1, sight=one, values=values).total
        for one in (seeing.accounts, None)
    )
    return every - seen


@router.get("/identities", response_model=answered.Identities, responses=DOWNLOADS)
def identities(
    request: Request, caller: See, asked: GivenAsked, page: GivenPage, given: Annotated[IdentityFilters, Depends()]
) -> Response:
    """Humans, workloads, roles, groups, devices, agents, services and outsiders, as `leastwise identities`."""
    return _list(request, caller, asked, page, "identities", given)


@router.get("/identities/facets", response_model=answered.Facets)
def identity_facets(
    request: Request, caller: See, asked: GivenAsked, given: Annotated[IdentityFilters, Depends()]
) -> Response:
    """Identities counted by value, under the same filters."""
    return _facets(request, caller, asked, "identities", given)


@router.get("/resources", response_model=answered.Resources, responses=DOWNLOADS)
def resources(
    request: Request, caller: See, asked: GivenAsked, page: GivenPage, given: Annotated[ResourceFilters, Depends()]
) -> Response:
    """Resources, with who outside may reach them by their own policy, as `leastwise resources`."""
    return _list(request, caller, asked, page, "resources", given)


@router.get("/resources/facets", response_model=answered.Facets)
def resource_facets(
    request: Request, caller: See, asked: GivenAsked, given: Annotated[ResourceFilters, Depends()]
) -> Response:
    """Resources counted by value, under the same filters."""
    return _facets(request, caller, asked, "resources", given)


@router.get("/grants", response_model=answered.Grants, responses=DOWNLOADS)
def grants(
    request: Request,
    caller: See,
    asked: GivenAsked,
    page: GivenPage,
    given: Annotated[GrantFilters, Depends()],
    history: History = False,
) -> Response:
    """Each policy in force on a principal, a resource or a scope, as `leastwise grants`."""
    return _list(request, caller, asked, page, "grants", given, history=history)


@router.get("/grants/facets", response_model=answered.Facets)
def grant_facets(
    request: Request, caller: See, asked: GivenAsked, given: Annotated[GrantFilters, Depends()]
) -> Response:
    """Grants counted by value, under the same filters."""
    return _facets(request, caller, asked, "grants", given)


@router.get("/credentials", response_model=answered.Credentials, responses=DOWNLOADS)
def credentials(
    request: Request,
    caller: See,
    asked: GivenAsked,
    page: GivenPage,
    given: Annotated[CredentialFilters, Depends()],
    history: History = False,
) -> Response:
    """Access keys, passwords, second factors, certificates, as `leastwise credentials`."""
    return _list(request, caller, asked, page, "credentials", given, history=history)


@router.get("/credentials/facets", response_model=answered.Facets)
def credential_facets(
    request: Request, caller: See, asked: GivenAsked, given: Annotated[CredentialFilters, Depends()]
) -> Response:
    """Credentials counted by value, under the same filters."""
    return _facets(request, caller, asked, "credentials", given)


@router.get("/trusts", response_model=answered.Trusts, responses=DOWNLOADS)
def trusts(
    request: Request,
    caller: See,
    asked: GivenAsked,
    page: GivenPage,
    given: Annotated[TrustFilters, Depends()],
    history: History = False,
) -> Response:
    """Who may become which principal, as `leastwise trusts`."""
    return _list(request, caller, asked, page, "trusts", given, history=history)


@router.get("/trusts/facets", response_model=answered.Facets)
def trust_facets(
    request: Request, caller: See, asked: GivenAsked, given: Annotated[TrustFilters, Depends()]
) -> Response:
    """Trusts counted by value, under the same filters."""
    return _facets(request, caller, asked, "trusts", given)


@router.get("/requests", response_model=answered.Requests, responses=DOWNLOADS)
def requests(
    request: Request, caller: See, asked: GivenAsked, page: GivenPage, given: Annotated[RequestFilters, Depends()]
) -> Response:
    """Who asked for which access and why, who decided, what came of it, as `leastwise requests`."""
    return _list(request, caller, asked, page, "requests", given)


@router.get("/requests/facets", response_model=answered.Facets)
def request_facets(
    request: Request, caller: See, asked: GivenAsked, given: Annotated[RequestFilters, Depends()]
) -> Response:
    """Requests counted by value, under the same filters."""
    return _facets(request, caller, asked, "requests", given)


@router.get("/coverage", response_model=answered.CoverageList, responses=DOWNLOADS)
def coverage(
    request: Request, caller: See, asked: GivenAsked, page: GivenPage,
    gaps: Annotated[bool, Query(description="Collection gaps only.")] = False,
) -> Response:  # fmt: skip
    """What was read of each scope, what was not, and what cannot be known because of it, as `leastwise coverage`."""
    body = list_coverage(asked.estate, gaps).to_json()
    seeing = asked.seen(caller.sight)
    body["items"], outside = seeing.split(body["items"])
    return listed(request, caller, asked, seeing.envelope(body, outside), page, COVERAGE_COLUMNS)


def _facets(request: Request, caller: Caller, asked: EstateAsked, what: str, given: Common) -> Response:
    seeing, listing, (filters, values) = asked.seen(caller.sight), asked.listing, given.asked()
    found = listing.facets(what, filters, None, seeing.accounts, values)
    body: dict[str, Any] = {
        "facets": {name: [{"value": one.value, "count": one.count} for one in some] for name, some in found.items()},
        "total": listing.page(what, filters, fields=("provider",), limit=1, sight=seeing.accounts, values=values).total,
    }
    if not seeing.everything:
        body["outside"] = _outside(listing, seeing, what, given)
    return sent(request, caller, asked, body)
