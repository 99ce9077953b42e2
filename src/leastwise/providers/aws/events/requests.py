"""What calls tell by their requests: those that differ only in what does not matter, or in names, tell alike.

A call's text is held against the skeletons that were learnt of calls of its kind. What a skeleton takes out as it is is
the key to remember a form by; the names that it takes out fill the form's holes. A form is learnt by telling the call
with other names in place of its own: `facts.told` says what that tells, and where the names end up.
"""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import compress
from operator import itemgetter
from typing import Any, NamedTuple, Protocol

import msgspec

from .facts import Told, hangs_on_answer, told
from .forms import UNCLEAR, Form, Found, Telling, closed, formed
from .permissions import Resolved
from .record import NOTHING, Record
from .relevance import Relevance, relevance_of
from .resources import touched
from .skeletons import BETWEEN, Skeleton, skeleton_of
from .waiting import Words

_SKELETONS, _LESSONS = 8, 200
"""So many skeletons of one kind of call are held against its text; so often a new one is learnt in all."""
_FORMS, _LONGEST = 1 << 15, 1 << 13
_APART = b"\x1f"
_TURNS = 40
_CLASSES = ("0123456789", "abcdef", "ghijklmnopqrstuvwxyz", "ABCDEF", "GHIJKLMNOPQRSTUVWXYZ")
_LEAST = 5
_SHORT, _LONG = 12, 19
"""Signs of a mark at least: so many stand nowhere else by chance."""


class Ending(NamedTuple):
    """How a call ended, as far as it matters: the code, and what the message says was refused."""

    error: str
    permission: str
    resource: str


class Calls(NamedTuple):
    """Calls of one kind, as columns: what else matters for what they tell.

    `texts` are what was asked (`asked`), `places` stand for region and account of the log, `endings` is how they ended
    if there was an error, `callers` are the accounts of who called.
    """

    records: Sequence[Record]
    texts: Sequence[str]
    places: Sequence[object]
    endings: Sequence[Ending | None]
    callers: Sequence[str]

    def some(self, which: Sequence[int]) -> Calls:
        """Those at these positions."""
        if len(which) == len(self.records):
            return self
        if len(which) == 1:
            return Calls(*((column[which[0]],) for column in self))  # type: ignore[arg-type]
        return Calls(*map(itemgetter(*which), self))


class _Kind:
    """What was learnt of one kind of call."""

    __slots__ = ("lessons", "relevance", "skeletons")

    def __init__(self, relevance: Relevance) -> None:
        self.relevance = relevance
        self.skeletons: list[Skeleton] = []
        self.lessons = 0


class Pupil(Protocol):
    """Is told what was learnt, to tell further calls by itself."""

    def flat(self, call: int, telling: Telling) -> None:
        """What every call of a kind tells that ended well."""
        ...

    def form(self, call: int, skeleton: Skeleton, roles: bool, key: tuple[Any, ...], form: Form) -> None:
        """What calls of a kind tell that match a skeleton, by the key of `Requests`; `roles`: unless one is named."""
        ...


class Requests:
    """Remembers what calls told by their requests. `plain` numbers what does not depend on names."""

    def __init__(self, plain: Callable[[Told], Telling], pupil: Pupil | None = None) -> None:
        self._plain, self._pupil = plain, pupil
        self._kinds: dict[int, _Kind] = {}
        self._forms = 0

    def forget(self) -> None:
        """Begin anew: numbers that were given mean nothing any more."""
        self._kinds, self._forms = {}, 0

    def tell(self, calls: Calls, tried: list[int], number: int, resolved: Resolved, found: Found) -> None:
        """Put into `found` what the calls of one kind tell that are tried, as far as that is known by their form.

        `number` is that of the kind. UnicodeDecodeError where an answer is no text.
        """
        kind = self._kinds.get(number)
        if kind is None:
            kind = self._kinds[number] = _Kind(relevance_of(resolved))
        left = _fitting(kind.relevance, calls, tried)
        met = []
        for skeleton in kind.skeletons:
            if not left:
                break
            before = len(left)
            left = self._matched(kind, skeleton, number, calls, left, resolved, found)
            met.append(before - len(left))
        if len(met) > 1:
            often = dict(zip(kind.skeletons, met, strict=False))
            kind.skeletons.sort(key=lambda one: -often.get(one, 0))
        while left:
            at = left[0]
            learnt = self._learnt(kind, calls.texts[at], calls.records[at], resolved, calls.callers[at])
            left = left[1:] if learnt is None else self._matched(kind, learnt, number, calls, left, resolved, found)

    def _matched(
        self,
        kind: _Kind,
        skeleton: Skeleton,
        number: int,
        calls: Calls,
        tried: list[int],
        resolved: Resolved,
        found: Found,
    ) -> list[int]:
        """Tell the calls whose texts match; the positions of the others."""
        texts = list(map(calls.texts.__getitem__, tried))
        if skeleton.answer:
            texts = [_answered(text, calls.records[at]) for text, at in zip(texts, tried, strict=True)]
        matches = list(map(skeleton.match, texts))
        some = list(compress(tried, matches)) if None in matches else tried
        hits = [one for one in matches if one is not None]
        if not hits:
            return tried
        groups = list(zip(*map(re.Match.groups, hits), strict=True))
        exact, holes, labels = skeleton.cuts(groups, len(hits))
        keys: list[Any] = list(
            zip(map(calls.places.__getitem__, some), map(calls.callers.__getitem__, some), exact, labels, strict=False)
        )
        ends = list(map(calls.endings.__getitem__, some))
        for turn in [at for at, end in enumerate(ends) if end is not None] if any(ends) else ():
            # Which resource the message of a denial names matters only where the request names none.
            error, permission, resource = ends[turn]  # type: ignore[misc]
            keys[turn] = (*keys[turn], error, permission, bool(resource))
        for key, turns in _alike(keys):
            form = skeleton.forms.get(key)
            while form is None and turns:
                at = some[turns[0]]
                form = self._form(skeleton, key, hits[turns[0]], calls, at, resolved)
                if form is None:
                    found.put_one(at, self._plain(told(calls.records[at], resolved, calls.callers[at])))
                    turns = turns[1:]
            if form is not None and not form.unclear:
                if self._pupil is not None:
                    self._pupil.form(number, skeleton, kind.relevance.roles and not kind.relevance.every, key, form)
                names = holes if len(turns) == len(hits) else [[column[one] for one in turns] for column in holes]
                which = some if len(turns) == len(hits) else [some[turn] for turn in turns]
                found.put(which, form.all_filled(names, len(turns)))
        return [at for at, one in zip(tried, matches, strict=True) if one is None] if len(some) < len(tried) else []

    def _learnt(self, kind: _Kind, text: str, record: Record, resolved: Resolved, caller: str) -> Skeleton | None:
        """A skeleton of the text, if it has one, which takes the place of the one that was not met for longest."""
        if kind.lessons >= _LESSONS:
            return None
        kind.lessons += 1
        answer = hangs_on_answer(record, resolved, caller)
        text = _answered(text, record) if answer else text
        skeleton = skeleton_of(text, kind.relevance, answer)
        if skeleton is None or skeleton.match(text) is None:
            return None
        kind.skeletons.insert(0, skeleton)
        del kind.skeletons[_SKELETONS:]
        return skeleton

    def _form(
        self, skeleton: Skeleton, key: Any, found: re.Match[str], calls: Calls, at: int, resolved: Resolved
    ) -> Form | None:
        """The form of what such calls tell; None when it is met for the first time and would cost more to learn."""
        record, caller, ending = calls.records[at], calls.callers[at], calls.endings[at]
        if self._forms >= _FORMS:
            for one in self._kinds.values():
                for learnt in one.skeletons:
                    learnt.forms.clear()
            self._forms = 0
        if ending is not None and ending.resource and not touched(record, ending.permission, caller):
            form: Form | None = UNCLEAR
        elif not skeleton.answer and hangs_on_answer(record, resolved, caller):
            form = UNCLEAR
        elif not skeleton.holes:
            form = closed(self._plain(told(record, resolved, caller)))
        elif key not in skeleton.forms:
            form = None
        else:
            form = self._opened(skeleton, found, record, resolved, caller)
        self._forms += key not in skeleton.forms
        skeleton.forms[key] = form
        return form

    def _opened(
        self, skeleton: Skeleton, found: re.Match[str], record: Record, resolved: Resolved, caller: str
    ) -> Form:
        """The form that two lots of other names agree on, and that tells of this call what is told of it."""
        forms = []
        around = (record.account, record.region or "", caller)
        for length in (_SHORT, _LONG):
            marks = _marks(skeleton, found, around, length)
            if marks is None:
                return UNCLEAR
            text, positions = marks
            pieces = [*text.split(BETWEEN), "null", "null"][:3]
            request, listed, response = (msgspec.Raw(one.encode()) for one in pieces)
            if not skeleton.answer:
                response = record.response
            marked = msgspec.structs.replace(record, request=request, resources=listed, response=response)
            what = told(marked, resolved, caller)
            forms.append(formed(self._plain(what)[0], what, positions))
        _, holes, _ = skeleton.cut(found.groups())
        form, other = forms
        if form.unclear or other.unclear or form.filled(holes) != other.filled(holes):
            return UNCLEAR
        right = form.filled(holes) == self._plain(told(record, resolved, caller))
        return form if right else UNCLEAR


def _fitting(relevance: Relevance, calls: Calls, tried: list[int]) -> list[int]:
    """The calls that may be held against skeletons."""
    texts, endings = calls.texts, calls.endings
    sizes = list(map(len, map(texts.__getitem__, tried)))
    left = tried
    if not sizes or not min(sizes) or max(sizes) > _LONGEST:
        left = [at for at, size in zip(tried, sizes, strict=True) if 0 < size <= _LONGEST]
    if any(endings):
        needed = relevance.permissions
        left = [at for at in left if (end := endings[at]) is None or not end.permission
                or end.permission.lower() in needed]  # fmt: skip
    if relevance.roles and not relevance.every:
        left = [at for at in left if ":role" not in texts[at]]
    return left


def _alike(keys: Iterable[Any]) -> Iterable[tuple[Any, Sequence[int]]]:
    """The keys, and the positions of those that are equal."""
    numbers = Words()
    of = list(map(numbers.__getitem__, keys))
    if len(numbers) == 1:
        return ((key, range(len(of))) for key in numbers)
    turns: list[list[int]] = [[] for _ in numbers]
    for at, number in enumerate(of):
        turns[number].append(at)
    return zip(numbers, turns, strict=True)


def asked(requests: Sequence[msgspec.Raw], resources: Sequence[msgspec.Raw]) -> list[str]:
    """What was asked by each call, and the list of resources where there is one; empty where that is no text."""
    try:
        texts = str(_APART.join(requests), "utf-8").split(_APART.decode())
    except UnicodeDecodeError:
        texts = []
    if len(texts) != len(requests):  # also where there are signs that no JSON has
        texts = list(map(_text, requests))
    for at, one in enumerate(resources):
        if one is not NOTHING and len(one) != len(NOTHING) and texts[at]:
            listed = _text(one)
            texts[at] = listed and f"{texts[at]}{BETWEEN}{listed}"
    return texts


def _text(raw: msgspec.Raw) -> str:
    try:
        return str(raw, "utf-8")
    except UnicodeDecodeError:
        return ""


def _answered(text: str, record: Record) -> str:
    """A text with the answer."""
    listed = "" if BETWEEN in text else f"{BETWEEN}null"
    return f"{text}{listed}{BETWEEN}{str(record.response, 'utf-8')}"


def _marks(
    skeleton: Skeleton, found: re.Match[str], around: Sequence[str], length: int
) -> tuple[str, Mapping[str, int]] | None:
    """The text with other names that are cut alike and stand nowhere else, and the position of each; None if none is
    found. Names that stand for nothing but themselves are left.
    """
    exact, holes, label = skeleton.cut(found.groups())
    text, itself = found.string, skeleton.itself(found.groups())
    free = [one for one in dict.fromkeys(holes) if one not in itself]
    for turn in range(_TURNS):
        chance = random.Random(f"{length} {turn}")  # noqa: S311
        others = {one: _other(one, length if turn % 2 == 0 else 0, chance) for one in free}
        if len(set(others.values())) < len(others) or not _apart(others.values(), (text, *around)):
            continue
        marked = "".join(_replaced(text, found, skeleton.holes, others))
        again = skeleton.match(marked)
        if again is None:
            continue
        cut = skeleton.cut(again.groups())
        if cut == (exact, tuple(others.get(one, one) for one in holes), label):
            return marked, {others[one]: holes.index(one) for one in free}
    return None


def _replaced(text: str, found: re.Match[str], groups: Sequence[int], others: Mapping[str, str]) -> Iterator[str]:
    last = 0
    for group in groups:
        begin, end = found.span(group + 1)
        yield text[last:begin]
        yield others.get(found[group + 1], found[group + 1])
        last = end
    yield text[last:]


def _apart(marks: Iterable[str], around: Sequence[str]) -> bool:
    """Whether each mark is long enough, and stands neither in one of these texts nor in another mark."""
    every = list(marks)
    return all(len(one) > _LEAST and not any(one in text for text in around) for one in every) and not any(
        one in other for at, one in enumerate(every) for place, other in enumerate(every) if at != place
    )


def _other(name: str, length: int, chance: random.Random) -> str:
    """Another name of signs of the same classes, made longer by such as it ends with."""
    signs = list(name)
    last = next((one for one in reversed(signs) if one.isascii() and one.isalnum()), "q")
    signs += [last] * (length - len(signs))
    return "".join(next((chance.choice(group) for group in _CLASSES if one in group), one) for one in signs)
