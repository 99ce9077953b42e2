"""Files of an export: names and bytes as `aws … --output json` and a careful hand would leave them."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from datetime import datetime
from urllib.parse import quote


@dataclass
class Export:
    """What was saved from one account on one day: file name to bytes."""

    account: str
    day: datetime
    files: dict[str, bytes] = field(default_factory=dict)

    @property
    def folder(self) -> str:
        """Its folder inside the data."""
        return f"{self.day.date().isoformat()}/{self.account}"

    def save(self, call: str, response: object, *subjects: str) -> None:
        """One response of one call: `<service>-<operation>[--<subject>…].json`."""
        self._put(_name(call, subjects, ".json"), response)

    def fail(self, call: str, operation: str, code: str, message: str, *subjects: str) -> None:
        """One failed call: ``….error.json``."""
        error = {"Error": {"Code": code, "Message": message}, "Operation": operation, "Account": self.account}
        self._put(_name(call, subjects, ".error.json"), error)

    def text(self, name: str, text: str) -> None:
        """A file that is not JSON."""
        self.files[name] = text.encode()

    def _put(self, name: str, value: object) -> None:
        if name in self.files:
            raise ValueError(f"{self.folder}/{name} is written twice")
        self.files[name] = (json.dumps(value, indent=4, ensure_ascii=False) + "\n").encode()


def _name(call: str, subjects: tuple[str, ...], end: str) -> str:
    return "--".join((call, *(quote(subject, safe="._@") for subject in subjects))) + end


def compact(value: object) -> str:
    """A document as vendors put it into a string."""
    return json.dumps(value, separators=(",", ":"))
