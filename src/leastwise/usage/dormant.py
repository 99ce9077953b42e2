"""What nobody uses: principals and credentials without a use in the window, groups and bundles that reach nobody.

A principal or credential is UNUSED where the vendor was asked for its last use, and neither it nor the logs tell one in
the window. Otherwise it is UNOBSERVABLE: logs alone do not show it, since data events may be off. What is younger than
the window is not told: nobody could have used it for so long.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

import pyarrow as pa

from leastwise.model.dormancy import Nouns
from leastwise.model.gap import Use, Window

PRINCIPAL, CREDENTIAL, GROUP, BUNDLE = "principal", "credential", "group", "bundle"
WHATS = (PRINCIPAL, CREDENTIAL, GROUP, BUNDLE)
Reach = Callable[[str, str, str, str], bool]
"""Of a scope, a noun, an id and a name: whether it was read whom such a group or bundle reaches."""


@dataclass(frozen=True, slots=True)
class Idle:
    """Something that nobody uses.

    Args:
        what: one of WHATS.
        kind: the vendor's noun.
        holder: of a credential its principal; empty otherwise.
        last_used: the newest use that any source tells.
        days: whole days since, up to the window's end; None where no use is told.
        because: what the verdict rests on.
    """

    what: str
    id: str
    name: str
    kind: str
    account: str
    holder: str
    state: Use
    last_used: datetime | None
    days: int | None
    because: str


@dataclass(frozen=True, slots=True)
class Unnamed:
    """A name by which the logs call somebody, last at a time, and who may be meant by it; `why` follows the name."""

    name: str
    maybe: Collection[str]
    why: str
    last: datetime


@dataclass(frozen=True)
class Seen:
    """What is known besides the rows themselves.

    Args:
        last: when the logs last saw each principal, in any way.
        asked: by account, when the vendor told what the rows say.
        unnamed: names in the logs of which it is not known who of several is meant.
    """

    last: Mapping[str, datetime]
    window: Window
    asked: Mapping[str, datetime]
    unnamed: Sequence[Unnamed] = ()

    def idle(self, row: Mapping[str, object], what: str, kind: str, holder: str, last: datetime | None) -> Idle | None:
        """The row where it was not used in the window; None where it was, or is younger."""
        created, told = row["created"], row["last_used"]
        assert created is None or isinstance(created, datetime)
        assert told is None or isinstance(told, datetime)
        if created is not None and created > self.window.begin:
            return None
        newest = max((one for one in (told, last) if one is not None), default=None)
        if newest is not None and newest >= self.window.begin:
            return None
        because = self._unknown(row) or self._may_be(str(row["id"]))
        state = Use.UNOBSERVABLE if because else Use.UNUSED
        because = because or "the vendor tells no use in the window"
        days = None if newest is None else (self.window.end - newest).days
        words = [str(row[one]) for one in ("id", "name", "account")]
        return Idle(what, words[0], words[1], kind, words[2], holder, state, newest, days, because)

    def _may_be(self, id: str) -> str:
        """Under which name of the logs it may have been at work in the window; empty where under none."""
        for one in self.unnamed:
            if one.last >= self.window.begin and id in one.maybe:
                return f"the log of {one.last.date()} names only {one.name}, {one.why}"
        return ""

    def _unknown(self, row: Mapping[str, object]) -> str:
        """Why it is not known that the vendor saw no use in the window; empty where it is."""
        if not row["last_used_known"]:
            return "the vendor was not asked for its last use"
        asked = self.asked.get(str(row["account"]))
        if asked is None:
            return "when the vendor was asked for its last use is not known"
        if asked < self.window.end - self.window.slack:
            return f"the vendor was last asked on {asked.date()}, the window ends on {self.window.end.date()}"
        return ""


def idle_principals(identities: pa.Table, seen: Seen, nouns: Mapping[str, Nouns]) -> Iterator[Idle]:
    """Those who act; without those that must stay as they are, the vendor's own, and those that a bundle makes.

    Columns: provider, id, name, account, native, kind, created, last_used, last_used_known, protected.
    """
    for row in identities.to_pylist():
        words = nouns.get(row["provider"])
        if words is None or row["native"] not in words.principals or row["protected"] or row["kind"] in words.kept:
            continue
        found = seen.idle(row, PRINCIPAL, row["native"], "", seen.last.get(row["id"]))
        if found is not None:
            yield found


def idle_credentials(credentials: pa.Table, seen: Seen, nouns: Mapping[str, Nouns]) -> Iterator[Idle]:
    """Keys and passwords that are active, but for those of root users, who cannot be without.

    Columns: provider, id, account, kind, principal, principal_name, principal_kind, active, created, last_used,
    last_used_known, protected.
    """
    for row in credentials.to_pylist():
        words = nouns.get(row["provider"])
        if words is None or row["kind"] not in words.credentials or row["protected"] or row["active"] is False:
            continue
        if row["kind"] == "password" and row["principal_kind"] == "root":
            continue
        named = {**row, "name": row["principal_name"]}
        found = seen.idle(named, CREDENTIAL, row["kind"], row["principal"], None)
        if found is not None:
            yield found


def empty_groups(
    principals: pa.Table, members: Collection[str], nouns: Mapping[str, Nouns], told: Reach
) -> Iterator[Idle]:
    """Groups without members; UNOBSERVABLE where it is not `told` who is in them.

    Columns: provider, scope, id, name, account, native.
    """
    why = "nobody is in it", "its members were not read"
    return _reaching_nobody(
        GROUP, principals, "native", {key: one.groups for key, one in nouns.items()}, members, told, why
    )


def loose_bundles(
    bundles: pa.Table, attached: Collection[str], nouns: Mapping[str, Nouns], told: Reach
) -> Iterator[Idle]:
    """A customer's policies attached to nobody and permission sets given to nobody, see `empty_groups`.

    Columns: provider, scope, id, name, account, kind.
    """
    why = "it is attached to nobody", "what it is attached to was not read"
    return _reaching_nobody(
        BUNDLE, bundles, "kind", {key: one.bundles for key, one in nouns.items()}, attached, told, why
    )


def _reaching_nobody(
    what: str, table: pa.Table, noun: str, words: Mapping[str, Collection[str]], reached: Collection[str], told: Reach,
    why: tuple[str, str],
) -> Iterator[Idle]:  # fmt: skip
    """Rows of which the noun is among their provider's words, and that reach nobody."""
    for row in table.to_pylist():
        if row[noun] not in words.get(row["provider"], ()) or row["id"] in reached:
            continue
        read = told(row["scope"], row[noun], row["id"], row["name"])
        state, because = (Use.UNUSED, why[0]) if read else (Use.UNOBSERVABLE, why[1])
        yield Idle(what, row["id"], row["name"], row[noun], row["account"] or "", "", state, None, None, because)
