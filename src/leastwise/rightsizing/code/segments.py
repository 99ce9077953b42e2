"""What lies between brackets, or in a body, as segments: each element with the comments that are its own.

An element owns the comment behind it in its line, and those above it without an empty line between. So to take it
away takes them along, and what stays keeps every byte.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from .spans import Refused

_GAP = {
    "hcl": re.compile(
        r"(?P<comment>(?:#|//)[^\r\n]*|/\*.*?\*/)|(?P<comma>,)|(?P<line>\r?\n)|(?P<blank>[ \t]+)", re.DOTALL
    ),
    "json": re.compile(r"(?P<comma>,)|(?P<line>\r?\n)|(?P<blank>[ \t]+)"),
    "yaml": re.compile(r"(?P<comment>#[^\r\n]*)|(?P<comma>,)|(?P<line>\r?\n)|(?P<blank>[ \t]+)"),
}
_EMPTY_LINE = re.compile(r"\n[ \t]*\r?\n")
_SIGN = re.compile(r"[#/]")


@dataclass(frozen=True, slots=True)
class Segment:
    """An element: what stands above and before it, itself, what follows it in its line (`comma` or not, a comment)."""

    lead: str
    core: str
    before: str
    comma: bool
    after: str


@dataclass(frozen=True, slots=True)
class Segments:
    """The elements, what stands below the last, and whether they are parted by commas.

    `parted`: `always` by commas, `never`, or `lines`: a new line will do. `below` is what stands before an element
    that is not the first, where all stand below each other and the first does not tell it.
    """

    elements: tuple[Segment, ...]
    foot: str
    parted: str
    below: str = ""


def segments(text: str, begin: int, end: int, spans: Sequence[tuple[int, int]], language: str, parted: str) -> Segments:
    """A text between two offsets as segments around the spans of its elements. Raises Refused where it cannot be
    parted.
    """
    found: list[Segment] = []
    lead = text[begin : spans[0][0]] if spans else text[begin:end]
    for number, (first, last) in enumerate(spans):
        after_all = spans[number + 1][0] if number + 1 < len(spans) else end
        before, comma, after, rest = _gap(text[last:after_all], language)
        found.append(Segment(lead, text[first:last], before, comma, after))
        lead = rest
    return Segments(tuple(found), lead, parted)


def _gap(gap: str, language: str) -> tuple[str, bool, str, str]:
    """What is between two elements: before the comma, whether there is one, the comment behind it, the rest."""
    pattern = _GAP[language]
    at, comma, line = 0, -1, -1
    while at < len(gap):
        match = pattern.match(gap, at)
        if match is None:
            raise Refused(f"{gap[at:].split()[0][:20]!r} stands between two elements")
        if match.lastgroup == "comma":
            comma = at
            line = -1
        elif match.lastgroup == "line" and line < 0:
            line = at
        at = match.end()
    if comma < 0:
        own = gap[: line if line >= 0 else 0]
        return "", False, own, gap[len(own) :]
    own = gap[comma + 1 : line] if line >= 0 else ""
    return gap[:comma], True, own, gap[comma + 1 + len(own) :]


def rebuilt(found: Segments, cores: Mapping[int, str | None], inserted: Mapping[int, Sequence[str]]) -> str:
    """The text with other cores (None: taken away), and new elements before those of a number (their count: at the
    end).

    New ones stand as their neighbours do.
    """
    made: list[Segment] = []
    kept_above = ""
    trailing = bool(found.elements) and found.elements[-1].comma
    new = {number: list(texts) for number, texts in inserted.items()}
    for number, one in enumerate([*found.elements, None]):
        made += [_new(found, text, number) for text in new.get(number, ())]
        if one is None:
            break
        core = cores.get(number, one.core)
        if core is None:
            kept_above += not_own(one.lead)
            continue
        made.append(replace(one, core=core, lead=kept_above + one.lead if kept_above else one.lead))
        kept_above = ""
    if not made:
        raise Refused("nothing would be left of a list or object")
    made[1:] = [
        one
        if one.lead != found.elements[0].lead or "\n" in _blanks(one.lead)
        else replace(one, lead=_later_lead(found, one))
        for one in made[1:]
    ]
    made[0] = replace(made[0], lead=_first_lead(found, made[0]))
    return "".join(_parted(found, made, trailing)) + kept_above + found.foot


def not_own(lead: str) -> str:
    """What of the comments above an element is not its own: all above the last empty line, if there is a comment."""
    breaks = list(_EMPTY_LINE.finditer(lead))
    above = lead[: breaks[-1].start()] if breaks else ""
    return above if _SIGN.search(above) else ""


def _new(found: Segments, text: str, number: int) -> Segment:
    """A new element that stands as its neighbours do."""
    if found.below:
        return Segment(found.below, text, "", False, "")
    neighbours = [*found.elements[number - 1 :: -1], *found.elements] if number else list(found.elements)
    lead = next((_bare(one.lead) for one in neighbours if one is not found.elements[0]), None)
    if lead is None:
        first = _bare(found.elements[0].lead)
        lead = first if "\n" in first or found.parted == "never" else " "
    comma = any(one.comma for one in found.elements)
    return Segment(lead, text, "", comma, "")


def _bare(lead: str) -> str:
    """The blanks of what stands before an element: no comment, and no more than its own kind of line break."""
    if "\n" not in lead:
        return " " if lead.strip() else lead
    breaks = _EMPTY_LINE.search(lead)
    line = "\r\n" if "\r\n" in lead else "\n"
    return (line + line if breaks else line) + lead[lead.rfind("\n") + 1 :]


def _later_lead(found: Segments, one: Segment) -> str:
    """What stands before the element that was the first in the line of what opens, and is not now."""
    return (found.below or _blanks(one.lead) or " ") + one.lead.lstrip()


def _blanks(lead: str) -> str:
    """The blanks that a text begins with."""
    return lead[: len(lead) - len(lead.lstrip())]


def _first_lead(found: Segments, one: Segment) -> str:
    """What stands before the element that is the first now: the blanks before what was, its own comments."""
    was = found.elements[0].lead
    if one.lead == was:
        return was
    bare = _blanks(was)
    if "\n" not in bare:
        return bare + one.lead.lstrip()
    return bare[: bare.rfind("\n") + 1] + one.lead[len(one.lead) - len(one.lead.lstrip("\r\n")) :].lstrip("\r\n")


def _parted(found: Segments, made: Sequence[Segment], trailing: bool) -> list[str]:
    texts: list[str] = []
    commas = any(one.comma for one in found.elements[:-1])
    for number, one in enumerate(made):
        last = number == len(made) - 1
        comma = one.comma
        if found.parted == "never":
            comma = False
        elif last:
            comma = trailing
        elif found.parted == "always" or commas or "\n" not in made[number + 1].lead:
            comma = True
        texts.append(one.lead + one.core + one.before + ("," if comma else "") + one.after)
    return texts
