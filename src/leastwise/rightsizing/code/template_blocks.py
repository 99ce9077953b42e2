"""New resources in templates of CloudFormation, for what no code makes yet."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Sequence
from typing import Any

from leastwise.model.coding import Coding, Made

from .granting import sign_of_place
from .index import Index
from .indexing import indexed_with
from .json_text import read_json
from .located import Mapped, Scalar, same, value_of
from .matching import Wanted, surely
from .rewriting import assembled, parts_of, style_of
from .segments import rebuilt
from .spans import Refused, line_end_of
from .splicing import Spliced
from .templates import child
from .writing import Style
from .yaml_text import read_yaml

_WORD = re.compile(r"[^A-Za-z0-9]+")


def with_resource(
    found: Index, file: str, wanted: Wanted, owner_id: str, document: Any, codings: Sequence[Coding]
) -> Spliced:
    """A template with a resource for a new document behind its others; comments and all else stay.

    Raises Refused where the file is no template, where none of the codings says how, and where the changed template
    would not surely give what is wanted.
    """
    if not any(one.file == file and one.language == "cloudformation" for one in found.places):
        raise Refused(f"{file} is no file of Terraform, nor a template that gives something")
    text = found.texts[file]
    root = read_json(text) if text.lstrip("\ufeff \t\r\n").startswith("{") else read_yaml(text)
    resources = child(root, "Resources")
    if not isinstance(resources, Mapped) or not resources.entries:
        raise Refused(f"the resources of {file} are computed")
    made = _made(wanted, owner_id, codings)
    words = {"owner": wanted.owner, "policy": wanted.policy, "id": wanted.id}
    properties: dict[str, Any] = {name: one.format(**words) for name, one in made.attributes.items()}
    for name, one in made.attributes.items():
        if one == "{owner}" and (logical := _logical(found, file, resources, wanted, made)):
            properties[name] = {"Ref": logical}
    properties[made.document] = document
    label = _label(wanted, {str(one.key) for one in resources.entries})
    style = style_of(text, resources, Style("hcl", line=line_end_of(text)))
    entry = style.entry(label, {"Type": made.type, "Properties": properties})
    parts = parts_of(text, resources, style)
    inner = rebuilt(parts, {}, {len(resources.entries): [entry]})
    after = text[: resources.begin] + assembled(text, resources, inner) + text[resources.end :]
    _verify(found, file, after, wanted, document, codings)
    return Spliced(file, text, after)


def _made(wanted: Wanted, owner_id: str, codings: Sequence[Coding]) -> Made:
    for coding in (one for one in codings if wanted.provider in ("", one.provider)):
        for one in coding.templated:
            if (one.kind, one.layer) == (wanted.kind, wanted.layer) and one.sign in owner_id:
                return one
    raise Refused(f"no resource of a template is known for a new {wanted.kind} of the layer {wanted.layer}")


def _logical(found: Index, file: str, resources: Mapped, wanted: Wanted, made: Made) -> str:
    """The resource of the template that is the owner, so that it is made first; empty where it stands elsewhere."""
    kind = made.type.removesuffix("Policy")
    for one in found.places:
        if one.file == file and wanted.owner and one.owner.text == wanted.owner and one.owner.refers:
            told = child(child(resources, one.owner.refers), "Type")
            if isinstance(told, Scalar) and told.value == kind:
                return one.owner.refers
    return ""


def _label(wanted: Wanted, taken: Collection[str]) -> str:
    """A logical id that no other resource has."""
    words = _WORD.split(f"{wanted.owner} {wanted.policy}")
    base = "".join(f"{one[:1].upper()}{one[1:]}" for one in words)[:200] or "Policy"
    return next(one for one in (base, *(f"{base}{n}" for n in range(2, 10_000))) if one not in taken)


def _verify(found: Index, file: str, after: str, wanted: Wanted, document: Any, codings: Sequence[Coding]) -> None:
    """Raises Refused unless the changed template, read again, gives what is wanted, and all else as it was."""
    again = indexed_with(found, file, after, codings)
    if new := [one for one in again.faults if one not in found.faults]:
        raise Refused(f"the changed template could not be read again: {new[0]}")
    was, now = (Counter(sign_of_place(one) for one in side.places if one.file == file) for side in (found, again))
    come = now - was
    fitting = [one for one in again.places if one.file == file and come[sign_of_place(one)] and surely(one, wanted)]
    written = [one.node for one in fitting if one.node is not None and same(value_of(one.node), document)]
    if was - now or come.total() != 1 or len(written) != 1:
        raise Refused("the changed template would not surely give what is wanted and all else as before")
