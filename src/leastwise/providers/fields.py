"""Fields of a vendor's objects, whose names are compared without case; one may have several names."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

Body = Mapping[str, Any]


class FieldError(ValueError):
    """A field is missing or of another type; the message says which."""


class Fields:
    """The fields of one object.

    Args:
        body: the object.
    """

    __slots__ = ("_found",)

    def __init__(self, body: Body) -> None:
        self._found = {str(key).lower(): value for key, value in body.items()}

    def get(self, *names: str) -> object:
        """The first of some fields that is there and not null, or None."""
        return next((found for name in names if (found := self._found.get(name.lower())) is not None), None)

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

    def flag(self, *names: str) -> bool | None:
        """True or false; None where it is missing or null. Raises FieldError."""
        found = self.get(*names)
        if found is not None and not isinstance(found, bool):
            raise FieldError(f"{names[0]} must be true or false")
        return found

    def texts(self, *names: str) -> tuple[str, ...] | None:
        """Texts; None where they are missing or null. Raises FieldError."""
        found = self.get(*names)
        if found is None:
            return None
        if not isinstance(found, list) or not all(isinstance(one, str) for one in found):
            raise FieldError(f"{names[0]} must be a list of texts")
        return tuple(found)

    def object(self, *names: str) -> Body:
        """An object, empty where it is missing or null. Raises FieldError."""
        found = self.get(*names)
        if found is None:
            return {}
        if not isinstance(found, Mapping):
            raise FieldError(f"{names[0]} must be an object")
        return found

    def objects(self, *names: str) -> tuple[Body, ...] | None:
        """Objects; None where they are missing or null. Raises FieldError."""
        found = self.get(*names)
        if found is None:
            return None
        if not isinstance(found, list) or not all(isinstance(one, Mapping) for one in found):
            raise FieldError(f"{names[0]} must be a list of objects")
        return tuple(found)
