"""What is asked of every catalogue that is made anew from what a vendor answers."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from leastwise.errors import InputError


def assert_wrong_answer_is_named(read: Callable[[Path], object], folder: Path, content: str, cause: str) -> None:
    """What cannot be read of a file says why."""
    (folder / "a.json").write_text(content)
    with pytest.raises(InputError) as error:
        read(folder)
    assert cause in str(error.value)


def assert_sources_are_checked(
    read: Callable[[Path], object], compiled: Callable[[Path | None, Path, str], bytes], folder: Path, needs: str,
) -> None:  # fmt: skip
    """A folder that is not there is named, and where a newer catalogue is without a source, what it is made of."""
    with pytest.raises(InputError, match="No such file"):
        read(folder / "none")
    with pytest.raises(InputError, match=needs):
        compiled(None, folder, "2026-11-22")


def assert_small_source_is_refused(
    compiled: Callable[[Path | None, Path, str], bytes], folder: Path, roles: str, known: int
) -> None:
    """A source that lacks most of what the bundled catalogue knows is not taken for a newer one."""
    (folder / "roles.json").write_text(roles)
    with pytest.raises(InputError, match=f"knows 1 roles, the bundled catalogue {known}; is it whole"):
        compiled(folder, folder, "2026-11-22")
