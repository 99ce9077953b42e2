"""Texts of code read: nothing is lost, what is wrong is told with its place, hostile texts end soon."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from leastwise.rightsizing.code.hcl.aligned import aligned
from leastwise.rightsizing.code.hcl.parse import parse
from leastwise.rightsizing.code.hcl.reading import node_of, plain
from leastwise.rightsizing.code.hcl.tokens import tokens
from leastwise.rightsizing.code.hcl.tree import Attribute, Block
from leastwise.rightsizing.code.json_text import read_json
from leastwise.rightsizing.code.located import Mapped, Open, value_of
from leastwise.rightsizing.code.spans import Malformed, place_of
from leastwise.rightsizing.code.writing import Style
from leastwise.rightsizing.code.yaml_text import read_yaml

ROOT = Path(__file__).parents[3]
PIECES = r"""" ${ } { [ ] ( ) # // /* */ = a b.c 1.5 \ $ % %{ ~} $${ , é for :""".split()  # noqa: SIM905
PIECES += ["<<EOT\n", "<<-A\n", "EOT\n", "  A\n", "\n", "\r\n", " ", "\t", "\ufeff", "\x00"]
VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(10**9), 10**9)
    | st.text(max_size=12)
    | st.sampled_from(["${a}", "%{x}", "2012-10-17"]),
    lambda below: st.lists(below, max_size=3) | st.dictionaries(st.text(max_size=6), below, max_size=4),
    max_leaves=12,
)


def joined(text: str) -> str:
    return "".join(text[one.begin : one.end] for one in tokens(text))


@given(st.lists(st.sampled_from(PIECES), max_size=60).map("".join))
def test_tokens_joined_are_the_text_whatever_it_is(text: str) -> None:
    assert joined(text) == text
    try:
        parse(text)
    except Malformed as error:
        assert 0 <= error.offset <= len(text)


@given(st.text(max_size=80))
def test_tokens_of_any_text_joined_are_the_text(text: str) -> None:
    assert joined(text) == text


def test_every_file_of_terraform_in_this_project_is_read() -> None:
    files = sorted(ROOT.glob("docs/**/*.tf")) + sorted(ROOT.glob("tools/**/*.tf")) + sorted(ROOT.glob("tests/**/*.tf"))
    assert len(files) > 10
    for file in files:
        text = file.read_bytes().decode()
        assert joined(text) == text
        assert parse(text).items


@example({"\\/": "\\b\x08"})
@given(VALUES)
def test_what_is_written_is_read_as_the_same_value(value: Any) -> None:
    """In each language, on one line and on many."""
    for style in (Style("hcl"), Style("hcl", inline=True)):
        written = style.value(value)
        attribute = parse(f"a = {written}\n").items[0]
        assert isinstance(attribute, Attribute)
        node = node_of(f"a = {written}\n", attribute.value)
        if isinstance(node, Open):
            raise AssertionError(written)
        assert value_of(node) == value
    for style in (Style("json"), Style("json", inline=True)):
        assert value_of(read_json(style.value(value))) == value
    assert value_of(read_json(Style("json", holes=True).value(value), holes={})) == value


@given(VALUES)
def test_what_is_written_as_yaml_is_read_as_the_same_value(value: Any) -> None:
    for style in (
        Style("yaml", indent="  "),
        Style("yaml", flow=True, inline=True),
        Style("yaml", indent="  ", quote="'"),
    ):
        text = "a: " + style.value(value).lstrip(" ") + "\n"
        assert value_of(read_yaml(text)) == {"a": value}


FAULTS = [
    ('resource "a" "b" {\n  c = \n}\n', "line 2, column 7: the line ends, and a value should stand here"),
    ('resource "a" "b" {\n  c = "x\n}\n', "line 2, column 9: a string must end in its line"),
    ('resource "a" "b" {\n', "line 1, column 18: '{' is never closed"),
    ("a = <<EOT\nb\n", "line 1, column 5: the heredoc <<EOT is never closed"),
    ("a = [1, 2\nb = 3\n", "line 2, column 1: 'b', and ']' should stand here"),
    ("a = 1 2\n", "line 1, column 7: '2', and a new line should begin"),
    ("}\n", "line 1, column 1: '}', and the name of an attribute or block should stand here"),
    ("a = 1\na = 2\n", "line 2, column 1: a is set twice"),
    ("a = /* b\n", "line 1, column 5: a comment is never closed"),
    ('a = "\\q"\n', "line 1, column 6: \\q is no escape"),
    ('a = "${b"\n', "line 1, column 9"),
    ("a = {\n  b 1\n}\n", "line 2, column 5: '1', and '=' should stand here"),
    ("a = f(1\n", "line 1, column 6: '(' is never closed"),
    ("a = b.\n", "line 1, column 7: the line ends, and a name should stand here"),
    ("a\n", "line 1, column 2: the line ends, and '=' or '{' should stand here"),
    ("a = @\n", "line 1, column 5: '@', and a value should stand here"),
]


@pytest.mark.parametrize(("text", "told"), FAULTS, ids=[told for _, told in FAULTS])
def test_what_is_wrong_is_told_with_its_place(text: str, told: str) -> None:
    with pytest.raises(Malformed) as error:
        parse(text)
    assert f"{place_of(text, error.value.offset)}: {error.value.cause}".startswith(told)


FORMS = [
    "a = b ? c : d ? e : f",
    "a = !b && -1 < 2",
    'a = [for k, v in b : "${k}" if v != null]',
    "a = { for k in b : k => { x = k } }",
    'a = { "for" = 1, in = 2 }',
    "a = b.*.c[0][*].d.0",
    'a = f(\n  b,\n  c...\n)',
    "a = provider::x::f(1)",
    'a = "${jsonencode({\n  a = "${b}"\n})}"',
    'a = "%{ if b == {} }x%{ else ~}y%{ endif }"',
    "a = <<EOT\n%{ for x in y ~}\n${x}\n%{ endfor ~}\nEOT",
    "a = <<-EOT\n    $${b} EOT\n  EOT",
    "a = (\n  1 + 2\n) * 3",
    'b { c = 1 }',
    'b "c" d {\n}',
    "a = {\n  b = 1, c = 2\n  (d) = 3\n  \"e f\" : 4\n}",
    "a = 1.5e+3 # x",
    "",
    "\ufeffa = 1",
    "a = b[\n  0\n]",
]  # fmt: skip


@pytest.mark.parametrize("text", FORMS)
def test_what_terraform_reads_is_read(text: str) -> None:
    for ending in ("\n", ""):
        parse(text + ending)
    parse(text.replace("\n", "\r\n"))


@pytest.mark.parametrize(
    "text",
    [
        "a = " + "[" * 30_000,
        "a = " + "{" * 30_000,
        "a = " + "f(" * 30_000,
        "a = " + '"${' * 30_000,
        "b {\n" * 30_000,
        "a = " + "-" * 30_000 + "1",
        "a = " + "x ? " * 30_000,
        "a = " + "x ? y : " * 15_000 + "z",
        "a = <<EOT\n" + "x\n" * 30_000,
        "a = " + "/*" * 30_000,
        "a = [" + "1," * 30_000 + "]\n",
        "a = " + "x." * 30_000 + "y\n",
        'a = "' + "$${" * 30_000 + '"\n',
        "%{" * 30_000,
        "a = " + "!" * 30_000,
    ],
    ids=lambda text: text[:14].replace("\n", " "),
)
def test_hostile_files_are_read_or_refused_without_the_end_of_the_stack(text: str) -> None:
    assert sys.getrecursionlimit() <= 1000
    assert len(text) >= 30_000
    try:
        parse(text)
    except Malformed as error:
        assert 0 <= error.offset <= len(text)


@pytest.mark.parametrize("text", ["[" * 30_000, '{"a":' * 30_000, '"' + "\\" * 30_001, "[" + "1," * 30_000])
def test_hostile_json_is_refused(text: str) -> None:
    with pytest.raises(Malformed):
        read_json(text)


@pytest.mark.parametrize(
    "text",
    ["[" * 1_000, "a: " * 2, "- " * 1_000 + "a", "{a: " * 2_000, "a: *b", "'a", "a: 1\na: 2", "\x00"],
)
def test_hostile_yaml_is_refused(text: str) -> None:
    with pytest.raises(Malformed):
        read_yaml(text)


def test_aliases_are_never_followed() -> None:
    bomb = "a: &a [x, x]\n" + "".join(
        f"{chr(98 + n)}: &{chr(98 + n)} [*{chr(97 + n)}, *{chr(97 + n)}]\n" for n in range(24)
    )
    found = read_yaml(bomb)
    assert isinstance(found, Mapped)
    assert {type(one.value) for one in found.entries[:-1]} == {Open}
    assert isinstance(read_yaml("&x [*x]"), Open)


def test_a_block_is_aligned_as_terraform_formats_it() -> None:
    text = 'a {\n  b = 1 # x\n  long = 2 # y\n  c    = [ # z\n    1,\n  ]\n\n  de = 3\n  f = "${g}"\n}\n'
    wanted = 'a {\n  b    = 1 # x\n  long = 2 # y\n  c = [    # z\n    1,\n  ]\n\n  de = 3\n  f  = "${g}"\n}\n'
    assert aligned(text, 0, len(text)) == wanted
    assert aligned(wanted, 0, len(wanted)) == wanted


def test_the_value_of_an_expression_is_told_only_where_it_is_written_out() -> None:
    root = parse('a = "x"\nb = var.x\nc = "${var.y}-z"\nd = <<E\nt\nE\n')
    text = 'a = "x"\nb = var.x\nc = "${var.y}-z"\nd = <<E\nt\nE\n'
    found = {one.name: plain(text, one.value) for one in root.items if isinstance(one, Attribute)}
    assert found == {"a": "x", "b": None, "c": None, "d": "t\n"}
    assert not [one for one in root.items if isinstance(one, Block)]


def test_json_with_templates_knows_what_is_computed() -> None:
    text = '{"a": "x${y}z", "b": ${c}, "d": "$${e}"}'
    found = read_json(text, holes={8: (12, "y"), 21: (25, "c")})
    assert [type(one.value).__name__ for one in found.entries] == ["Open", "Open", "Scalar"]  # type: ignore[union-attr]
    assert found.entries[0].value.pattern == "x.*z"  # type: ignore[union-attr]
    assert found.entries[2].value.value == "${e}"  # type: ignore[union-attr]
    assert json.loads('"x"') == "x"
