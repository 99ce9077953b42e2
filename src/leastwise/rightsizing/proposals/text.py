"""What a proposal says: evidence, what changes, what would break, the proof, and the way back.

Names of principals, tags and resources are others' words: they stand between back ticks only, where no host takes them
for markup, mentions or commands.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from leastwise.model.proposal import ISSUE

from .marker import Marker

LONGEST = 60_000
"""Characters; GitHub takes 65,536."""
_SHOWN = (40, 10, 3, 0)
"""Elements of each list, fewer where all would be too long."""
_TITLE = 200
_HARMLESS = frozenset(("read", "list"))


def title_of(module: str, plans: Sequence[Mapping[str, Any]]) -> str:
    """One line: how many grants, of whom, where."""
    names = list(dict.fromkeys(str(one["subject"]).rpartition("/")[2] for one in plans))
    told = ", ".join(names[:3]) + (f" and {len(names) - 3} more" if len(names) > 3 else "")
    where = f" in {module}" if module else ""
    return _flat(f"Right-size grants{where}: {told}")[:_TITLE]


def message_of(title: str, marker: Marker) -> str:
    """The message of the commit; its last lines say whose it is."""
    return f"{title}\n\n{trailer(marker)}\nLeastwise-Plans: {', '.join(marker.plans)}\n"


def trailer(marker: Marker) -> str:
    """The line by which a commit is known as ours."""
    return f"Leastwise-Proposal: {marker.key}"


def body_of(marker: Marker, owner: str, plans: Sequence[tuple[Mapping[str, Any], Sequence[str]]]) -> str:
    """The text of a proposal.

    Args:
        marker: its first line.
        owner: whose code it is; empty where nobody is known.
        plans: as saved, each with what of it could not be written into code.
    """
    for most in _SHOWN:
        lines = [marker.line, "", *_opening(marker, owner)]
        for plan, refused in plans:
            lines += ["", *_plan(plan, refused, most)]
        lines += ["", "---", "Proposed by Leastwise. It is never merged by itself; close it to decline these plans."]
        text = "\n".join(lines) + "\n"
        if len(text) <= LONGEST:
            return text
    return _cut(text)


def closing_of(whys: Sequence[tuple[str, str]]) -> str:
    """The comment with which a proposal is closed: each plan with why it is no longer wanted."""
    lines = ["Closed by Leastwise: nothing of it is wanted any more."]
    lines += [f"- plan `{plan}`: {code(why)}" for plan, why in whys]
    return "\n".join(lines)


def code(text: str) -> str:
    """A text between back ticks, on one line, so that it is taken for nothing else."""
    flat = _flat(text)
    runs = [len(one) for one in re.findall("`+", flat)]
    ticks = "`" * (max(runs, default=0) + 1)
    space = " " if flat.startswith("`") or flat.endswith("`") or not flat else ""
    return f"{ticks}{space}{flat}{space}{ticks}"


def fenced(lines: Sequence[str], language: str = "") -> list[str]:
    """Lines in a block of code, which none of them ends."""
    flat = [_flat(one) for one in lines]
    runs = [len(one) for line in flat for one in re.findall("`+", line)]
    fence = "`" * max(3, max(runs, default=0) + 1)
    return [f"{fence}{language}", *flat, fence]


def _flat(text: str) -> str:
    """A text without what ends a line or does not print."""
    return "".join(one if one.isprintable() else " " for one in text)


def _cut(text: str) -> str:
    """As much as a host takes, ended where a plan begins."""
    end = text.rfind("\n## ", 0, LONGEST - 200)
    kept = text[:end] if end > 0 else text[: text.find("\n")]
    return f"{kept}\n\nThe rest is too long for one text: `leastwise plans show` has all of it.\n"


def _opening(marker: Marker, owner: str) -> Iterator[str]:
    many = f"{len(marker.plans)} plan{'s' if len(marker.plans) != 1 else ''}"
    what = "Code that could not be changed by itself" if marker.kind == ISSUE else "Smaller grants, written into code"
    yield f"{what}: {many}, for {code(owner)}." if owner else f"{what}: {many}. Nobody is known as owner."


def _plan(plan: Mapping[str, Any], refused: Sequence[str], most: int) -> Iterator[str]:
    yield f"## {code(str(plan['subject']))}"
    yield ""
    yield code(str(plan["sentence"]))
    yield ""
    yield f"- Plan `{plan['id']}`, {plan['provider']} account {code(str(plan['account']))}"
    yield from _whose(plan)
    yield from _evidence(plan)
    if plan.get("closes"):
        yield from _listed("Closes findings", [f"{one['rule']} ({one['key']})" for one in plan["closes"]], most)
    yield from _effect(plan, most)
    yield from _breaking(plan, most)
    yield from _proof(plan)
    if plan.get("notes"):
        yield from _listed("Notes", list(plan["notes"]), most)
    if refused:
        yield from _listed("Could not be written into code", list(refused), most)
        yield from _block("Wanted", [{k: v for k, v in one.items() if k not in ("before", "inverse")}
                                     for one in plan.get("changes") or ()], most)  # fmt: skip
    if not plan.get("changes"):
        steps = [f"{one['does']} {one['on']}" + (f": {one['command']}" if one["command"] else "")
                 for one in plan["steps"]]  # fmt: skip
        yield from _listed("Steps", steps, max(most, 10))
    yield from _inverse(plan, most)


def _whose(plan: Mapping[str, Any]) -> Iterator[str]:
    for what in ("owner", "approver"):
        if plan.get(what):
            by = plan.get(f"{what}_by")
            yield f"- {what.capitalize()}: {code(str(plan[what]))}" + (f", by {code(str(by))}" if by else "")


def _evidence(plan: Mapping[str, Any]) -> Iterator[str]:
    replay = plan.get("replay")
    if replay:
        span = f"{replay['begin'][:10]} to {replay['end'][:10]}"
        yield f"- Evidence: {replay['calls']} recorded calls from {span}, {replay['distinct']} that differ"
    kept = plan.get("kept") or ()
    if kept:
        counts = Counter(str(one["why"]) for one in kept)
        yield f"- Kept: {', '.join(f'{number} {why}' for why, number in counts.most_common())}"
    dropped = plan.get("dropped") or ()
    if dropped:
        sensitive = sum(one["sensitivity"] not in _HARMLESS for one in dropped)
        never = sum(one["last_used"] is None for one in dropped)
        yield f"- Dropped: {len(dropped)} permissions, {sensitive} of them sensitive; of {never} no use is known"


def _effect(plan: Mapping[str, Any], most: int) -> Iterator[str]:
    """What is given less, and what is given then."""
    dropped = sorted(
        plan.get("dropped") or (), key=lambda one: (one["sensitivity"] in _HARMLESS, one["permission"])
    )  # fmt: skip
    lines = [f"- {one['permission']} ({one['sensitivity']})" for one in dropped[:most]]
    if dropped:
        lines += [f"- and {len(dropped) - most} more"] if len(dropped) > most else []
        yield from ("", "Effective access that goes:", "", *fenced(lines, "diff"))
    given = [_statement(one, most) for one in (plan.get("statements") or ())[: max(most, 1)]]
    if given:
        yield from ("", "What its documents give then:", "", *fenced(given))


def _statement(one: Mapping[str, Any], most: int) -> str:
    parts = []
    for key in ("actions", "resources"):
        each = list(one[key])
        most_here = max(most, 3)
        parts.append(
            ", ".join(each[:most_here]) + (f" and {len(each) - most_here} more" if len(each) > most_here else "")
        )
    return f"{parts[0]} on {parts[1]}{' under conditions' if one['conditional'] else ''} ({one['policy']})"


def _breaking(plan: Mapping[str, Any], most: int) -> Iterator[str]:
    replay = plan.get("replay")
    if not replay:
        return
    broken = plan.get("would_break") or ()
    calls = sum(one["calls"] for one in broken)
    yield from ("", f"Would break: {calls} of {replay['calls']} recorded calls.")
    if broken:
        lines = [f"{one['time']} {one['principal']} {one['permission']} on {one['resource']}, {one['calls']} times"
                 for one in broken[: max(most, 10)]]  # fmt: skip
        yield from ("", *fenced(lines))


def _proof(plan: Mapping[str, Any]) -> Iterator[str]:
    proof = plan.get("proof")
    if not proof:
        return
    yield ""
    for claim, what in (("narrower", "gives nothing new"), ("enough", "gives all that stays")):
        shown = proof[claim]
        yield f"- Proof that it {what}: {shown['state']}" + (f" ({code(shown['why'])})" if shown["why"] else "")
    if proof["widens"]:
        yield f"- **WIDENS**: {code(json.dumps(proof['widens'], sort_keys=True))}"
    others = [one for one in proof["affected"] if one != plan["subject"]]
    if others:
        yield f"- Changes {len(others)} others"


def _inverse(plan: Mapping[str, Any], most: int) -> Iterator[str]:
    inverse = plan.get("inverse") or [one["inverse"] for one in plan["steps"] if one["inverse"]]
    if inverse:
        yield from _block("The way back", inverse, most)


def _block(title: str, values: Sequence[Any], most: int) -> Iterator[str]:
    """Values as JSON, folded away; where there is no room, where they stand."""
    if not values:
        return
    if not most:
        yield from ("", f"{title}: `leastwise plans show` has it.")
        return
    lines = [line for one in values for line in (
        one.splitlines() if isinstance(one, str) else json.dumps(one, indent=1, sort_keys=True).splitlines()
    )]  # fmt: skip
    yield from ("", "<details>", f"<summary>{title}</summary>", "", *fenced(lines, "json"), "", "</details>")


def _listed(title: str, said: Sequence[str], most: int) -> Iterator[str]:
    yield from ("", f"{title}:", "")
    yield from (f"- {code(one)}" for one in said[: max(most, 1)])
    if len(said) > max(most, 1):
        yield f"- and {len(said) - max(most, 1)} more"
