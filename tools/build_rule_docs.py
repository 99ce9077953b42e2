#!/usr/bin/env python3
"""Write docs/rules/ from the rule files: one page a rule, and an index. `--check` only says what is out of date."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from leastwise.model.finding import Severity
from leastwise.rules.escalation import GAINS, GIVES, EscalationRule, Need, load_escalation
from leastwise.rules.known import KnownPaths, load_known
from leastwise.rules.load import load_posture, load_toxic
from leastwise.rules.schema import AllOf, AnyOf, Node, Not, Piece, Rule, Test

DOCS = Path(__file__).resolve().parent.parent / "docs" / "rules"
SUBJECTS = {
    "identities": "an identity",
    "credentials": "a credential",
    "grants": "a policy in force",
    "trusts": "a subject that a role trusts",
    "resources": "a resource",
    "gaps": "what a user or role did not use",
    "reaches": "a group or a bundle",
    "tries": "a subject that was tried at a trust and got in",
    "powers": "what an identity can become",
}
WORDS = {
    "equals": "is",
    "not_equals": "is not",
    "in": "is one of",
    "not_in": "is none of",
    "matches": "matches",
    "regex": "matches the expression",
    "contains": "has an element like",
    "contains_regex": "has an element that matches",
    "tagged": "has a tag like",
    "older_than": "lies more days before the clock than",
    "newer_than": "lies within this many days before the clock:",
    "greater": "is greater than",
    "less": "is less than",
    "size_over": "has more elements than",
    "size_under": "has fewer elements than",
}


def pages(rules: tuple[Rule, ...]) -> dict[str, str]:
    """Every page by file name."""
    return {"index.md": index(rules)} | {f"{rule.id}.md": page(rule) for rule in rules}


def index(rules: tuple[Rule, ...]) -> str:
    lines = [
        "# Posture rules",
        "",
        "Written by `tools/build_rule_docs.py` from `src/leastwise/rules/data/posture/`; edit the rule files instead.",
        "A rule that meets a value that was not read says so (cannot tell); it never takes it for clean.",
        "",
        "| rule | severity | says |",
        "|---|---|---|",
    ]
    worst_first = sorted(rules, key=lambda one: (-one.severity.rank, one.id))
    lines += [f"| [{rule.id}]({rule.id}.md) | {rule.severity} | {rule.title} |" for rule in worst_first]
    counts = ", ".join(f"{sum(r.severity is s for r in rules)} {s}" for s in reversed(Severity))
    return "\n".join([*lines, "", f"{len(rules)} rules: {counts}.", ""])


def page(rule: Rule) -> str:
    lines = [f"# {rule.id}: {rule.title}", "", "Written from its rule file; edit that instead.", ""]
    lines += [f"Severity **{rule.severity}** · about {SUBJECTS[rule.subject]} · provider {rule.provider}"]
    lines[-1] += f" · version {rule.version}"
    lines += ["", f"> {''.join(map(say, rule.message))}", "", "## Matches where", "", *tree(rule.where, 0), ""]
    if rule.parameters:
        lines += ["## Parameters", "", "| name | default | meaning |", "|---|---|---|"]
        lines += [f"| `{name}` | {one.default} | {one.doc} |" for name, one in rule.parameters.items()] + [""]
    lines += ["## What to do", "", rule.remediation, ""]
    if rule.limits:
        lines += ["## Limits", "", rule.limits, ""]
    if rule.supersedes:
        names = ", ".join(f"[{name}]({name}.md)" for name in rule.supersedes)
        lines += [f"Where it speaks of a subject, these stay silent about the same subject: {names}.", ""]
    lines += ["## Cases", ""]
    lines += [f"- matches: {case.why}" for case in rule.cases.match]
    lines += [f"- stays silent: {case.why}" for case in rule.cases.near_miss]
    lines += [f"- cannot tell: {case.why}" for case in rule.cases.unknown]
    if rule.references:
        lines += ["", "## References", "", *(f"- <{one}>" for one in rule.references)]
    return "\n".join([*lines, ""])


def toxic(rules: tuple[Rule, ...]) -> dict[str, str]:
    """The pages of toxic combinations by file name: one a rule, and their index."""
    lines = [
        "# Toxic combinations",
        "",
        "Written by `tools/build_rule_docs.py` from `src/leastwise/rules/data/toxic/`; edit the rule files instead.",
        "`leastwise toxic` finds them: rules like those of posture, about",
        "[identities and what they can become](../reference/tables.md#powers_view).",
        "",
        "| rule | severity | says |",
        "|---|---|---|",
    ]
    worst_first = sorted(rules, key=lambda one: (-one.severity.rank, one.id))
    lines += [f"| [{rule.id}]({rule.id}.md) | {rule.severity} | {rule.title} |" for rule in worst_first]
    return {"toxic.md": "\n".join([*lines, ""])} | {f"{rule.id}.md": page(rule) for rule in rules}


def escalation(rules: tuple[EscalationRule, ...], lists: tuple[KnownPaths, ...]) -> str:
    """The page of all escalation rules, and of the published paths that they hold."""
    lines = [
        "# Escalation rules",
        "",
        "Written by `tools/build_rule_docs.py` from `src/leastwise/rules/data/escalation/`; edit the rules instead.",
        "Each says what a principal needs to become another, or to get at data; `leastwise paths` joins them.",
        "",
        "| rule | says | needs | gives | known as |",
        "|---|---|---|---|---|",
    ]
    for rule in rules:
        needs = "; ".join(" or ".join(map(needed, step)) for step in rule.needs)
        lines.append(f"| {rule.id} | {rule.title} | {needs} | {GIVES[rule.gives]} | {', '.join(rule.known)} |")
    lines += ["", "| gain | means | rules |", "|---|---|---|"]
    counts = {gain: sum(rule.gain == gain for rule in rules) for gain in GAINS}
    lines += [f"| {gain} | {GAINS[gain]} | {count} |" for gain, count in counts.items() if count]
    known = len({one for rule in rules for one in rule.known})
    lines += ["", f"{len(rules)} rules, which hold {known} paths that others have published.", ""]
    return "\n".join([*lines, *(line for one in lists for line in published(one))])


def published(one: KnownPaths) -> list[str]:
    """Which paths of a list are held, which are not and why."""
    held = sum(bool(path.rules) for path in one.paths.values())
    lines = [f"## Published paths: {one.title}", "", f"Source: {one.source}. {held} of {len(one.paths)} are held.", ""]
    lines += ["| path | rules | not held, and why |", "|---|---|---|"]
    lines += [f"| {id} | {', '.join(path.rules)} | {path.limits} |" for id, path in one.paths.items()]
    return [*lines, ""]


def needed(need: Need) -> str:
    """A need as a person reads it."""
    given = "".join(f" ({key} {' or '.join(values)})" for key, values in need.given.items())
    on = {"target": "the target", "thing": "what hangs together with it", "new": "anything",
          "account": "the target's account", "existing": "one that exists",
          "sibling": "one in the target's account"}[need.about]  # fmt: skip
    who = f"{need.by} has " if need.by else ""
    return f"{who}`{need.permission}`{given} on {on}"


def say(piece: Piece) -> str:
    return piece.text + (f"*{piece.name.removeprefix('$').replace('_', ' ')}*" if piece.name else "")


def tree(node: Node, depth: int) -> list[str]:
    pad = "  " * depth + "- "
    match node:
        case Test():
            return [pad + test(node)]
        case Not(part):
            return [f"{pad}not:", *tree(part, depth + 1)]
        case AllOf(parts) | AnyOf(parts):
            word = "all of:" if isinstance(node, AllOf) else "any of:"
            return [pad + word] + [line for part in parts for line in tree(part, depth + 1)]


def test(node: Test) -> str:
    column = f"`{node.column}`"
    if node.operator == "is":
        return f"{column} is {'true' if node.value else 'false'}"
    if node.operator == "is_null":
        return f"{column} {'has no value' if node.value else 'has a value'}"
    if node.operator == "differs_from":
        return f"{column} differs from `{node.value}`"
    values = node.value if isinstance(node.value, tuple) else (node.value,)
    return f"{column} {WORDS[node.operator]} {', '.join(f'`{one}`' if one != '' else 'empty' for one in values)}"


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--check", action="store_true", help="change nothing; exit 1 if a page is out of date")
    check = parser.parse_args().check
    wanted = pages(load_posture()) | toxic(load_toxic())
    wanted |= {"escalation.md": escalation(load_escalation(), load_known())}
    present = {file.name: file.read_text(encoding="utf-8") for file in DOCS.glob("*.md")} if DOCS.is_dir() else {}
    stale = sorted(name for name in wanted.keys() | present.keys() if wanted.get(name) != present.get(name))
    for name in stale:
        print(f"{'out of date' if check else 'writing'}: docs/rules/{name}")
        if not check:
            DOCS.mkdir(parents=True, exist_ok=True)
            if name in wanted:
                (DOCS / name).write_text(wanted[name], encoding="utf-8")
            else:
                (DOCS / name).unlink()
    return int(check and bool(stale))


if __name__ == "__main__":
    sys.exit(main())
