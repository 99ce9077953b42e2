"""Assertion files: what must be true of access, written by people. Read whole; every mistake names its line."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from leastwise.model.vocabulary import PRINCIPAL_KINDS

from .marked import Item, read_marked, versioned

FORMS = ("can", "cannot", "only", "nobody")
_KEYS = (
    *FORMS, "permission", "resource", "except", "name", "reason", "context", "strict", "transitive", "allow_unknown",
    "allow_conditional",
)  # fmt: skip
KINDS = (*PRINCIPAL_KINDS, "everyone", "other_account", "service", "user", "role", "session", "federated_user")
"""Kinds of those that who-can lists."""
_WORDS: Mapping[str, Mapping[str, str]] = {
    "anyone": {},
    "public": {"public": "true"},
    "outside the zone": {"zone": "outside"},
    "inside the zone": {"zone": "inside"},
    "outside the estate": {"estate": "outside"},
    "inside the estate": {"estate": "inside"},
}


@dataclass(frozen=True)
class Selector:
    """Whom an assertion means; every part that is given must fit.

    Args:
        text: as it was written.
        key: where it was written, for errors.
        principal: an id or unique name, or a pattern of ids.
        account: account id.
        kind: see `Holder.kind`.
        zone: inside or outside the zone of trust.
        estate: inside or outside the estate.
        public: anyone at all.
    """

    text: str
    key: str
    principal: str = ""
    account: str = ""
    kind: str = ""
    zone: str = ""
    estate: str = ""
    public: bool = False

    @property
    def named(self) -> bool:
        """One principal by its id or name, and nothing else."""
        wild = any(sign in self.principal for sign in "*?")
        return bool(self.principal) and not wild and not (self.account or self.kind or self.zone or self.estate)


@dataclass(frozen=True)
class Assertion:
    """One assertion.

    Args:
        item: where it stands in the file.
        form: can, cannot, only, nobody.
        name: given, or made of what it says.
        reason: why it must be so.
        whom: whom it is about.
        besides: of whom it does not hold.
        permissions: each is asked.
        resources: each is asked; None: any.
        context: of the request.
        strict: what is not given is absent.
        transitive: also those who can become one that can.
        allow_unknown: what cannot be decided does not fail it.
        allow_conditional: what holds under a condition only does not fail it.
    """

    item: Item
    form: str
    name: str
    reason: str
    whom: tuple[Selector, ...]
    besides: tuple[Selector, ...]
    permissions: tuple[str, ...]
    resources: tuple[str | None, ...]
    context: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    strict: bool = False
    transitive: bool = False
    allow_unknown: bool = False
    allow_conditional: bool = False

    @property
    def line(self) -> int | None:
        """Its line in the file, where that is known."""
        return self.item.marked.lines.get(self.item.place)


def read_assertions(path: Path) -> tuple[Assertion, ...]:
    """The assertions of a file. Raises InputError naming line, assertion and cause."""
    whole = versioned(read_marked(path), ("assertions",))
    found = tuple(_assertion(item) for item in whole.items("assertions"))
    if not found:
        raise whole.error("is empty", "assertions")
    return found


def _assertion(item: Item) -> Assertion:
    item.only(*_KEYS)
    forms = [form for form in FORMS if form in item.value]
    if len(forms) != 1:
        raise item.error(f"needs exactly one of {', '.join(FORMS)}")
    form = forms[0]
    if "except" in item.value and form != "nobody":
        raise item.error("goes with nobody only", "except")
    if "transitive" in item.value and form in ("can", "cannot"):
        raise item.error("goes with only and nobody; ask can of the role", "transitive")
    if not item.texts("permission"):
        raise item.error("needs permission")
    if form in ("can", "cannot"):
        whom = tuple(Selector(text, form, principal=text) for text in item.texts(form))
    else:
        whom = _selectors(item, form)
    permissions, resources = item.texts("permission"), item.texts("resource") or (None,)
    said = f"{form} {', '.join(one.text for one in whom)}: {', '.join(permissions)}"
    said += f" on {', '.join(item.texts('resource'))}" if item.texts("resource") else ""
    return Assertion(
        item, form, item.text("name", said), item.text("reason", ""), whom, _selectors(item, "except"), permissions,
        resources, _context(item), item.flag("strict"), item.flag("transitive"), item.flag("allow_unknown"),
        item.flag("allow_conditional"),
    )  # fmt: skip


def _context(item: Item) -> dict[str, tuple[str, ...]]:
    if "context" not in item.value:
        return {}
    keys = item.item("context")
    if not keys.value:
        raise item.error("is empty", "context")
    found = {}
    for key, value in keys.value.items():
        listed = value if isinstance(value, list) else [value]
        if not all(isinstance(one, str | int | float) for one in listed):
            raise keys.error("must be a text or a list of texts", key)
        found[key] = tuple(str(one).lower() if isinstance(one, bool) else str(one) for one in listed)
    return found


def _selectors(item: Item, key: str) -> tuple[Selector, ...]:
    if key not in item.value:
        return ()
    given = item.value[key]
    listed = given if isinstance(given, list) else [given]
    if not listed:
        raise item.error("is empty", key)
    return tuple(_selector(item, key, one) for one in listed)


def _selector(item: Item, key: str, value: object) -> Selector:
    if isinstance(value, str) and value:
        return _of_text(item, key, value)
    if not isinstance(value, dict):
        raise item.error("must be a text or a mapping", key)
    parts = ("principal", "account", "kind", "zone", "estate", "public")
    for name, one in value.items():
        if name not in parts:
            raise item.error(f"unknown part {name}; known: {', '.join(parts)}", key)
        if name == "public" and one is not True:
            raise item.error("public must be true", key)
        if name != "public" and (isinstance(one, bool) or not isinstance(one, str | int) or one == ""):
            raise item.error(f"{name} must be a text that is not empty", key)
    if not value:
        raise item.error("is empty", key)
    told = {name: str(one) for name, one in value.items()}
    return _checked(item, key, ", ".join(f"{name} {one}" for name, one in told.items()), told)


def _of_text(item: Item, key: str, text: str) -> Selector:
    if text in _WORDS:
        return _checked(item, key, text, dict(_WORDS[text]))
    word, _, rest = text.partition(" ")
    if word in ("account", "kind") and rest:
        return _checked(item, key, text, {word: rest})
    if " " in text and "/" not in text and ":" not in text:
        raise item.error(f"{text}: is no principal, account ID or kind KIND, nor one of {', '.join(_WORDS)}", key)
    return Selector(text, key, principal=text)


def _checked(item: Item, key: str, text: str, told: Mapping[str, str]) -> Selector:
    for name in ("zone", "estate"):
        if told.get(name, "inside") not in ("inside", "outside"):
            raise item.error(f"{name} is inside or outside, not {told[name]}", key)
    if told.get("kind", KINDS[0]) not in KINDS:
        raise item.error(f"{told['kind']} is no kind; known: {', '.join(KINDS)}", key)
    parts = {name: value for name, value in told.items() if name != "public"}
    return Selector(text, key, public="public" in told, **parts)
