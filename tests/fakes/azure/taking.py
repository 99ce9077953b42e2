"""What fetches logs, driven without a home: what a lake would know of its pieces."""

from __future__ import annotations

import json
import threading
from typing import Any

from fakes.into import Into
from leastwise.providers.fetching import FetchError, LogSource, Piece


class Lake:
    """What a lake would know of pieces: by name and content, and by folder whether all of it could be read."""

    def __init__(self) -> None:
        self.known: set[tuple[str, str]] = set()
        self.folders: dict[str, bool] = {}
        self.records: list[dict[str, Any]] = []
        self.failed: dict[str, str] = {}

    def take(self, opened: LogSource) -> list[Piece]:
        """The pieces that were fetched."""
        fetched = []
        try:
            for piece in opened.pieces(threading.Event()):
                if (piece.name, piece.content) in self.known:
                    continue
                fetched.append(piece)
                into = Into()
                folder = piece.name.rpartition("/")[0] + "/"
                try:
                    opened.fetch(piece, into)
                except FetchError as error:
                    self.failed[piece.name] = str(error)
                    self.folders[folder] = False
                    continue
                self.known.add((piece.name, piece.content))
                self.folders.setdefault(folder, True)
                self.records += [json.loads(line) for line in into.data.splitlines()]
        finally:
            opened.close()
        return fetched

    def numbers(self) -> list[int]:
        return sorted({int(one["eventDataId"][-12:]) for one in self.records})
