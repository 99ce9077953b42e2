"""Whose a file is: CODEOWNERS of GitHub and of GitLab.

GitHub:
https://docs.github.com/en/repositories/managing-your-repositorys-settings-and-features/customizing-your-repository/about-code-owners
GitLab: https://docs.gitlab.com/user/project/codeowners/reference/
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Mapping
from dataclasses import dataclass

_PLACES = (".github/CODEOWNERS", "CODEOWNERS", "docs/CODEOWNERS", ".gitlab/CODEOWNERS")
"""Where the file may be; the first that is there counts."""
_SECTION = re.compile(r"\^?\[(?P<name>[^\]]+)\](?:\[(?P<count>\d+)\])?(?P<rest>.*)\Z")
_OWNER = re.compile(r"@{1,2}[\w./-]+\Z|[^@\s]+@[^@\s]+\.[^@\s]+\Z")
_PATTERN = re.compile(r"(?:\\.|[^\s\\])+")


@dataclass(frozen=True, slots=True)
class Rule:
    """A line: which paths, whose; `excluded` takes them out of the section."""

    line: int
    pattern: str
    owners: tuple[str, ...]
    section: str = ""
    excluded: bool = False


@dataclass(frozen=True, slots=True)
class Owner:
    """Who owns a path, by which line of which file; nobody, if a line says so."""

    owners: tuple[str, ...]
    file: str
    line: int


@dataclass(frozen=True, slots=True)
class CodeOwners:
    """The rules of one file, for the paths below `root`."""

    file: str
    root: str
    rules: tuple[Rule, ...]
    gitlab: bool

    def owner_of(self, path: str) -> Owner | None:
        """Who owns a path: in each section the last line that matches it. None where no line does."""
        inside = posixpath.relpath(path, self.root) if self.root else path
        last: dict[str, Rule] = {}
        out: set[str] = set()
        for rule in self.rules:
            if _matches(rule.pattern, inside, self.gitlab):
                if rule.excluded:
                    out.add(rule.section)
                last[rule.section] = rule
        found = [rule for section, rule in last.items() if section not in out]
        if not found:
            return None
        owners = dict.fromkeys(owner for rule in found for owner in rule.owners)
        return Owner(tuple(owners), self.file, found[-1].line)


def code_owners(texts: Mapping[str, str]) -> tuple[list[CodeOwners], list[str]]:
    """The CODEOWNERS among files, the deepest root first, and what in them no host would obey, with the place."""
    found: dict[str, CodeOwners] = {}
    faults: list[str] = []
    for place in _PLACES:
        for file in sorted(texts):
            if file == place or file.endswith(f"/{place}"):
                root = file[: -len(place)].rstrip("/")
                if place == "CODEOWNERS" and posixpath.basename(root) in (".github", "docs", ".gitlab"):
                    continue
                if root not in found:
                    found[root], told = parse_owners(file, texts[file], root)
                    faults += told
    return sorted(found.values(), key=lambda one: -len(one.root)), faults


def owner_of(path: str, found: list[CodeOwners]) -> Owner | None:
    """Who owns a path, by the CODEOWNERS of the deepest folder that holds it."""
    for one in found:
        if not one.root or path.startswith(f"{one.root}/"):
            return one.owner_of(path)
    return None


def parse_owners(file: str, text: str, root: str = "") -> tuple[CodeOwners, list[str]]:
    """The rules of a file, and the lines that no host obeys: they match nothing there, nor here."""
    lines = text.removeprefix("\ufeff").splitlines()
    gitlab = file.endswith(".gitlab/CODEOWNERS") or any(_SECTION.match(line.strip()) for line in lines)
    rules: list[Rule] = []
    faults: list[str] = []
    section, given = "", tuple[str, ...]()
    for number, raw in enumerate(lines, 1):
        line = raw.strip()
        if not line or line.startswith("#"):
            continue
        heading = _SECTION.match(line) if gitlab else None
        if heading:
            section, given = heading["name"].strip().lower(), tuple(_named(heading["rest"]))
            continue
        excluded = gitlab and line.startswith("!")
        rule, wrong = _rule(number, line[excluded:], section, given, excluded, gitlab)
        if wrong:
            faults.append(f"{file}: line {number}: {wrong}")
        else:
            rules.append(rule)
    return CodeOwners(file, root, tuple(rules), gitlab), faults


def _rule(
    number: int, line: str, section: str, given: tuple[str, ...], excluded: bool, gitlab: bool
) -> tuple[Rule, str]:
    match = _PATTERN.match(line)
    pattern = match[0] if match else ""
    owners = tuple(_named(line[len(pattern) :]))
    rule = Rule(number, pattern, owners or given, section, excluded)
    wrong = [one for one in owners if not _OWNER.match(one)]
    if wrong:
        return rule, f"{wrong[0]} is neither @name, @organization/team nor a mail address"
    if not gitlab and (pattern.startswith(("!", "\\#")) or "[" in pattern):
        return rule, f"{pattern} is no pattern that GitHub obeys"
    return rule, ""


def _named(text: str) -> list[str]:
    """The owners of a line, a comment at its end left out."""
    return re.split(r"(?:^|\s)#", text)[0].split()


def _matches(pattern: str, path: str, gitlab: bool) -> bool:
    """Whether a pattern means a path."""
    text = re.sub(r"\\(.)", r"\1", pattern)
    anchored = text.startswith("/") or (not gitlab and "/" in text.rstrip("/"))
    text = text.lstrip("/")
    # A name at the end may be that of a folder, and then means all in it; a star there means files of that folder only.
    folder = text.endswith("/")
    below = "/.*" if folder else "" if text.endswith("*") and "/" in text else "(?:/.*)?"
    body = "".join(_piece(one) for one in re.split(r"(\*\*/|/\*\*\Z|\*\*|\*|\?)", text.rstrip("/")))
    return re.fullmatch(("" if anchored else "(?:.*/)?") + body + below, path, re.DOTALL) is not None


def _piece(text: str) -> str:
    known = {"**/": "(?:.*/)?", "/**": "/.*", "**": ".*", "*": "[^/]*", "?": "[^/]"}
    return known.get(text) or re.escape(text)
