"""How users sign in: passwords, MFA and access keys, of which several calls and the credential report tell.

The report may be four hours old (https://docs.aws.amazon.com/IAM/latest/UserGuide/id_credentials_getting-report.html),
so what a call was asked directly decides, and the report completes it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from datetime import datetime
from typing import TYPE_CHECKING, Any

from leastwise.providers.rows import one_time

if TYPE_CHECKING:
    from .context import Context

Time = str | float | None
Row = dict[str, Any]


class SignIn:
    """What was asked of each user, known by ARN or, until `join`, by name."""

    def __init__(self) -> None:
        self.passwords: dict[str, tuple[bool, Time, str]] = {}
        self.password_used: dict[str, Time] = {}
        self.devices: dict[str, list[bool]] = {}
        self.virtual: set[str] | None = None
        self.listed_keys: set[str] = set()
        self.summary: tuple[dict[str, bool], str] | None = None
        self._reported: list[tuple[str, str, Row]] = []

    def reported_key(self, principal: str, number: str, source: str, **values: Any) -> None:
        """An access key known from the credential report, which does not give its id."""
        self._reported.append((principal, number, {"source": source, **values}))

    def join(self, context: Context, arn: Callable[[str], str]) -> None:
        """Add what was told to principals and credentials; `arn` gives the ARN of a user known by name."""
        for user, (has, created, source) in self.passwords.items():
            _password(context, arn(user), has, created, source)
        for user, hardware in self.devices.items():
            context.hint(arn(user), mfa=bool(hardware), mfa_hardware=any(hardware))
        listed = {arn(user) for user in self.listed_keys}
        for user in listed:
            context.hint(user, keys_known=True)
        for user, used in self.password_used.items():
            _password_used(context, arn(user), used, arn(user) in listed)
        self._root(context, listed)
        self._keys(context, listed)

    def _root(self, context: Context, listed: set[str]) -> None:
        """https://docs.aws.amazon.com/IAM/latest/APIReference/API_GetAccountSummary.html"""
        told, source = self.summary or ({}, "")
        root = context.root
        mfa = told.get("AccountMFAEnabled", context.principals.get(root, {}).get("mfa"))
        if told:
            context.principal(root, source, mfa=mfa, console=told.get("AccountPasswordPresent"))
        if mfa is False:
            context.principal(root, source or "get-account-summary", mfa_hardware=False)
        elif mfa and self.virtual is not None and root not in self.virtual:
            # Whoever has MFA, and no virtual device, has a hardware one.
            context.principal(root, source, mfa_hardware=True)
        has = told.get("AccountAccessKeysPresent")
        if has is not None:
            context.principal(root, source, keys_known=True)
        if has is False:
            listed.add(root)
        elif has and not any(principal == root for principal, _, _ in self._reported):
            context.credential(f"{root}#access_key", root, "access_key", source)

    def _keys(self, context: Context, listed: set[str]) -> None:
        """Give reported keys the ids of listed ones; a user's list says which keys there are, and their state."""
        held: dict[str, list[Row]] = defaultdict(list)
        for row in context.credentials.values():
            if row["kind"] == "access_key":
                held[row["principal"]].append(row)
        reported: dict[str, list[tuple[str, Row]]] = defaultdict(list)
        for principal, number, values in self._reported:
            reported[principal].append((number, values))
        for principal, found in reported.items():
            rest = _matched(held[principal], found)
            if principal not in listed:
                for number, values in rest:
                    context.credential(f"{principal}#access_key_{number}", principal, "access_key", **values)


def _password(context: Context, user: str, has: bool, created: Time, source: str) -> None:
    id = f"{user}#password"
    context.hint(user, console=has)
    if not has:
        context.credentials.pop(f"{id}\x1f{user}", None)
        return
    known = context.credentials.get(f"{id}\x1f{user}", {}).get("created")
    # The report has the last change of the password, the profile its creation.
    context.credential(id, user, "password", source, active=True, created=known or created)


def _password_used(context: Context, user: str, used: Time, keys_listed: bool) -> None:
    """`PasswordLastUsed` of ListUsers; whether the user was used at all is known only with its keys."""
    row = context.credentials.get(f"{user}#password\x1f{user}")
    if row is not None:
        row["last_used_known"] = True
        row["last_used"] = _later(row.get("last_used"), used)
    before = context.principals.get(user, {}).get("last_used")
    context.hint(user, last_used=_later(before, used), last_used_known=True if keys_listed else None)


def _later(one: Time, other: Time) -> Time:
    first, second = _time(one), _time(other)
    return other if first is None or (second is not None and second > first) else one


def _time(value: Time) -> datetime | None:
    return one_time(value)


def _matched(held: list[Row], reported: list[tuple[str, Row]]) -> list[tuple[str, Row]]:
    """Complete the keys that are known by id; returns those reported that are none of them.

    Dates that are equal to the second are the same key's; the rest are matched by order where no date speaks against
    it: what the report has is older, so a key made later than the report says is another one.
    """
    open_rows = list(held)
    rest: list[tuple[str, Row]] = []
    for number, values in reported:
        same = next((row for row in open_rows if _same(row, values)), None)
        if same is None:
            rest.append((number, values))
        else:
            open_rows.remove(same)
            _complete(same, values)
    rest.sort(key=lambda one: (str(_time(one[1]["created"])), one[0]))
    open_rows.sort(key=lambda row: str(_time(row.get("created"))))
    unmatched = []
    for number, values in rest:
        row = next((one for one in open_rows if _may_be(one, values)), None)
        if row is None:
            unmatched.append((number, values))
        else:
            open_rows.remove(row)
            _complete(row, values)
    return unmatched


def _same(row: Row, values: Row) -> bool:
    created = _time(row.get("created"))
    return created is not None and created == _time(values["created"])


def _may_be(row: Row, values: Row) -> bool:
    created, changed = _time(row.get("created")), _time(values["created"])
    used, reported_use = _time(row.get("last_used")), _time(values["last_used"])
    if created is not None:
        return changed is not None and created <= changed and (reported_use is None or created <= reported_use)
    return used == reported_use or (used is not None and reported_use is not None and reported_use < used)


def _complete(row: Row, values: Row) -> None:
    """What the key's own calls told stays."""
    for name, value in values.items():
        if value is not None and row.get(name) is None and not (name.startswith("last_used") and row.get("last_used")):
            row[name] = value
