"""Collects a source: finds its trees, makes the declared calls, and hands out each tree when it is finished."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import msgspec

from leastwise.model.scope import Collected, Coverage
from leastwise.providers.base import CollectRun
from leastwise.providers.collecting.declaration import Call as AnyCall
from leastwise.providers.collecting.failure import Answer
from leastwise.providers.collecting.rounds import handed_out, target_of
from leastwise.providers.collecting.run import Finished, Run, Target
from leastwise.providers.microsoft.parts import put_beside
from leastwise.providers.microsoft.tokens import TokenProvider
from leastwise.providers.redacting import Keyed
from leastwise.providers.rest.session import Ask

from .asking import Asking
from .declaration import ROOTS, Root, asked
from .roots import Tree, around, trees
from .single import only_of, put_into
from .source import GROUPS, SUBSCRIPTIONS, Source, read_source

_WINDOW = 4
_DIRECTORY = "what Azure's roles need of the directory"
_ABOUT = re.compile(rf"(?i)^(?:{SUBSCRIPTIONS}([^/]+)|{GROUPS}([^/]+))")


@dataclass(frozen=True, slots=True)
class Part:
    """What of a tree is collected: all (`root` is the tree's), or one subscription of it."""

    tree: Tree
    root: str
    kind: Root

    @property
    def whole(self) -> bool:
        """Whether it is the tree itself."""
        return self.root == self.tree.root


def collect(keys: Mapping[str, Any], run: CollectRun, provider: TokenProvider | None = None) -> Iterator[Collected]:
    """Every tree of a source, as soon as it is collected.

    Raises:
        UsageError: the source's keys are wrong, nobody is signed in, or nothing to read is found.
        OSError: the journals cannot be written.
    """
    source = read_source(keys)
    with Asking(source, provider) as asking:
        parts = list(_parts(source, asking, run.only))
        targets = [one for part in parts if (one := _target(source, part, run)) is not None]
        by_scope = {one.tree.scope.key: one for one in parts}
        runner = Run(asking.ask, Keyed(run.key).hashed, source.in_flight, _WINDOW, lambda _: _probed(source, asking))

        def given(finished: Finished, collected: Collected) -> Collected:
            part = by_scope[finished.target.scope.key]
            if finished.interrupted:
                return replace(collected, coverage=(*collected.coverage, *left_out(part)))
            if not part.whole:
                collected = put_into(run.earlier(collected.scope), collected, part.root)
            if part.kind == "directory" and (earlier := run.earlier(collected.scope)) is not None:
                # Its own provider may have told more of it: roles, owners, applications' permissions.
                collected = put_beside(earlier, collected, asked(source.declared(), part.kind), _DIRECTORY)
            return replace(collected, coverage=(*collected.coverage, *left_out(part)))

        def left_out(part: Part) -> Sequence[Coverage]:
            return () if part.kind == "directory" else source.left_out()

        scopes = [one.tree.scope for one in parts]
        yield from handed_out(runner, targets, scopes, run, lambda finished: finished.collected, given)


def plan_hash(source: Source, only: str = "") -> str:
    """What tells a plan of collection from another: a journal of another one is not gone on with."""
    services = source.declared()
    told = ([asked(services, root) for root in ROOTS], only)
    return hashlib.sha256(msgspec.json.encode(told)).hexdigest()


def _parts(source: Source, asking: Asking, only: str | None) -> Iterator[Part]:
    for tree in trees(source, asking):
        # What is kept of lists that hold other directories' things; one source signs in to one directory.
        asking.tenant = tree.tenant
        if only is None or only in (tree.scope.id, tree.root, tree.root.rpartition("/")[2]):
            yield Part(tree, tree.root, tree.kind)
        elif tree.kind != "directory" and (root := only_of(only, tree, asking, source)) is not None:
            yield Part(tree, root, "subscription")


def _target(source: Source, part: Part, run: CollectRun) -> Target | None:
    """The tree to collect, or None when it was finished by the run that is gone on with."""
    services = asked(source.declared(), part.kind, source.per_minute)
    plan = plan_hash(source, "" if part.whole else part.root)
    return target_of(part.tree.scope, services, plan, run, around(part.root), _about)


def _about(call: AnyCall, parameters: Mapping[str, Any]) -> str:
    """The subscription, or the name of the management group, that a call is about; empty for the whole."""
    for name in call.with_:
        value = parameters.get(name)
        text = value[0] if isinstance(value, list) and value else value
        found = _ABOUT.search(text) if isinstance(text, str) else None
        if found:
            return (found[1] or "").lower() or found[2]
    return ""


def _probed(source: Source, asking: Asking) -> Answer:
    ask = Ask("GET", f"{source.address('arm')}/subscriptions", {"api-version": "2022-12-01"})
    return Answer(asking.made("arm", ask).content, None)
