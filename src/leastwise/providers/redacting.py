"""Values that may be secret, as keyed hashes: equal values keep equal hashes under one key (decision 0010)."""

from __future__ import annotations

import hmac
import re

_MARK = "redacted:"
_HASHED = re.compile(r"redacted:[0-9a-f]{24}")


class Keyed:
    """Hashes with one key: any number of bytes, kept in the home folder and never in a snapshot."""

    def __init__(self, key: bytes) -> None:
        self._key = key

    def hashed(self, value: str) -> str:
        """The keyed hash of a text; the text itself if it is such a hash already."""
        if _HASHED.fullmatch(value):
            return value
        return _MARK + hmac.digest(self._key, value.encode("utf-8", "surrogatepass"), "sha256").hex()[:24]
