"""YAML and JSON files that people write: plain values, and the line of each, so that a mistake can be shown.

Texts stay texts: `2012-10-17` is no date, `on` and `no` are no booleans, `012345678901` is no number.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from leastwise.errors import InputError

_MOST = 1_000_000
"""Values of one file: aliases of aliases can stand for more than any memory holds."""
Key = str | int
Place = tuple[Key, ...]


class _Plain(yaml.SafeLoader):
    """YAML with the scalars of JSON."""

    yaml_implicit_resolvers: dict[str, Any] = {}


for _tag, _form, _first in (
    ("bool", r"^(?:true|false|True|False|TRUE|FALSE)$", "tfTF"),
    ("null", r"^(?:~|null|Null|NULL|)$", ["~", "n", "N", ""]),
    ("int", r"^-?(?:0|[1-9][0-9]*)$", list("-0123456789")),
    ("float", r"^-?(?:0|[1-9][0-9]*)\.[0-9]+(?:[eE][-+]?[0-9]+)?$", list("-0123456789")),
    ("merge", r"^(?:<<)$", ["<"]),
):
    _Plain.add_implicit_resolver(f"tag:yaml.org,2002:{_tag}", re.compile(_form), list(_first))


@dataclass(frozen=True)
class Marked:
    """The values of a file, and where each stands.

    Args:
        file: path as the user gave it.
        value: the whole.
        lines: by place (keys and positions from the top), counted from one.
    """

    file: Path
    value: Any
    lines: Mapping[Place, int]

    def error(self, place: Place, cause: str) -> InputError:
        """A mistake at a place, with its line."""
        line = next((self.lines[place[:end]] for end in range(len(place), -1, -1) if place[:end] in self.lines), None)
        shown = "".join(f"[{key}]" if isinstance(key, int) else f".{key}" for key in place).lstrip(".")
        return InputError(self.file, cause, ": ".join(part for part in (f"line {line}" if line else "", shown) if part))


def read_marked(path: Path) -> Marked:
    """A YAML or JSON file. Raises InputError naming line and cause."""
    try:
        text = path.read_bytes().decode("utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(path, f"cannot be read: {getattr(error, 'strerror', None) or error}") from None
    try:
        return _of_yaml(path, text)
    except yaml.YAMLError as error:
        # JSON may be indented by tabs, which YAML does not take.
        if text.lstrip()[:1] == "{" and "\t" in text:
            return _of_json(path, text)
        mark = getattr(error, "problem_mark", None)
        cause = getattr(error, "problem", None) or str(error)
        raise InputError(path, cause, f"line {mark.line + 1}" if mark else "") from None
    except (RecursionError, ValueError) as error:
        cause = "is nested too deeply" if isinstance(error, RecursionError) else f"holds a value that is none: {error}"
        raise InputError(path, cause) from None


def _of_yaml(path: Path, text: str) -> Marked:
    loader = _Plain(text)
    try:
        node = loader.get_single_node()
        lines: dict[Place, int] = {}
        value = None if node is None else _value(loader, node, (), lines)
        return Marked(path, value, lines)
    finally:
        loader.dispose()


def _value(loader: _Plain, node: yaml.Node, place: Place, lines: dict[Place, int]) -> Any:
    lines[place] = node.start_mark.line + 1
    if len(lines) > _MOST:
        raise yaml.constructor.ConstructorError(None, None, "holds too many values", node.start_mark)
    if isinstance(node, yaml.SequenceNode):
        return [_value(loader, one, (*place, number), lines) for number, one in enumerate(node.value)]
    if not isinstance(node, yaml.MappingNode):
        return loader.construct_object(node)
    seen: set[str] = set()
    for key, _ in node.value:
        if not isinstance(key, yaml.ScalarNode):
            raise yaml.constructor.ConstructorError(None, None, "a key must be a text", key.start_mark)
        if key.value in seen:
            raise yaml.constructor.ConstructorError(None, None, f"{key.value} stands twice", key.start_mark)
        seen.add(key.value)
    loader.flatten_mapping(node)
    found: dict[str, Any] = {}
    for key, one in node.value:
        found[key.value] = _value(loader, one, (*place, key.value), lines)
        lines[(*place, key.value)] = key.start_mark.line + 1
    return found


def _of_json(path: Path, text: str) -> Marked:
    def pairs(found: list[tuple[str, Any]]) -> dict[str, Any]:
        keys = [key for key, _ in found]
        twice = next((key for key in keys if keys.count(key) > 1), None) if len(set(keys)) < len(keys) else None
        if twice is not None:
            raise InputError(path, f"{twice} stands twice")
        return dict(found)

    try:
        return Marked(path, json.loads(text, object_pairs_hook=pairs), {})
    except json.JSONDecodeError as error:
        raise InputError(path, error.msg, f"line {error.lineno}") from None


@dataclass(frozen=True)
class Item:
    """A mapping of a marked file, read key by key; what is asked for in vain is an error with its line."""

    marked: Marked
    place: Place
    value: Mapping[str, Any]

    @classmethod
    def of(cls, marked: Marked, place: Place, value: object) -> Item:
        """The mapping at a place. Raises InputError where there is another value."""
        if not isinstance(value, dict):
            raise marked.error(place, "must be a mapping of keys to values")
        return cls(marked, place, value)

    def error(self, cause: str, key: str = "") -> InputError:
        """A mistake here, or in one key."""
        return self.marked.error((*self.place, key) if key else self.place, cause)

    def only(self, *known: str) -> None:
        """Refuse keys that nobody reads. Raises InputError."""
        for key in self.value:
            if key not in known:
                raise self.error(f"unknown key; known: {', '.join(known)}", key)

    def text(self, key: str, default: str | None = None) -> str:
        """A text that is not empty; a number stands for its digits. Raises InputError."""
        if key not in self.value:
            if default is not None:
                return default
            raise self.error(f"needs {key}")
        return _text(self, self.value[key], key)

    def texts(self, key: str) -> tuple[str, ...]:
        """One text or a list of them, none empty; empty where the key is not there. Raises InputError."""
        found = self.value.get(key, [])
        listed = found if isinstance(found, list) else [found]
        if key in self.value and not listed:
            raise self.error("is empty", key)
        return tuple(_text(self, one, key) for one in listed)

    def flag(self, key: str) -> bool:
        """A boolean; False where the key is not there. Raises InputError."""
        found = self.value.get(key, False)
        if not isinstance(found, bool):
            raise self.error("must be true or false", key)
        return found

    def item(self, key: str) -> Item:
        """The mapping of a key. Raises InputError."""
        return Item.of(self.marked, (*self.place, key), self.value.get(key))

    def items(self, key: str) -> Iterator[Item]:
        """The mappings of a list. Raises InputError."""
        found = self.value.get(key)
        if not isinstance(found, list):
            raise self.error(
                "must be a list" if key in self.value else f"needs {key}", key if key in self.value else ""
            )
        for number, one in enumerate(found):
            yield Item.of(self.marked, (*self.place, key, number), one)


def _text(item: Item, value: object, key: str) -> str:
    if isinstance(value, int) and not isinstance(value, bool):
        return str(value)
    if not isinstance(value, str) or not value:
        raise item.error("must be a text that is not empty", key)
    return value


def versioned(marked: Marked, known: tuple[str, ...]) -> Item:
    """The whole file, of version 1 and with no other keys than those known. Raises InputError."""
    if marked.value is None:
        raise InputError(marked.file, "is empty: must be a mapping with `version: 1`")
    item = Item.of(marked, (), marked.value)
    if "version" not in item.value:
        raise item.error("must be a mapping with `version: 1`")
    if item.value["version"] not in (1, "1") or item.value["version"] is True:
        raise item.error(f"{item.value['version']} is not known; this Leastwise reads version 1", "version")
    item.only("version", *known)
    return item
