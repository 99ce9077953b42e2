"""What is kept on purpose: `# leastwise: keep PERMISSION until DATE because …` in code, and `.leastwise.yaml`."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date

from .hcl.tokens import tokens
from .index import Index
from .located import Entry, Listing, Mapped, Node, Open, Scalar
from .spans import Malformed, line_of
from .yaml_text import read_yaml

FILES = (".leastwise.yaml", ".leastwise.yml")
_NOTE = re.compile(r"leastwise:(?P<rest>[^\r\n]*)")
_KEEP = re.compile(
    r"\s*keep\s+(?P<permissions>\S+(?:\s*,\s*\S+)*)\s+until\s+(?P<until>\S+)\s+because\s+(?P<because>\S.*)"
)
_YAML_NOTE = re.compile(r"(?m)(?:^|[ \t])#[^\n]*leastwise:[^\n]*")
_KEYS = ("subject", "permission", "until", "because")


@dataclass(frozen=True, slots=True)
class Keep:
    """A permission that is kept until a date: whose (names; of a note in code, with the address that it stands at),
    and why.
    """

    subjects: tuple[str, ...]
    permission: str
    until: date
    because: str
    file: str
    line: int
    address: str = ""

    def expired(self, today: date) -> bool:
        """Whether its last day is over."""
        return today > self.until


class _Wrong(Exception):
    """A note that is none: on which line, and why."""

    def __init__(self, line: int, cause: str) -> None:
        super().__init__(cause)
        self.line, self.cause = line, cause


def keeps(index: Index) -> tuple[list[Keep], list[str]]:
    """What is kept, in the order of files and lines; and each note that says something else, with its place."""
    found: list[Keep] = []
    faults: list[str] = []
    for file, text in sorted(index.texts.items()):
        if posixpath.basename(file) in FILES:
            some, told = _of_file(file, text)
        elif "leastwise:" in text:
            some, told = _of_code(index, file, text)
        else:
            continue
        found += some
        faults += told
    return found, faults


# Notes in code


def _of_code(index: Index, file: str, text: str) -> tuple[list[Keep], list[str]]:
    read = index.reads.get(file)
    if read is None or not read.spans:
        return [], []
    found: list[Keep] = []
    faults: list[str] = []
    for begin, comment in _notes(text, read.parsed is not None):
        line = line_of(text, begin)
        try:
            notes = _read_note(file, line, comment)
            address = _address(read.spans, text, begin, line)
            subjects = _subjects(index, file, address)
            found += [replace(one, address=address, subjects=subjects) for one in notes]
        except _Wrong as error:
            faults.append(f"{file}: line {error.line}: leastwise: {error.cause}")
    return found, faults


def _notes(text: str, terraform: bool) -> Iterator[tuple[int, str]]:
    """The comments that speak to Leastwise, each with where it begins."""
    if terraform:
        for one in tokens(text):
            if one.kind == "comment":
                for match in _NOTE.finditer(text[one.begin : one.end]):
                    yield one.begin + match.start(), match["rest"].removesuffix("*/")
        return
    for match in _YAML_NOTE.finditer(text):
        note = _NOTE.search(match[0])
        assert note is not None
        yield match.start() + note.start(), note["rest"]


def _read_note(file: str, line: int, rest: str) -> list[Keep]:
    match = _KEEP.match(rest.rstrip())
    if match is None:
        raise _Wrong(line, f"{rest.strip()!r} is not of the form 'keep PERMISSION until DATE because REASON'")
    until = _date(match["until"], line)
    names = [one.strip() for one in match["permissions"].split(",")]
    return [Keep((), name, until, match["because"].strip(), file, line) for name in names]


def _date(text: str, line: int) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise _Wrong(line, f"{text!r} is no date, as in 2027-01-31") from None


def _address(spans: tuple[tuple[int, int, str], ...], text: str, at: int, line: int) -> str:
    """The block that a comment stands in, or behind in its last line, or else before."""
    for begin, end, address in spans:
        if begin <= at <= (text + "\n").index("\n", end):
            return address
    after = [address for begin, _, address in spans if begin > at]
    if not after:
        raise _Wrong(line, "stands in no block and before none")
    return after[0]


def _subjects(index: Index, file: str, address: str) -> tuple[str, ...]:
    """The names that a note at an address is about: those of its documents, and of what they are put on."""
    folder = posixpath.dirname(file)
    names: dict[str, None] = {}
    for one in index.places:
        near = one.file == file or posixpath.dirname(one.file) == folder
        if near and address in (one.block, one.source, one.owner.refers, one.policy.refers):
            names |= dict.fromkeys(name.text for name in (one.owner, one.policy) if name.text)
    return tuple(names)


# .leastwise.yaml


def _of_file(file: str, text: str) -> tuple[list[Keep], list[str]]:
    try:
        return list(_rows(file, text)), []
    except Malformed as error:
        return [], [f"{file}: line {line_of(text, error.offset)}: {error.cause}"]
    except _Wrong as error:
        return [], [f"{file}: line {error.line}: {error.cause}"]


def _rows(file: str, text: str) -> Iterator[Keep]:
    root = read_yaml(text)
    known = _map(root, text, "the file", ("version", "keep"))
    version = known.get("version")
    if not isinstance(version, Scalar) or version.value != 1:
        raise _Wrong(line_of(text, (version or root).begin), "must begin with `version: 1`")
    rows = known.get("keep")
    if not isinstance(rows, Listing):
        raise _Wrong(line_of(text, (rows or root).begin), "keep must be a list")
    for one in rows.entries:
        yield from _row(file, text, one)


def _row(file: str, text: str, one: Entry) -> list[Keep]:
    line = line_of(text, one.value.begin)
    known = _map(one.value, text, "an element of keep", _KEYS)
    missing = [key for key in _KEYS if key not in known]
    if missing:
        raise _Wrong(line, f"lacks {missing[0]}")
    words = {key: _texts(known[key], text, key) for key in _KEYS}
    for key in ("until", "because"):
        if len(words[key]) != 1:
            raise _Wrong(line, f"{key} must be one text")
    until = _date(words["until"][0], line)
    subjects = tuple(words["subject"])
    return [Keep(subjects, name, until, words["because"][0], file, line) for name in words["permission"]]


def _map(node: Node, text: str, what: str, keys: tuple[str, ...]) -> dict[str, Node]:
    if not isinstance(node, Mapped):
        raise _Wrong(line_of(text, node.begin), f"{what} must have the keys {', '.join(keys)}")
    for one in node.entries:
        if one.key not in keys:
            raise _Wrong(line_of(text, one.begin), f"unknown key {one.key}")
    return {str(one.key): one.value for one in node.entries}


def _texts(node: Node, text: str, key: str) -> list[str]:
    """A text, or a list of texts."""
    nodes = [one.value for one in node.entries] if isinstance(node, Listing) else [node]
    line = line_of(text, node.begin)
    if not nodes or any(isinstance(one, Open | Listing | Mapped) for one in nodes):
        raise _Wrong(line, f"{key} must be a text or a list of texts")
    values = [one.value for one in nodes if isinstance(one, Scalar)]
    if any(not isinstance(one, str) or not one.strip() for one in values):
        raise _Wrong(line, f"{key} must be a text; put numbers in quotes")
    return values
