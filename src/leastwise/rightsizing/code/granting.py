"""A grant in code that others take the place of: changed where it stands, or written beside it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from leastwise.model.coding import Coding

from .cutting import entry_cut
from .grant_blocks import Grant, Writing, attacher_of, behind, block_at, block_text, joined
from .hcl.reading import node_of
from .index import Index
from .indexing import around, indexed_again
from .located import Listing, Mapped
from .matching import Wanted, surely
from .places import Place
from .rewriting import assembled, parts_of, style_of
from .segments import rebuilt
from .spans import Refused, indent_of, line_end_of
from .splicing import Spliced, detach, without_item
from .writing import Style


def exchange(found: Index, place: Place, grants: Sequence[Grant], codings: Sequence[Coding]) -> Spliced:
    """The file with other grants in the place of one. Raises Refused where that cannot be written there."""
    if place.why or place.cut is None:
        raise Refused(place.why or "is no attachment")
    if not grants:
        return detach(found, place, codings)
    text = found.texts[place.file]
    writing = Writing.of(found, place, codings)
    if place.listed or place.closed == "scope":
        made = [writing.beside(one) for one in grants]
        # What is written stands behind what is taken away, which keeps its place.
        after = behind(text, writing.top, made)
        if place.listed:
            assert isinstance(place.node, Listing)
            after = entry_cut(after, place.node, place.cut[0])
        else:
            after = without_item(after, place.cut)
    else:
        first, *others = grants
        made = [writing.changed(first), *(writing.beside(one) for one in others)]
        after = text[: writing.outer.begin] + joined(made, line_end_of(text)) + text[writing.outer.end :]
    _verify(found, place, place.file, after, [place], grants, codings)
    return Spliced(place.file, text, after)


def join(found: Index, host: Place, grant: Grant, owner: str, codings: Sequence[Coding]) -> Spliced:
    """The file with a grant among those that name everybody who has it there. Raises Refused.

    `owner` is the expression that names whom it is given to.
    """
    if host.why or host.cut is None:
        raise Refused(f"{host.address} ({host.file}:{host.line}) cannot be edited: {host.why}")
    text = found.texts[host.file]
    block = block_at(text, host.cut[0])
    attacher = attacher_of(host, codings, block)
    if surely_same(host, grant):
        listed = block.attribute(attacher.to[0][-1])
        node = None if listed is None else node_of(text, listed.value)
        if not isinstance(node, Listing):
            raise Refused(f"{host.address} ({host.file}:{host.line}) names its owners by what is computed")
        style = style_of(text, node, Style("hcl", line=line_end_of(text)))
        inner = rebuilt(parts_of(text, node, style), {}, {len(node.entries): [owner]})
        after = text[: node.begin] + assembled(text, node, inner) + text[node.end :]
    else:
        style = Style("hcl", indent=indent_of(text, block.begin), line=line_end_of(text))
        bundle = grant.refers or style.scalar(grant.policy)
        told = {attacher.bundle[-1]: bundle, attacher.to[0][-1]: f"[{owner}]"}
        if grant.wanted.terms:
            raise Refused(f"{host.address} ({host.file}:{host.line}) has no block for that condition yet")
        after = behind(text, block, [block_text(attacher.block, (), told, (), style)])
    _verify(found, host, host.file, after, [], [grant], codings)
    return Spliced(host.file, text, after)


def governing(found: Index, grant: Grant, provider: str) -> Place | None:
    """What names everybody who has that bundle, or anything, where a grant is to be; None where nothing does.

    Raises Refused where that is not known.
    """
    wanted, hosts = grant.wanted, list[Place]()
    for one in found.places:
        if (
            not one.closed
            or one.provider != provider
            or not any(one.on.may_be(name, fold=wanted.fold) for name in wanted.on)
        ):
            continue
        if one.closed == "bundle" and not _may_have(one, wanted):
            continue
        where = f"{one.address} ({one.file}:{one.line})"
        if one.on.why or (one.closed == "bundle" and (one.policy.why or one.terms.why)):
            why = one.on.why or one.policy.why or one.terms.why
            raise Refused(f"{where} may name everybody who has it there, which is computed ({why}): state would tell")
        if one.why:
            raise Refused(f"{where} names everybody who has it there and cannot be edited: {one.why}")
        hosts.append(one)
    return next((one for one in hosts if surely_same(one, grant)), hosts[0] if hosts else None)


def _may_have(one: Place, wanted: Wanted) -> bool:
    """Whether what names everybody who has a bundle may be about this one, on these terms."""
    named = any(one.policy.may_be(name, fold=wanted.fold) for name in (*wanted.policies, wanted.id) if name)
    return named and (bool(one.terms.why) or one.terms.text == wanted.terms)


def surely_same(host: Place, grant: Grant) -> bool:
    """Whether an attachment gives the same bundle on the same terms as a grant, to whomever."""
    wanted = grant.wanted
    return (
        not host.policy.why and not host.terms.why and host.terms.text == wanted.terms
        and any(host.policy.may_be(one, fold=wanted.fold) for one in (*wanted.policies, wanted.id) if one)
    )  # fmt: skip


def _verify(
    found: Index, place: Place, file: str, after: str, gone: Sequence[Place], grants: Sequence[Grant],
    codings: Sequence[Coding],
) -> None:  # fmt: skip
    """Raises Refused unless the changed file, read again, gives what was wanted, and all else as it was."""
    part = around(found, place)
    again = indexed_again(part, file, after, codings)
    if again.faults:
        raise Refused(f"the changed file could not be read again: {again.faults[0]}")
    was, now = (Counter(sign_of_place(one) for one in side.places) for side in (part, again))
    was.subtract(Counter(sign_of_place(one) for one in gone))
    lost, come = +(was - now), now - was
    if lost or any(count < 0 for count in was.values()):
        raise Refused("something else would change with it")
    new = [one for one in again.places if come[sign_of_place(one)] > 0]
    if come.total() != len(grants):
        raise Refused("the changed file would give other grants than are wanted")
    for grant in grants:
        fitting = [one for one in new if surely(one, grant.wanted) and not one.why]
        if len(fitting) != 1:
            raise Refused("the changed file would not surely give what is wanted")


def sign_of_place(place: Place) -> tuple[object, ...]:
    """What a place gives, equal for places that give the same, wherever in the file they stand."""
    return (
        place.file, place.kind, place.layer, place.policy, place.owner, place.on, place.terms, place.closed, place.why,
        place.provider, _spoken(place.node) if place.kind == "document" else "",
    )  # fmt: skip


def _spoken(node: object) -> str:
    if isinstance(node, Listing | Mapped):
        return f"[{','.join(f'{one.key}:{_spoken(one.value)}' for one in node.entries)}]"
    return f"{getattr(node, 'why', '')}{getattr(node, 'value', '')!r}"
