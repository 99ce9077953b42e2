"""Code on disk: which files are read, and what they hold (see `rightsizing.code`)."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

from leastwise.errors import InputError
from leastwise.rightsizing.code.indexing import READ, STATES, TERRAFORM, TERRAFORM_JSON, index
from leastwise.rightsizing.code.keeps import Keep, keeps
from leastwise.rightsizing.code.owners import CodeOwners, code_owners, owner_of

if TYPE_CHECKING:
    from leastwise.model.coding import Coding
    from leastwise.providers.base import Provider
    from leastwise.rightsizing.code.index import Index
    from leastwise.rightsizing.code.places import Place

_SKIPPED = frozenset(("node_modules", "__pycache__", "venv", "cdk.out", "site-packages", "target", "dist"))
_SHOWN = frozenset((".github", ".gitlab"))
"""Hidden folders that are looked into, for CODEOWNERS."""
_LARGEST = 2_000_000
"""No template is larger (CloudFormation takes 1 MB)."""
_WHOLE = (*STATES, *TERRAFORM, *TERRAFORM_JSON)
"""Endings of what is read whatever its size."""

Progress = Callable[[str, int, int], None]


@dataclass(frozen=True)
class Code:
    """The code that was read: its index, who owns which file, what it says is kept, and what could not be read."""

    root: Path
    index: Index
    codings: tuple[Coding, ...]
    owners: tuple[CodeOwners, ...]
    kept: tuple[Keep, ...]
    faults: tuple[str, ...]

    def owner_of(self, place: Place) -> str:
        """Who owns the file of a place by CODEOWNERS; empty where nobody is named."""
        found = owner_of(place.file, list(self.owners))
        return " ".join(found.owners) if found else ""


def codings(providers: Mapping[str, Provider]) -> tuple[Coding, ...]:
    """What code looks like, of every provider that tells it."""
    return tuple(one.coding() for one in providers.values() if one.coding is not None)


def read_code(
    paths: Sequence[Path], known: Sequence[Coding], states: Sequence[Path] = (), progress: Progress | None = None
) -> Code:
    """The code below some paths. Files are named from the repository that they lie in, else from the folder given.

    Raises InputError for a path that is not there, and for state that is none.
    """
    for path in (*paths, *states):
        if not path.exists():
            raise InputError(path, "no such file or folder")
    root = _root(paths)
    faults: list[str] = []

    def unread(error: OSError) -> None:
        faults.append(str(InputError(error.filename, error.strerror or "cannot be read")))

    files = dict.fromkeys(file for path in paths for file in _files(path, unread))
    files |= dict.fromkeys(_beside(root))
    texts: dict[str, str] = {}
    for number, file in enumerate(files):
        name = Path(os.path.relpath(file, root)).as_posix()
        if progress is not None and number % 50 == 0:
            progress(name, number, len(files))
        try:
            texts[name] = _text(file)
        except (UnicodeDecodeError, OSError) as error:
            if file.name.endswith(_WHOLE) or isinstance(error, OSError):
                cause = "is not UTF-8" if isinstance(error, UnicodeDecodeError) else (error.strerror or str(error))
                faults.append(str(InputError(name, cause)))
    found = index(texts, known, {str(path): _state(path) for path in states})
    owners, told = code_owners(texts)
    kept, wrong = keeps(found)
    return Code(root, found, tuple(known), tuple(owners), tuple(kept), (*faults, *found.faults, *told, *wrong))


def _root(paths: Sequence[Path]) -> Path:
    """The repository that holds all paths, else the folder that does."""
    folders = [path.resolve() if path.is_dir() else path.resolve().parent for path in paths]
    common = Path(os.path.commonpath(folders))
    for folder in (common, *common.parents):
        if (folder / ".git").exists():
            return folder
    return common


def _files(path: Path, unread: Callable[[OSError], None]) -> Iterator[Path]:
    """The files of a path that may be code, in order; `unread` is told of folders that cannot be read."""
    if path.is_file():
        yield path.resolve()
        return
    for folder, below, names in os.walk(path.resolve(), onerror=unread):
        below[:] = sorted(one for one in below if one not in _SKIPPED and (not one.startswith(".") or one in _SHOWN))
        for name in sorted(names):
            file = Path(folder, name)
            if _is_code(name) and file.is_file() and (name.endswith(_WHOLE) or file.stat().st_size <= _LARGEST):
                yield file


def _is_code(name: str) -> bool:
    if name in ("CODEOWNERS", ".leastwise.yaml", ".leastwise.yml"):
        return True
    return not name.startswith(".") and name.endswith(READ) and not name.endswith(".lock.json")


def _beside(root: Path) -> Iterator[Path]:
    """What tells about all of a repository, though only a folder of it was named."""
    for name in ("CODEOWNERS", ".github/CODEOWNERS", "docs/CODEOWNERS", ".gitlab/CODEOWNERS", ".leastwise.yaml"):
        if (root / name).is_file():
            yield root / name


def _text(file: Path) -> str:
    return file.read_bytes().decode("utf-8")


def _state(path: Path) -> str:
    try:
        return _text(path)
    except (UnicodeDecodeError, OSError) as error:
        raise InputError(path, getattr(error, "strerror", None) or "is not UTF-8") from None


def code_rows(code: Code) -> list[dict[str, Any]]:
    """The places of code as plain values, and the files that are recognised and not edited."""
    rows = [_row(code, one) for one in code.index.places]
    for other in code.index.foreign:
        found = owner_of(other.file, list(code.owners))
        owner = " ".join(found.owners) if found else ""
        rows.append(
            {
                "address": "", "file": other.file, "line": 1, "language": other.language, "kind": "program",
                "layer": "", "policy": None, "subject": None, "on": None, "editable": False, "why": other.why,
                "unsure": "", "owner": owner,
                "provider": "",
            }
        )  # fmt: skip
    return rows


def _row(code: Code, one: Place) -> dict[str, Any]:
    return {
        "address": one.address,
        "file": one.file,
        "line": one.line,
        "language": one.language,
        "kind": one.kind,
        "layer": one.layer,
        "policy": one.policy.text or None,
        "subject": one.subject or None,
        "on": one.on.text or None,
        "editable": not one.why,
        "why": one.why,
        "unsure": "; ".join(dict.fromkeys(why for why in (one.owner.why, one.policy.why, one.on.why) if why)),
        "owner": code.owner_of(one),
        "provider": one.provider,
    }


def kept_rows(code: Code, today: date) -> list[dict[str, Any]]:
    """What code says is kept, as plain values."""
    return [
        {
            "subjects": list(one.subjects),
            "permission": one.permission,
            "until": one.until.isoformat(),
            "because": one.because,
            "file": one.file,
            "line": one.line,
            "address": one.address,
            "expired": one.expired(today),
        }
        for one in code.kept
    ]
