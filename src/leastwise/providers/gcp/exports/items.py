"""A file as its JSON objects: one value, an array, pages, or one object a line with comments between them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from leastwise.providers import items
from leastwise.providers.items import Content, Item, Page

from .shapes import WRAPPERS, kind_of

__all__ = ["Content", "Item", "first_object", "read_items"]


def read_items(file: object, data: bytes) -> Content:
    """The objects of a file; see `leastwise.providers.items`. Raises InputError."""
    return items.read_items(file, data, _page)


def first_object(data: bytes) -> Mapping[str, Any] | None:
    """The first object of the beginning of a file, or None where it has none that is whole or told by its names."""
    return items.first_object(data, _page)


def _page(value: Mapping[str, Any]) -> Page | None:
    """The objects of a page; None for what is no page."""
    if kind_of(value) is not None:
        return None
    found = [key for key in WRAPPERS if isinstance(value.get(key), list)]
    others = value.keys() - set(found) - {"nextPageToken", "next_page_token", "readTime", "read_time", "kind", "etag"}
    if len(found) != 1 or others:
        return None
    return Page(value[found[0]], bool(value.get("nextPageToken") or value.get("next_page_token")))
