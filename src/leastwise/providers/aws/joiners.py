"""Users who may add to groups and so join one: what they are then is their own rights and the group's together.

Only those are looked for whom it can help: who may write policies of users himself needs no group, and whoever may do
nothing else has only the group's rights then. Found by the texts of policies; whether somebody may is asked later.

https://docs.aws.amazon.com/IAM/latest/APIReference/API_AddUserToGroup.html
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

from leastwise.engine.patterns import Pattern
from leastwise.providers.base import ScopeTables
from leastwise.providers.tabled import rows_of

from .evaluate.arn import resource_pattern
from .evaluate.policy import action_pattern

_ADDING = "iam:AddUserToGroup"
_WRITING = ("iam:PutUserPolicy", "iam:AttachUserPolicy")


@dataclass(frozen=True, slots=True)
class Joiner:
    """A user who may join groups.

    Args:
        documents: his own policies and those of groups that he is in already, ascending.
        groups: which groups, as patterns.
    """

    documents: tuple[int, ...]
    groups: tuple[Pattern, ...]

    def joins(self, group: str) -> bool:
        """Whether it can be one of them."""
        return any(one.matches(group) for one in self.groups)


def joiners(scope: ScopeTables, groups: Mapping[str, Collection[str]]) -> dict[str, Joiner]:
    """The users of an account who may join groups; `groups` has the members of each."""
    adding, writing, more = _texts(scope)
    if not adding:
        return {}
    held: dict[str, set[int]] = defaultdict(set)
    for layer, target, document in rows_of([scope], "attachments", "layer", "target", "document"):
        if layer == "identity" and document is not None:
            for one in (target, *groups.get(target, ())):
                held[one].add(document)
    return {
        id: Joiner(tuple(sorted(documents)), tuple(resource_pattern(text) for text in sorted(patterns)))
        for id, documents in held.items()
        if ":user/" in id and documents & more and documents.isdisjoint(writing)
        and (patterns := {text for one in documents & adding.keys() for text in adding[one]})
    }  # fmt: skip


def _texts(scope: ScopeTables) -> tuple[dict[int, set[str]], set[int], set[int]]:
    """Documents that let somebody add to groups, with which; that let him write policies; that allow anything else."""
    adding: dict[int, set[str]] = defaultdict(set)
    writing, more = set(), set()
    names = ("document", "effect", "actions", "not_actions", "resources", "not_resources", "condition")
    for document, effect, actions, others, resources, rest, condition in rows_of([scope], "statements", *names):
        if effect != "Allow":
            continue
        if others or any(one.lower() != _ADDING.lower() for one in actions or ()):
            more.add(document)
        if _allows(_ADDING, actions, others):
            # What stands in place of a variable, and what is left beside an exception, is not worked out here.
            adding[document] |= {"*" if "${" in one else one for one in resources or ()} if not rest else {"*"}
        if not condition and "*" in (resources or ()) and any(_allows(one, actions, others) for one in _WRITING):
            writing.add(document)
    return adding, writing, more


def _allows(action: str, actions: Sequence[str] | None, others: Sequence[str] | None) -> bool:
    if others:
        return not any(_matches(one, action) for one in others)
    return any(_matches(one, action) for one in actions or ())


@lru_cache(maxsize=65536)
def _matches(text: str, action: str) -> bool:
    # Most name another service; wildcards stand behind the service's prefix.
    service, colon, _ = text.partition(":")
    return (not colon or service.lower() in ("iam", "*")) and action_pattern(text).matches(action)
