"""Files as an index: what each is, and what is found in it. Pure: whoever calls has read them."""

from __future__ import annotations

import json
import posixpath
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from leastwise.errors import InputError
from leastwise.model.coding import Coding

from .folders import Folder, folders, spans_of
from .foreign import BICEP, PROGRAMS, foreign
from .hcl.parse import parse
from .index import FileRead, Index
from .json_text import read_json
from .located import Mapped
from .places import Foreign, Place
from .spans import Malformed, place_of
from .states import Known, is_state, read_state
from .templates import child, template_places
from .terraform import folder_places, shared
from .yaml_text import read_yaml

TERRAFORM = (".tf", ".tofu")
TERRAFORM_JSON = (".tf.json", ".tofu.json")
STATES = (".tfstate",)
TEMPLATES = (".yaml", ".yml", ".json", ".template")
READ = (*TERRAFORM, *STATES, *TEMPLATES, *PROGRAMS, BICEP)
"""Endings of files that are read at all."""


def index(texts: Mapping[str, str], codings: Sequence[Coding], states: Mapping[str, str] | None = None) -> Index:
    """What files of code hold. A file that cannot be read is told among the faults, and the others go on.

    `states` are files that were named as state: they must be state. Raises InputError where one is not.
    """
    known: dict[str, Known] = {}
    for file, text in sorted((states or {}).items()):
        found = _loaded(file, text)
        if not is_state(found):
            raise InputError(file, "is no state of Terraform, nor what `terraform show -json` prints")
        known |= read_state(file, found, codings)
    reads = {file: _read(file, text, codings) for file, text in sorted(texts.items())}
    return _indexed(dict(texts), reads, known, codings)


def _indexed(
    texts: dict[str, str], reads: dict[str, FileRead], given: Mapping[str, Known], codings: Sequence[Coding]
) -> Index:
    parsed = {file: one.parsed for file, one in reads.items() if one.parsed is not None}
    known = dict(given)
    for one in reads.values():
        known |= one.known
    found = folders(texts, parsed)
    places = shared([place for folder in found.values() for place in folder_places(texts, folder, codings, known)])
    return Index(
        texts,
        (*places, *(place for one in reads.values() for place in one.places)),
        tuple(one.foreign for one in reads.values() if one.foreign),
        tuple(one.fault for one in reads.values() if one.fault),
        found,
        reads,
        known,
    )


def around(found: Index, place: Place) -> Index:
    """What a change of a place can touch: the folder of Terraform, or the template, that it stands in."""
    if place.language != "terraform":
        return replace(found, places=found.by_scope[place.file], foreign=(), faults=(), folders={})
    folder = posixpath.dirname(place.home)
    return replace(
        found, places=found.by_scope[f"{folder}/"], foreign=(), faults=(), folders={folder: found.folders[folder]}
    )


def indexed_again(part: Index, file: str, text: str, codings: Sequence[Coding]) -> Index:
    """What `around` gave, with another text of one file."""
    texts = {**part.texts, file: text}
    read = _read(file, text, codings)
    places = list(read.places)
    made: dict[str, Folder] = {}
    for path, folder in part.folders.items():
        files = {**folder.files, file: read.parsed} if file in folder.files and read.parsed else folder.files
        made[path] = folder.changed(texts, files)
        places += folder_places(texts, made[path], codings, part.known)
    faults = (read.fault,) if read.fault else ()
    reads = {**part.reads, file: read}
    return replace(part, texts=texts, places=tuple(places), faults=faults, folders=made, reads=reads)


def indexed_with(found: Index, file: str, text: str, codings: Sequence[Coding]) -> Index:
    """The index with another text of one file, or with a file more; what it does not touch is not read again."""
    texts = {**found.texts, file: text}
    read = _read(file, text, codings)
    touched = {posixpath.dirname(one.home) for one in found.places if one.home and file in (one.file, one.home)}
    places = [one for one in found.places if one.home or one.file != file]
    made = dict(found.folders)
    if read.parsed is not None:
        touched.add(posixpath.dirname(file))
    for path in sorted(touched):
        folder = made.get(path, Folder(path, texts))
        files = {**folder.files, file: read.parsed} if read.parsed and posixpath.dirname(file) == path else folder.files
        made[path] = folder.changed(texts, files)
        places = [one for one in places if not one.home or posixpath.dirname(one.home) != path]
        places += folder_places(texts, made[path], codings, found.known)
    reads = {**found.reads, file: read}
    faults = tuple(one.fault for one in reads.values() if one.fault)
    return replace(found, texts=texts, places=(*shared(places), *read.places), faults=faults, folders=made, reads=reads)


def _read(file: str, text: str, codings: Sequence[Coding]) -> FileRead:
    """What a file holds by itself."""
    try:
        if file.endswith(TERRAFORM):
            root = parse(text)
            return FileRead(parsed=root, spans=tuple(spans_of(root)))
        if file.endswith(TERRAFORM_JSON):
            return FileRead(foreign=_terraform_json(file, text, codings))
        if file.endswith(STATES):
            return FileRead(known=_state(file, text, codings))
        if file.endswith(TEMPLATES):
            return _template(file, text, codings)
        return FileRead(foreign=foreign(file, text) if file.endswith((*PROGRAMS, BICEP)) else None)
    except Malformed as error:
        return FileRead(fault=str(InputError(file, error.cause, place_of(text, error.offset))))
    except InputError as error:
        return FileRead(fault=str(error))


def _state(file: str, text: str, codings: Sequence[Coding]) -> dict[str, Known]:
    found = _loaded(file, text)
    if not is_state(found):
        raise InputError(file, "is no state of Terraform")
    return read_state(file, found, codings)


def _terraform_json(file: str, text: str, codings: Sequence[Coding]) -> Foreign | None:
    kinds = {one.type for coding in codings for one in coding.carriers}
    kinds |= {one.type for coding in codings for one in coding.attachers}
    resources = child(read_json(text), "resource")
    held = [str(one.key) for one in resources.entries if one.key in kinds] if isinstance(resources, Mapped) else []
    if not held:
        return None
    why = f"Terraform in JSON ({', '.join(held)}): documents in it are texts in texts, and are not edited"
    return Foreign(file, "terraform json", why)


def _template(file: str, text: str, codings: Sequence[Coding]) -> FileRead:
    """A template or state, if it is one: any other JSON or YAML is not looked at."""
    if file.endswith(".json") and ('"terraform_version"' in text or '"format_version"' in text):
        found = _loaded(file, text)
        if is_state(found):
            return FileRead(known=read_state(file, found, codings))
    if "Resources" not in text or not any(mark in text for coding in codings for mark in coding.marks):
        return FileRead()
    root = read_json(text) if text.lstrip("\ufeff \t\r\n").startswith("{") else read_yaml(text)
    places, spans = template_places(file, text, root, codings)
    return FileRead(places=tuple(places), spans=tuple(spans))


def _loaded(file: str, text: str) -> Any:
    try:
        return json.loads(text)
    except (ValueError, RecursionError) as error:
        cause = "is nested too deeply" if isinstance(error, RecursionError) else f"is no JSON: {error}"
        raise InputError(file, cause) from None
