"""The port `Access` for AWS: reads questions, refuses those that make no sense, and gives neutral answers."""

from __future__ import annotations

import difflib

from leastwise.engine.arrays import Arrays
from leastwise.engine.solve import Outcome, Verdict
from leastwise.errors import NotFoundError, UsageError
from leastwise.model.decision import Circumstances, Cube, Decision, Holder, Residual, State, WhoCan

from .. import catalog
from ..evaluate.arn import parse_arn, spans
from ..evaluate.decide import solver
from ..evaluate.explain import STATES, residual_of
from ..evaluate.logic import Question
from ..evaluate.policy import PolicyError, parse_policy
from .access import AwsAccess
from .access import Circumstances as Given
from .what import what_can
from .who import WhoCan as Asking

_LONGEST = 2048
_NAMED = {"anonymous": "everyone", "root": "other_account"}


class AwsPort:
    """Questions as they are asked, on one compiled estate."""

    def __init__(self, arrays: Arrays) -> None:
        self.access = AwsAccess(arrays)

    def can(self, subject: str, permission: str, resource: str | None, given: Circumstances) -> Decision:
        """Whether a subject may do an action on a resource. Raises UsageError, NotFoundError."""
        action = _action(permission)
        return self.access.can(self._subject(subject), action, _resource(resource), _given(given))

    def who_can(self, permission: str, resource: str | None, given: Circumstances) -> WhoCan:
        """Everybody who may do an action on a resource. Raises UsageError."""
        asked = Asking(self.access, _action(permission), _resource(resource), _given(given))
        answer = asked.answer()
        holders = []
        ids, accounts = self.access.estate.principal_ids, self.access.estate
        for group in answer.groups:
            told = _told(group.verdict, group.question)
            for number in group.members.tolist():
                kind, account = accounts.word("principal.kind", number), accounts.word("principal.account", number)
                holders.append(Holder(ids[number], kind or "", account or "", True, *told))
        for principal, verdict, question in answer.outsiders:
            kind = _NAMED.get(principal.kind, principal.kind)
            told = _told(verdict, question)
            holders.append(Holder(principal.id, kind, principal.account, False, *told))
        return WhoCan(tuple(sorted(holders, key=lambda holder: holder.principal)), answer.missing)

    def what_can(self, subject: str, resource: str | None, given: Circumstances) -> tuple[Cube, ...]:
        """Everything that a subject may do (on a resource). Raises UsageError, NotFoundError."""
        return what_can(self.access, self._subject(subject), _resource(resource), _given(given))

    def _subject(self, text: str) -> str:
        """The id that a text means: an id, or the only user or role of that name."""
        estate = self.access.estate
        if estate.principal_number(text) is not None:
            return text
        arn = parse_arn(text)
        if arn is None and not text.isdigit() and text != "*" and "." not in text:
            return self._by_name(text)
        if arn is not None and arn.service == "iam" and arn.resource.startswith(("user/", "role/")):
            self._refuse_unknown(text, arn.account)
        return text

    def _by_name(self, name: str) -> str:
        wanted = name if "/" in name else f"/{name}"
        ids = self.access.estate.principal_ids.all()
        found = [id for id in ids if id.endswith(wanted)]
        if len(found) == 1:
            return found[0]
        if found:
            raise NotFoundError(f"{name}: is the name of {len(found)} principals: {', '.join(sorted(found)[:5])}")
        raise NotFoundError(f"{name}: no user or role of that name{self._near(name, ids)}")

    def _refuse_unknown(self, arn: str, account: str) -> None:
        """Where an account was read, a user or role that is not there does not exist."""
        estate = self.access.estate
        if account in estate.texts("principal.account.texts").all():
            raise NotFoundError(
                f"{arn}: no such user or role in the estate{self._near(arn, estate.principal_ids.all())}"
            )

    @staticmethod
    def _near(text: str, ids: list[str]) -> str:
        names = {id.rsplit("/", 1)[-1]: id for id in ids}
        near = difflib.get_close_matches(text.rsplit("/", 1)[-1], names, n=3, cutoff=0.6)
        return f"; did you mean {', '.join(names[one] for one in near)}?" if near else ""


def _told(verdict: Verdict, question: Question) -> tuple[State, Residual | None, tuple[str, ...]]:
    state = STATES[verdict.outcome]
    if verdict.outcome in (Outcome.DEPENDS, Outcome.UNKNOWN):
        return state, residual_of(verdict, solver(question)), tuple(sorted(verdict.gaps))
    return state, (), ()


def _action(text: str) -> str:
    """The action in AWS's case. Raises UsageError for one that the catalogue does not know."""
    service, colon, name = text.partition(":")
    if not colon or not service or not name or spans(text):
        raise UsageError(f"{text}: is no action, as in s3:GetObject")
    known = catalog.action(text)
    if known is not None:
        return known.name
    near = catalog.suggest(text)
    hint = f"; did you mean {', '.join(near)}?" if near else ""
    raise UsageError(f"{text}: AWS has no such action{hint}")


def _resource(text: str | None) -> str | None:
    if text is None or text == "*":
        return None
    if len(text) > _LONGEST:
        raise UsageError(f"resource: is longer than the {_LONGEST} characters of an ARN")
    arn = parse_arn(text)
    if arn is None or not arn.partition or not arn.service or not arn.resource:
        raise UsageError(f"{text}: is no ARN, as in arn:aws:s3:::bucket/key")
    return text


def _given(given: Circumstances) -> Given:
    """The circumstances, read. Raises UsageError."""
    session = None
    if given.session is not None:
        try:
            session = [parse_policy(body, f"session policy {n}") for n, body in enumerate(given.session, 1)]
        except PolicyError as error:
            raise UsageError(f"session policy: {error}") from None
    for key in given.context:
        if ":" not in key:
            raise UsageError(f"{key}: is no condition key, as in aws:SourceIp")
    return Given(dict(given.context), given.strict, session, given.through)
