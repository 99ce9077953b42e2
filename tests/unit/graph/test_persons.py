"""Accounts that are joined to persons: by what estate.yaml says, by ids, by mail; never by names."""

from __future__ import annotations

from typing import Any

import pytest

from leastwise.graph.persons import Account, Joining, Known, Person, Said, joined

OURS = Known(domains=frozenset({"ours.example"}))


def account(provider: str, id: str, mail: str = "", **more: Any) -> Account:
    return Account(provider, provider, id, more.pop("name", id), mail, **more)


def persons(accounts: list[Account], known: Known = OURS) -> list[Person]:
    return list(joined(Joining(accounts, known).persons()))


def together(accounts: list[Account], known: Known = OURS) -> list[dict[str, str]]:
    return [{one.account.id: one.reason for one in person.accounts} for person in persons(accounts, known)]


HOME = account("directory", "d-1", "ann@ours.example", directory=True, enabled=True, ours=True)
CLOUD = account("cloud", "c-1", "ann@ours.example", enabled=True)


def test_an_id_that_a_directory_gave_joins_whatever_the_mail() -> None:
    given = account("cloud", "c-1", "other@ours.example", given=("d-1",))
    assert together([HOME, given]) == [{"d-1": "provisioned", "c-1": "provisioned"}]


def test_mail_joins_in_domains_of_ours_only() -> None:
    assert together([HOME, CLOUD]) == [{"d-1": "mail", "c-1": "mail"}]
    assert together([HOME, CLOUD], Known()) == []


def test_mail_that_a_provider_has_twice_joins_nobody_there() -> None:
    second = account("cloud", "c-2", "ann@ours.example")
    assert together([HOME, CLOUD, second]) == []


def test_a_guest_of_another_directory_is_not_joined_by_mail() -> None:
    guest = account("cloud", "c-1", "ann@ours.example", ours=False)
    assert together([HOME, guest]) == []


def test_names_join_nobody() -> None:
    assert together([account("a", "a-1", name="ann"), account("b", "b-1", name="ann")]) == []


def test_what_estate_yaml_says_overrules() -> None:
    given = account("cloud", "c-1", "ann@ours.example", given=("d-1",))
    apart = Known(said=[Said("Ann", ("d-1",), ("c-1",))], domains=OURS.domains)
    assert together([HOME, given], apart) == [{"d-1": "estate.yaml"}]
    by_mail = Known(said=[Said("Ann", ("d-1",), ("Ann@Ours.example",))], domains=OURS.domains)
    assert together([HOME, given], by_mail) == [{"d-1": "estate.yaml"}]
    two = Known(said=[Said("Ann", ("d-1",)), Said("Bob", ("c-1",))], domains=OURS.domains)
    assert together([HOME, given], two) == [{"d-1": "estate.yaml"}, {"c-1": "estate.yaml"}]
    other = account("cloud", "c-9")
    said = Known(said=[Said("Ann", ("ann@ours.example", "c-9"))], domains=OURS.domains)
    assert together([HOME, other], said) == [{"d-1": "estate.yaml", "c-9": "estate.yaml"}]


def test_joins_go_on_through_an_account() -> None:
    """Cloud to directory by id, directory to a third by mail: one person, each account with its own reason."""
    given, third = account("cloud", "c-1", given=("d-1",)), account("third", "t-1", "ann@ours.example")
    [found] = together([given, third, HOME])
    assert found == {"d-1": "provisioned", "c-1": "provisioned", "t-1": "mail"}


@pytest.mark.parametrize("order", [(0, 1, 2), (2, 1, 0), (1, 2, 0)])
def test_the_order_of_accounts_changes_nothing(order: tuple[int, ...]) -> None:
    every = [HOME, account("cloud", "c-1", given=("d-1",)), account("third", "t-1", "ann@ours.example")]
    [found] = persons([every[one] for one in order])
    assert {one.account.id for one in found.accounts} == {"d-1", "c-1", "t-1"}
    assert found.home is HOME and found.accounts[0].account is HOME


def test_whom_estate_yaml_keeps_from_one_is_still_joined_to_the_others() -> None:
    """The first of an address is somebody else's; the second and third are one person."""
    three = [account(one, f"{one}-1", "ann@ours.example") for one in ("a", "b", "c")]
    apart = Known(said=[Said("Ann", ("a-1",), ("b-1", "c-1"))], domains=OURS.domains)
    assert together(three, apart) == [{"a-1": "estate.yaml"}, {"b-1": "mail", "c-1": "mail"}]


# --- who has left ----------------------------------------------------------------------------------------------------


def left(accounts: list[Account], known: Known = OURS) -> list[bool | None]:
    return [one.left for one in persons(accounts, known)]


def test_the_home_says_who_left() -> None:
    gone = account("directory", "d-1", "ann@ours.example", directory=True, enabled=False, ours=True)
    assert left([gone, CLOUD]) == [True]
    assert left([HOME, account("cloud", "c-1", "ann@ours.example", enabled=False)]) == [False]


def test_without_a_home_nothing_is_known_but_by_estate_yaml() -> None:
    here = [account("a", "a-1", "ann@ours.example", enabled=False), account("b", "b-1", "ann@ours.example")]
    assert left(here) == [None]
    assert left(here, Known(said=[Said("Ann", ("a-1", "b-1"))])) == [True]
    untold = [account("a", "a-1"), account("b", "b-1")]
    assert left(untold, Known(said=[Said("Ann", ("a-1", "b-1"))])) == [None]


def test_whom_a_directory_that_was_read_whole_has_no_more_has_left() -> None:
    orphan = account("cloud", "c-1", "ann@ours.example", given=("issuer/1|d-1",), enabled=True)
    third = account("third", "t-1", "ann@ours.example", enabled=True)
    whole = Known(domains=OURS.domains, whole=frozenset({"issuer/1"}))
    assert left([orphan, third], whole) == [True]
    assert left([orphan], whole) == [True]
    assert left([orphan, third]) == [None]
    said = Known(said=[Said("Ann", ("ann@ours.example", "u-1"))], gone=frozenset({"ann@ours.example"}))
    assert left([account("cloud", "u-1", enabled=True)], said) == [True]
