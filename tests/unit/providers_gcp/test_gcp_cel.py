"""Conditions as trees: parsed, written again, refused; and judged in four values."""

from __future__ import annotations

import pytest

from leastwise.engine.formula import Formula
from leastwise.engine.solve import Outcome
from leastwise.providers.conditions import ConditionError
from leastwise.providers.gcp.evaluate.conditions import (
    Absent,
    Known,
    Lacking,
    Look,
    Truth,
    Unknown,
    judge,
    lacking,
    truth,
)
from leastwise.providers.gcp.evaluate.explain import needed, residual_of
from leastwise.providers.gcp.evaluate.worlds import solver
from leastwise.providers.gcp.language.cel import (
    Call,
    Const,
    Constant,
    Name,
    Select,
    UInt,
    attribute_path,
    parse_condition,
    text_of,
)


@pytest.mark.parametrize(
    "text",
    [
        'resource.name == "x" && !(request.time < timestamp("2026-01-01T00:00:00Z") || has(a.b))',
        'api.getAttribute("x", []).hasOnly(["roles/a"])',
        '("x" in [1, 2u, -3, 1.5, true, null, b"q"]) ? {"a": 1}.a : b[0]',
        "1 - 2 - 3 * (-4) % 5",
        '["a"].exists(x, x == "a")',
        '"\\n\\u00e9\\x41\\101\\"" == r"\\d"',
        "\"\"\"two\nlines\"\"\" != '''one'''",
    ],
)
def test_a_tree_is_written_as_it_is_read(text: str) -> None:
    node = parse_condition(text)
    assert parse_condition(text_of(node)) == node


def test_texts_are_read_with_their_escapes() -> None:
    assert parse_condition('"\\n\\u00e9\\x41\\101\\""') == Const('\néAA"')
    assert parse_condition("r'\\d'") == Const("\\d")
    assert parse_condition("b'a'") == Const(b"a")
    assert parse_condition("0x10") == Const(16)
    assert parse_condition("7u") == Const(UInt(7))


def test_values_of_different_types_are_different_nodes() -> None:
    assert Const(1) != Const(True)
    assert Const(1) != Const(1.0)
    assert len({Const(1), Const(True), Const(1.0)}) == 3


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("-9223372036854775808", -(2**63)),
        ("9223372036854775807", 2**63 - 1),
        ("-0x8000000000000000", -(2**63)),
        ("0x1F", 31),
        ("007", 7),
        ("18446744073709551615u", UInt(2**64 - 1)),
        (r"'\x41\u0042\U00000043\104\\\'\"\`\?\n'", "ABCD\\'\"`?\n"),
        (r"r'\d+\.'", r"\d+\."),
        (r"b'a\xff\377é'", b"a\xff\xff\xc3\xa9"),
        ("""'''a'b'''""", "a'b"),
    ],
)
def test_numbers_and_escapes_are_read(text: str, value: object) -> None:
    assert parse_condition(text) == Const(value)  # type: ignore[arg-type]


def test_attributes_are_chains_of_fields() -> None:
    assert attribute_path(parse_condition("request.auth.access_levels")) == "request.auth.access_levels"
    assert attribute_path(parse_condition("f(x).y")) is None
    assert parse_condition("a.b(1)") == Call("b", Name("a"), (Const(1),))
    assert parse_condition("a.b") == Select(Name("a"), "b")


@pytest.mark.parametrize(
    ("text", "cause"),
    [
        ("", "is empty"),
        ("  ", "is empty"),
        ("a ==", "does not parse at line 1, column 3"),
        ("a b", "does not parse at line 1, column 3"),
        ("x{a: 1}", "has a construct that conditions do not have (member_object)"),
        ("(" * 400 + "a" + ")" * 400, "is nested too deeply"),
        ("a" * 20_001, "is longer than 20000 letters"),
        ("a == 9223372036854775809", "has a number of more than 64 bits"),
        ("a == -9223372036854775809", "has a number of more than 64 bits"),
        ("a == 0xfffffffffffffffff", "has a number of more than 64 bits"),
        ("a == 18446744073709551616u", "has a number of more than 64 bits"),
        ("a == " + "1" * 5000, "has a number of more than 64 bits"),
        (r"a == '\.'", r"has an escape that there is not (\.)"),
        (r"a == '\777'", r"has an escape that there is not (\7)"),
        (r"a == b'\u0041'", r"has an escape that there is not (\u)"),
        (r"a == '\UFFFFFFFF'", r"has a character that there is not (\UFFFFFFFF)"),
        (r"a == '\ud800'", r"has a character that there is not (\ud800)"),
    ],
)
def test_what_is_no_expression_is_refused_with_the_cause(text: str, cause: str) -> None:
    for _ in ("first", "again"):
        with pytest.raises(ConditionError) as error:
            parse_condition(text)
        assert str(error.value) == cause


class Facts:
    """`request.*` not known, `resource.type` a text, `resource.name` absent, `resource.service` not read."""

    def look(self, path: str) -> Look | None:
        looks: dict[str, Look] = {
            "resource.type": Known("t"),
            "resource.name": Absent(),
            "resource.service": Lacking("the service"),
        }
        return looks.get(path) or (Unknown(path) if path.startswith(("request.", "destination.")) else None)

    def api(self, name: str) -> Look:
        return Unknown(name)

    def asked(self, owner: str, function: str, args: tuple[Constant, ...]) -> Truth | None:
        return {"matchTag": lacking("the tags"), "hasTagKey": truth(True)}.get(function)


def outcome(formula: Formula) -> Outcome:
    return solver().verdict(formula).outcome


A, N, D, U = Outcome.ALWAYS, Outcome.NEVER, Outcome.DEPENDS, Outcome.UNKNOWN


@pytest.mark.parametrize(
    ("text", "true", "false"),
    [
        ("resource.type == 't'", A, N),
        ("resource.type != 't'", N, A),
        ("resource.name == 'x'", N, N),
        ("!(resource.name == 'x')", N, N),
        ("resource.name == 'x' || resource.type == 't'", A, N),
        ("resource.name == 'x' && resource.type == 'u'", N, A),
        ("resource.service == 's'", U, U),
        ("resource.service == 's' && resource.type == 'u'", N, A),
        ("resource.matchTag('a', 'b')", U, U),
        ("resource.hasTagKey('a')", A, N),
        ("resource.sha()", U, U),
        ("request.time < timestamp('2026-01-01T00:00:00Z')", D, D),
        ("request.time > timestamp('nonsense')", N, N),
        ("request.path == '/a' && request.path == '/b'", N, D),
        ("request.path.startsWith('/a') || !request.path.startsWith('/a/b')", D, N),
        ("request.path.startsWith('/a/b') ? request.path.startsWith('/a') : false", D, D),
        ("has(request.path) || !has(request.path)", A, N),
        ("'x' in request.auth.access_levels && !('x' in request.auth.access_levels)", N, D),
        ("destination.port == 22 && destination.port > 30", N, D),
        ("destination.port > 0", D, N),
        ("request.time.getHours('Europe/Berlin') < 24", A, N),
        ("request.time.getHours() > 8 && request.time.getHours() < 8", N, A),
        ("request.time.getMonth() == 12", N, A),
        ("request.time.getDate() == 0", N, A),
        ("request.time.getFullYear() == 2050 && request.time.getMonth() == 5", D, D),
        ("request.time.getDayOfWeek() == 3 && request.time < timestamp('2030-01-01T00:00:00Z')", D, D),
        ("request.time - timestamp('2026-01-01T00:00:00Z') < duration('1h')", D, D),
        (
            "request.time < timestamp('2026-01-01T00:00:00Z') || request.time >= timestamp('2026-01-01T00:00:00Z')",
            A,
            N,
        ),
        ("api.getAttribute('l', []).hasOnly(['a'])", D, D),
        ("['a', 't'].exists(x, x == resource.type)", A, N),
        ("['a', 't'].all(x, x == resource.type)", N, A),
        ("['a', 't'].exists_one(x, x == resource.type)", A, N),
        ("['a', 't'].filter(x, x != 'a') == ['t']", A, N),
        ("['a'].map(x, x + 'b') == ['ab']", A, N),
        ("{'a': 1}.a == 1", A, N),
        ("'a' in {'a': 1}", A, N),
        ("[1, 2][1] == 2", A, N),
        ("[1][5] == 2", N, N),
        ("(resource.type == 't') == true", A, N),
        ("resource.type", N, N),
        ("nothing.here == 1", U, U),
        ("true", A, N),
    ],
)
def test_when_a_condition_is_true_and_when_false(text: str, true: Outcome, false: Outcome) -> None:
    found = judge(parse_condition(text), Facts())
    assert (outcome(found.true), outcome(found.false)) == (true, false)


def test_what_cannot_be_decided_for_sure_says_so() -> None:
    found = judge(parse_condition("request.path.extract('/a/{x}') == 'b' && request.path == '/c'"), Facts())
    verdict = solver().verdict(found.true)
    assert verdict.outcome is Outcome.DEPENDS
    assert not verdict.exact


def test_a_residual_is_told_as_a_person_reads_it() -> None:
    found = judge(
        parse_condition("request.path.startsWith('/a') && !(destination.port == 22) || request.path.size() > 9"),
        Facts(),
    )
    solved = solver()
    told = residual_of(solved.verdict(found.true), solved)
    assert told is not None
    assert {tuple(map(str, one)) for one in told} == {
        ("not == destination.port = 22", "startsWith request.path = /a"),
        ("CEL request.path = request.path.size() > 9",),
    }


def test_a_gap_in_a_residual_is_named() -> None:
    found = judge(parse_condition("resource.matchTag('a', 'b')"), Facts()).true
    assert not isinstance(found, bool)
    assert str(needed(found)) == "known the tags = true"  # type: ignore[arg-type]


def test_many_tests_of_the_clock_are_decided_or_said_to_be_open() -> None:
    text = " || ".join(f"request.time.getMinutes() == {minute}" for minute in range(60))
    verdict = solver().verdict(judge(parse_condition(text), Facts()).true)
    assert verdict.outcome is Outcome.ALWAYS or not verdict.exact
