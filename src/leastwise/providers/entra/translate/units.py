"""Administrative units and their members.

https://learn.microsoft.com/graph/api/resources/administrativeunit
"""

from __future__ import annotations

from leastwise.model.scope import CoverageStatus
from leastwise.providers.entra.language.directory import Unit, kind_of, parse_unit
from leastwise.providers.entra.language.ids import needed_id, object_id
from leastwise.providers.fields import Body, Fields

from .context import Context
from .details import membership, word

_EXPANDED = 20


def unit(context: Context, body: Body, about: str, source: str) -> None:
    """An administrative unit. Raises FieldError."""
    one, fields = parse_unit(body), Fields(body)
    context.units.setdefault(one.id, (one, fields.text("membershipRule"), source))
    members = fields.objects("members")
    if members is not None:
        listed(context, one.id, whole=len(members) < _EXPANDED and not fields.get("members@odata.nextLink"))
    for each in members or ():
        _in_unit(context, one.id, each, source)


def member(context: Context, body: Body, about: str, source: str) -> None:
    """A member of a unit. Raises FieldError."""
    unit = object_id(Fields(body).text("administrativeUnitId") or about)
    if unit:
        _in_unit(context, unit, body, source)
    else:
        context.skip("members of an administrative unit that is not named", source)


def listed(context: Context, unit: str, *, whole: bool) -> None:
    """The members of a unit were listed, perhaps without one."""
    context.unit_members.setdefault(unit, {})
    context.units_whole[unit] = whole or context.units_whole.get(unit, False)


def _in_unit(context: Context, unit: str, body: Body, source: str) -> None:
    fields = Fields(body)
    id, type = needed_id(fields, "id"), kind_of(fields.text("@odata.type"))
    context.people.named(id, type, source)
    context.unit_members.setdefault(unit, {}).setdefault(id, (type, source))


def finish(context: Context) -> None:
    """A row of each unit, also of those whose members alone were told, and one of each membership."""
    for unit in dict.fromkeys((*context.units, *context.unit_members)):
        one, rule, source = context.units.get(unit, (Unit(unit), "", ""))
        told = unit in context.units
        if not told:
            source = next((where for _, where in context.unit_members[unit].values()), "")
        whole = context.units_whole.get(unit)
        context.resource(
            unit, "administrative_unit", one.name, source,
            {
                "read": word(told),
                "restricted": word(one.restricted),
                "members": "" if unit not in context.unit_members else "all" if whole else "some",
                **membership(rule),
            },
        )  # fmt: skip
        error = membership(rule).get("rule_error")
        if error:
            context.gap(
                "directory.administrativeUnits.list/membershipRule", CoverageStatus.UNSUPPORTED,
                f"the rule of unit {one.name or unit} ({unit}) {error} ({source})", "who could steer who is in it",
            )  # fmt: skip
        for id, (_, where) in context.unit_members.get(unit, {}).items():
            context.people.belongs(id, unit, "administrative_unit", None, where)
