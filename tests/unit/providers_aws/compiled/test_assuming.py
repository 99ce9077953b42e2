"""Who becomes a role that can, over thousands of roles in chains, cycles and thickets, against a slow search."""

from __future__ import annotations

import random
from collections.abc import Iterator, Mapping
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from small_account import ACCOUNT, IAM, LIST, MFA, allow, by, document, port, role, trusting, user

from leastwise.model.decision import Circumstances, Holder, State

ORDER = (State.ALLOWED, State.CONDITIONAL, State.UNKNOWN)
Trusts = dict[str, dict[str, State]]
"""Role → the roles and users that it trusts, and how surely."""


def estate(trusts: Trusts, able: Mapping[str, State], users: set[str]) -> Any:
    """Roles that trust as told; those that are able may list buckets, under MFA where that is not sure."""
    roles = []
    for name, trusted in trusts.items():
        kinds = [(by(one, "user" if one in users else "role"), state) for one, state in trusted.items()]
        statements = [
            trusting(who, **({"Condition": MFA} if state is not State.ALLOWED else {})) for who, state in kinds
        ]
        own = [LIST | ({"Condition": MFA} if able[name] is not State.ALLOWED else {})] if name in able else []
        roles.append(role(name, statements, *own))
    return port([user(name) for name in sorted(users)], roles)


def expected(trusts: Trusts, able: Mapping[str, State]) -> dict[str, State]:
    """The surest state of everybody, by going round until nothing changes."""
    found = dict(able)
    changed = True
    while changed:
        changed = False
        for name, trusted in trusts.items():
            for one, state in trusted.items() if name in found else ():
                step = max(found[name], state, key=ORDER.index)
                if one not in found or ORDER.index(step) < ORDER.index(found[one]):
                    found[one], changed = step, True
    return found


def asked(trusts: Trusts, able: Mapping[str, State], users: set[str]) -> dict[str, Holder]:
    answer = estate(trusts, able, users).who_can("s3:ListAllMyBuckets", None, Circumstances(), transitive=True)
    return {one.name: one for one in answer.holders if one.kind != "root"}


def check(trusts: Trusts, able: Mapping[str, State], users: set[str]) -> dict[str, Holder]:
    found = asked(trusts, able, users)
    assert {name: one.state for name, one in found.items()} == expected(trusts, able)
    for name, one in found.items():
        way = [name, *(link.name for link in one.chain)]
        assert len(set(way)) == len(way), way
        assert all(a in trusts[b] for a, b in pairwise(way)) and way[-1] in able, way
        states = [able[way[-1]], *(trusts[b][a] for a, b in pairwise(way))]
        assert max(states, key=ORDER.index) is one.state, way
        assert (one.residual == ()) is (one.state is State.ALLOWED)
    return found


def names(prefix: str, count: int) -> list[str]:
    return [f"{prefix}{number:04}" for number in range(count)]


def chain_of(links: list[str]) -> Trusts:
    return {links[0]: {}} | {b: {a: State.ALLOWED} for a, b in pairwise(links)}


def test_a_chain_of_a_thousand_roles_is_followed_to_its_beginning() -> None:
    links = names("r", 1000)
    trusts = chain_of(links)
    trusts[links[0]]["ann"] = State.ALLOWED
    found = check(trusts, {links[-1]: State.ALLOWED}, {"ann"})
    assert [link.name for link in found["ann"].chain] == links


def test_a_condition_anywhere_in_a_long_chain_is_one_of_all_before_it() -> None:
    links = names("r", 300)
    trusts = chain_of(links)
    trusts[links[200]] = {links[199]: State.CONDITIONAL}
    found = check(trusts, {links[-1]: State.ALLOWED}, set())
    assert [found[name].state for name in links[:200]] == [State.CONDITIONAL] * 200
    assert [found[name].state for name in links[200:]] == [State.ALLOWED] * 100


def test_thousands_of_roles_in_chains_cycles_and_thickets() -> None:
    chosen = random.Random(5)
    roles = names("r", 2500)
    trusts: Trusts = {name: {} for name in roles}
    for ring in (roles[:400], roles[400:403], roles[403:404]):
        for a, b in zip(ring, [*ring[1:], ring[0]], strict=True):
            trusts[b][a] = State.ALLOWED
    for name in roles[404:]:
        for one in chosen.sample(roles, chosen.choice((0, 1, 1, 2))):
            trusts[name][one] = chosen.choice((State.ALLOWED, State.ALLOWED, State.CONDITIONAL))
    for person in names("u", 50):
        trusts[chosen.choice(roles)][person] = chosen.choice((State.ALLOWED, State.CONDITIONAL))
    able = dict.fromkeys(chosen.sample(roles, 5), State.ALLOWED) | {roles[7]: State.CONDITIONAL}
    found = check(trusts, able, set(names("u", 50)))
    assert 400 <= len(found) < 2550 and {one.state for one in found.values()} == {State.ALLOWED, State.CONDITIONAL}


def test_of_ways_without_condition_the_shortest_is_told() -> None:
    trusts = chain_of(["a", "b", "c", "d"])
    trusts["d"]["a"] = State.ALLOWED
    assert [link.name for link in check(trusts, {"d": State.ALLOWED}, set())["a"].chain] == ["d"]


def test_a_long_way_without_condition_goes_before_a_short_one_with() -> None:
    trusts = chain_of(["a", "b", "c", "d"])
    trusts["d"]["a"] = State.CONDITIONAL
    assert [link.name for link in check(trusts, {"d": State.ALLOWED}, set())["a"].chain] == ["b", "c", "d"]


def test_what_somebody_can_under_a_condition_a_role_can_make_sure() -> None:
    found = check({"a": {}, "b": {"a": State.ALLOWED}}, {"a": State.CONDITIONAL, "b": State.ALLOWED}, set())
    assert (found["a"].state, [link.name for link in found["a"].chain]) == (State.ALLOWED, ["b"])


def test_a_surer_way_that_is_found_late_betters_those_before_it() -> None:
    trusts: Trusts = {"a": {}, "b": {"a": State.ALLOWED}, "c": {"b": State.CONDITIONAL}, "d": {"b": State.ALLOWED}}
    trusts |= {"e": {"d": State.ALLOWED}}
    found = check(trusts, {"c": State.ALLOWED, "e": State.ALLOWED}, set())
    assert [link.name for link in found["a"].chain] == ["b", "d", "e"]


SOME = st.sampled_from(names("r", 6))
SURE = st.sampled_from([State.ALLOWED, State.CONDITIONAL])


@settings(max_examples=60, deadline=None)
@given(
    st.dictionaries(SOME, st.dictionaries(SOME, SURE, max_size=4), min_size=6, max_size=6),
    st.dictionaries(SOME, SURE, min_size=1, max_size=3),
)
def test_whoever_trusts_whom(trusts: Trusts, able: dict[str, State]) -> None:
    check(trusts, able, set())


OUTSIDE = "arn:aws:iam::222222222222:role/partner"


def outside() -> Iterator[Any]:
    """Whoever may assume any role, and who may not, beside a role of another account that was not read."""
    everywhere = allow("sts:AssumeRole")
    yield from (user("ann", everywhere), user("bob", allow("sts:AssumeRole", f"{IAM}:role/*")), user("eve"))


@pytest.mark.parametrize("between", [[], ["a"]])
def test_a_role_that_was_not_read_lets_in_nobody_knows_whom(between: list[str]) -> None:
    trusts = [role("z", [trusting({"AWS": OUTSIDE if not between else f"{IAM}:role/a"})], LIST)]
    trusts += [role(name, [trusting({"AWS": OUTSIDE})]) for name in between]
    found = port(list(outside()), trusts).who_can("s3:ListAllMyBuckets", None, Circumstances(), transitive=True)
    states = {one.name: one.state for one in found.holders}
    assert states["partner"] is states["ann"] is State.UNKNOWN
    assert {"bob", "eve"}.isdisjoint(states)
    ann = next(one for one in found.holders if one.name == "ann")
    assert [link.name for link in ann.chain] == ["partner", *between, "z"]
    assert f"trust policy of {OUTSIDE}: the role is not in the estate" in ann.missing


def test_a_trust_policy_that_names_nobody_of_the_estate_is_not_asked_of_everybody(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    from leastwise.providers.aws.compiled.who import WhoCan

    answered: list[str] = []
    answer = WhoCan.answer

    def counted(self: WhoCan, *given: Any) -> Any:
        answered.append(self.action)
        return answer(self, *given)

    monkeypatch.setattr(WhoCan, "answer", counted)
    services = [role(name, [trusting({"Service": "ec2.amazonaws.com"})], LIST) for name in names("r", 20)]
    found = port([user("ann", allow("*"))], services).who_can(
        "s3:ListAllMyBuckets", None, Circumstances(), transitive=True
    )
    assert answered == ["s3:ListAllMyBuckets"] and sum(one.kind != "root" for one in found.holders) == 22


def test_some_principals_are_decided_as_all_are() -> None:
    import numpy as np

    from leastwise.engine.solve import Outcome
    from leastwise.providers.aws.compiled.access import Circumstances as Given
    from leastwise.providers.aws.compiled.who import Who, WhoCan

    barred = {"Effect": "Deny", "Action": "sts:AssumeRole", "Resource": "*", "Condition": MFA}
    people = [user(name, allow("sts:AssumeRole"), *([barred] if number % 3 else [])) for number, name in
              enumerate(names("u", 20))]  # fmt: skip
    access = port(people, [role("z", [trusting({"AWS": ACCOUNT})], document())]).access

    def states(answer: Who) -> dict[int, Outcome]:
        return {n: group.verdict.outcome for group in answer.groups for n in group.members.tolist()}

    for strict in (True, False):
        asked_at = [WhoCan(access, "sts:AssumeRole", f"{IAM}:role/z", Given(strict=strict)) for _ in range(3)]
        every = states(asked_at[0].answer())
        some = np.array([0, 1, 2, 3, 7])
        assert states(asked_at[1].answer(some)) == {n: every[n] for n in some.tolist() if n in every}
        assert states(asked_at[2].answer(np.arange(access.estate.principals))) == every
