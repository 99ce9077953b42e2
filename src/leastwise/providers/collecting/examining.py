"""Trying out what a source needs to be collected, as far as it is the same for every provider that has trees."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from contextlib import AbstractContextManager
from typing import Protocol, TypeVar

from leastwise.errors import UsageError
from leastwise.providers.base import Check, Diagnosis, Unknown, Want

from .declaration import Service

Found = tuple[list[Check], list[Unknown]]


class Signer(Protocol):
    """Signs calls."""

    def who(self) -> str:
        """As whom."""
        ...


class Asking(AbstractContextManager["Asking"], Protocol):
    """What calls are made with."""

    @property
    def signer(self) -> Signer:
        """What signs them."""
        ...


Opened = TypeVar("Opened", bound=Asking)
Tree = TypeVar("Tree")


def examined(
    chosen: Sequence[Service], all_services: Sequence[Service], opened: Callable[[], Opened],
    trees: Callable[[Opened], Iterable[Tree]], of_tree: Callable[[Opened, Tree], Found],
) -> Diagnosis:  # fmt: skip
    """Every check, in the order in which a collection needs them, and the questions that would stay unknown.

    Args:
        chosen: the services that the source collects.
        all_services: the services that could be.
        opened: signs in; UsageError when there is nothing to do it with.
        trees: what the source means; UsageError when that cannot be found out.
        of_tree: the checks of a tree, and what they leave unknown.
    """
    try:
        asking = opened()
    except UsageError as error:
        return _not_signed_in(chosen, str(error))
    with asking:
        try:
            found = list(trees(asking))
        except UsageError as error:
            return _not_signed_in(chosen, f"{asking.signer.who()}: {error}")
        checks = [Check("signed in", "ok", asking.signer.who())]
        names = {one.service for one in chosen}
        unknown = [
            Unknown(question, Want.NOT_CONFIGURED, (f"services leave {one.service} out",), ("every tree",))
            for one in all_services if one.service not in names for question in one.affects
        ]  # fmt: skip
        for tree in found:
            told, lacks = of_tree(asking, tree)
            checks += told
            unknown += lacks
        return Diagnosis(checks, unknown)


def _not_signed_in(chosen: Sequence[Service], why: str) -> Diagnosis:
    unknown = [
        Unknown(question, Want.NOT_SIGNED_IN, (), ("every tree",)) for service in chosen for question in service.affects
    ]
    return Diagnosis([Check("signed in", "missing", why)], unknown)
