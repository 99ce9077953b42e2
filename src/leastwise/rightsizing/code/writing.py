"""New values in the style of what stands around them."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import yaml

WIDTH = 100
"""A list of plain values that is longer is written on lines of its own."""
_WORD = re.compile(r"[^\W\d][\w-]*\Z")
_SAFE = re.compile(r"[\w./][\w./:=@+-]*(?<!:)\Z", re.ASCII)


@dataclass(frozen=True, slots=True)
class Style:
    """How values are written: `language` hcl, json or yaml; what a line begins with (`indent`) and how much deeper
    one goes (`unit`).

    `inline`: on one line whatever its length. `flow`: YAML in brackets. `keys`: how a key is written, as `{} = `.
    `quote` is that of YAML's texts. `holes`: a text of Terraform, in which `${` must be escaped, as `variable` where
    the vendor has a sign of its own.
    """

    language: str
    indent: str = ""
    unit: str = "  "
    line: str = "\n"
    inline: bool = False
    flow: bool = False
    keys: str = ""
    quote: str = ""
    holes: bool = False
    variable: str = ""

    def deeper(self) -> Style:
        """The style of what lies in something."""
        return replace(self, indent=self.indent + self.unit)

    def value(self, value: Any, used: int = 0) -> str:
        """A value as text, that begins in a line of which `used` characters are taken."""
        if isinstance(value, Mapping):
            return self._map(value)
        if isinstance(value, list | tuple):
            return self._list(list(value), used)
        return self.scalar(value)

    def scalar(self, value: Any) -> str:
        """A plain value as text."""
        if not isinstance(value, str):
            return json.dumps(value)
        if self.language == "yaml":
            return self._yaml(value)
        text = _written(value) if self.language == "hcl" else json.dumps(value, ensure_ascii=False)
        return self._escaped(text) if self.holes or self.language == "hcl" else text

    def key(self, key: str) -> str:
        """A key as text, with the sign behind it."""
        if self.language == "yaml":
            return f"{self._yaml(key) if not _WORD.match(key) else key}: "
        if self.language == "json":
            return f"{self.scalar(key)}: "
        quoted = '"' in self.keys or not _WORD.match(key) or key in ("for", "null", "true", "false")
        sign = " = " if ":" not in self.keys else " : " if " :" in self.keys else ": "
        return (self.scalar(key) if quoted else key) + sign

    def item(self, value: Any) -> str:
        """An element of a list as text."""
        if self.language != "yaml" or self.flow:
            return self.value(value, len(self.indent))
        return "- " + replace(self, indent=self.indent + "  ").value(value).lstrip()

    def entry(self, key: str, value: Any) -> str:
        """An element of a map as text."""
        begin = self.key(key)
        block = self.language == "yaml" and not self.flow
        made = (self.deeper() if block else self).value(value, len(self.indent) + len(begin))
        return (begin.rstrip() if made.startswith(self.line) else begin) + made

    def _escaped(self, text: str) -> str:
        if self.variable:
            return text.replace("${", self.variable).replace("%{", "%%{")
        return text.replace("${", "$${").replace("%{", "%%{")

    def _yaml(self, text: str) -> str:
        if self.quote == "'" and text.isprintable():
            return "'" + text.replace("'", "''") + "'"
        if self.quote == '"' or not _SAFE.match(text):
            return _quoted(text)
        try:
            plain = yaml.safe_load(text) == text
        except (yaml.YAMLError, ValueError):
            plain = False
        return text if plain else _quoted(text)

    def _list(self, values: list[Any], used: int) -> str:
        plain = all(not isinstance(one, Mapping | list | tuple) for one in values)
        if self.language == "yaml" and not self.flow and values:
            return "".join(f"{self.line}{self.indent}{self.item(one)}" for one in values)
        short = "[" + ", ".join(replace(self, inline=True).value(one) for one in values) + "]"
        if self.inline or not values or (plain and used + len(short) <= WIDTH and self.language != "json"):
            return short
        inner = self.deeper()
        lines = [f"{inner.indent}{inner.value(one)}" for one in values]
        last = "," if self.language == "hcl" else ""
        return f"[{self.line}" + f",{self.line}".join(lines) + f"{last}{self.line}{self.indent}]"

    def _map(self, values: Mapping[str, Any]) -> str:
        if self.language == "yaml" and not self.flow and values:
            lines = [f"{self.line}{self.indent}{self.entry(str(key), one)}" for key, one in values.items()]
            return "".join(lines)
        one_line = self.inline or not values or (len(values) == 1 and self.language == "hcl")
        if one_line:
            inner = replace(self, inline=True)
            made = ", ".join(inner.entry(str(key), one) for key, one in values.items())
            return "{" + (f" {made} " if made and self.language == "hcl" else made) + "}"
        inner = self.deeper()
        lines = [f"{inner.indent}{inner.entry(str(key), one)}" for key, one in values.items()]
        sign = "" if self.language == "hcl" else ","
        return "{" + self.line + f"{sign}{self.line}".join(lines) + f"{self.line}{self.indent}" + "}"


_ESCAPES = {"\n": "\\n", "\r": "\\r", "\t": "\\t", '"': '\\"', "\\": "\\\\"}


def _written(text: str) -> str:
    """A text in quotes, as Terraform has it."""
    return '"' + "".join(_ESCAPES.get(one) or (one if one >= " " else f"\\u{ord(one):04x}") for one in text) + '"'


def _quoted(text: str) -> str:
    """A text in double quotes, as YAML has it: what does not print is escaped."""
    made = json.dumps(text, ensure_ascii=False)
    return "".join(one if one.isprintable() else f"\\U{ord(one):08x}" for one in made)
