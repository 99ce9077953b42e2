"""Where the bytes of a fetched piece of a log go."""

from __future__ import annotations


class Into:
    """A sink (`providers.fetching.Sink`) that keeps what it was given last."""

    def __init__(self) -> None:
        self.data = b""

    def write(self, data: bytes) -> None:
        self.data += data

    def restart(self) -> None:
        self.data = b""
