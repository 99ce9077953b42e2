"""Elements of documents as blocks of Terraform."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from leastwise.model.coding import Blocks, Grouped

from .located import listed, same
from .spans import Refused
from .writing import Style


def new_element(form: Blocks, value: Mapping[str, Any], style: Style) -> str:
    """An element of a document as a new block. Raises Refused for a key that such blocks do not have."""
    inner = style.deeper()
    names = {key: name for name, key in form.keys.items()}
    lines: list[str] = []
    later: list[str] = []
    for key, one in value.items():
        group = next((group for group in form.grouped if group.key == key), None)
        if key in names:
            if not same(one, form.given.get(names[key])):
                lines.append(inner.indent + inner.entry(names[key], listed(one) if names[key] in form.lists else one))
        elif group is not None:
            later += _grouped(group, one, inner)
        else:
            raise Refused(f"{key} is no key that a block {form.block} has")
    return f"{form.block} {{{style.line}" + style.line.join(lines + later) + f"{style.line}{style.indent}}}"


def _grouped(group: Grouped, value: Any, style: Style) -> list[str]:
    """The blocks that together are one key."""
    rows: list[tuple[list[str], Any]] = [([], value)]
    if group.whole and value == group.whole:
        rows = [([group.whole] * len(group.path), [group.whole])]
    else:
        for _ in group.path:
            rows = [([*path, key], below) for path, some in rows for key, below in some.items()]
    inner = style.deeper()
    made: list[str] = []
    for path, values in rows:
        pairs = [*zip(group.path, path, strict=True), (group.values, listed(values))]
        lines = [f"{inner.indent}{inner.entry(name, one)}" for name, one in pairs]
        made += ["", f"{style.indent}{group.block} {{", *lines, f"{style.indent}}}"]
    return made
