"""The files of rules: where they lie, and their YAML."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from importlib.resources.abc import Traversable
from typing import Any

import yaml

from leastwise.errors import RuleFileError
from leastwise.shipped import loader


@cache
def _loader(ships: bool) -> type[yaml.SafeLoader]:
    """Safe YAML in which a key that stands twice is an error, not the later value."""
    base = loader() if ships else yaml.SafeLoader

    class UniqueKeys(base):  # type: ignore[valid-type,misc]
        def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
            seen = set()
            for key_node, _ in node.value:
                key = self.construct_object(key_node, deep=True)
                if key in seen:
                    cause = f"key {key!r} stands twice"
                    raise yaml.constructor.ConstructorError(None, None, cause, key_node.start_mark)
                seen.add(key)
            return super().construct_mapping(node, deep)  # type: ignore[no-any-return]

    return UniqueKeys


def walk(folder: Traversable, place: str) -> Iterator[tuple[str, Traversable]]:
    """Every rule file below a folder, with its path below that."""
    for entry in sorted(folder.iterdir(), key=lambda one: one.name):
        here = f"{place}/{entry.name}"
        if entry.is_dir():
            yield from walk(entry, here)
        elif entry.name.endswith(".yaml"):
            yield here, entry


def parsed(body: bytes, file: str, ships: bool) -> Any:
    """What a file says. Raises RuleFileError naming the line."""
    try:
        return yaml.load(body, Loader=_loader(ships))  # noqa: S506 - a SafeLoader
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark
        place = f"line {mark.line + 1}" if mark else ""
        raise RuleFileError(file, error.problem or "is not YAML", place) from None
    except (yaml.YAMLError, ValueError, TypeError, RecursionError) as error:
        raise RuleFileError(file, f"is not YAML: {error}") from None
