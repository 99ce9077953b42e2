"""Blocks of Terraform for what no code makes yet, with the import that brings what the cloud has under them."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from leastwise.model.coding import Coding, Made

from .hcl.aligned import aligned
from .matching import Wanted
from .spans import Refused
from .writing import Style


def new_block(wanted: Wanted, owner_id: str, document: Any, codings: Sequence[Coding], *, exists: bool = True) -> str:
    """A resource of Terraform for a document or attachment that no code makes, with an import block if the cloud has
    it.

    `owner_id` tells which kind of owner it is put on. Raises Refused where none of the codings says how.
    """
    made = _made(wanted, owner_id, codings)
    words = {"owner": wanted.owner, "policy": wanted.policy, "id": wanted.id}
    missing = [
        one for one in words if not words[one] and f"{{{one}}}" in "".join((*made.attributes.values(), made.imported))
    ]
    if missing:
        raise Refused(f"a block of {made.type} needs the {missing[0]}, which is not known")
    style = Style("hcl", indent="  ")
    lines = [f"  {style.entry(name, text.format(**words))}" for name, text in made.attributes.items()]
    if made.document:
        lines += ["", f"  {made.document} = jsonencode({style.value(document)})"]
    label = _label(wanted)
    blocks = [f'resource "{made.type}" "{label}" {{', *lines, "}", ""]
    if exists:
        name = Style("hcl").scalar(made.imported.format(**words))
        blocks += ["import {", f"  to = {made.type}.{label}", f"  id = {name}", "}", ""]
    text = "\n".join(blocks)
    return aligned(text, 0, len(text))


def _made(wanted: Wanted, owner_id: str, codings: Sequence[Coding]) -> Made:
    for coding in codings:
        for one in coding.made:
            if (one.kind, one.layer) == (wanted.kind, wanted.layer) and one.sign in owner_id:
                return one
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
    word = re.sub(r"\W+", "_", names, flags=re.ASCII).strip("_").lower()
    return word if word[:1].isalpha() else f"of_{word}"
