"""Classes of places: those of one class have the same bindings, guardrails and outcomes of conditions.

A class lies in another where its places lie in places of that. Where only bindings are added, and nothing else tells
the two apart, whoever has access above has it below; where more does, the class is *fresh*: all is decided anew.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from functools import cached_property

import numpy as np
from pyroaring import BitMap

from leastwise.engine.arrays import Array
from leastwise.engine.formula import Formula
from leastwise.engine.groups import combined
from leastwise.providers.bulk.layering import NONE

from ..evaluate.request import Request
from ..language.names import permitting
from ..language.resources import attributes, inside_of, scope_of, service_of
from .who import Who

_OF_PLACE = re.compile(r"resource|compute\.")
"""What a condition says that asks something of the resource."""
_CONTAINERS = ("organization", "folder", "project")
_INSIDE_BUCKETS = "//storage.googleapis.com/projects/_/buckets/"


@dataclass(slots=True)
class Lying:
    """One class of places.

    Args:
        first: the place that stands for all.
        above: the number of the class that it lies in; -1 for none.
        fresh: more than bindings may tell it from that.
        bindings: those that its places have themselves, if it is not fresh.
        unread: their policies were not read.
        about: the numbers of its places among those that the permission is about.
    """

    first: int
    above: int
    fresh: bool
    bindings: Array
    unread: bool
    about: BitMap = field(default_factory=BitMap)


class Layout:
    """The places of an estate as one permission sees them.

    Args:
        who: the estate.
        asked: the question; its resource does not matter.
        granting: the bindings whose role may hold the permission.
    """

    def __init__(self, who: Who, asked: Request, granting: Array) -> None:
        self._who, self._held, self._asked = who, who.known.held, asked
        self._arrays = self._held.arrays
        self._parents = self._arrays["place.parent"].astype(np.int64)
        self._own = self._rows(granting)
        self._seen: dict[object, Formula] = {}
        self.about = places_about(self._who, asked)

    def _rows(self, granting: Array) -> dict[int, list[int]]:
        """The granting bindings by document."""
        found: dict[int, list[int]] = {}
        documents = self._arrays["binding.document"][granting].tolist()
        for binding, document in zip(granting.tolist(), documents, strict=True):
            found.setdefault(document, []).append(binding)
        return found

    def classes(self) -> list[Lying]:
        """Every class, none before the one that it lies in."""
        count = len(self._parents)
        found: list[Lying] = []
        numbers: dict[object, int] = {}
        classes = np.full(count, NONE, np.int64)
        number = {place: at for at, place in enumerate(self.about.tolist())}
        situations, documents = self._situations().tolist(), self._arrays["place.document"].tolist()
        dependent, parents = self._dependent(), self._parents.tolist()
        told: dict[int, tuple[Formula, ...]] = {}
        for place in self._needed().tolist():
            parent, document = parents[place], documents[place]
            unread, odd = self._unread(place), self._odd(place)
            formulas = told[place] = self._formulas(place) if dependent[place] else ()
            fresh = parent == NONE or odd or situations[place] != situations[parent]
            # Those of the place itself come last.
            fresh = fresh or formulas[: len(told[parent])] != told[parent]
            own = document in self._own and not unread
            if not (fresh or unread or own):
                classes[place] = classes[parent]
            else:
                above = NONE if parent == NONE else int(classes[parent])
                # What an unread policy is told by is the name of its place, on all that lies in it.
                alone = place if odd or (unread and self._holds_more(place)) else NONE
                key = (above, document if own else NONE, unread, situations[place], alone, formulas)
                if key not in numbers:
                    numbers[key] = len(found)
                    bindings = np.array(self._own[document] if own else [], np.int64)
                    found.append(Lying(place, above, fresh, bindings, unread))
                classes[place] = numbers[key]
            if place in number:
                found[classes[place]].about.add(number[place])
        return found

    def _needed(self) -> Array:
        """The places that the permission is about, and what they lie in; from the tops down."""
        inside = np.zeros(len(self._parents) + 1, np.int64)
        inside[self.about + 1] = 1
        upto = np.cumsum(inside)
        ends = self._arrays["place.end"].astype(np.int64)
        return np.flatnonzero(upto[ends] > upto[:-1])

    def _holds_more(self, place: int) -> bool:
        return int(self._arrays["place.end"][place]) > place + 1

    def _unread(self, place: int) -> bool:
        document = int(self._arrays["place.document"][place])
        known = bool(self._arrays["place.read"][place]) and (document < 0 or self._held.policy(document) is not None)
        return not known and inside_of(self._held.places[place]) is None

    def _odd(self, place: int) -> bool:
        """Whether something may lie above it that its place in the tree does not tell, or it has a list of its own."""
        astray = bool(self._arrays["place.astray"][place])
        return astray or self._held.places[place].startswith(_INSIDE_BUCKETS)

    # --- guardrails

    def _situations(self) -> Array:
        """A number for each place: equal where the same guardrails are, or may be, above it."""
        held, estate, count = self._held, self._held.estate, len(self._parents)
        if not count:
            return np.zeros(0, np.int64)
        listed = [one for each in estate.boundaries.values() for one in each.resources]
        named = (*estate.denies, *estate.unread, *map(estate.projects.canonical, listed))
        named += tuple(estate.projects.canonical(one.target) for one in estate.access)
        columns, partly = [self._tops()], False
        for name in dict.fromkeys(named):
            number = held.place_number(name)
            if number is not None:
                begin, end = held.below(number)
                column = np.zeros(count, np.int64)
                column[begin:end] = 1
                columns.append(column)
            partly |= self._half_named(name)
        columns.append(self._nearest(("folder", "project")) >= 0)
        if partly:
            columns.append(self._nearest(("project",)))
        if self._tags_deny():
            columns.append(self._tagged())
        return combined([column.astype(np.int64) for column in columns], count)

    def _tops(self) -> Array:
        return np.cumsum(self._parents < 0)

    def _half_named(self, name: str) -> bool:
        """Whether a name may be another one of a project that is known: of its number and identifier one is not."""
        project = (scope_of(name) or "").removeprefix("projects/")
        known = self._held.estate.projects
        return "/" not in project and project != "" and (known.id(project) is None or known.number(project) is None)

    def _nearest(self, kinds: tuple[str, ...]) -> Array:
        """The innermost container of some kinds that each place lies in, or is; -1 for none."""
        texts = self._held.texts("place.kind.texts").all()
        wanted = np.isin(self._arrays["place.kind"], [code for code, kind in enumerate(texts) if kind in kinds])
        found = np.full(len(self._parents), NONE, np.int64)
        ends = self._arrays["place.end"]
        for place in np.flatnonzero(wanted).tolist():
            found[place : ends[place]] = place
        return found

    def _tags_deny(self) -> bool:
        """Whether the condition of a deny rule asks of tags; of conditions of bindings see `_formulas`."""
        policies = [one for several in self._held.estate.denies.values() for one in several]
        return any(rule.condition is not None for one in policies for rule in one.rules)

    def _tagged(self) -> Array:
        """The innermost place with tags that each place lies in, or is; -1 for none."""
        numbers = (self._held.place_number(name) for name in self._held.estate.tags)
        found = np.full(len(self._parents), NONE, np.int64)
        ends = self._arrays["place.end"]
        for place in sorted(number for number in numbers if number is not None):
            found[place : ends[place]] = place
        return found

    # --- conditions that ask of the resource

    def _dependent(self) -> list[bool]:
        """For each place whether a binding above it asks of the resource."""
        inside = np.zeros(len(self._parents) + 1, np.int64)
        ends = self._arrays["place.end"]
        for document, bindings in self._own.items():
            if any(map(self._of_place, bindings)):
                for place in self._held.rows("document.places").row(document).tolist():
                    inside[place] += 1
                    inside[ends[place]] -= 1
        found: list[bool] = (np.cumsum(inside)[:-1] > 0).tolist()
        return found

    def _of_place(self, binding: int) -> bool:
        code = int(self._arrays["binding.condition"][binding])
        return code >= 0 and _OF_PLACE.search(self._conditions[code]) is not None

    @cached_property
    def _conditions(self) -> list[str]:
        return self._held.texts("binding.condition.texts").all()

    def _formulas(self, place: int) -> tuple[Formula, ...]:
        """When each binding above a place that asks of the resource grants, from the top down."""
        asked = replace(self._asked, resource=self._held.places[place])
        seen = attributes(asked.resource, asked.estate.projects)
        tags = tuple(asked.estate.tags.get(name, ()) for name in asked.chain.names) if asked.estate.tags else ()
        found = []
        for binding in reversed(list(self._who.above(asked))):
            if binding in self._granting and self._of_place(binding):
                key = binding, seen, tags and tuple(map(tuple, tags)), asked.chain.open
                if key not in self._seen:
                    self._seen[key] = self._who.formula(asked, binding)
                found.append(self._seen[key])
        return tuple(found)

    @cached_property
    def _granting(self) -> frozenset[int]:
        return frozenset(one for several in self._own.values() for one in several)


def places_about(who: Who, asked: Request) -> Array:
    """The places that a permission can be about: containers, and resources of its service."""
    held = who.known.held
    names = held.places.all()
    return np.array(list(_about(held.texts("place.kind.texts").all(), who, asked, names)), np.int64)


def _about(kinds: list[str], who: Who, asked: Request, names: list[str]) -> Iterator[int]:
    arrays = who.known.held.arrays
    codes, alias = arrays["place.kind"].tolist(), arrays["place.alias"].tolist()
    for place, name in enumerate(names):
        if not alias[place] and (kinds[codes[place]] in _CONTAINERS or permitting(service_of(name)) == asked.service):
            yield place
