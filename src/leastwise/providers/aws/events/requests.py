"""What calls tell by their requests: those that differ only in what does not matter, or in names, tell alike.

A call's text is held against the skeletons that were learnt of calls of its kind. What a skeleton takes out as it is is
the key to remember a form by; the names that it takes out fill the form's holes. A form is learnt by telling the call
with other names in place of its own: `facts.told` says what that tells, and where the names end up.
"""

from __future__ import annotations

import random
import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import compress
from typing import Any, NamedTuple

import msgspec

from .facts import Told, hangs_on_answer, told
from .forms import UNCLEAR, Form, Telling, formed
from .permissions import Resolved
from .record import Record
from .relevance import Relevance, relevance_of
from .resources import touched
from .skeletons import BETWEEN, Skeleton, skeleton_of

_SKELETONS, _LESSONS = 8, 200
"""So many skeletons of one kind of call are held against its text; so often a new one is learnt in all."""
_FORMS, _LONGEST = 1 << 15, 1 << 13
_NULL = len("null")
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

    `places` stand for region and account of the log, `endings` is how they ended if there was an error, `callers` are
    the accounts of who called.
    """

    records: Sequence[Record]
    places: Sequence[object]
    endings: Sequence[Ending | None]
    callers: Sequence[str]

    def some(self, which: Sequence[int]) -> Calls:
        """Those at these positions."""
        records, places, endings, callers = self
        return Calls(
            [records[at] for at in which],
            [places[at] for at in which],
            [endings[at] for at in which],
            [callers[at] for at in which],
        )


class _Kind:
    """What was learnt of one kind of call."""

    __slots__ = ("lessons", "relevance", "skeletons")

    def __init__(self, relevance: Relevance) -> None:
        self.relevance = relevance
        self.skeletons: list[Skeleton] = []
        self.lessons = 0


class Requests:
    """Remembers what calls told by their requests. `plain` numbers what does not depend on names."""

    def __init__(self, plain: Callable[[Told], Telling]) -> None:
        self._plain = plain
        self._kinds: dict[int, _Kind] = {}
        self._forms = 0

    def forget(self) -> None:
        """Begin anew: numbers that were given mean nothing any more."""
        self._kinds, self._forms = {}, 0

    def tell(self, calls: Calls, number: int, resolved: Resolved) -> list[Telling | None]:
        """What calls of one kind tell; None for those of which that is not to be known by their form.

        `number` is that of the kind. UnicodeDecodeError where what was asked is no text.
        """
        kind = self._kinds.get(number)
        if kind is None:
            kind = self._kinds[number] = _Kind(relevance_of(resolved))
        relevance = kind.relevance
        found: list[Telling | None] = [None] * len(calls.records)
        texts = list(map(_text, calls.records))
        left = [at for at, one in enumerate(texts) if len(one) <= _LONGEST]
        if any(calls.endings):
            needed = relevance.permissions
            left = [at for at in left if (end := calls.endings[at]) is None or not end.permission
                    or end.permission.lower() in needed]  # fmt: skip
        if relevance.roles and not relevance.every:
            left = [at for at in left if ":role" not in texts[at]]
        met = []
        for skeleton in kind.skeletons:
            if not left:
                break
            before = len(left)
            left = self._matched(skeleton, texts, left, calls, resolved, found)
            met.append(before - len(left))
        if len(met) > 1:
            often = dict(zip(kind.skeletons, met, strict=False))
            kind.skeletons.sort(key=lambda one: -often.get(one, 0))
        while left:
            at = left[0]
            learnt = self._learnt(kind, texts[at], calls.records[at], resolved, calls.callers[at])
            left = left[1:] if learnt is None else self._matched(learnt, texts, left, calls, resolved, found)
        return found

    def _matched(
        self,
        skeleton: Skeleton,
        texts: Sequence[str],
        tried: list[int],
        calls: Calls,
        resolved: Resolved,
        found: list[Telling | None],
    ) -> list[int]:
        """Tell the calls whose texts match; the positions of the others."""
        held = [texts[at] for at in tried]
        if skeleton.answer:
            held = [_answered(text, calls.records[at]) for text, at in zip(held, tried, strict=True)]
        matches = list(map(skeleton.match, held))
        some = list(compress(tried, matches)) if None in matches else tried
        hits = [one for one in matches if one is not None]
        if not hits:
            return tried
        exact, holes, labels = skeleton.cuts([one.groups() for one in hits])
        keys: dict[Any, list[int]] = defaultdict(list)
        for turn, (at, same, label) in enumerate(zip(some, exact, labels, strict=True)):
            key: Any = calls.places[at], calls.callers[at], same, label
            if (end := calls.endings[at]) is not None:
                # Which resource the message of a denial names matters only where the request names none.
                key = (*key, end.error, end.permission, bool(end.resource))
            keys[key].append(turn)
        for key, turns in keys.items():
            form = skeleton.forms.get(key)
            while form is None and turns:
                at = some[turns[0]]
                record, caller, ending = calls.records[at], calls.callers[at], calls.endings[at]
                form = self._form(skeleton, key, hits[turns[0]], record, resolved, caller, ending)
                if form is None:
                    found[at] = self._plain(told(record, resolved, caller))
                    turns = turns[1:]
            if form is not None and not form.unclear:
                for turn, telling in zip(turns, form.all_filled([holes[one] for one in turns]), strict=True):
                    found[some[turn]] = telling
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
        self,
        skeleton: Skeleton,
        key: Any,
        found: re.Match[str],
        record: Record,
        resolved: Resolved,
        caller: str,
        ending: Ending | None,
    ) -> Form | None:
        """The form of what such calls tell; None when it is met for the first time and would cost more to learn."""
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
            form = Form(self._plain(told(record, resolved, caller)))
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


def _text(record: Record) -> str:
    """What was asked, and the list of resources where there is one."""
    text, listed = str(record.request, "utf-8"), record.resources
    return text if len(listed) == _NULL else f"{text}{BETWEEN}{str(listed, 'utf-8')}"


def _answered(text: str, record: Record) -> str:
    """A text with the answer."""
    listed = "" if BETWEEN in text else f"{BETWEEN}null"
    return f"{text}{listed}{BETWEEN}{str(record.response, 'utf-8')}"


def _marks(
    skeleton: Skeleton, found: re.Match[str], around: Sequence[str], length: int
) -> tuple[str, Mapping[str, int]] | None:
    """The text with other names that are cut alike and stand nowhere else, and the position of each; None if none is
    found.
    """
    exact, holes, label = skeleton.cut(found.groups())
    text = found.string
    for turn in range(_TURNS):
        chance = random.Random(f"{length} {turn}")  # noqa: S311
        others = {one: _other(one, length if turn % 2 == 0 else 0, chance) for one in dict.fromkeys(holes)}
        if len(set(others.values())) < len(others) or not _apart(others.values(), (text, *around)):
            continue
        marked = "".join(_replaced(text, found, skeleton.holes, others))
        again = skeleton.match(marked)
        if again is None:
            continue
        cut = skeleton.cut(again.groups())
        if cut == (exact, tuple(others[one] for one in holes), label):
            return marked, {others[one]: holes.index(one) for one in holes}
    return None


def _replaced(text: str, found: re.Match[str], groups: Sequence[int], others: Mapping[str, str]) -> Iterator[str]:
    last = 0
    for group in groups:
        begin, end = found.span(group + 1)
        yield text[last:begin]
        yield others[found[group + 1]]
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
