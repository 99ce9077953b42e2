"""YAML files that ship with Leastwise, read by libyaml where PyYAML was built with it: some eight times as fast.

Not for files of users: libyaml's composer ends the process on what nests too deeply, where Python's raises.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from yaml import SafeLoader


def loader() -> type[SafeLoader]:
    """The loader of plain values; the slower one gives the same."""
    import yaml

    found: type[SafeLoader] = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    return found


def values(text: str | bytes) -> Any:
    """The values of a file. Raises yaml.YAMLError."""
    import yaml

    return yaml.load(text, loader())  # noqa: S506 - a safe loader
