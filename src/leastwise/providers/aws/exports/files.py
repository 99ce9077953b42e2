"""What the names of exported AWS files tell, and the members of a JSON object."""

from __future__ import annotations

import json
import re
from pathlib import Path

import msgspec
import numpy as np

from leastwise.errors import InputError
from leastwise.providers.encoding import broken
from leastwise.providers.files import HEAD, Found, modified, name_of, parse, read_bytes

__all__ = [
    "HEAD", "REGION", "TWELVE", "Found", "Listed", "folder_account", "folder_region", "listed", "members", "modified",
    "name_of", "parse", "read_bytes",
]  # fmt: skip

TWELVE = re.compile(r"[0-9]{12}")
"""An account id."""

REGION = re.compile(r"[a-z]{2,4}(?:-[a-z]+){1,2}-[0-9]{1,2}")
"""A region, as https://docs.aws.amazon.com/global-infrastructure/latest/regions/aws-regions.html names them."""

_MEMBER = re.compile(rb'[ \t\r\n]*[{,][ \t\r\n]*"(?:[^"\\]|\\.)*"[ \t\r\n]*:[ \t\r\n]*')
_CLOSED = re.compile(rb"[ \t\r\n]*\{?[ \t\r\n]*\}[ \t\r\n]*")
_LIST_OPENED, _LIST_CLOSED = re.compile(rb"\[[ \t\r\n]*"), re.compile(rb"[ \t\r\n]*\]")
_PLAIN = re.compile(rb'\[[ \t\r\n]*\]|true|false|null|"(?:[^"\\]|\\.)*"|-?[0-9][0-9.eE+-]*')

Listed = list[msgspec.Raw] | bool | str | float | None
"""A member of an object: a list with its elements still as their bytes, or a plain value."""

_decode_listed = msgspec.json.Decoder(dict[str, Listed]).decode


def folder_account(path: Path) -> str | None:
    """The account that the file or a folder above is named after."""
    names = [path.stem, *(parent.name for parent in path.absolute().parents)]
    return next((name for name in names if TWELVE.fullmatch(name)), None)


def folder_region(path: Path) -> str:
    """The region that a folder above, within the account's folder, is named after; empty when none is."""
    for parent in path.absolute().parents:
        if REGION.fullmatch(parent.name):
            return parent.name
        if TWELVE.fullmatch(parent.name):
            break
    return ""


def members(path: object, data: bytes) -> dict[str, msgspec.Raw]:
    """The members of a JSON object, each still as its bytes.

    Raises InputError naming the file for what is no JSON object, and for a member that stands twice: which of the two
    counts differs between readers, and the other one would be lost.
    """
    try:
        found = msgspec.json.decode(data, type=dict[str, msgspec.Raw])
    except msgspec.ValidationError:
        parse(path, data)
        raise InputError(path, "must be an object") from None
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise InputError(path, broken(error, data)) from None
    # Names, values and what stands between them are the whole text, unless a value was replaced by a later one.
    place = 0
    for raw in found.values():
        match = _MEMBER.match(data, place)
        if match is None:
            break
        place = match.end() + memoryview(raw).nbytes
    if not _CLOSED.fullmatch(data, place):
        raise InputError(path, f'"{_repeated(data)}" stands twice')
    return found


def listed(data: bytes) -> dict[str, Listed] | None:
    """The members of a JSON object that holds only lists and plain values; None for anything else.

    None, too, where a member stands twice or the text is malformed: `members` says what is wrong with it.
    """
    try:
        found = _decode_listed(data)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return None
    # As in `members`: what is found must be the whole text.
    start, place = _address(data), 0
    for value in found.values():
        match = _MEMBER.match(data, place)
        if match is None:
            return None
        place = match.end()
        if isinstance(value, list) and value:
            first, last = _address(value[0]) - start, _address(value[-1]) - start
            if not _LIST_OPENED.fullmatch(data, place, first):
                return None
            match = _LIST_CLOSED.match(data, last + memoryview(value[-1]).nbytes)
        else:
            match = _PLAIN.match(data, place)
        if match is None:
            return None
        place = match.end()
    return found if _CLOSED.fullmatch(data, place) else None


def _address(data: bytes | msgspec.Raw) -> int:
    """Where bytes lie in memory: those of parts lie in those of the whole."""
    return int(np.frombuffer(data, np.uint8).__array_interface__["data"][0])


def _repeated(data: bytes) -> str:
    """The first name that an object gives to two members; empty if there is none."""
    outer: list[str] = []

    def keep(pairs: list[tuple[str, object]]) -> None:
        outer[:] = [name for name, _ in pairs]  # the outermost object is the last that is read

    json.loads(data.decode("utf-8", "replace"), object_pairs_hook=keep)
    return next((name for place, name in enumerate(outer) if name in outer[:place]), "")
