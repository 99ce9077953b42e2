"""Another try where it may help, as late as the vendor asks; never after a refusal."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import stamina
from stamina.instrumentation import RetryDetails, set_on_retry_hooks

from leastwise.model.scope import CoverageStatus
from leastwise.providers.collecting.failure import CallFailed
from leastwise.providers.rest.failure import RestFailed
from leastwise.providers.rest.patient import again, patiently


@pytest.fixture
def waits() -> Iterator[list[float]]:
    """Seconds that would have been waited."""
    found: list[float] = []

    def note(details: RetryDetails) -> None:
        found.append(details.wait_for)

    set_on_retry_hooks([note])
    with stamina.set_testing(True, attempts=5):
        yield found
    set_on_retry_hooks(None)


def failing(*errors: Exception) -> Iterator[object]:
    yield from errors
    while True:
        yield "done"


def trying(*errors: Exception) -> tuple[object, int]:
    made, tries = failing(*errors), [0]

    def ask() -> object:
        tries[0] += 1
        one = next(made)
        if isinstance(one, Exception):
            raise one
        return one

    return patiently(ask), tries[0]


PASSING = [
    RestFailed("RATE", "", 429), RestFailed("x", "", 503), RestFailed("ReadTimeout", "", gone=True),
    RestFailed("x", "", 408), RestFailed("SLOW", "", 403, told=CoverageStatus.THROTTLED),
]  # fmt: skip
LASTING = [
    RestFailed("x", "", 403), RestFailed("x", "", 404), RestFailed("x", "", 400), RestFailed("x", "", 501),
    RestFailed("DAILY", "", 429, used_up=True), RestFailed("x", "", 429, {"retry-after": "7200"}),
    RestFailed("x", "", 401, expired="the token has expired"), CallFailed("x", "", 400), ValueError("x"),
]  # fmt: skip


@pytest.mark.parametrize("error", PASSING, ids=str)
def test_what_passes_is_tried_again(error: Exception, waits: list[float]) -> None:
    assert trying(error, error, error, error) == ("done", 5)
    assert len(waits) == 4
    with pytest.raises(RestFailed):
        trying(*[error] * 5)


@pytest.mark.parametrize("error", LASTING, ids=str)
def test_what_lasts_is_not(error: Exception, waits: list[float]) -> None:
    with pytest.raises(type(error)):
        trying(error)
    assert waits == []


def test_the_vendor_says_how_long() -> None:
    assert again(RestFailed("x", "", 429, {"retry-after": "17"})) == 17.0
    assert again(RestFailed("x", "", 503, {"retry-after": "3"})) == 3.0
    assert again(RestFailed("x", "", 503)) is True
