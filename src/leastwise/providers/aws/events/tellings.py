"""What calls tell of usage, for many calls: requests that differ only in ids that are made anew tell alike.

`facts.told` says what one call tells. Its answer does not depend on which digits an id has, only on where the id ends
up: so a request's ids are taken out, what is left is the key to remember by, and the answer has holes that the ids
fill. Taken out are UUIDs, hex digits of eight and more with both digits and letters among them, and digits: eight and
more, or two to seven that stand alone; but not twelve digits, which are an account. What of an id matters for how it is
read (its length, whether it is digits only, how it begins, whether pods' names can have it) stays part of the key.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Iterator
from typing import Any

import msgspec

from .facts import Told, asks_nothing, told
from .forms import UNCLEAR, Form, Found, Telling, closed, formed
from .outcomes import refused
from .permissions import Resolved
from .record import Record
from .requests import Calls, Ending, Pupil, Requests
from .skeletons import BETWEEN

_LONG = r"[0-9a-f]{8}(?:-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}|[0-9a-f]*)"
_LONG_IDS = re.compile(f"({_LONG})")
_IDS = re.compile(f"({_LONG}|(?<![A-Za-z0-9])[0-9]{{2,7}}(?![A-Za-z0-9]))")
_LONGEST = 1 << 13
_KEPT, _MANY = 1 << 15, 1 << 9
"""Forms that are kept at most, and of one call before its dates and numbers are looked for, too: that takes longer."""
_ACCOUNT, _POD = 12, 5
"""Digits of an account, and signs at the end of a pod's name."""
_NULLS = 2 * len("null")
_OFTEN = 6
"""Times that calls of one form are told one by one: learning the form costs as much."""


class Tellings:
    """Remembers what calls told, and teaches it. `kinds` are (permission, target, outcome)."""

    def __init__(self, pupil: Pupil | None = None) -> None:
        self._pupil = pupil
        self.kinds: dict[tuple[str, str, str], int] = {}
        self._forms: dict[tuple[Any, ...], Form] = {}
        self._learnt_of: dict[int, int] = {}
        self._met: dict[int, int] = {}
        self._flat: dict[int, Telling | tuple[()]] = {}
        self._endings: dict[tuple[str, str], Ending] = {}
        self._requests = Requests(self._plain, pupil)

    def tell(self, calls: Calls, number: int, resolved: Resolved) -> Found:
        """What calls of one kind tell. `number` stands for what else it depends on: source, name, type."""
        found = Found(len(calls.records))
        try:
            self._remembered(calls, number, resolved, found)
        except UnicodeDecodeError:  # an answer is no text; that it was called is still told
            found = Found(len(calls.records))
            for at, (record, caller) in enumerate(zip(calls.records, calls.callers, strict=True)):
                found.put_one(at, self._plain(told(record, resolved, caller)))
        return found

    def ending(self, record: Record) -> Ending | None:
        """How a call ended if there was an error."""
        if not record.error:
            return None
        told = (record.error, record.message or "")
        found = self._endings.get(told)
        if found is None:
            refusal = refused(told[1])
            permission, resource = (refusal.permission, refusal.resource) if refusal is not None else ("", "")
            if len(self._endings) >= _KEPT:
                self._endings.clear()
            found = self._endings[told] = Ending(told[0], permission, resource)
        return found

    def _remembered(self, calls: Calls, number: int, resolved: Resolved, found: Found) -> None:
        size = len(calls.records)
        flat = self._flat.get(number)
        if flat is None:
            well = next((at for at, one in enumerate(calls.endings) if one is None), None)
            if well is not None:
                flat = self._flat[number] = self._alike(calls.records[well], resolved, calls.callers[well])
        failed = list(range(size))
        if flat:
            if self._pupil is not None:
                self._pupil.flat(number, flat)
            failed = [at for at, one in enumerate(calls.endings) if one is not None] if any(calls.endings) else []
            if len(failed) < size:
                which = [at for at, one in enumerate(calls.endings) if one is None] if failed else range(size)
                found.put(which, closed(flat).all_filled((), len(which)))
        if failed:
            self._requests.tell(calls, failed, number, resolved, found)
        for at in found.lacking():
            try:
                telling = self._by_ids(calls, at, number, resolved)
            except UnicodeDecodeError:
                telling = self._plain(told(calls.records[at], resolved, calls.callers[at]))
            found.put_one(at, telling)

    def _by_ids(self, calls: Calls, at: int, call: int, resolved: Resolved) -> Telling:
        record, place, ending, caller = calls.records[at], calls.places[at], calls.endings[at], calls.callers[at]
        request, response, listed = record.request, record.response, record.resources
        size = len(request) + len(response) + len(listed)
        if size > _LONGEST:
            return self._plain(told(record, resolved, caller))
        text = str(request, "utf-8")
        if size - len(request) != _NULLS:
            text = f"{text}{BETWEEN}{str(listed, 'utf-8')}{BETWEEN}{str(response, 'utf-8')}"
        parts = (_IDS if self._learnt_of.get(call, 0) > _MANY else _LONG_IDS).split(text)
        if len(parts) == 1:
            form = self._forms.get((call, place, ending, caller, text))
            form = form or self._learnt((call, place, ending, caller, text), record, resolved, caller, parts)
            return form.filled(())
        ids = parts[1::2]
        labels = [
            _label(one) if one.isdigit() or one.isalpha() else -len(one) if one[0] > "9" else len(one) for one in ids
        ]
        key = (call, place, ending, caller, *parts[::2], *labels)
        form = self._forms.get(key)
        if form is None:
            if not self._often(key):
                return self._plain(told(record, resolved, caller))
            form = self._learnt(key, record, resolved, caller, parts)
        if form.unclear:
            return self._plain(told(record, resolved, caller))
        return form.filled(ids)

    def _alike(self, record: Record, resolved: Resolved, caller: str) -> Telling | tuple[()]:
        """What every call of a kind tells; nothing where it depends on what was asked."""
        return self._plain(told(record, resolved, caller)) if asks_nothing(resolved) else ()

    def forget(self) -> None:
        """Begin anew: numbers that were given mean nothing any more."""
        self.kinds, self._forms, self._learnt_of, self._endings = {}, {}, {}, {}
        self._met, self._flat = {}, {}
        self._requests.forget()

    def _often(self, key: tuple[Any, ...]) -> bool:
        """Whether a form has been met so often that it is worth learning. Two that share a number are met sooner."""
        number = hash(key)
        met = self._met.get(number, 0) + 1
        if met == 1:
            if len(self._met) >= _KEPT:
                self._met.clear()
            self._learnt_of[key[0]] = self._learnt_of.get(key[0], 0) + 1
        self._met[number] = met
        return met >= _OFTEN

    def _learnt(self, key: tuple[Any, ...], record: Record, resolved: Resolved, caller: str, parts: list[str]) -> Form:
        ids = parts[1::2]
        taken = [at for at, one in enumerate(ids) if _label(one) is not one]
        form = UNCLEAR
        if not taken:
            form = closed(self._plain(told(record, resolved, caller)))
        elif (marks := _marks(ids, taken, (*parts[::2], record.account, record.region or "", caller))) is not None:
            marked = list(parts)
            marked[1::2] = marks
            pieces = [*"".join(marked).split(BETWEEN), "null", "null"][:3]
            request, listed, response = (msgspec.Raw(one.encode()) for one in pieces)
            found = told(
                msgspec.structs.replace(record, request=request, resources=listed, response=response), resolved, caller
            )
            form = formed(self._plain(found)[0], found, {marks[at]: at for at in taken})
        if len(self._forms) >= _KEPT:
            self._forms.clear()
        self._forms[key] = form
        self._learnt_of[key[0]] = self._learnt_of.get(key[0], 0) + 1
        return form

    def _plain(self, found: Told) -> Telling:
        kind = self.kinds.setdefault((found.permission, found.target, found.outcome), len(self.kinds))
        return kind, found.resource, found.bucket, found.facts


def _label(id: str) -> object:
    """What of an id matters for how it is read; the id itself where all of it does."""
    if id.isdigit():
        size = len(id)
        return id if size == _ACCOUNT else (size, size == _POD and not ("0" in id or "1" in id or "3" in id))
    if id.isalpha():
        return id
    return -len(id) if id[0] > "9" else len(id)


def _marks(ids: list[str], taken: list[int], around: Iterable[str]) -> list[str] | None:
    """Other ids that are read alike and stand nowhere else, so that they are found again; None if there are none."""
    marks = list(ids)
    text = "\n".join((*around, *(one for at, one in enumerate(ids) if at not in set(taken))))
    for at in sorted(taken, key=lambda one: -len(ids[one])):
        mark = next((one for one in _others(ids[at]) if one not in text), None)
        if mark is None:
            return None
        marks[at], text = mark, f"{text}\n{mark}"
    return marks


def _others(id: str) -> Iterator[str]:
    """Ids with the same label."""
    label = _label(id)
    for turn in range(200):
        noise = iter(hashlib.shake_128(f"{turn}".encode()).hexdigest(max(len(id), 16)))
        if id.isdigit():
            other = "".join(str(int(next(noise), 16) % 10) for _ in id)
        else:
            other = "".join("-" if one == "-" else next(noise) for one in id)
        if _label(other) == label:
            yield other
