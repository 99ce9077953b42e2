"""Conditions as trees: what is read, what is refused, and where."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from leastwise.providers.azure import catalog
from leastwise.providers.azure.language.parse import (
    parse_attribute,
    parse_condition,
    parse_moment,
    parse_stamp,
)
from leastwise.providers.azure.language.tree import (
    ActionMatches,
    And,
    Attribute,
    Compare,
    Exists,
    Family,
    Not,
    Operator,
    Or,
    Quantifier,
    Relation,
    SubOperationMatches,
    Values,
    like,
)
from leastwise.providers.conditions import ConditionError

A, B, C = (Exists(Attribute("Request", name)) for name in "abc")


@pytest.mark.parametrize(
    ("text", "tree"),
    [
        ("Exists @Request[a]", A),
        ("EXISTS @request[a]", A),
        ("NOT Exists @Request[a]", Not(A)),
        ("!Exists @Request[a]", Not(A)),
        ("! ( Exists @Request[a] )", Not(A)),
        ("Exists @Request[a] AND Exists @Request[b] and Exists @Request[c]", And((A, B, C))),
        ("Exists @Request[a] || Exists @Request[b]", Or((A, B))),
        ("NOT Exists @Request[a] AND Exists @Request[b]", And((Not(A), B))),
        ("(Exists @Request[a] AND Exists @Request[b]) OR Exists @Request[c]", Or((And((A, B)), C))),
        ("ActionMatches{'x/*'} AND NOT SubOperationMatches {'Blob.List'}",
         And((ActionMatches("x/*"), Not(SubOperationMatches("Blob.List"))))),
        ("@Request[a] StringNotLikeIgnoreCase 'x*'",
         Compare(Attribute("Request", "a"), Operator(Family.STRING, Relation.LIKE, True, True), Values(("x*",)))),
        ("@Request[a] ForAnyOfAllValues:NumericLessThan{1, '-2'}",
         Compare(Attribute("Request", "a"), Operator(Family.NUMERIC, Relation.LESS), Values((1, -2), True),
                 Quantifier.ANY_ALL)),
        ("@Request[a] boolequals TRUE",
         Compare(Attribute("Request", "a"), Operator(Family.BOOL, Relation.EQUALS), Values((True,)))),
        ("@Request[a] StringEquals {'x'}",
         Compare(Attribute("Request", "a"), Operator(Family.STRING, Relation.EQUALS), Values(("x",), True))),
    ],
)  # fmt: skip
def test_a_condition_is_read(text: str, tree: object) -> None:
    assert parse_condition(text) == tree


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "letter 1: the end where an attribute or a value is expected"),
        ("Exists @Request[a] AND Exists @Request[b] OR Exists @Request[c]", "letter 43: AND and OR stand beside"),
        ("(Exists @Request[a]", "letter 20: the end where ')' is expected"),
        ("Exists @Request[a])", "letter 19: ')' after the end of the condition"),
        ("Exists 'a'", "letter 8: Exists asks for an attribute, not for 'a'"),
        ("@Nobody[a] StringEquals 'x'", "letter 1: @Nobody is no source of attributes (Request, Resource, Principal,"),
        ("@Request[ ] StringEquals 'x'", "letter 1: @Request[] names no attribute"),
        ("@Request[a] StringEndsWith 'x'", "letter 13: 'StringEndsWith' is no operator"),
        ("@Request[a] ForNoneOf:StringEquals {'x'}", "letter 13: 'ForNoneOf:StringEquals' is no operator"),
        ("@Request[a] StringEquals x", "letter 26: 'x' is no value for StringEquals"),
        ("@Request[a] NumericEquals 1.5", "letter 27: '1.5' is no value for NumericEquals"),
        ("@Request[a] DateTimeEquals '2022-06-01'", "letter 28: '2022-06-01' is no value for DateTimeEquals"),
        ("@Request[a] GuidEquals {a}", "letter 25: 'a' is no value for GuidEquals"),
        ("@Request[a] BoolEquals 1", "letter 24: '1' is no value for BoolEquals"),
        ("@Request[a] StringEquals {'a', 'b'}", "letter 13: StringEquals compares one value, and there are several"),
        ("@Request[a] ForAnyOfAnyValues:StringEquals {}", "letter 45: '}' where a value is expected"),
        ("@Request[a] ForAnyOfAnyValues:StringEquals {'a' 'b'}", "letter 49: 'b' where ',' or '}' is expected"),
        ("ActionMatches{''}", "letter 15: '' where a pattern is expected"),
        ("ActionMatches('x')", "letter 14: '(' where '{' is expected"),
        ("'a", "letter 1: a text that is not closed"),
        ("@Request[a", "letter 1: '@'"),
        ("Exists @Request[a] ; x", "letter 20: ';'"),
        ("(" * 200, "letter 102: is nested too deeply"),
        ("NOT " * 200 + "Exists @Request[a]", "is nested too deeply"),
    ],
)
def test_what_does_not_parse_is_refused_with_its_place(text: str, says: str) -> None:
    for _ in ("first", "again"):
        with pytest.raises(ConditionError) as error:
            parse_condition(text)
        assert says in str(error.value)


@given(st.text("()!{}'@[],:&|aANDORTEx \n1.-", max_size=40))
def test_any_text_is_read_or_refused(text: str) -> None:
    try:
        tree = parse_condition(text)
    except ConditionError as error:
        assert str(error).startswith("letter ")
    else:
        assert parse_condition(str(tree)) == tree


def test_every_condition_of_the_built_in_roles_parses() -> None:
    found = [
        entry.condition
        for key in catalog.bundled().roles
        if (role := catalog.role(key)) is not None
        for entry in role.entries
        if entry.condition
    ]
    assert len(found) == 31
    for text in found:
        parse_condition(text)


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("@Request[Microsoft.X/y:Name]", "@request[microsoft.x/Y:name]", True),
        ("@Request[a]", "@Resource[a]", False),
        ("@Request[x/tags:Key<$key_case_sensitive$>]", "@Request[X/TAGS:Key<$key_case_sensitive$>]", True),
        ("@Request[x/tags:Key<$key_case_sensitive$>]", "@Request[x/tags:key<$key_case_sensitive$>]", False),
        ("@Request[x/tags:a:b<$key_case_sensitive$>]", "@Request[x/tags:a:B<$key_case_sensitive$>]", False),
        ("@Request[x/tags&$keys$&]", "@Request[X/tags&$KEYS$&]", True),
    ],
)
def test_attributes_are_compared_without_case_but_for_the_keys_of_tags(one: str, other: str, same: bool) -> None:
    assert (parse_attribute(one) == parse_attribute(other)) is same


@pytest.mark.parametrize("text", ["UtcNow", "@Request[a] x", "@Request", ""])
def test_what_is_no_attribute_is_refused(text: str) -> None:
    with pytest.raises(ConditionError):
        parse_attribute(text)


@pytest.mark.parametrize(
    ("text", "known"),
    [
        ("2022-06-01T23:38:32.8883645Z", True),
        ("2022-06-01T23:38:32Z", True),
        ("2022-06-01T23:38:32.88836451Z", False),
        ("2022-06-01T23:38:32+00:00", False),
        ("2022-13-01T00:00:00Z", False),
        ("2022-02-30T00:00:00Z", False),
        ("2022-06-01", False),
    ],
)
def test_times_have_one_form(text: str, known: bool) -> None:
    assert (parse_moment(text) is not None) is known


def test_times_are_told_apart_to_the_ten_millionth_of_a_second() -> None:
    texts = ["2022-06-01T00:00:00Z", "2022-06-01T00:00:00.0000001Z", "2022-06-01T00:00:01.0Z", "2022-06-02T00:00:00Z"]
    moments = [parse_moment(one) for one in texts]
    assert [one.ticks for one in moments if one] == sorted({one.ticks for one in moments if one})
    assert parse_moment("2022-06-01T00:00:00.50Z") == parse_moment("2022-06-01T00:00:00.5Z")


@pytest.mark.parametrize(
    ("pattern", "text", "taken"),
    [
        ("a*c?", "abcd", True),
        (r"a\*", "a*", True),
        (r"a\*", "ab", False),
        (r"\?", "?", True),
        (r"\?", "x", False),
        (r"a\b", r"a\b", True),
        (r"a\\", r"a\\", True),
        ("*", "", True),
        ("*", "a\nb", True),
    ],
)
def test_a_like_pattern(pattern: str, text: str, taken: bool) -> None:
    assert like(pattern, fold=False).matches(text) is taken


@pytest.mark.parametrize(
    ("text", "same"),
    [
        ("2022-06-01T02:30:00.5+02:30", "2022-06-01T00:00:00.5Z"),
        ("2022-05-31T23:00:00-01:00", "2022-06-01T00:00:00Z"),
        ("2022-06-01T00:00:00.123456+00:00", "2022-06-01T00:00:00.123456Z"),
        ("2022-06-01T00:00:00Z", "2022-06-01T00:00:00Z"),
    ],
)
def test_a_time_that_is_given_may_have_an_offset(text: str, same: str) -> None:
    assert parse_stamp(text) == parse_moment(same)
    assert parse_stamp(text) is not None


@pytest.mark.parametrize(
    "text", ["2022-06-01T00:00:00+24:00", "2022-06-01T00:00:00+0100", "2022-06-01+01:00", "", "+01:00"]
)
def test_other_times_are_none(text: str) -> None:
    assert parse_stamp(text) is None
