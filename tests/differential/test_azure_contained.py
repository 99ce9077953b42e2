"""Role definitions and assignments held against one another, and against every operation of a small catalogue."""

from __future__ import annotations

from collections import Counter
from functools import cache
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fakes.azure_bulk import port_of
from leastwise.engine.containment import Containment, CounterExample, NotProven, Proved
from leastwise.errors import UsageError
from leastwise.providers.azure.compiled.port import AzurePort
from leastwise.providers.azure.containment import _forms
from leastwise.providers.azure.language.operations import DATA, Plane, canonical, matches
from leastwise.providers.azure.language.roles import parse_role

OWNER, READER = "8e3af657-a8ff-443c-a75c-2fe8c4bcb635", "acdd72a7-3385-48ef-bd42-f606fba81ae7"
CONTRIBUTOR = "b24988ac-6180-42a0-ab88-20f7382dd24c"
COMPUTE, BLOBS = "Microsoft.Compute/virtualMachines", "Microsoft.Storage/storageAccounts/blobServices/containers/blobs"
CONTAINER = "@Resource[Microsoft.Storage/storageAccounts/blobServices/containers:name]"
ORDERS = f"{CONTAINER} StringEquals 'orders'"
SUB = "/subscriptions/11111111-0000-4000-8000-000000000001"
GROUP, ADA, BOB, FAR = (f"2222222{n}-0000-4000-8000-000000000001" for n in range(4))
MANAGEMENT = "/providers/Microsoft.Management/managementGroups/far"
DOCUMENTS: list[dict[str, Any]] = [
    {"kind": "group", "body": {"id": GROUP, "displayName": "team"}},
    *(
        {"kind": "group_member", "body": {"groupId": GROUP, "id": who, "@odata.type": "#microsoft.graph.user"}}
        for who in (ADA, BOB)
    ),
]


@cache
def port() -> AzurePort:
    return port_of(DOCUMENTS)


def role(*entries: dict[str, Any]) -> dict[str, Any]:
    return {"name": "drawn", "properties": {"roleName": "Drawn", "permissions": list(entries)}}


def actions(*names: str, less: tuple[str, ...] = (), condition: str = "") -> dict[str, Any]:
    return role({"actions": list(names), "notActions": list(less), "condition": condition})


def data(*names: str, less: tuple[str, ...] = (), condition: str = "") -> dict[str, Any]:
    return role({"dataActions": list(names), "notDataActions": list(less), "condition": condition})


def assigned(role: str, who: str, scope: str = SUB, type: str = "User", **more: str) -> dict[str, Any]:
    return {"properties": {"roleDefinitionId": role, "principalId": who, "principalType": type, "scope": scope, **more}}


def contains(inner: list[dict[str, Any]], outer: list[dict[str, Any]]) -> Containment:
    return port().contains(inner, outer)


@pytest.mark.parametrize(
    ("inner", "outer", "expected"),
    [
        (actions("*/read"), actions("*"), Proved),
        (actions("*"), actions("*/read"), CounterExample),
        (actions("*"), data("*"), CounterExample),
        (actions("*", "Microsoft.Compute"), actions(), CounterExample),
        (data(f"{BLOBS}/read"), actions("*"), CounterExample),
        (data(f"{BLOBS}/read"), data("Microsoft.Storage/*"), Proved),
        (actions("*", less=("*/write",)), actions("*", less=("Microsoft.Compute/*/write",)), Proved),
        (actions("*", less=("Microsoft.Compute/*/write",)), actions("*", less=("*/write",)), CounterExample),
        (actions("A.b/c/read"), actions("A.b/c/*/read"), Proved),
        (actions("A.b/c/*/read"), actions("A.b/c/read"), CounterExample),
        (actions("A.b/*/*/read"), actions("A.b/*/read"), Proved),
        (actions("A.B/C/READ"), actions("a.b/c/read"), Proved),
        (actions(), actions(), Proved),
        (data(f"{BLOBS}/read", condition=ORDERS), data(f"{BLOBS}/read"), Proved),
        (data(f"{BLOBS}/read", condition=ORDERS), data("*", condition=ORDERS), Proved),
        (data(f"{BLOBS}/read"), data(f"{BLOBS}/read", condition=ORDERS), CounterExample),
        (data(f"{BLOBS}/read"), data(f"{BLOBS}/read", condition=f"Exists {CONTAINER}"), Proved | NotProven),
        (
            data(f"{BLOBS}/*"),
            data(f"{BLOBS}/*", condition=f"(!(ActionMatches{{'{BLOBS}/read'}})) OR ({ORDERS})"),
            CounterExample,
        ),
        (
            data(f"{BLOBS}/write", f"{BLOBS}/delete"),
            data(f"{BLOBS}/*", condition=f"(!(ActionMatches{{'{BLOBS}/read'}})) OR ({ORDERS})"),
            Proved,
        ),
        (
            data(f"{BLOBS}/delete", f"{BLOBS}/read"),
            data(f"{BLOBS}/*", condition=f"(!(ActionMatches{{'{BLOBS}/read'}})) OR ({ORDERS})"),
            CounterExample,
        ),
        (data(f"{BLOBS}/read", condition="(("), data("*", condition="(("), Proved),
        (data(f"{BLOBS}/read"), data("*", condition="(("), NotProven),
        (data(f"{BLOBS}/read", condition="(("), data("*", condition="()"), NotProven),
        (data(f"{BLOBS}/read", condition="(("), actions("*"), NotProven),
    ],
)
def test_roles(inner: dict[str, Any], outer: dict[str, Any], expected: Any) -> None:
    assert isinstance(contains([inner], [outer]), expected)


def test_entries_leave_out_of_their_own_and_stand_together() -> None:
    halves = role({"actions": ["*"], "notActions": ["*/write"]}, {"actions": ["*/write"]})
    assert isinstance(contains([actions("*")], [halves]), Proved)
    assert isinstance(contains([actions("*")], [actions("*", less=("*/write",)), actions("*/write")]), Proved)
    found = contains([actions("*")], [actions("*", less=("*/write",))])
    assert isinstance(found, CounterExample)
    assert found.permission.lower().endswith("/write")
    assert found.permission in port().numbers.names


def test_a_counter_example_is_written_as_operations_are() -> None:
    both = next(one for one in port().permissions() if one.startswith(DATA))
    space = both.removeprefix(DATA).partition("/")[0]
    found = contains([data(both.removeprefix(DATA))], [actions("*")])
    assert isinstance(found, CounterExample)
    assert canonical(found.permission) == canonical(both)
    every = contains([data(f"{space}/*")], [actions(f"{space}/*")])
    assert isinstance(every, CounterExample)
    assert every.permission in port().permissions()


@pytest.mark.parametrize(
    ("inner", "outer", "expected"),
    [
        (assigned(READER, ADA), assigned(CONTRIBUTOR, ADA), Proved),
        (assigned(CONTRIBUTOR, ADA), assigned(READER, ADA), CounterExample),
        (assigned(READER, ADA), assigned(READER, BOB), CounterExample),
        (assigned(READER, ADA, f"{SUB}/resourceGroups/web"), assigned(READER, ADA), Proved),
        (assigned(READER, ADA), assigned(READER, ADA, f"{SUB}/resourceGroups/web"), CounterExample),
        (assigned(READER, ADA), assigned(READER, ADA, "/"), Proved),
        (assigned(READER, ADA), assigned(READER, GROUP, type="Group"), Proved),
        (assigned(READER, GROUP, type="Group"), assigned(READER, ADA), CounterExample),
        (assigned(READER, FAR, type="Group"), assigned(READER, ADA), NotProven),
        (assigned(READER, ADA), assigned(READER, FAR, type="Group"), NotProven),
        (assigned(READER, FAR, type="Group"), assigned(OWNER, FAR, type="Group"), Proved),
        (assigned("nobody-knows", ADA), assigned("nobody-knows", ADA, "/"), Proved),
        (assigned("nobody-knows", ADA), assigned(OWNER, ADA), NotProven),
        (assigned(READER, ADA), assigned("nobody-knows", ADA), NotProven),
        (assigned(READER, ADA), assigned(READER, ADA, condition=f"Exists {CONTAINER}"), CounterExample),
        (assigned(READER, ADA), assigned(READER, ADA, endDateTime="2030-01-01T00:00:00Z"), NotProven),
        (assigned(READER, ADA, endDateTime="2029-01-01T00:00:00Z"), assigned(READER, ADA), Proved),
    ],
)
def test_assignments(inner: dict[str, Any], outer: dict[str, Any], expected: Any) -> None:
    found = contains([inner], [outer])
    assert isinstance(found, expected), found
    if isinstance(found, CounterExample):
        assert found.resource == SUB
        assert found.values["principal"] in ((ADA,), (BOB,))


@pytest.mark.parametrize(
    ("inner", "said"),
    [
        ([{"name": "x"}], "inner[0]: is no role definition"),
        ([actions("*"), {"name": "x", "permissions": [{"actions": "*"}]}], "inner[1]: actions must be a list of texts"),
        ([{"roleDefinitionId": READER, "scope": "/"}], "inner[0]: "),
        ([actions("*"), assigned(READER, ADA)], "against"),
        (["x"], "inner[0]: "),
    ],
)
def test_what_is_none_is_refused(inner: list[Any], said: str) -> None:
    with pytest.raises(UsageError) as error:
        contains(inner, [])
    assert said in str(error.value)


NAMES = [
    f"{space}/{type}{verb}"
    for space in ("Microsoft.Storage", "Microsoft.Compute")
    for type in ("", "storageAccounts/", "virtualMachines/", "virtualMachines/extensions/")
    for verb in ("read", "write", "delete", "start/action")
]
PIECES = st.sampled_from(("*", "Microsoft.Compute", "virtualMachines", "read", "write", "*s", "Microsoft.*", "start"))
PATTERNS = st.one_of(st.sampled_from(NAMES), st.lists(PIECES, min_size=1, max_size=4).map("/".join))
SOME = st.lists(PATTERNS, max_size=2)
ENTRIES = st.fixed_dictionaries(
    {}, optional={"actions": SOME, "notActions": SOME, "dataActions": SOME, "notDataActions": SOME}
)
ROLES = st.lists(ENTRIES, min_size=1, max_size=2).map(lambda entries: role(*entries))
verdicts: Counter[str] = Counter()


def has(roles: list[dict[str, Any]], name: str, plane: Plane) -> bool:
    return any(entry.has(canonical(name), plane) for one in roles for entry in parse_role(one).entries)


@settings(max_examples=200, deadline=None)
@given(st.lists(ROLES, min_size=1, max_size=2), st.lists(ROLES, max_size=2))
def test_every_operation_agrees(inner: list[dict[str, Any]], outer: list[dict[str, Any]]) -> None:
    found = contains(inner, outer)
    verdicts[type(found).__name__] += 1
    only = [(n, plane) for n in NAMES for plane in Plane if has(inner, n, plane) and not has(outer, n, plane)]
    if isinstance(found, Proved):
        assert not only
    else:
        assert isinstance(found, CounterExample), found
        name = found.permission
        planes = [Plane.DATA] if name.startswith(DATA) else list(Plane)
        name = name.removeprefix(DATA)
        assert any(has(inner, name, plane) and not has(outer, name, plane) for plane in planes)


def test_both_answers_were_given() -> None:
    assert min(verdicts["Proved"], verdicts["CounterExample"]) > 10, verdicts


@settings(max_examples=300, deadline=None)
@given(
    st.lists(st.sampled_from(("*", "a", "*b", "")), min_size=1, max_size=5).map("/".join),
    st.lists(st.sampled_from(("a", "b", "ab", "")), min_size=1, max_size=5).map("/".join),
)
def test_forms_take_in_what_the_pattern_does(pattern: str, name: str) -> None:
    forms = _forms(pattern, Plane.DATA)
    assert any(one.matches(f"data:{name}") for one in forms) == matches(pattern, name)
    assert not any(one.matches(f"control:{name}") for one in forms)
