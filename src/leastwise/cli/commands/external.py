"""`leastwise external`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from ..answers import Answer, Shape, put
from ..options import Asked, Format, spread

if TYPE_CHECKING:
    from leastwise.app.asking import Asking
    from leastwise.app.external import External, Listed

_COLUMNS = {
    "resource": "Resource",
    "principal": "Outsider",
    "permissions": "Can",
    "on": "On",
    "state": "State",
    "when": "When",
    "note": "Note",
}
_NAMES = (
    "resource", "kind", "account", "principal", "principal_kind", "principal_account", "permissions", "resources",
    "exceptions", "state", "residual", "missing", "reasons", "subjects", "source", "trusted", "meant", "on", "when",
    "note",
)  # fmt: skip
_MANY = 100
"""More permissions than these are told by patterns."""
_SHOWN = 4


def register(app: typer.Typer) -> None:
    """Add the command."""

    @app.command()
    @spread
    def external(
        asked: Asked,
        account: Annotated[str | None, typer.Option(help="Only resources of this account.", show_default=False)] = None,
        kind: Annotated[
            list[str] | None,
            typer.Option(
                help="Only this kind of resource, as s3:bucket or iam:role; may be repeated.", show_default=False
            ),
        ] = None,
        public: Annotated[
            bool, typer.Option("--public", help="Only what everybody, or any account, can reach.")
        ] = False,
        services: Annotated[
            bool, typer.Option("--services", help="All services, also those that act for ourselves only or use a role.")
        ] = False,
        trusted: Annotated[
            bool, typer.Option("--trusted", help="Also what an entry of estate.yaml trusts; the entry is named.")
        ] = False,
        unknown: Annotated[
            bool, typer.Option("--unknown", help="Also resources of which it was not read whom they let in.")
        ] = False,
        text: Annotated[
            str | None, typer.Option(help="Only with this text in resource, outsider or subjects.", show_default=False)
        ] = None,
        strict: Annotated[
            bool, typer.Option("--strict", help="Keys that are not given are absent, instead of unknown.")
        ] = False,
    ) -> None:
        """List every resource and role that somebody outside the zone of trust can reach, and under which condition."""
        from leastwise.app.answers.external import external as ways_in
        from leastwise.app.external import Wanted
        from leastwise.model.decision import Circumstances

        wanted = Wanted(account, tuple(kind or ()), public, services, trusted, unknown, text)
        given = Circumstances(strict=strict)

        def ask(asking: Asking) -> Answer:
            told = ways_in(asking, wanted, given)
            found = told.made_of
            rows: list[dict[str, Any]] = told.body["items"]
            if asked.form is not Format.JSON:
                table = asked.form is Format.TABLE
                rows = [_row(item, one, asking, short=table) for item, one in zip(rows, found.items, strict=True)]
            return Answer.of(told, rows, closing=_footer(asking, found))

        put(asked, Shape(_COLUMNS, names=_NAMES), ask, given, every=True)


def _row(item: dict[str, Any], one: Listed, asking: Asking, *, short: bool) -> dict[str, Any]:
    """A row of the table, or (with everything in it) of CSV."""
    from leastwise.app.asking import spoken

    exposure = one.exposure
    when = "" if exposure.residual == () else spoken(exposure.residual)
    but = f" but not {', '.join(exposure.exceptions)}" if exposure.exceptions else ""
    more = {
        "on": "" if exposure.resources == (exposure.resource,) else f"{', '.join(exposure.resources)}{but}",
        "when": "; ".join(part for part in (when, *exposure.missing) if part),
        "note": _about(one),
    }
    names = _folded(exposure.permissions, asking)
    if not short:
        return item | more | {"permissions": list(names)}
    shown = ", ".join(names[:_SHOWN]) + (f" and {len(names) - _SHOWN} more" if len(names) > _SHOWN else "")
    return item | more | {"permissions": shown, "principal": _who(one)}


def _folded(names: tuple[str, ...], asking: Asking) -> tuple[str, ...]:
    """Permissions by name, or (of thousands, which fill no cell) by the patterns of the provider that has them."""
    if len(names) <= _MANY:
        return names
    whose = (each.access for each in asking.every if names[0] in each.access.permissions())
    access = next(whose, None)
    return names if access is None else access.folded(names)


def _who(one: Listed) -> str:
    exposure = one.exposure
    return exposure.principal_kind if exposure.principal in ("*", "") else exposure.principal


def _about(one: Listed) -> str:
    exposure = one.exposure
    notes = [f"trusted by {one.trusted}"] if one.trusted else []
    notes += [f"meant: {one.meant}"] if one.meant else []
    if exposure.source:
        notes.append("for anybody" if exposure.source == "anyone" else "for us only")
    return "; ".join(notes)


def _count(number: int, what: str) -> str:
    return f"{number} {what}{'' if number == 1 else 's'}"


def _footer(asking: Asking, found: External) -> tuple[str, ...]:
    resources = len({one.exposure.resource for one in found.items})
    lines = [f"{_count(len(found.items), 'way')} in to {_count(resources, 'resource')}."]
    if found.trusted:
        lines.append(f"{found.trusted} more are trusted by estate.yaml (--trusted).")
    if found.unread:
        lines.append(f"Of {len(found.unread)} resources it was not read whom they let in (--unknown).")
    unreadable = asking.answer({})["coverage"]["unreadable"]
    return *lines, *(f"Perhaps others: {scope} could not be read" for scope in unreadable)
