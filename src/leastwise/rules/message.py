"""The message of a rule: text with columns and parameters in it."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping

from leastwise.model.tables import Column

from .fields import Fields
from .schema import Piece

_FIELD = re.compile(r"\{(?P<name>\$?[a-z_]+)(?::(?P<form>date|days))?(?:\|(?P<otherwise>[^{}]*))?\}")


def read_message(fields: Fields, columns: Mapping[str, Column], parameters: Collection[str]) -> tuple[Piece, ...]:
    """The pieces of a message: `{column}`, `{column:date}`, `{column:days|never}`, `{$parameter}`.

    Raises:
        RuleFileError: a field names nothing, or has a form that does not suit its column.
    """
    template = fields.text("message")
    pieces, end = [], 0
    for match in _FIELD.finditer(template):
        name, form = match["name"], match["form"] or ""
        if name.startswith("$"):
            known = name[1:] in parameters and not form
        else:
            known = name in columns and (columns[name].kind == "time") == bool(form)
        if not known:
            raise fields.error("message", f"{match[0]} names no column or parameter, or not in a form it has")
        text = template[end : match.start()]
        otherwise = match["otherwise"]
        pieces.append(Piece(text, name, form) if otherwise is None else Piece(text, name, form, otherwise))
        end = match.end()
    rest = template[end:]
    if re.search(r"[{}]", "".join(piece.text for piece in pieces) + rest):
        raise fields.error("message", "has a brace that belongs to no field")
    return (*pieces, Piece(rest)) if rest else tuple(pieces)
