"""What an estate knows of its tree and groups, and what it does not."""

from __future__ import annotations

from dataclasses import replace

import pytest

from leastwise.model.decision import State
from leastwise.providers.azure import catalog
from leastwise.providers.azure.evaluate.decide import decide
from leastwise.providers.azure.evaluate.directions import who_can
from leastwise.providers.azure.evaluate.estate import GROUP, Estate, Member, kind_of
from leastwise.providers.azure.evaluate.explain import STATES, explain
from leastwise.providers.azure.evaluate.request import named_parts, request
from leastwise.providers.azure.language.assignments import Assignment, DenyAssignment, Listed
from leastwise.providers.azure.language.ids import arm_id
from leastwise.providers.azure.language.operations import Patterns
from leastwise.providers.azure.language.roles import Entry

SUB = arm_id("/subscriptions/11111111-1111-4111-8111-111111111111")
VM = f"{SUB}/resourceGroups/rg/providers/Microsoft.Compute/virtualMachines/vm1"
CORP = arm_id("/providers/Microsoft.Management/managementGroups/Corp")
READ = "Microsoft.Compute/virtualMachines/read"
READER = Assignment("a", "acdd72a7-3385-48ef-bd42-f606fba81ae7", "ada", "User", SUB)
BASE = Estate(catalogue=catalog.role, operations=catalog.planes, assignments=(READER,))


def state(estate: Estate, who: str = "ada", operation: str = READ) -> State:
    return STATES[decide(request(estate, who, operation, VM)).verdict.outcome]


def test_assignments_that_were_not_read_may_give() -> None:
    lost = replace(BASE, unread_grants=frozenset({SUB.key}))
    assert (state(lost), state(lost, "bob")) == (State.ALLOWED, State.UNKNOWN)
    told = explain(decide(request(lost, "bob", READ, VM)))
    assert told.missing == (f"the role assignments of {SUB.key}",)
    listed = who_can(request(lost, "", READ, VM))
    assert (dict(listed.states), listed.unlisted) == ({"ada": State.ALLOWED}, True)


def test_deny_assignments_that_were_not_read_may_take() -> None:
    lost = replace(BASE, unread_denies=frozenset({SUB.key}))
    assert (state(lost), state(lost, "bob")) == (State.UNKNOWN, State.DENIED)
    assert explain(decide(request(lost, "ada", READ, VM))).missing == (f"the deny assignments of {SUB.key}",)


def test_what_was_not_read_elsewhere_does_not_matter() -> None:
    other = frozenset({"/subscriptions/2"})
    assert state(replace(BASE, unread_grants=other, unread_denies=other), "bob") is State.DENIED


@pytest.mark.parametrize(
    ("parents", "keys", "open"),
    [
        ({}, [SUB.key, "/"], True),
        ({SUB.key: CORP.key}, [SUB.key, CORP.key, "/"], True),
        ({SUB.key: CORP.key, CORP.key: None}, [SUB.key, CORP.key, "/"], False),
        ({SUB.key: CORP.key, CORP.key: CORP.key}, [SUB.key, CORP.key, "/"], True),
    ],
)
def test_a_chain_goes_as_far_as_is_known(parents: dict[str, str | None], keys: list[str], open: bool) -> None:
    chain = Estate(parents=parents).chain(SUB)
    assert (list(chain.keys), chain.open) == (keys, open)


def test_an_unknown_role_and_its_denial_at_one_group_are_one_unknown() -> None:
    everything = Entry(Patterns(["*"]), Patterns(()), Patterns(()), Patterns(()))
    deny = DenyAssignment("d", "d", CORP, (everything,), (Listed("00000000-0000-0000-0000-000000000000"),))
    above = replace(BASE, assignments=(replace(READER, scope=CORP),))
    assert state(above) is State.UNKNOWN
    assert state(replace(above, denies=(deny,))) is State.DENIED


@pytest.mark.parametrize(
    ("type", "kind"),
    [
        ("Group", "group"), ("ForeignGroup", "group"), ("User", "user"), ("ServicePrincipal", "servicePrincipal"),
        ("MSI", "servicePrincipal"), ("#microsoft.graph.group", "group"), ("Device", "device"),
        ("Unknown", ""), ("", ""),
    ],
)  # fmt: skip
def test_the_vendors_words_for_types_of_principals(type: str, kind: str) -> None:
    assert kind_of(type) == kind


def test_a_group_is_expanded_as_far_as_its_members_were_read() -> None:
    groups = {"g": (Member("h", GROUP), Member("ada", "user")), "h": (Member("i", GROUP), Member("g", GROUP))}
    estate = Estate(groups=groups)
    assert sorted(estate.expanded("g")) == ["ada", "i"]
    assert list(estate.expanded("bob", "User")) == ["bob"]
    assert estate.through("g", "i") == ("h", "g")
    assert estate.through("g", "bob") is None


@pytest.mark.parametrize(
    ("path", "parts"),
    [
        ("/providers/Microsoft.Compute/disks/D1", {"@resource[microsoft.compute/disks:name]": "D1"}),
        (
            "/providers/Microsoft.Storage/storageAccounts/Shop/blobServices/default/containers/C/blobs/A/b.csv",
            {
                "@resource[microsoft.storage/storageaccounts:name]": "Shop",
                "@resource[microsoft.storage/storageaccounts/blobservices:name]": "default",
                "@resource[microsoft.storage/storageaccounts/blobservices/containers:name]": "C",
                "@resource[microsoft.storage/storageaccounts/blobservices/containers/blobs:name]": "A/b.csv",
                "@resource[microsoft.storage/storageaccounts/blobservices/containers/blobs:path]": "A/b.csv",
            },
        ),
        ("", {}),
        ("/providers/Microsoft.Compute", {}),
    ],
)  # fmt: skip
def test_the_names_that_an_id_tells(path: str, parts: dict[str, str]) -> None:
    assert dict(named_parts(arm_id(f"{SUB}{path}"))) == parts
