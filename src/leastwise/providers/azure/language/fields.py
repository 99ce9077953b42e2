"""Fields of the vendor's objects, in the forms in which its tools write them.

The REST API puts what matters under `properties`; the command line writes it flat; PowerShell writes it flat in
capitals and calls a principal's id `ObjectId`. Names of fields are compared without case.
"""

from __future__ import annotations

from collections.abc import Mapping

from leastwise.providers import fields
from leastwise.providers.fields import Body


class Fields(fields.Fields):
    """The fields of one object.

    Args:
        body: the object.
    """

    __slots__ = ()

    def __init__(self, body: Body) -> None:
        inner = body.get("properties")
        flat = {str(key).lower(): value for key, value in body.items() if key != "properties"}
        within = {str(key).lower(): value for key, value in inner.items()} if isinstance(inner, Mapping) else {}
        self._found = {**flat, **within}
        for key in ("id", "name", "type"):
            # What an ARM object is called stands outside; `type` inside is another thing (of a role: custom or not).
            if key in flat:
                self._found[key] = flat[key]

    def has(self, *names: str) -> bool:
        """Whether one of some fields is there, even as null."""
        return any(name.lower() in self._found for name in names)

    def flag(self, *names: str) -> bool:
        """True or false, as a text too; false where it is missing. Raises FieldError."""
        found = self.get(*names)
        if isinstance(found, str) and found.lower() in ("true", "false"):
            return found.lower() == "true"
        return bool(super().flag(*names))

    def texts(self, *names: str) -> tuple[str, ...]:
        """Texts; none where they are missing. Raises FieldError."""
        return super().texts(*names) or ()
