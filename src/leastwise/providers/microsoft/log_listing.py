"""What the blob service answers to a list: XML, read without anything that a document type could bring along.

https://learn.microsoft.com/rest/api/storageservices/list-blobs
https://learn.microsoft.com/rest/api/storageservices/list-containers2
"""

from __future__ import annotations

from dataclasses import dataclass, field
from urllib.parse import unquote
from xml.parsers import expat

from leastwise.providers.rest.failure import RestFailed

_CONTAINER, _BLOB, _PREFIX = "Container", "Blob", "BlobPrefix"
_APPEND = "AppendBlob"


@dataclass(frozen=True, slots=True)
class Stored:
    """A blob as a list tells it; `grows`: what it has is never altered, but more may be added."""

    key: str
    size: int
    etag: str
    grows: bool


@dataclass(slots=True)
class Listing:
    """A page: blobs, the beginnings of names that others share, names of containers, and what asks for the next."""

    blobs: list[Stored] = field(default_factory=list)
    prefixes: list[str] = field(default_factory=list)
    containers: list[str] = field(default_factory=list)
    more: str = ""


class _Reading:
    """Takes the elements of a page."""

    def __init__(self) -> None:
        self.found = Listing()
        self._path: list[str] = []
        self._text: list[str] = []
        self._told: dict[str, str] = {}
        self._encoded = False

    def begin(self, name: str, attributes: dict[str, str]) -> None:
        self._path.append(name)
        self._text = []
        if name in (_CONTAINER, _BLOB, _PREFIX):
            self._told = {}
        elif name == "Name":
            self._encoded = attributes.get("Encoded", "").lower() == "true"

    def text(self, data: str) -> None:
        self._text.append(data)

    def end(self, name: str) -> None:
        said = "".join(self._text)
        if name == _BLOB:
            size = self._told.get("Content-Length", "")
            self.found.blobs.append(Stored(
                self._told.get("Name", ""), int(size) if size.isdigit() else 0, self._told.get("Etag", "").strip('"'),
                self._told.get("BlobType") == _APPEND,
            ))  # fmt: skip
        elif name == _PREFIX:
            self.found.prefixes.append(self._told.get("Name", ""))
        elif name == _CONTAINER:
            self.found.containers.append(self._told.get("Name", ""))
        elif name == "NextMarker":
            self.found.more = said
        elif {_BLOB, _PREFIX, _CONTAINER} & set(self._path[:-1]):
            self._told[name] = unquote(said) if name == "Name" and self._encoded else said
        self._path.pop()
        self._text = []


def listing(answer: bytes) -> Listing:
    """The page that an answer is. RestFailed when it cannot be read."""
    reading = _Reading()
    parser = expat.ParserCreate()
    parser.StartElementHandler, parser.EndElementHandler = reading.begin, reading.end
    parser.CharacterDataHandler = reading.text
    parser.StartDoctypeDeclHandler = _refuse
    try:
        parser.Parse(answer, True)
    except (expat.ExpatError, UnicodeError):
        # A proxy's page, or an answer that was cut off: no word of the vendor.
        raise RestFailed("NotXml", "the answer cannot be read", 500) from None
    return reading.found


def _refuse(*_: object) -> None:
    raise RestFailed("NotXml", "the answer has a document type", 500)
