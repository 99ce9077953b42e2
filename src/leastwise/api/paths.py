"""Ids in paths: percent-encoded, so that one with slashes is one segment."""

from __future__ import annotations

from urllib.parse import unquote

from starlette.convertors import Convertor, register_url_convertor

CONVERTOR = "id"
"""What a parameter of a path is declared with: `/identities/{id:id}`. Paths are matched as they came, encoded."""


class EncodedId(Convertor[str]):
    """One segment of a path as it came, and the id that it stands for."""

    regex = "[^/]+"

    def convert(self, value: str) -> str:
        """The id."""
        return unquote(value, errors="strict")

    def to_string(self, value: str) -> str:
        """The segment."""
        from urllib.parse import quote

        return quote(value, safe="")


register_url_convertor(CONVERTOR, EncodedId())
