"""Collects a directory: makes the declared calls, and hands it out when it is finished."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

import msgspec

from leastwise.model.scope import Collected
from leastwise.providers.base import CollectRun
from leastwise.providers.collecting.failure import Answer
from leastwise.providers.collecting.rounds import handed_out, target_of
from leastwise.providers.collecting.run import Finished, Run
from leastwise.providers.microsoft.batches import MOST
from leastwise.providers.microsoft.parts import leading_to, put_beside
from leastwise.providers.microsoft.tokens import TokenProvider
from leastwise.providers.redacting import Keyed

from .asking import Asking
from .declaration import Service, asked
from .source import read_source
from .tenant import probe, tenant

_BATCHES = 4
"""So many batches are filled at once; requests on their way are limited by the source."""


def collect(keys: Mapping[str, Any], run: CollectRun, provider: TokenProvider | None = None) -> Iterator[Collected]:
    """The directory of a source; of one service (`only`), put beside what else the last snapshot told.

    Raises:
        UsageError: the source's keys are wrong, or nobody is signed in.
        OSError: the journal cannot be written.
    """
    source = read_source(keys)
    with Asking(source, provider) as asking:
        scope = tenant(source, asking)
        part = "" if run.only in (None, scope.id, scope.key) else str(run.only)
        services = asked(source.declared(), source.per_minute)
        if part:
            services = leading_to(services, part)
        if not services:
            return
        target = target_of(scope, services, plan_hash(services), run, {"root": scope.id}, lambda call, parameters: "")
        # A thread waits with each part of a batch.
        runner = Run(
            asking.ask, Keyed(run.key).hashed, max(source.in_flight, _BATCHES * MOST), 1,
            lambda _: Answer(asking.made("graph", probe(source)).content, None),
        )  # fmt: skip

        def given(finished: Finished, collected: Collected) -> Collected:
            if not part:
                return replace(collected, coverage=(*collected.coverage, *source.left_out()))
            if finished.interrupted:
                return collected
            return put_beside(run.earlier(scope), collected, services, part)

        targets = [target] if target is not None else []
        yield from handed_out(runner, targets, [scope], run, lambda finished: finished.collected, given)


def plan_hash(services: Sequence[Service]) -> str:
    """What tells a plan of collection from another: a journal of another one is not gone on with."""
    return hashlib.sha256(msgspec.json.encode(services)).hexdigest()
