"""Collections that end before their time: the network goes, or a killed run leaves a piece of its journal."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any, Protocol, TypeVar

Found = TypeVar("Found")


class Faulty(Protocol):
    """A fake that can be told to fail, and to go."""

    faults: list[Any]

    @property
    def port(self) -> int:
        """Where it listens."""

    def gone_after(self, requests: int) -> Any:
        """A fault after which nothing listens."""

    def start(self, port: int = 0) -> None:
        """Listen."""

    def stop(self) -> None:
        """Listen no more."""


def left_by_the_network(fake: Faulty, requests: int, run: Callable[..., Found]) -> Found:
    """What a run finds that the network leaves after so many requests; it says so. The fake is there again then."""
    port, whys = fake.port, list[str]()

    def interrupted(one: Any, why: str) -> Any:
        whys.append(why)
        return one

    fake.faults = [fake.gone_after(requests)]
    found = run(interrupted=interrupted)
    assert whys and whys[0].startswith("the network is gone")
    fake.faults = []
    fake.stop()
    fake.start(port)
    return found


def gone_on_with(
    fake: Faulty, fault: Any, folder: Path, cut: float, read: Callable[..., Found], journals: str = "*"
) -> Found:
    """What is found when a run is gone on with that a fault left unfinished, of whose journal so much (0 to 1) is left.

    A run that was killed leaves some whole records, and a piece of one.
    """
    fake.faults = [fault]
    read(folder)
    fake.faults = []
    (journal,) = folder.glob(journals)
    data = journal.read_bytes()
    journal.write_bytes(data[: int(len(data) * cut)])
    return read(folder, resume=True)
