"""A saved `aws … --output json` response, opened."""

from __future__ import annotations

from leastwise.errors import InputError
from leastwise.model.scope import RawDocument

from .shapes import Node, decode


class Saved(Node):
    """A response: `call` is `service.operation` as the AWS CLI spells them; `subjects` what the call was asked about.

    Subjects come from the file's name (`service-operation--subject.json`), because most AWS responses do not repeat
    them.
    """

    __slots__ = ("call", "region", "service", "subjects")

    def __init__(self, document: RawDocument) -> None:
        super().__init__(document.name, decode(document.name, document.body))
        self.service, self.call = document.service, document.kind
        self.region = document.region
        self.subjects = tuple(document.resource.split("\x1f")) if document.resource else ()

    def subject(self, position: int = 0) -> str:
        """A subject. Raises InputError that says how the file must be named when it has none."""
        if len(self.subjects) <= position:
            raise InputError(
                self.name,
                f"{self.call} does not say what it was asked about; name the file "
                f"{self.call.replace('.', '-')}--SUBJECT.json",
            )
        return self.subjects[position]
