"""Fields of the vendor's objects, in the forms in which its tools write them.

The REST API puts what matters under `properties`; the command line writes it flat; PowerShell writes it flat in
capitals and calls a principal's id `ObjectId`. Names of fields are compared without case.
"""

from __future__ import annotations

from collections.abc import Mapping

from leastwise.providers.fields import Body, FieldError

__all__ = ["Body", "FieldError", "Fields"]


class Fields:
    """The fields of one object.

    Args:
        body: the object.
    """

    __slots__ = ("_found",)

    def __init__(self, body: Body) -> None:
        inner = body.get("properties")
        flat = {str(key).lower(): value for key, value in body.items() if key != "properties"}
        within = {str(key).lower(): value for key, value in inner.items()} if isinstance(inner, Mapping) else {}
        self._found = {**flat, **within}
        for key in ("id", "name", "type"):
            # What an ARM object is called stands outside; `type` inside is another thing (of a role: custom or not).
            if key in flat:
                self._found[key] = flat[key]

    def get(self, *names: str) -> object:
        """The first of some fields that is there and not null, or None."""
        return next((found for name in names if (found := self._found.get(name.lower())) is not None), None)

    def has(self, *names: str) -> bool:
        """Whether one of some fields is there, even as null."""
        return any(name.lower() in self._found for name in names)

    def text(self, *names: str) -> str:
        """A text, empty where it is missing or null. Raises FieldError."""
        found = self.get(*names)
        if found is None:
            return ""
        if not isinstance(found, str):
            raise FieldError(f"{names[0]} must be a text")
        return found

    def needed(self, *names: str) -> str:
        """A text that must be there. Raises FieldError."""
        found = self.text(*names)
        if not found:
            raise FieldError(f"{names[0]} is missing")
        return found

    def flag(self, *names: str) -> bool:
        """True or false; false where it is missing. Raises FieldError."""
        found = self.get(*names)
        if found is None:
            return False
        if isinstance(found, str) and found.lower() in ("true", "false"):
            return found.lower() == "true"
        if not isinstance(found, bool):
            raise FieldError(f"{names[0]} must be true or false")
        return found

    def texts(self, *names: str) -> tuple[str, ...]:
        """Texts; none where they are missing. Raises FieldError."""
        found = self.get(*names)
        if found is None:
            return ()
        if not isinstance(found, list) or not all(isinstance(one, str) for one in found):
            raise FieldError(f"{names[0]} must be a list of texts")
        return tuple(found)

    def objects(self, *names: str) -> tuple[Body, ...] | None:
        """Objects; None where they are missing. Raises FieldError."""
        found = self.get(*names)
        if found is None:
            return None
        if not isinstance(found, list) or not all(isinstance(one, Mapping) for one in found):
            raise FieldError(f"{names[0]} must be a list of objects")
        return tuple(found)
