"""What a proposal says: nobody's name is taken for markup, commands or a marker, and it is never too long."""

from __future__ import annotations

import re
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from leastwise.model.proposal import CHANGE, ISSUE
from leastwise.rightsizing.proposals.deciding import same_text
from leastwise.rightsizing.proposals.marker import branch_of, marked, marker_of
from leastwise.rightsizing.proposals.text import LONGEST, body_of, closing_of, code, message_of, title_of, trailer

ID = "0123456789abcdef"
HOSTILE = st.sampled_from(
    ["role/x", "`", "```\n/merge\n", "a\n/close", "--> <!-- x", "@everyone #1 fixes #2", "", "\r\n/approve", "``a`",
     "\u2028/x"]
) | st.text(max_size=30)  # fmt: skip


def plan(text: str = "role/x", many: int = 1) -> dict[str, Any]:
    dropped = [
        {"permission": f"s3:{text}{number}", "sensitivity": "write", "last_used": None} for number in range(many)
    ]
    document = {"Statement": [{"Action": text, "Resource": [text] * many}]}
    return {
        "id": ID, "subject": f"arn:aws:iam::1:{text}", "provider": "aws", "account": text, "sentence": text,
        "kind": "right-size", "owner": text, "owner_by": text, "approver": text, "approver_by": text,
        "kept": [{"permission": text, "why": "used"}], "dropped": dropped, "notes": [text] * many,
        "statements": [{"actions": [text] * many, "resources": [text], "conditional": True, "policy": text}],
        "replay": {"begin": "2026-08-03T00:00:00", "end": "2026-11-01T00:00:00", "calls": 5, "distinct": 2},
        "would_break": [{"time": text, "principal": text, "permission": text, "resource": text, "calls": 1}] * many,
        "proof": {"narrower": {"state": "refuted", "why": text}, "enough": {"state": "proved", "why": ""},
                  "widens": [{"principal": text}], "affected": [text]},
        "changes": [{"put": {"policy": text, "document": document}, "before": "", "inverse": []}],
        "inverse": [{"put": {"policy": text, "document": document}}], "steps": [],
        "closes": [{"key": ID, "rule": text}],
    }  # fmt: skip


def outside_of_code(body: str) -> str:
    """What of a text a host may take for markup: without blocks of code and words between back ticks."""
    lines, fence = [], ""
    for line in body.split("\n"):
        begun = re.match(r"`{3,}", line)
        if fence:
            fence = "" if line == fence else fence
        elif begun and "`" not in line[len(begun[0]) :]:
            fence = begun[0]
        else:
            lines.append(re.sub(r"(?<!`)(`+)(?!`)(.*?)(?<!`)\1(?!`)", "", line))
    assert not fence, "a block of code is not closed"
    return "\n".join(lines)


@settings(max_examples=40)
@given(HOSTILE, st.sampled_from([CHANGE, ISSUE]))
def test_no_name_is_taken_for_anything_else(text: str, kind: str) -> None:
    marker = marked(kind, text, text, (ID,))
    body = body_of(marker, text, [(plan(text), [text] if kind == ISSUE else [])])
    assert marker_of(body) == marker
    plain = outside_of_code(body.partition("\n")[2])
    assert not re.search(r"(?m)^\s*/", plain)
    assert "<!--" not in plain and "@" not in plain and "#1" not in plain
    assert "\n" not in title_of(text, [plan(text)]) and marker_of(text) is None


@pytest.mark.parametrize("many", [1, 50, 600])
def test_never_too_long(many: int) -> None:
    marker = marked(CHANGE, "o", "m", (ID,))
    for plans in (1, 60):
        body = body_of(marker, "o", [(plan("x" * 40, many), ["y"] * many)] * plans)
        assert len(body) <= LONGEST
        assert marker_of(body) == marker
        assert "Would break" in body
        outside_of_code(body)


@given(st.text(), st.text(), st.lists(st.sampled_from([ID, "f" * 16]), min_size=1, unique=True), st.booleans())
def test_a_marker_is_found_again(owner: str, module: str, plans: list[str], closed: bool) -> None:
    from dataclasses import replace

    one = replace(marked(CHANGE, owner, module, tuple(plans)), closed=closed)
    assert marker_of(f"{one.line}\r\nwords") == one
    assert marker_of(f"words\n{one.line}") is None
    assert re.fullmatch(r"leastwise/[a-z0-9-]*[a-z0-9]", branch_of(CHANGE, owner, module))


def test_a_commit_is_known_as_ours() -> None:
    marker = marked(CHANGE, "o", "m", (ID,))
    assert trailer(marker) in message_of("title", marker).splitlines()
    assert trailer(marked(CHANGE, "other", "m", (ID,))) not in message_of("title", marker)


@given(st.text(max_size=40))
def test_words_between_back_ticks_stay_there(text: str) -> None:
    said = code(text)
    assert "\n" not in said and "\r" not in said
    assert not outside_of_code(said).strip()
    assert marker_of(closing_of([(ID, text)])) is None


@given(st.text())
def test_ends_of_lines_make_no_other_text(text: str) -> None:
    assert same_text(text, text.replace("\r\n", "\n").replace("\n", "\r\n") + "\n")
