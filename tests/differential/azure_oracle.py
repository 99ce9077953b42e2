"""Azure once more, as simply as can be: conditions drawn as pairs of text and meaning, and role-based access over plain
documents. It shares no code with the evaluator.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations, product
from typing import Any

from hypothesis import strategies as st

Context = Mapping[str, Sequence[Any]]
"""Values of attributes by name; none where the request has no such attribute."""


@dataclass(frozen=True)
class Drawn:
    """A condition: how it is written, what it means, and the attributes that it reads."""

    text: str
    means: Callable[[Context], bool]
    reads: frozenset[str] = frozenset()

    def __repr__(self) -> str:
        return self.text


NAME = "@Resource[Microsoft.Storage/storageAccounts/blobServices/containers:name]"
TAG = "@Resource[Microsoft.Storage/storageAccounts/blobServices/containers/blobs/tags:Project<$key_case_sensitive$>]"
OTHER_TAG = TAG.replace("Project", "project")
KEYS = "@Request[Microsoft.Storage/storageAccounts/blobServices/containers/blobs/tags&$keys$&]"
MINE = "@Principal[Microsoft.Directory/CustomSecurityAttributes/Id:Engineering_Project]"
SIZE = "@Request[Contoso.Shop/baskets:size]"
VERSION = "@Request[Microsoft.Storage/storageAccounts/blobServices/containers/blobs:versionId]"
LINK = "@Environment[isPrivateLink]"
ROLE = "@Request[Microsoft.Authorization/roleAssignments:RoleDefinitionId]"
ALWAYS = frozenset({NAME, LINK, ROLE})
"""Attributes that the request always has."""
SEVERAL = frozenset({KEYS})

GUIDS = ("11111111-aaaa-4000-8000-000000000001", "22222222-bbbb-4000-8000-000000000002",
         "33333333-cccc-4000-8000-000000000003", "44444444-dddd-4000-8000-000000000004")  # fmt: skip
TIMES = tuple(f"2026-01-0{day}T00:00:00.{part}Z" for day in (1, 2, 3, 4) for part in ("0", "0000001", "5"))
# --- comparisons ------------------------------------------------------------------------------------------------------


def _like(text: str, fold: bool) -> re.Pattern[str]:
    return re.compile(
        "".join({"*": ".*", "?": "."}.get(one, re.escape(one)) for one in text), re.DOTALL | (re.I if fold else 0)
    )


def _string(relation: str, fold: bool, left: str, right: str) -> bool:
    if relation == "Like":
        return _like(right, fold).fullmatch(left) is not None
    one, two = (left.lower(), right.lower()) if fold else (left, right)
    return one == two if relation == "Equals" else one.startswith(two)


WORDS, LIKES = ("a", "b", "A", "ab", ""), ("a*", "*b", "?", "a?", "*", "A*", "ab")
FEW_WORDS, FEW_LIKES = ("a", "b", "A"), ("a*", "*b", "?")


def _pool(words: Sequence[str], likes: Sequence[str]) -> tuple[str, ...]:
    """A text for everything that comparisons with some words and patterns of at most two letters can tell apart."""
    tests = [(relation, fold, one) for relation in ("Equals", "StartsWith") for fold in (False, True) for one in words]
    tests += [("Like", fold, one) for fold in (False, True) for one in likes]
    texts = ["".join(letters) for count in range(4) for letters in product("abABz", repeat=count)]
    return tuple({tuple(_string(*test[:2], text, test[2]) for test in tests): text for text in texts}.values())


POOLS: dict[str, tuple[Any, ...]] = {
    **dict.fromkeys((NAME, TAG, OTHER_TAG, MINE), _pool(WORDS, LIKES)), KEYS: _pool(FEW_WORDS, FEW_LIKES),
    SIZE: tuple(range(-1, 8)), VERSION: TIMES, LINK: (True, False), ROLE: GUIDS,
}  # fmt: skip


def choices(name: str) -> list[tuple[Any, ...]]:
    """All that an attribute can have, as far as drawn conditions can tell it apart."""
    found: list[tuple[Any, ...]] = [] if name in ALWAYS else [()]
    most = 3 if name in SEVERAL else 1
    for count in range(1, most + 1):
        found += combinations(POOLS[name], count)
    return found


def _order(relation: str, left: Any, right: Any) -> bool:
    return {
        "Equals": left == right, "LessThan": left < right, "LessThanEquals": left <= right,
        "GreaterThan": left > right, "GreaterThanEquals": left >= right,
    }[relation]  # fmt: skip


def _one(test: Callable[[Any, Any], bool], left: Any, right: Any) -> bool:
    """A relation; with what is absent there is none."""
    return left is not None and right is not None and test(left, right)


def compared(
    test: Callable[[Any, Any], bool], negated: bool, quantifier: str, left: Sequence[Any], right: Sequence[Any]
) -> bool:
    """A comparison of two sides; what is absent is a value that equals none."""
    one, two = list(left) or [None], list(right) or [None]
    if not quantifier:
        return any(_one(test, a, b) for a in one for b in two) != negated
    if quantifier.startswith("ForAnyOf") and not left:
        return False
    outer = all if quantifier.startswith("ForAllOf") else any
    inner = all if quantifier.endswith("AllValues") else any
    return outer(inner(_one(test, a, b) != negated for b in two) for a in one)


QUANTIFIERS = ("ForAnyOfAnyValues", "ForAllOfAnyValues", "ForAnyOfAllValues", "ForAllOfAllValues")


@st.composite
def strings(draw: st.DrawFn) -> Drawn:
    """A comparison of texts."""
    name = draw(st.sampled_from((NAME, TAG, OTHER_TAG, KEYS, KEYS, KEYS, MINE)))
    relation = draw(st.sampled_from(("Equals", "Equals", "StartsWith", "Like")))
    fold, negated = draw(st.booleans()), draw(st.booleans())
    quantifier = draw(st.sampled_from(QUANTIFIERS)) if name == KEYS or draw(st.integers(0, 3)) == 0 else ""
    if name in (TAG, OTHER_TAG, MINE):
        quantifier = ""
    words, likes = (FEW_WORDS, FEW_LIKES) if name == KEYS else (WORDS, LIKES)
    pool = likes if relation == "Like" else words
    values = draw(st.lists(st.sampled_from(pool), min_size=1, max_size=3 if quantifier else 1))
    operator = f"String{'Not' if negated else ''}{relation}{'IgnoreCase' if fold else ''}"
    return _comparison(name, operator, quantifier, values, lambda a, b: _string(relation, fold, a, b), negated)


@st.composite
def ordered(draw: st.DrawFn) -> Drawn:
    """A comparison of numbers or times."""
    name = draw(st.sampled_from((SIZE, VERSION)))
    relation = draw(st.sampled_from(("Equals", "LessThan", "LessThanEquals", "GreaterThan", "GreaterThanEquals")))
    negated = relation == "Equals" and draw(st.booleans())
    pool: tuple[Any, ...] = (0, 3, 5) if name == SIZE else (TIMES[3], TIMES[7])
    family = "Numeric" if name == SIZE else "DateTime"
    operator = f"{family}{'Not' if negated else ''}{relation}"
    value = draw(st.sampled_from(pool))
    # Times of one form are in the order of their texts, once the part of a second is of one length.
    return _comparison(name, operator, "", [value], lambda a, b: _order(relation, _key(a), _key(b)), negated)


def _key(value: Any) -> Any:
    return value if isinstance(value, int) else f"{value[:-1]:0<27}"


@st.composite
def others(draw: st.DrawFn) -> Drawn:
    """A comparison of GUIDs, of true and false, of two attributes, or a question whether one is there."""
    kind = draw(st.sampled_from(("guid", "bool", "exists", "pair", "pair")))
    negated = draw(st.booleans())
    if kind == "guid":
        values = draw(st.lists(st.sampled_from(GUIDS[:3]), min_size=1, max_size=2))
        quantifier = draw(st.sampled_from(QUANTIFIERS))
        operator = f"Guid{'Not' if negated else ''}Equals"
        return _comparison(ROLE, operator, quantifier, values, lambda a, b: a == b, negated)
    if kind == "bool":
        value = draw(st.booleans())
        operator = f"Bool{'Not' if negated else ''}Equals"
        return _comparison(LINK, operator, "", [value], lambda a, b: a == b, negated)
    if kind == "exists":
        name = draw(st.sampled_from((TAG, KEYS, VERSION, NAME)))
        return Drawn(f"Exists {name}", lambda given: bool(given[name]), frozenset({name}))
    operator = f"String{'Not' if negated else ''}Equals"
    return Drawn(
        f"{MINE} {operator} {TAG}",
        lambda given: compared(lambda a, b: a == b, negated, "", given[MINE], given[TAG]),
        frozenset({MINE, TAG}),
    )


def _comparison(
    name: str, operator: str, quantifier: str, values: Sequence[Any], test: Callable[[Any, Any], bool], negated: bool
) -> Drawn:
    texts = [_written(one, operator) for one in values]
    right = f"{{{', '.join(texts)}}}" if quantifier else texts[0]
    told = f"{quantifier}:{operator}" if quantifier else operator
    return Drawn(
        f"{name} {told} {right}",
        lambda given: compared(test, negated, quantifier, given[name], values),
        frozenset({name}),
    )


def _written(value: Any, operator: str) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    return str(value) if isinstance(value, int) or operator.startswith("Guid") else f"'{value}'"


def negated(part: Drawn, sign: str) -> Drawn:
    """The opposite."""
    return Drawn(f"{sign}({part.text})", lambda given: not part.means(given), part.reads)


def joined(parts: Sequence[Drawn], sign: str) -> Drawn:
    """Parts joined by AND or OR, each in parentheses."""
    how = all if sign in ("AND", "&&") else any
    text = f" {sign} ".join(f"({one.text})" for one in parts)
    reads = frozenset().union(*(one.reads for one in parts))
    return Drawn(text, lambda given: how(one.means(given) for one in parts), reads)


ATOMS = st.one_of(strings(), strings(), ordered(), others())
CONDITIONS: st.SearchStrategy[Drawn] = st.recursive(
    ATOMS,
    lambda inner: st.one_of(
        st.builds(joined, st.lists(inner, min_size=2, max_size=3), st.sampled_from(("AND", "&&", "OR", "||"))),
        st.builds(negated, inner, st.sampled_from(("!", "NOT "))),
    ),
    max_leaves=4,
)


# --- role-based access over documents ---------------------------------------------------------------------------------


def takes(patterns: Iterable[str], operation: str) -> bool:
    """Whether one of some patterns takes in an operation."""
    return any(
        re.fullmatch(re.escape(one.strip()).replace(r"\*", ".*"), operation.strip(), re.I | re.S) for one in patterns
    )


def groups_of(documents: Sequence[Mapping[str, Any]], who: str) -> set[str]:
    """Somebody, and every group that has them, directly or not."""
    found = {who}
    while True:
        more = {
            one["body"]["groupId"] for one in documents if one["kind"] == "group_member" and one["body"]["id"] in found
        } - found
        if not more:
            return found
        found |= more


def scopes_of(documents: Sequence[Mapping[str, Any]], resource: str) -> set[str]:
    """A resource and all above it, in lower case."""
    parts = resource.lower().split("/")
    found = {"/".join(parts[:count]) for count in range(3, len(parts) + 1)} | {"/"}
    while True:
        more = {
            entity["properties"]["parent"]["id"].lower()
            for one in documents
            if one["kind"] == "management_group"
            for entity in one["body"]["value"]
            if entity["id"].lower() in found and entity["properties"]["parent"]
        } - found
        if not more:
            return found
        found |= more


def gives(entries: Iterable[Mapping[str, Any]], operation: str, data: bool) -> bool:
    """Whether one of some permissions entries has an operation."""
    yes, no = ("dataActions", "notDataActions") if data else ("actions", "notActions")
    return any(takes(one.get(yes, ()), operation) and not takes(one.get(no, ()), operation) for one in entries)


def may(documents: Sequence[Mapping[str, Any]], who: str, operation: str, data: bool, resource: str) -> bool:
    """Whether somebody may, where everything is known and nothing has a condition."""
    mine, scopes = groups_of(documents, who), scopes_of(documents, resource)
    roles = {
        one["body"]["name"]: one["body"]["properties"]["permissions"]
        for one in documents
        if one["kind"] == "role_definition"
    }
    for one in documents:
        body = one["body"].get("properties", {})
        if one["kind"] != "deny_assignment" or not gives(body["permissions"], operation, data):
            continue
        here = body["scope"].lower() == resource.lower() or (
            not body["doNotApplyToChildScopes"] and body["scope"].lower() in scopes
        )
        everyone = any(each["type"] == "SystemDefined" for each in body["principals"])
        listed = everyone or any(each["id"] in mine for each in body["principals"])
        if here and listed and not any(each["id"] in mine for each in body["excludePrincipals"]):
            return False
    return any(
        one["kind"] == "role_assignment"
        and one["body"]["properties"]["principalId"] in mine
        and one["body"]["properties"]["scope"].lower() in scopes
        and gives(roles[one["body"]["properties"]["roleDefinitionId"].rpartition("/")[2]], operation, data)
        for one in documents
    )
