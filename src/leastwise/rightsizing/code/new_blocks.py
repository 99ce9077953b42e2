"""Blocks of Terraform for what no code makes yet, with the import that brings what the cloud has under them."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from leastwise.model.coding import Coding, Made

from .grant_blocks import Grant
from .hcl.aligned import aligned
from .matching import Wanted
from .spans import Refused
from .writing import Style


@dataclass(frozen=True, slots=True)
class NewBlock:
    """A new block, and the expression by which others refer to what it makes."""

    text: str
    refers: str


def new_block(
    wanted: Wanted, owner_id: str, document: Any, codings: Sequence[Coding], *, exists: bool = True,
    taken: Collection[str] = (), refers: str = "",
) -> NewBlock:  # fmt: skip
    """A resource of Terraform for a document or attachment that no code makes, with an import block if the cloud has
    it.

    `owner_id` tells which kind of owner it is put on, `taken` are the addresses that there are, `refers` is the
    expression that names the bundle where code makes it. Raises Refused where none of the codings says how.
    """
    made, named = _made(wanted, owner_id, codings)
    words = {"owner": wanted.owner, "policy": wanted.policy, "id": wanted.id, **named}
    missing = [
        one for one in words if not words[one] and f"{{{one}}}" in "".join((*made.attributes.values(), made.imported))
    ]
    if missing:
        raise Refused(f"a block of {made.type} needs the {missing[0]}, which is not known")
    style = Style("hcl", indent="  ")
    lines = [
        f"  {name} = {refers}" if refers and text == "{id}" else f"  {style.entry(name, text.format(**words))}"
        for name, text in made.attributes.items()
    ]
    for name, path in made.taken.items():
        if (value := at(document, path)) not in (None, "", []):
            lines.append(f"  {style.entry(name, value)}")
    for name, (path, keys) in made.nested.items():
        for one in at(document, path) or ():
            inner = style.deeper()
            held = [f"    {inner.entry(key, one[of])}" for key, of in keys.items() if one.get(of)]
            lines += ["", f"  {name} {{", *held, "  }"]
    if made.document:
        lines += ["", f"  {made.document} = jsonencode({style.value(document)})"]
    label = _free(_label(wanted), made.type, taken)
    blocks = [f'resource "{made.type}" "{label}" {{', *lines, "}", ""]
    if exists:
        name = Style("hcl").scalar(made.imported.format(**words))
        blocks += ["import {", f"  to = {made.type}.{label}", f"  id = {name}", "}", ""]
    text = "\n".join(blocks)
    return NewBlock(aligned(text, 0, len(text)), f"{made.type}.{label}.{made.refers}" if made.refers else "")


def new_grant(grant: Grant, old: Grant | None, coding: Coding) -> str:
    """A resource of Terraform for a grant that no code makes, with an import of the one whose place it takes.

    Terraform then replaces what it imported. Nothing is imported where the vendor names grants by ids of their own.
    Raises Refused where no form is known, and for a grant under a condition.
    """
    if grant.wanted.terms:
        raise Refused("a grant under a condition is written beside one that has it")
    made, words = _grant_form(grant, coding)
    named = {"policy": grant.policy, "title": grant.title, "owner": grant.wanted.owner, **words}
    style = Style("hcl", indent="  ")
    lines = []
    for name, text in made.attributes.items():
        if text in ("{policy}", "{title}") and grant.refers:
            lines.append(f"  {made.by or name} = {grant.refers}")
        else:
            lines.append(f"  {style.entry(name, text.format(**named))}")
    label = _word(f"{grant.wanted.owner.partition('@')[0].rpartition(':')[2]}_{grant.title or grant.policy}")
    blocks = [f'resource "{made.type}" "{label}" {{', *lines, "}", ""]
    if old is not None and "{id}" not in made.imported:
        form, where = _grant_form(old, coding)
        if form.type == made.type:
            id = form.imported.format(policy=old.policy, title=old.title, owner=old.wanted.owner, **where)
            blocks += ["import {", f"  to = {made.type}.{label}", f"  id = {Style('hcl').scalar(id)}", "}", ""]
    text = "\n".join(blocks)
    return aligned(text, 0, len(text))


def _grant_form(grant: Grant, coding: Coding) -> tuple[Made, Mapping[str, str]]:
    for one in coding.made:
        found = re.fullmatch(one.on, grant.scope) if one.kind == "attachment" and one.on else None
        if found is not None and one.layer == grant.wanted.layer:
            return one, found.groupdict()
    raise Refused(f"no form of Terraform is known for a grant on {grant.scope}")


def at(document: Any, path: Sequence[str]) -> Any:
    """What lies at a path of a document, a number being the place in a list; None where nothing does."""
    for step in path:
        if isinstance(document, Mapping):
            document = document.get(step)
        elif isinstance(document, list | tuple) and step.isdigit() and int(step) < len(document):
            document = document[int(step)]
        else:
            return None
    return document


def _free(label: str, kind: str, taken: Collection[str]) -> str:
    """A label that nothing of that type has."""
    return next(one for one in (label, *(f"{label}_{n}" for n in range(2, 10_000))) if f"{kind}.{one}" not in taken)


def _made(wanted: Wanted, owner_id: str, codings: Sequence[Coding]) -> tuple[Made, Mapping[str, str]]:
    for coding in (one for one in codings if wanted.provider in ("", one.provider)):
        for one in coding.made:
            if (one.kind, one.layer) == (wanted.kind, wanted.layer) and one.sign in owner_id:
                found = re.fullmatch(one.on, wanted.id) if one.on else None
                if found is not None or not one.on:
                    return one, found.groupdict() if found is not None else {}
    raise Refused(
        f"no form of Terraform is known for a new {wanted.kind} of the layer {wanted.layer} on {owner_id or 'this'}"
    )


def _label(wanted: Wanted) -> str:
    """A label that is a word, from the names."""
    parts = [
        wanted.owner,
        wanted.policy if wanted.kind == "document" else (wanted.policy or wanted.id.rpartition("/")[2]),
    ]
    names = "_".join(dict.fromkeys(part for part in parts if part))
    return _word(names)


def _word(names: str) -> str:
    word = re.sub(r"\W+", "_", names, flags=re.ASCII).strip("_").lower()
    return word if word[:1].isalpha() else f"of_{word}"
