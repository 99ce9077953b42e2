"""One estate, put to each of its providers, or to the one whose words a question is in."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TYPE_CHECKING, TypeVar

from leastwise.errors import AmbiguousError, NotFoundError, UsageError
from leastwise.model.decision import Circumstances
from leastwise.model.snapshot import Estate

from .asking import (
    Asking,
    Note,
    answering_of,
    asking_of,
    estate_at,
    held_of,
    in_words_of,
    open_access,
    provider_of,
    put_to,
)
from .estate_file import EstateFile
from .parts import part_about, parts_of, scopes_knowing
from .wiring import Workspace

if TYPE_CHECKING:
    from leastwise.providers.base import Provider

    from .overlay import Overlay


A = TypeVar("A")
T = TypeVar("T")


def open_each(
    workspace: Workspace,
    at: datetime | None = None,
    snapshot: str | None = None,
    note: Note = lambda _: None,
    overlay: Overlay | None = None,
    apart: bool = False,
) -> list[Asking]:
    """The estate ready for questions that are about all of it: once for each provider that answers, by name.

    `apart`: a provider whose scopes are worlds of their own once for each of these.

    Raises:
        UsageError, NotFoundError, InputError, EstateFileError, StoreError: see `open_access`.
    """
    estate, file = estate_at(workspace, at, snapshot)
    found = each_of(workspace, estate, file, at, note, overlay)
    return parted(workspace, found, note) if apart else found


def parted(workspace: Workspace, askings: Sequence[Asking], note: Note = lambda _: None) -> list[Asking]:
    """Those of an estate, with a provider whose scopes are worlds of their own once for each of these."""
    found: list[Asking] = []
    for one in askings:
        provider = workspace.provider(one.provider)
        parts = [] if one.part else parts_of(one.estate, provider).values()
        found += [
            put_to(workspace, one.estate, one.file, provider, one.moment, note, one.overlay, one.unasked, part=part)
            for part in parts
        ] or [one]
    return found


def each_of(
    workspace: Workspace,
    estate: Estate,
    file: EstateFile,
    at: datetime | None = None,
    note: Note = lambda _: None,
    overlay: Overlay | None = None,
    among: Sequence[Provider] = (),
) -> list[Asking]:
    """An estate that is there already, ready for questions about all of it, or `among` some; see `open_each`."""
    found = list(among) or answering_of(workspace, estate)
    # A directory tells who is who; of what it grants itself nothing is said unless it answers.
    names = [one.name for one in found]
    others = () if among else tuple(name for name in held_of(estate) if name not in names)
    return [put_to(workspace, estate, file, one, at, note, overlay, others) for one in found]


@dataclass(frozen=True)
class Knowing:
    """Who of several knows somebody: the estates that do, and by provider why another cannot tell."""

    askings: Sequence[Asking]
    unsure: Mapping[str, str]


def knowing(workspace: Workspace, askings: Sequence[Asking], named: str) -> Knowing:
    """Those of one estate, as several providers answer of it, that know somebody.

    An id is known to those whose words it is in, a mail address to whoever has it: a person has one in every system.
    Other names are of one provider alone, or of several that mean one object by them. Where nobody knows an id, the
    first whose words it is in says so.

    Raises:
        NotFoundError: nobody knows the name.
        AmbiguousError: several know a name that is no mail address, of others.
    """
    askings = _in_its_part(workspace, askings, named)
    speaking = [one for one in askings if in_words_of(workspace.provider(one.provider), named, 1)]
    asked = speaking or askings
    if len(asked) == 1:
        return Knowing(asked, {})
    known, unsure, unknown = list[Asking](), dict[str, str](), list[str]()
    for one in asked:
        try:
            one.access.given(named)
        except (NotFoundError, UsageError) as error:
            told = f"{workspace.provider(one.provider).title}: {error}"
            if not isinstance(error, NotFoundError) or isinstance(error, AmbiguousError):
                unsure[one.provider] = told
            unknown.append(told)
        else:
            known.append(one)
    if not known:
        if speaking:
            return Knowing(speaking[:1], {})
        raise NotFoundError("; ".join(unknown))
    if len(known) > 1 and not speaking and not _MAIL.fullmatch(named):
        ids = [one.access.held(named, Circumstances()).principal for one in known]
        if len(set(ids)) > 1:
            titles = (workspace.provider(one.provider).title for one in known)
            told = ", ".join(f"{id} ({title})" for id, title in zip(ids, titles, strict=True))
            raise AmbiguousError(f"{named}: is the name of {len(known)} principals: {told}")
    return Knowing(known, unsure)


def _in_its_part(workspace: Workspace, askings: Sequence[Asking], named: str) -> list[Asking]:
    """Those of several, but for the scopes of a provider that are not the one in which somebody is known.

    Raises NotFoundError where each scope of the only provider whose words an id is in knows nobody by it.
    """
    several = {one.provider for one in askings if sum(each.provider == one.provider for each in askings) > 1}
    found = list(askings)
    for name in sorted(several):
        provider, mine = workspace.provider(name), [one for one in askings if one.provider == name]
        known = {one.part for one in mine} & scopes_knowing(workspace, mine[0].estate, provider, named)
        if not known and in_words_of(provider, named, 1):
            found = [one for one in found if one.provider != name]
            if not found or not any(in_words_of(workspace.provider(one.provider), named, 1) for one in found):
                told = ", ".join(one.part for one in mine)
                raise NotFoundError(f"{named}: no principal of that id in any of {told}")
        elif known:
            found = [one for one in found if one.provider != name or one.part in known]
    return found


_MAIL = re.compile(r"[^\s@]+@[^\s@]+\.[^\s@]+")


def open_knowing(
    workspace: Workspace,
    who: str,
    at: datetime | None = None,
    snapshot: str | None = None,
    note: Note = lambda _: None,
    overlay: Overlay | None = None,
) -> Asking:
    """The estate as the first provider answers of it that knows somebody, with the others that do beside it.

    Raises:
        UsageError, InputError, EstateFileError, StoreError: see `open_access`.
        NotFoundError, AmbiguousError: see `knowing`.
    """
    estate, file = estate_at(workspace, at, snapshot)
    speaking = [one for one in answering_of(workspace, estate) if in_words_of(one, who, 1)]
    if len(speaking) == 1:
        return asking_of(workspace, estate, file, at, note, overlay, (None, who))
    askings = parted(workspace, each_of(workspace, estate, file, at, note, overlay, speaking), note)
    found = knowing(workspace, askings, who)
    first, *others = found.askings
    unasked = tuple(sorted({*first.unasked, *found.unsure}))
    warnings = (*first.warnings, *found.unsure.values())
    return replace(first, beside=tuple(others), unasked=unasked, warnings=warnings)


def asked_of_each(asked: Sequence[A], ask: Callable[[A], T]) -> tuple[list[tuple[A, T]], list[tuple[A, str]]]:
    """What each of several answers, and why some refuse the question. Raises UsageError where all of them do."""
    found, refused, first = list[tuple[A, T]](), list[tuple[A, str]](), None
    for one in asked:
        try:
            found.append((one, ask(one)))
        except UsageError as error:
            first = first or error
            refused.append((one, str(error)))
    if first is not None and not found:
        raise first
    return found, refused


def open_for(
    workspace: Workspace,
    who: Sequence[str],
    at: datetime | None = None,
    snapshot: str | None = None,
    note: Note = lambda _: None,
    overlay: Overlay | None = None,
) -> Asking:
    """The estate as that provider answers of it whose principals are named: by ids as it writes them, else by who
    knows the names.

    Raises:
        UsageError: they are of several providers.
        NotFoundError: somebody is known to nobody, or to several.
        InputError, EstateFileError, StoreError: see `open_access`.
    """
    asking = open_access(workspace, at, snapshot, note, overlay, (None, *who))
    if not asking.unasked:
        return asking
    found = [_of_part(workspace, one, who, at, note) for one in open_each(workspace, at, snapshot, note, overlay)]
    return found[0] if len(found) == 1 else _known_to(workspace, found, who)


def _of_part(workspace: Workspace, asking: Asking, who: Sequence[str], at: datetime | None, note: Note) -> Asking:
    """An estate as the part of a provider's scopes answers of it in which somebody is known; else as it is."""
    provider = workspace.provider(asking.provider)
    part = part_about(workspace, asking.estate, provider, who)
    if part is None:
        return asking
    return put_to(
        workspace, asking.estate, asking.file, provider, at, note, asking.overlay, asking.unasked, part=part
    )  # fmt: skip


def _known_to(workspace: Workspace, askings: Sequence[Asking], who: Sequence[str]) -> Asking:
    """The one of several that knows all of some names."""
    knowing: dict[str, list[str]] = {}
    for name in who:
        unknown, known = list[str](), list[str]()
        for one in askings:
            try:
                one.access.effective(name, Circumstances())
            except (NotFoundError, UsageError) as error:
                unknown.append(f"{workspace.provider(one.provider).title}: {error}")
            else:
                known.append(one.provider)
        if not known:
            raise NotFoundError("; ".join(unknown))
        knowing[name] = known
    of_all = [one for one in askings if all(one.provider in known for known in knowing.values())]
    if len(of_all) == 1:
        return of_all[0]
    titles = {one.provider: workspace.provider(one.provider).title for one in askings}
    told = [f"{name} is of {_and([titles[one] for one in known])}" for name, known in knowing.items()]
    if of_all:
        raise NotFoundError(f"{'; '.join(told)}: name one by its id")
    raise UsageError(f"one question is put to one provider: {'; '.join(told)}")


def _and(several: Sequence[str]) -> str:
    return " and ".join((", ".join(several[:-1]), several[-1]) if len(several) > 1 else several)


class Turning:
    """One estate, put to whichever of its providers a question is for; each is opened once.

    Args:
        workspace: where it lies.
        asking: the estate as one of them answers of it, who also answers what could be anybody's.
    """

    def __init__(self, workspace: Workspace, asking: Asking) -> None:
        self._workspace, self._asking = workspace, asking
        self._opened = {asking.provider: asking}
        self._several = len(held_of(asking.estate)) > 1
        self._parted = any(parts_of(asking.estate, one) for one in answering_of(workspace, asking.estate))
        self.unasked: tuple[str, ...] = ()
        """The providers that a question could have been meant for, and that it was not put to."""

    def to(self, about: Sequence[str | None]) -> Asking:
        """The estate as that provider answers of it whose words a question is in; see `open_access`.

        Raises:
            UsageError: they are of several providers.
        """
        if not self._several and not self._parted:
            return self._asking
        estate = self._asking.estate
        provider, told = provider_of(self._workspace, estate, about)
        if self._several and not told:
            self.unasked = self._asking.unasked
            return self._asking
        part = part_about(self._workspace, estate, provider, about[1:])
        key = provider.name if part is None else json.dumps([str(one.scope.key) for one in part.entries])
        if key not in self._opened:
            self._opened[key] = self._turned(provider, part)
        return self._opened[key]

    def _turned(self, provider: Provider, part: Estate | None) -> Asking:
        asking = self._asking
        others = tuple(name for name in held_of(asking.estate) if name != provider.name)
        return put_to(
            self._workspace, asking.estate, asking.file, provider, asking.moment, lambda _: None, asking.overlay,
            others, part=part,
        )  # fmt: skip
