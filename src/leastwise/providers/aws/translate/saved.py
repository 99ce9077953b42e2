"""A saved `aws … --output json` response, opened."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import msgspec

from leastwise.errors import InputError
from leastwise.model.scope import RawDocument


@dataclass(frozen=True, slots=True)
class Saved:
    """A response: `call` is `service.operation` as the AWS CLI spells them; `subjects` what the call was asked about.

    Subjects come from the file's name (`service-operation--subject.json`), because most AWS responses do not repeat
    them.
    """

    service: str
    call: str
    subjects: tuple[str, ...]
    body: dict[str, Any]
    name: str

    def subject(self, position: int = 0) -> str:
        """A subject. Raises InputError that says how the file must be named when it has none."""
        if len(self.subjects) <= position:
            raise InputError(
                self.name,
                f"{self.call} does not say what it was asked about; name the file "
                f"{self.call.replace('.', '-')}--SUBJECT.json",
            )
        return self.subjects[position]

    def list(self, key: str) -> list[dict[str, Any]]:
        """The objects under a key; absent means none. Raises InputError if it is something else."""
        found = self.body.get(key) or []
        if not isinstance(found, list) or not all(isinstance(one, dict) for one in found):
            raise InputError(self.name, f"{key} must be a list of objects", f"$.{key}")
        return found

    def text(self, key: str, inside: dict[str, Any] | None = None) -> str:
        """A text that the response must hold. Raises InputError."""
        value = (self.body if inside is None else inside).get(key)
        if not isinstance(value, str):
            raise InputError(self.name, f"{key} is missing or no text", f"$.{key}")
        return value


def parse_response(document: RawDocument) -> Saved:
    """Open a raw document of a saved response. Raises InputError."""
    try:
        body = msgspec.json.decode(document.body)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise InputError(document.name, f"not valid JSON: {error}") from None
    if not isinstance(body, dict):
        raise InputError(document.name, "an AWS response is an object")
    subjects = tuple(document.resource.split("\x1f")) if document.resource else ()
    return Saved(document.service, document.kind, subjects, body, document.name)
