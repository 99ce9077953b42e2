"""Values that may be secret, as keyed hashes: equal values keep equal hashes under one key (decision 0010).

`Redactor` goes through JSON by a vendor's allow-list: what is not on it becomes a hash.
"""

from __future__ import annotations

import hmac
import re
from abc import ABC, abstractmethod
from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

import msgspec

_MARK = "redacted:"
_HASHED = re.compile(r"redacted:[0-9a-f]{24}")
_YES_OR_NO = frozenset(("true", "false", "yes", "no", "y", "n", "1", "0"))
_SIGN_IN = re.compile(r"(?<=://)[^/?#\s@]+(?=@)")
"""What a URL says of who signs in, and with which password."""


class Keyed:
    """Hashes with one key: any number of bytes, kept in the home folder and never in a snapshot."""

    def __init__(self, key: bytes) -> None:
        self._key = key

    def hashed(self, value: str) -> str:
        """The keyed hash of a text; the text itself if it is such a hash already."""
        if _HASHED.fullmatch(value):
            return value
        return _MARK + hmac.digest(self._key, value.encode("utf-8", "surrogatepass"), "sha256").hex()[:24]


def is_hash(text: str) -> bool:
    """Whether a text is the keyed hash of another: nothing is told by it but that there was one."""
    return _HASHED.fullmatch(text) is not None


@dataclass(frozen=True, slots=True)
class Allowed:
    """What of a vendor's JSON may stay. Names of members are in lower case.

    Args:
        whole: members that are read whole.
        secret: members whose texts are hashed whatever they look like, numbers too.
        maps: maps, or lists of name and value, whose names may be the customer's own: no text stays by its name.
        kept: members whose texts stay.
        names: members that name things, by their name as it is written: their texts stay.
        harmless: texts that stay wherever they are.
        keyed: members of a map's pairs that hold the name.
        switches: names in such pairs whose value stays where it says yes or no.
    """

    whole: Collection[str]
    secret: Collection[str]
    maps: Collection[str]
    kept: Collection[str]
    names: re.Pattern[str]
    harmless: re.Pattern[str]
    keyed: Collection[str] = ("key", "name")
    switches: Collection[str] = ()

    def stays(self, name: str, value: str) -> bool:
        """Whether a text of the member of this name may stay."""
        if name.lower() in self.kept or self.names.search(name) is not None:
            return True
        return self.harmless.fullmatch(value) is not None


class Cleaner(Keyed, ABC):
    """Goes through JSON; what becomes of a member and of a text, a class below says."""

    def _clean(self, name: str, value: Any) -> Any:
        """The value of the member `name`; the items of a list are values of the same member."""
        if isinstance(value, list):
            return [self._clean(name, one) for one in value]
        if isinstance(value, dict):
            return {key: self._member(key, one) for key, one in value.items()}
        return self._text(name, value) if isinstance(value, str) else value

    @abstractmethod
    def _member(self, name: str, value: Any) -> Any: ...

    @abstractmethod
    def _text(self, name: str, value: str) -> str: ...

    def _all(self, value: Any) -> Any:
        """The value with every text and number in it hashed."""
        if isinstance(value, list):
            return [self._all(one) for one in value]
        if isinstance(value, dict):
            return {key: self._all(one) for key, one in value.items()}
        if value is None or isinstance(value, bool) or value == "":
            return value
        return self.hashed(value if isinstance(value, str) else str(value))

    def _without_sign_in(self, value: str) -> str:
        """A text that stays, but for who signs in and with which password where it is a URL."""
        return _SIGN_IN.sub(lambda found: self.hashed(found[0]), value) if "@" in value else value


class Redactor(Cleaner):
    """Redacts documents with one key, by an allow-list."""

    def __init__(self, key: bytes, allowed: Allowed) -> None:
        super().__init__(key)
        self._allowed = allowed

    def document(self, data: bytes) -> bytes:
        """One JSON value, or a value a line with comments between them, of which the text is left out."""
        try:
            return self._value(data)
        except (msgspec.DecodeError, UnicodeDecodeError):
            pass
        except RecursionError:
            return data
        lines = data.split(b"\n")
        try:
            return b"\n".join(b"#" if line.lstrip().startswith(b"#") else self._value(line) for line in lines)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
            return data

    def _value(self, data: bytes) -> bytes:
        if not data.strip():
            return data
        value = msgspec.json.decode(data)
        clean = self._clean("", value)
        return data if clean == value else msgspec.json.encode(clean)

    def _member(self, name: str, value: Any) -> Any:
        lower = name.lower()
        if lower in self._allowed.whole:
            return value
        if lower in self._allowed.maps and isinstance(value, dict | list):
            return self._map(value)
        if lower in self._allowed.secret and not isinstance(value, dict | list | bool | None):
            return self._all(value)
        return self._clean(name, value)

    def _map(self, value: Any) -> Any:
        """Pairs as `{"key": …, "value": …}`, or members by name: what a text says under a name of its own is hashed."""
        if isinstance(value, list):
            return [self._map(one) if isinstance(one, dict | list) else self._all(one) for one in value]
        found = {}
        switch = any(one in self._allowed.switches for one in value.values() if isinstance(one, str))
        for key, one in value.items():
            lower = key.lower()
            if isinstance(one, dict | list):
                found[key] = (
                    self._map(one)
                    if lower in self._allowed.maps or lower.endswith("variables")
                    else self._member(key, one)
                )
            elif lower in self._allowed.keyed or (switch and str(one).lower() in _YES_OR_NO):
                found[key] = one
            else:
                found[key] = (
                    one
                    if isinstance(one, str) and self._allowed.stays(key, one) and lower != "value"
                    else self._all(one)
                )
        return found

    def _text(self, name: str, value: str) -> str:
        if not self._allowed.stays(name, value):
            return self.hashed(value)
        return self._without_sign_in(value)
