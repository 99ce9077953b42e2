"""An error as Azure answers it."""

from __future__ import annotations

from collections.abc import Mapping


class Refused(Exception):
    """An error as Azure answers it."""

    def __init__(self, http: int, code: str, message: str = "", headers: Mapping[str, str] | None = None) -> None:
        super().__init__(code)
        self.http, self.code, self.message, self.headers = http, code, message, headers or {}
