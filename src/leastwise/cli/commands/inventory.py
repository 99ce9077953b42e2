"""`leastwise identities`, `resources`, `grants`, `credentials`, `trusts`, `requests` and `coverage`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated, Any

import typer

from leastwise.errors import UsageError

from ..options import Estate, Format, at_moment, spread, workspace
from ..render import emit, estate_line

_PAGE = 50
_COLUMNS: dict[str, dict[str, str]] = {
    "identities": {
        "name": "Name", "kind": "Kind", "account": "Account", "admin": "Admin", "last_used": "Last used", "mfa": "MFA",
        "active_keys": "Keys", "grants": "Grants", "external": "External", "owner": "Owner",
    },
    "resources": {
        "id": "Resource", "kind": "Kind", "account": "Account", "public": "Public", "shared_with": "Shared with",
        "owner": "Owner", "sensitivity": "Sensitivity",
    },
    "grants": {
        "principal": "Principal", "via": "Via", "layer": "Layer", "kind": "Kind", "policy": "Policy", "admin": "Admin",
        "resource": "On", "actions": "Actions",
    },
    "credentials": {
        "id": "Credential", "kind": "Kind", "principal_name": "Holder", "account": "Account", "active": "Active",
        "created": "Created", "last_used": "Last used", "holders": "Holders",
    },
    "trusts": {
        "principal_name": "Principal", "subject_kind": "Trusts", "subject": "Subject", "patterns": "Patterns",
        "external_id": "External id", "limited": "Limited",
    },
    "requests": {
        "principal": "For", "action": "Asked for", "policy": "Policy", "resource": "On", "status": "Status",
        "requester": "By", "reason": "Reason", "ticket": "Ticket", "approvers": "Decided by", "created": "Made",
    },
    "coverage": {
        "account": "Scope", "service": "Service", "call": "Call", "status": "Status", "detail": "Detail",
        "affects": "Cannot be known",
    },
}  # fmt: skip

_COVERAGE = (
    "provider", "account", "kind", "service", "call", "status", "detail", "affects", "snapshot", "stale",
)  # fmt: skip

Provider = Annotated[str | None, typer.Option(help="Only this provider.", show_default=False)]
Account = Annotated[str | None, typer.Option(help="Only this account.", show_default=False)]
Kind = Annotated[list[str] | None, typer.Option(help="Only this kind; may be repeated.", show_default=False)]
Tag = Annotated[list[str] | None, typer.Option(help="KEY or KEY=VALUE; may be repeated.", show_default=False)]
Admin = Annotated[str | None, typer.Option(help="yes, conditional, limited, no or unknown.", show_default=False)]
Text = Annotated[str | None, typer.Option(help="Only rows with this text in id, name or policy.", show_default=False)]
Owner = Annotated[str | None, typer.Option(help="Only this owner; * and ? are wildcards.", show_default=False)]
Unused = Annotated[
    int | None, typer.Option("--unused-for", min=0, max=36500, help="Known unused for DAYS.", show_default=False)
]
Used = Annotated[
    int | None, typer.Option("--used-within", min=0, max=36500, help="Used within DAYS.", show_default=False)
]
Sort = Annotated[str | None, typer.Option(help="Column to sort by; -COLUMN for descending.", show_default=False)]
Limit = Annotated[
    int | None, typer.Option(min=0, help="Rows a page (0: all); default 50 in a table, else all.", show_default=False)
]
Cursor = Annotated[str | None, typer.Option(help="`next` of the page before.", show_default=False)]


@dataclass(frozen=True, slots=True)
class Paging:
    """In which order a list stands, and which page of it is shown."""

    sort: Sort = None
    limit: Limit = None
    cursor: Cursor = None


def register(app: typer.Typer) -> None:
    """Add the commands."""
    _identities(app)
    _resources(app)
    _grants(app)
    _credentials(app)
    _trusts(app)
    _requests(app)
    _coverage(app)


History = Annotated[bool, typer.Option("--history", help="Who made each, and who changed it last.")]
_HISTORY = {"created_by": "Made by", "changed_by": "Changed by"}


_MOST_ACTIONS = 12
"""So many a cell of a table; a role of Google Cloud may hold thousands."""


_NAMED = {
    "principal_name": "principal", "via_name": "via", "policy_name": "policy", "requester_name": "requester",
    "resource_name": "resource", "approver_names": "approvers",
}  # fmt: skip
"""Names that stand in place of ids which nobody knows by heart."""


def _shown(items: Sequence[dict[str, Any]], form: Format) -> Sequence[dict[str, Any]]:
    """The rows as a table has room for them."""
    if form is not Format.TABLE:
        return items
    items = [row | {of: row[name] for name, of in _NAMED.items() if row.get(name)} for row in items]
    items = [row | _lasting(row) | _asked(row) for row in items]
    long = (len(row.get("actions") or ()) > _MOST_ACTIONS for row in items)
    return [
        row | {"actions": [*row["actions"][:4], f"… {len(row['actions']) - 4} more"]} if cut else row
        for row, cut in zip(items, long, strict=True)
    ]


def _lasting(row: dict[str, Any]) -> dict[str, Any]:
    """The layer of a grant that is not merely standing, with what it is, or what it takes to have it."""
    told = row["state"] if row.get("state") in ("activated", "ending") else row.get("requires")
    return {"layer": f"{row['layer']} ({told})"} if told else {}


def _asked(row: dict[str, Any]) -> dict[str, Any]:
    """What a request asks for, with the layer where it is not access itself; its ticket with where that is."""
    if "ticket" not in row:
        return {}
    layer = "" if row["layer"] == "allow" else f" ({row['layer']})"
    system = f" ({row['ticket_system']})" if row["ticket"] and row["ticket_system"] else ""
    return {"action": f"{row['action']}{layer}", "ticket": f"{row['ticket']}{system}" if row["ticket"] else None}


def _list(
    what: str, filters: dict[str, Any], paging: Paging, read: Estate, *, history: bool = False, usage: bool = False
) -> None:
    from leastwise.app.answers.inventory import page_values
    from leastwise.app.estate import open_estate
    from leastwise.app.inventory import Filters, list_rows

    limit = paging.limit
    for name in ("kind", "tag"):
        filters[name] = tuple(filters.get(name) or ())
    if limit is None and read.form is Format.TABLE:
        limit = _PAGE
    estate = open_estate(workspace(read.home, read.database), at_moment(read.at), read.snapshot)
    page = list_rows(estate, what, Filters(**filters), paging.sort, limit, paging.cursor)
    footer = f"{len(page.items)} of {page.total} {what}. {estate_line(page.header, page.coverage)}"
    if page.next:
        footer += f"\nNext page: --cursor {page.next}"
    answer = page_values(estate, what, page, history=history, use_of=filters["id"] if usage else "")
    items, columns, names = _shown(answer["items"], read.form), _COLUMNS[what], page.columns
    if history:
        items = [row | _makers(row["provenance"]) for row in items]
        columns, names = columns | _HISTORY, (*names, *_MAKERS)
    if usage:
        footer = f"{_used(answer)}\n{footer}"
    emit(read.form, answer, items, columns, footer, names)


_MAKERS = ("created_by", "created_at", "created_event", "changed_by", "changed_at", "changed_event", "history_missing")


def _makers(told: dict[str, Any]) -> dict[str, Any]:
    """Who made and changed a row, as cells."""
    found = {"history_missing": told["missing"]}
    for when in ("created", "changed"):
        one = told[when] or {}
        found |= {f"{when}_by": one.get("by"), f"{when}_at": one.get("at"), f"{when}_event": one.get("event")}
    return found


def _used(answer: dict[str, Any]) -> str:
    """How a credential was used, in lines."""
    lines = [
        f"{one['network']}: {one['calls']} calls, {one['denied']} denied, {one['first']} to {one['last']}"
        for one in answer["usage"]["networks"]
    ]
    night = answer["night"]
    if night:
        lines.append(f"Newest network: {night['calls']} calls from {night['network']} since {night['first']}")
    return "\n".join(lines) or "No call with it is known: leastwise events --status."


def _identities(app: typer.Typer) -> None:
    @app.command()
    @spread
    def identities(
        *,
        provider: Provider = None,
        account: Account = None,
        kind: Kind = None,
        tag: Tag = None,
        text: Text = None,
        owner: Owner = None,
        admin: Annotated[
            str | None, typer.Option(help="yes, conditional, limited, no or unknown.", show_default=False)
        ] = None,
        mfa: Annotated[bool | None, typer.Option("--mfa/--no-mfa", help="With or without MFA.")] = None,
        external: Annotated[bool | None, typer.Option("--external/--internal", help="Reachable from outside.")] = None,
        unused: Unused = None,
        used: Used = None,
        persons: Annotated[
            bool, typer.Option("--persons", help="Persons with their accounts, and why each is theirs.")
        ] = False,
        person: Annotated[
            str | None,
            typer.Option(help="The accounts of this person, by name, address or id of one.", show_default=False),
        ] = None,
        paging: Paging,
        read: Estate,
    ) -> None:
        """List identities: humans, workloads, roles, groups, devices, agents, services and outsiders."""
        if persons or person is not None:
            others = (provider, account, kind, tag, text, owner, admin, mfa, external, unused, used)
            if any(one is not None for one in (*others, paging.sort, paging.cursor)):
                raise UsageError("--persons and --person take --limit only")
            _persons(person, paging.limit, read)
            return
        filters = {
            "provider": provider, "account": account, "kind": kind, "tag": tag, "text": text, "owner": owner,
            "admin": admin, "mfa": mfa, "external": external, "unused_days": unused, "used_days": used,
        }  # fmt: skip
        _list("identities", filters, paging, read)


_PERSONS = {
    "person": "Person", "provider": "Provider", "name": "Account", "id": "Id", "enabled": "Enabled", "left": "Left",
    "reason": "Because of", "rests_on": "Which is",
}  # fmt: skip
_PERSON_NAMES = (
    "person", "left", "left_because", "provider", "account", "id", "name", "mail", "enabled", "home", "reason",
    "rests_on",
)  # fmt: skip


def _persons(wanted: str | None, limit: int | None, read: Estate) -> None:
    from leastwise.app.answers.inventory import persons
    from leastwise.app.estate import open_estate

    estate = open_estate(workspace(read.home, read.database), at_moment(read.at), read.snapshot)
    body = persons(estate, wanted, limit)
    items = body["items"]
    people = len({one["person"] for one in items})
    told = estate_line(body["estate"], body["coverage"])
    footer = f"{len(items)} of {body['total']} accounts of {people} persons. {told}"
    emit(read.form, body, items, _PERSONS, footer, _PERSON_NAMES)


def _resources(app: typer.Typer) -> None:
    @app.command()
    @spread
    def resources(
        *,
        provider: Provider = None,
        account: Account = None,
        kind: Kind = None,
        tag: Tag = None,
        text: Text = None,
        owner: Owner = None,
        public: Annotated[
            str | None, typer.Option(help="yes, conditional, blocked, no or unknown.", show_default=False)
        ] = None,
        paging: Paging,
        read: Estate,
    ) -> None:
        """List resources, with who outside may reach them by their own policy."""
        filters = {
            "provider": provider, "account": account, "kind": kind, "tag": tag, "text": text, "owner": owner,
            "public": public,
        }  # fmt: skip
        _list("resources", filters, paging, read)


def _grants(app: typer.Typer) -> None:
    @app.command()
    @spread
    def grants(
        *,
        provider: Provider = None,
        account: Account = None,
        kind: Kind = None,
        text: Text = None,
        owner: Owner = None,
        history: History = False,
        paging: Paging,
        read: Estate,
    ) -> None:
        """List grants: each policy in force on a principal (directly or by a group), a resource or a scope."""
        filters = {"provider": provider, "account": account, "kind": kind, "text": text, "owner": owner}
        _list("grants", filters, paging, read, history=history)


def _credentials(app: typer.Typer) -> None:
    @app.command()
    @spread
    def credentials(
        *,
        credential: Annotated[
            str | None, typer.Argument(metavar="[CREDENTIAL]", help="Only this one, by its id.", show_default=False)
        ] = None,
        provider: Provider = None,
        account: Account = None,
        kind: Kind = None,
        text: Text = None,
        owner: Owner = None,
        active: Annotated[bool | None, typer.Option("--active/--inactive", help="Usable or not.")] = None,
        unused: Unused = None,
        used: Used = None,
        history: History = False,
        usage: Annotated[
            bool, typer.Option("--usage", help="From which networks and with which agents this one was used.")
        ] = False,
        paging: Paging,
        read: Estate,
    ) -> None:
        """List credentials: access keys, passwords, MFA devices, certificates."""
        if usage and credential is None:
            raise UsageError("--usage: name one credential, as in leastwise credentials AKIA… --usage")
        filters = {
            "provider": provider, "account": account, "kind": kind, "text": text, "owner": owner, "active": active,
            "unused_days": unused, "used_days": used, "id": credential,
        }  # fmt: skip
        _list("credentials", filters, paging, read, history=history, usage=usage)


def _trusts(app: typer.Typer) -> None:
    @app.command()
    @spread
    def trusts(
        *,
        provider: Provider = None,
        account: Account = None,
        text: Text = None,
        owner: Owner = None,
        history: History = False,
        tried: Annotated[
            bool, typer.Option("--tried", help="What became of hostile subjects that were tried at each.")
        ] = False,
        paging: Paging,
        read: Estate,
    ) -> None:
        """List trusts: who may become which principal."""
        filters = {"provider": provider, "account": account, "text": text, "owner": owner}
        if tried:
            if history or owner or paging.sort or paging.cursor:
                raise UsageError("--tried takes --provider, --account, --text and --limit only")
            _tried(provider, account, text, paging.limit, read)
            return
        _list("trusts", filters, paging, read, history=history)


_TRIED = {
    "principal": "Principal", "title": "Tried", "subject": "Subject", "state": "State", "becomes": "Becomes",
}  # fmt: skip
_TRIED_NAMES = (
    "provider", "account", "principal", "issuer", "names", "tried", "title", "subject", "state", "becomes", "missing",
)  # fmt: skip


def _tried(provider: str | None, account: str | None, text: str | None, limit: int | None, read: Estate) -> None:
    from leastwise.app.answers.inventory import tries
    from leastwise.app.estate import open_estate

    estate = open_estate(workspace(read.home, read.database), at_moment(read.at), read.snapshot)
    body, let_in = tries(estate, provider, account, text, limit)
    told = estate_line(body["estate"], body["coverage"])
    footer = f"{len(body['items'])} of {body['total']} tries, {let_in} let in. {told}"
    emit(read.form, body, body["items"], _TRIED, footer, _TRIED_NAMES)


def _requests(app: typer.Typer) -> None:
    @app.command()
    @spread
    def requests(
        *,
        provider: Provider = None,
        account: Account = None,
        kind: Kind = None,
        status: Annotated[
            str | None,
            typer.Option(
                help="pending, granted, denied, canceled, expired, failed, revoked or unknown.", show_default=False
            ),
        ] = None,
        text: Annotated[
            str | None,
            typer.Option(
                help="Only rows with this text in id, principal, policy, reason or ticket.", show_default=False
            ),
        ] = None,
        owner: Owner = None,
        paging: Paging,
        read: Estate,
    ) -> None:
        """List requests for access: who asked for what and why, by which ticket, who decided, what came of it."""
        filters = {
            "provider": provider, "account": account, "kind": kind, "status": status, "text": text, "owner": owner,
        }  # fmt: skip
        _list("requests", filters, paging, read)


def _coverage(app: typer.Typer) -> None:
    @app.command()
    @spread
    def coverage(
        *,
        gaps: Annotated[bool, typer.Option("--gaps", help="Collection gaps only.")] = False,
        read: Estate,
    ) -> None:
        """List what was read of each scope, what was not, and what cannot be known because of it."""
        from leastwise.app.estate import open_estate
        from leastwise.app.inventory import list_coverage

        page = list_coverage(open_estate(workspace(read.home, read.database), at_moment(read.at), read.snapshot), gaps)
        emit(read.form, page.to_json(), page.items, _COLUMNS["coverage"], estate_line(page.header, page.coverage),
             _COVERAGE)  # fmt: skip
