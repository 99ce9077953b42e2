"""What calls tell by their requests: those that differ only in what does not matter, or in names, tell alike.

A call's text is held against the skeletons that were learnt of calls of its kind. What a skeleton takes out as it is is
the key to remember a form by; the names that it takes out fill the form's holes. A form is learnt by telling the call
with other names in place of its own: `facts.told` says what that tells, and where the names end up.
"""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
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
_FORMS = 1 << 15
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

    def telling(
        self, record: Record, call: int, place: object, ending: Ending | None, resolved: Resolved, caller: str
    ) -> Telling | None:
        """What a call tells; None if that is not to be known by its form. `call` is the number of its kind, `place`
        stands for region and account of the log, `ending` is how it ended if there was an error.
        """
        kind = self._kinds.get(call)
        if kind is None:
            kind = self._kinds[call] = _Kind(relevance_of(resolved))
        refused = ending.permission if ending is not None else ""
        if refused and refused.lower() not in kind.relevance.permissions:
            return None
        listed = record.resources
        text = str(record.request, "utf-8")
        if len(listed) != _NULL:
            text = f"{text}{BETWEEN}{str(listed, 'utf-8')}"
        relevance = kind.relevance
        if relevance.roles and not relevance.every and ":role" in text:
            return None
        for at, skeleton in enumerate(kind.skeletons):
            found = skeleton.match(_answered(text, record) if skeleton.answer else text)
            if found is not None:
                if at:
                    kind.skeletons.insert(0, kind.skeletons.pop(at))
                break
        else:
            learnt = self._learnt(kind, text, record, resolved, caller)
            if learnt is None:
                return None
            skeleton, found = learnt
        exact, holes, label = skeleton.cut(found.groups())
        # Which resource the message of a denial names matters only where the request names none.
        key: Any = place, caller, exact, label
        if ending is not None:
            key = (*key, ending.error, refused, bool(ending.resource))
        form = skeleton.forms.get(key)
        if form is None:
            form = self._form(skeleton, key, found, record, resolved, caller, ending)
            if form is None:
                return self._plain(told(record, resolved, caller))
        if form.unclear:
            return None
        return form.filled(holes) if form.open else form.whole

    def _learnt(
        self, kind: _Kind, text: str, record: Record, resolved: Resolved, caller: str
    ) -> tuple[Skeleton, re.Match[str]] | None:
        """A skeleton of the text, if it has one, which takes the place of the one that was not met for longest."""
        if kind.lessons >= _LESSONS:
            return None
        kind.lessons += 1
        answer = hangs_on_answer(record, resolved, caller)
        text = _answered(text, record) if answer else text
        skeleton = skeleton_of(text, kind.relevance, answer)
        found = skeleton.match(text) if skeleton is not None else None
        if skeleton is None or found is None:
            return None
        kind.skeletons.insert(0, skeleton)
        del kind.skeletons[_SKELETONS:]
        return skeleton, found

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
