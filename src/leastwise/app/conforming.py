"""Run test cases that others wrote, and count how they end."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from leastwise.errors import InputError
from leastwise.model.conformance import SUITES, CaseError, CaseResult, CaseVerdict

from .wiring import Workspace

if TYPE_CHECKING:
    from leastwise.providers.base import Conform, Provider

Progress = Callable[[str, int, int], None]
_LONGEST = 64 * 1024 * 1024
"""Bytes of a line; a case carries its policies, and some carry a whole account."""


@dataclass(frozen=True, slots=True)
class RanCase:
    """One case and what became of it; `place` is its file and line."""

    suite: str
    id: str
    source: str
    confidence: str
    features: tuple[str, ...]
    verdict: CaseVerdict
    place: str

    def to_json(self) -> dict[str, str]:
        """The documented JSON of a case."""
        one = self.verdict
        found = {
            "suite": self.suite, "id": self.id, "source": self.source, "result": str(one.result),
            "expected": one.expected, "got": one.got, "note": one.note,
        }  # fmt: skip
        # Lone surrogates are legal in JSON texts, and in no encoding of an answer.
        return {key: value.encode("utf-8", "backslashreplace").decode() for key, value in found.items()}


def run_files(workspace: Workspace, files: Sequence[Path], progress: Progress | None = None) -> Iterator[RanCase]:
    """Every case of the files in their order, one a line; a line that cannot be read is a case that ended in error.

    Raises:
        InputError: a file cannot be read; no case has run then if it is missing.
    """
    for file in files:
        if not file.is_file():
            raise InputError(file, "is a folder" if file.is_dir() else "not found")
    registry = _Registry(workspace)
    done = 0
    for file in files:
        for number, line in _lines(file):
            done += 1
            if progress is not None:
                progress(file.name, done, 0)
            yield _ran(line, f"{file}:{number}", file.parent, registry)


class _Registry:
    """Which providers run which suites."""

    def __init__(self, workspace: Workspace) -> None:
        self._runners = {
            (suite, name): run
            for name, provider in workspace.providers().items()
            for suite, run in (*provider.conform.items(), *_scenarios(provider).items())
        }

    def runner(self, suite: str, provider: object) -> Conform | None:
        """The runner of a suite; a case of several providers' suite names its own."""
        found = [run for (of, name), run in self._runners.items() if of == suite and provider in (None, name)]
        return found[0] if len(found) == 1 else None


def _scenarios(provider: Provider) -> Mapping[str, Conform]:
    """The suites of a provider that are about paths."""
    from .scenarios import run_scenario

    if provider.escalating is None:
        return {}
    return {suite: partial(run_scenario, provider, suite) for suite in provider.escalating.scenarios}


def _lines(file: Path) -> Iterator[tuple[int, bytes]]:
    try:
        with file.open("rb") as stream:
            number = 0
            while line := stream.readline(_LONGEST + 1):
                number += 1
                if len(line) > _LONGEST:
                    raise InputError(file, f"is longer than {_LONGEST // 2**20} MiB", f"line {number}")
                if line.strip():
                    yield number, line
    except OSError as error:
        raise InputError(file, error.strerror or str(error)) from None


def _ran(line: bytes, place: str, folder: Path, registry: _Registry) -> RanCase:
    try:
        body = _decoded(line)
        suite = _named(body)
    except CaseError as error:
        return _broken({}, place, str(error))
    run = registry.runner(suite, body.get("provider"))
    if run is None:
        whose = f" of {body['provider']}" if isinstance(body.get("provider"), str) else ""
        return _case(body, place, CaseVerdict(CaseResult.UNSUPPORTED, note=f"nothing runs {suite}{whose} yet"))
    try:
        return _case(body, place, run(body, folder))
    except CaseError as error:
        return _broken(body, place, str(error))
    except RecursionError:
        return _broken(body, place, "is nested too deeply")


def _decoded(line: bytes) -> Mapping[str, Any]:
    try:
        body = json.loads(line, object_pairs_hook=_distinct)
    except UnicodeDecodeError as error:
        raise CaseError(f"not UTF-8: byte {error.start}") from None
    except json.JSONDecodeError as error:
        raise CaseError(f"not JSON: {error.msg} at column {error.colno}") from None
    except RecursionError:
        raise CaseError("is nested too deeply") from None
    except ValueError as error:
        if isinstance(error, CaseError):
            raise
        raise CaseError(f"not JSON: {error}") from None
    if not isinstance(body, dict):
        raise CaseError("a case is an object")
    return body


def _distinct(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """An object; readers of JSON differ on which of two equal keys counts, so neither may."""
    found = dict(pairs)
    if len(found) < len(pairs):
        twice = next(key for key, times in Counter(key for key, _ in pairs).items() if times > 1)
        raise CaseError(f"the key {twice!r} stands twice in one object")
    return found


def _named(body: Mapping[str, Any]) -> str:
    suite = body.get("suite")
    if not isinstance(suite, str):
        raise CaseError("suite: is missing" if suite is None else "suite: must be a text")
    if suite not in SUITES:
        raise CaseError(f"suite: {suite!r} is none of {', '.join(SUITES)}")
    if not _id(body):
        raise CaseError("id: is missing, or no text")
    return suite


def _id(body: Mapping[str, Any]) -> str:
    """The id of a case; one about a single principal of a common account is called by it."""
    found = body.get("id", body.get("principal"))
    return found if isinstance(found, str) else ""


def _broken(body: Mapping[str, Any], place: str, cause: str) -> RanCase:
    expected = body.get("expected")
    shown = expected if isinstance(expected, str) else ""
    return _case(body, place, CaseVerdict(CaseResult.ERROR, shown, "", f"{place}: {cause}"))


def _case(body: Mapping[str, Any], place: str, verdict: CaseVerdict) -> RanCase:
    suite, source, confidence = (
        value if isinstance(value := body.get(key), str) else "" for key in ("suite", "source", "confidence")
    )
    features = body.get("features")
    listed = tuple(one for one in features if isinstance(one, str)) if isinstance(features, list) else ()
    return RanCase(suite, _id(body) or place, source, confidence, listed, verdict, place)


# --- counting ---------------------------------------------------------------------------------------------------------


def counted(cases: Iterable[RanCase]) -> list[dict[str, Any]]:
    """How many cases ended how, by suite, confidence, source (without its file) and feature."""
    counts: dict[tuple[str, str], Counter[CaseResult]] = {}
    for one in cases:
        for group in _groups(one):
            counts.setdefault(group, Counter())[one.verdict.result] += 1
    order = ("suite", "confidence", "source", "feature")
    rows = sorted(counts.items(), key=lambda row: (order.index(row[0][0]), row[0][1]))
    return [
        {"by": by, "name": name, "cases": sum(count.values()), **{str(result): count[result] for result in CaseResult}}
        for (by, name), count in rows
    ]


def _groups(one: RanCase) -> set[tuple[str, str]]:
    return {
        ("suite", one.suite or "(unknown)"),
        ("confidence", one.confidence or "(none given)"),
        ("source", one.source.partition(":")[0] or "(none given)"),
        *(("feature", feature) for feature in one.features),
    }


def failing(cases: Iterable[RanCase]) -> list[RanCase]:
    """The cases that failed or could not be read."""
    return [one for one in cases if one.verdict.result in (CaseResult.FAILED, CaseResult.ERROR)]
