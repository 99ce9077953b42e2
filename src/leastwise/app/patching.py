"""Recommendations written into the code that their documents come from: a patch, or the text of an issue."""

from __future__ import annotations

import fnmatch
import json
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from leastwise.model.plan import Change, Recommendation
from leastwise.rightsizing.code.editing import Editing
from leastwise.rightsizing.code.keeps import Keep
from leastwise.rightsizing.code.matching import Wanted
from leastwise.rightsizing.code.places import Place
from leastwise.rightsizing.code.spans import Refused

from .code_index import Code


@dataclass(frozen=True, slots=True)
class Patched:
    """What of the changes of a recommendation was written into code.

    Args:
        files: that change.
        patch: what `git apply` takes, from the repository's root.
        owner: who owns these files, by CODEOWNERS; empty where nobody is named.
        refused: what could not be written, each with why.
        places: that were written to.
        suggested: Terraform for what no code makes yet, to be put where it belongs; empty for nothing.
    """

    files: tuple[str, ...]
    patch: str
    owner: str
    refused: tuple[str, ...]
    places: tuple[Place, ...] = ()
    suggested: str = ""

    @property
    def whole(self) -> bool:
        """Whether all of it was."""
        return not self.refused


def patched(
    code: Code, found: Recommendation, names: Mapping[str, str], *, alone: bool, editing: Editing | None = None
) -> Patched:
    """The patch of one recommendation.

    Args:
        code: that was read.
        found: with its changes.
        names: of principals and of bundles of customers by their ids; the vendor's own bundles are not among them.
        alone: nobody else of the estate has the principal's name: code does not say which account it is applied to.
        editing: where other changes were made to the code before; None for none. The patch is of all of them.
    """
    if not found.changes:
        return Patched((), "", "", ())
    if not alone:
        why = "several accounts have a principal of that name, and code does not say to which it is applied"
        return Patched((), "", "", (why,))
    editing = Editing(code.index, code.codings) if editing is None else editing
    places: list[Place] = []
    refused: list[str] = []
    later = [one for one in found.changes if _new(one)]
    made: dict[str, str] = {}
    for one in (*(each for each in found.changes if not _new(each)), *later):
        try:
            places += _made(editing, one, names, places, made)
        except Refused as error:
            refused.append(f"{one.verb} {one.told.get('policy') or one.told.get('group')}: {error}")
    owners = dict.fromkeys(owner for place in places if (owner := code.owner_of(place)))
    files = tuple(one.file for one in editing.changed())
    return Patched(files, editing.patch(), " ".join(owners), tuple(refused), tuple(places))


def _new(change: Change) -> bool:
    """Whether it brings a document, or an attachment, that was not there."""
    return change.verb in ("create", "attach") or (
        change.verb == "put" and any(one.verb == "remove" for one in change.inverse)
    )


def _made(
    editing: Editing, change: Change, names: Mapping[str, str], places: Sequence[Place], made: dict[str, str]
) -> Iterable[Place]:
    """The places that one change is written to; bundles that code makes are noted, with what refers to them.

    Raises Refused.
    """
    told = change.told
    match change.verb:
        case "put" if _new(change):
            return [_added(editing, change, names, places)]
        case "put":
            return [editing.put(_document(change, names), told["document"])]
        case "remove":
            return [editing.take(_document(change, names))]
        case "create":
            return [_created(editing, told, places, made)]
        case "attach" if told["policy"] in made:
            return [_attached(editing, told, names, places, made[str(told["policy"])])]
        case "attach":
            raise Refused("nothing in code is attached yet that shows how: write it beside the others")
        case "detach":
            return [editing.take(_attachment(change, names))]
    raise Refused("groups are not changed in code")


def _document(change: Change, names: Mapping[str, str]) -> Wanted:
    """The document as it stands, as the cloud tells it."""
    told, before = change.told, change.inverse[0].told["document"]
    if "on" not in told:
        return Wanted("document", "bundle", policy=_name(told["policy"], names), id=told["policy"], document=before)
    on = str(told["on"])
    name = _name(on, names)
    return Wanted("document", str(told["layer"]), name, str(told["policy"]), document=before, owner_id=on)


def _attachment(change: Change, names: Mapping[str, str]) -> Wanted:
    told = change.told
    on, policy = str(told["from"]), str(told["policy"])
    return Wanted("attachment", str(told["layer"]), _name(on, names), names.get(policy, ""), id=policy, owner_id=on)


def _added(editing: Editing, change: Change, names: Mapping[str, str], places: Sequence[Place]) -> Place:
    """A document that no code makes yet, in the file of what it takes the place of."""
    if not places:
        raise Refused("nothing else of this principal stands in code, so that it is not known where it belongs")
    told, place = change.told, places[-1]
    on = str(told["on"])
    wanted = Wanted("document", str(told["layer"]), _name(on, names), str(told["policy"]), owner_id=on)
    editing.add(place.file, wanted, on, told["document"])
    return place


def _created(editing: Editing, told: Mapping[str, Any], places: Sequence[Place], made: dict[str, str]) -> Place:
    """A bundle that was not there, in the file of what it takes the place of."""
    if not places:
        raise Refused("nothing else of this principal stands in code, so that it is not known where it belongs")
    id, place = str(told["policy"]), places[-1]
    if place.language != "terraform":
        raise Refused("a bundle and who has it are not added to templates")
    wanted = Wanted("document", "bundle", policy=id.rpartition("/")[2], id=id, provider=place.provider)
    made[id] = editing.add(place.file, wanted, "", told["document"])
    return place


def _attached(
    editing: Editing, told: Mapping[str, Any], names: Mapping[str, str], places: Sequence[Place], refers: str
) -> Place:
    """An attachment of a bundle that code makes anew."""
    id, on, place = str(told["policy"]), str(told["to"]), places[-1]
    wanted = Wanted("attachment", str(told["layer"]), _name(on, names), id.rpartition("/")[2], id=id, owner_id=on)
    editing.add(place.file, wanted, on, refers=refers)
    return place


def _name(id: str, names: Mapping[str, str]) -> str:
    """Raises Refused where the estate does not tell it."""
    if id not in names:
        raise Refused(f"the estate does not tell the name of {id}")
    return names[id]


def kept_on_purpose(
    kept: Sequence[Keep],
    places: Sequence[Place],
    principal: str,
    name: str,
    granted: Collection[str],
    today: date,
) -> tuple[dict[str, str], list[str]]:
    """What code says is kept of what somebody is granted, by permission with why; and the notes that have expired.

    A note counts for the principals that it names, or whose place it stands at.
    """
    found: dict[str, str] = {}
    expired: list[str] = []
    at = {place.address for place in places if place.owner.text == name}
    for one in kept:
        if not any(fnmatch.fnmatchcase(id, text) for id in (principal, name) for text in one.subjects) and (
            not one.address or one.address not in at
        ):
            continue
        if one.expired(today):
            expired.append(f"{one.file}:{one.line}: keeping {one.permission} ended on {one.until}")
            continue
        why = f"{one.because} (until {one.until}, {one.file}:{one.line})"
        pattern = one.permission.lower()
        found |= {each: why for each in granted if fnmatch.fnmatchcase(each.lower(), pattern)}
    return found, expired


def issue_text(found: Recommendation, made: Patched) -> str:
    """What to ask an owner for what could not be written into code."""
    lines = [f"{found.principal}: {found.sentence}", "", "Could not be written into code:"]
    lines += [f"- {one}" for one in made.refused]
    lines += ["", "Wanted:"]
    lines += [f"- {json.dumps(one.values(), sort_keys=True)}" for one in found.changes]
    if made.suggested:
        lines += ["", "As Terraform, where no code makes it yet:", "", made.suggested.rstrip("\n")]
    return "\n".join(lines)


def patched_values(found: Recommendation, made: Patched) -> dict[str, Any]:
    """The patch as the JSON interface has it; `file` is the first that changes, null where none does."""
    return {
        "file": made.files[0] if made.files else None,
        "files": list(made.files),
        "text": made.patch,
        "owner": made.owner,
        "refused": list(made.refused),
        "issue": issue_text(found, made) if made.refused else "",
    }


def patched_lines(made: Patched) -> Iterator[str]:
    """The patch as people read it."""
    for one in made.refused:
        yield f"  not in code: {one}"
    if made.patch:
        yield f"  code: {', '.join(made.files)}{f' (owner {made.owner})' if made.owner else ''}"
        yield from made.patch.splitlines()
