"""What the policies of many principals come to, in one form: equal forms are equal access, whatever they are made of.

Statements of one effect, resource and condition are one, with all of their actions; what is allowed everywhere and
always is not told again of single resources, and what is denied so is not told as allowed. Forms are made of numbers of
one estate: of atoms (an effect on a resource under a condition) and of sets of actions.
"""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from typing import NamedTuple

import numpy as np
from pyroaring import BitMap

from .access import AwsAccess
from .granted import Granted

Form = frozenset[tuple[int, int]]
"""Atoms with their sets of actions, by number."""


class Atom(NamedTuple):
    """What is said of some actions: whether they are denied, and where.

    Args:
        deny: they are denied.
        about: the resources are those that it is about; else it is about all others.
        resources: their numbers.
        condition: its number, or -1.
        variables: variables in it count.
    """

    deny: bool
    about: bool
    resources: tuple[int, ...]
    condition: int
    variables: bool


class Effect(NamedTuple):
    """What the own policies and the boundary of a principal come to.

    Args:
        own: the form of its own policies.
        bound: that of its boundary; None without one.
        permissions: those that some statement allows, no limit leaves out, and nothing denies everywhere and always.
    """

    own: Form
    bound: Form | None
    permissions: BitMap


class Effects:
    """The effects of one estate's principals; what a document says, and what sets come to, is kept."""

    def __init__(self, access: AwsAccess) -> None:
        self._estate = access.estate
        self._granted = Granted(access)
        self._documents: dict[int, dict[int, int]] = {}
        self._atoms: list[Atom] = []
        self._atom_numbers: dict[Atom, int] = {}
        self._sets: list[BitMap] = []
        self._set_numbers: dict[bytes, int] = {}
        self._unions: dict[tuple[int, int], int] = {}
        self._rests: dict[tuple[int, int], int] = {}
        self._empty = self._set(BitMap())
        arrays, rows = self._estate.arrays, self._estate.rows("st_resource")
        # Lists: single numbers are read, which arrays are slow at.
        self._first: list[int] = arrays["doc_st.starts"].tolist()
        self._deny: list[bool] = arrays["st_deny"].tolist()
        self._sign: list[int] = arrays["resource.sign"].tolist()
        self._condition: list[int] = arrays["st_condition"].tolist()
        self._variables: list[bool] = arrays["st_variables"].tolist()
        self._begins: list[int] = rows.starts.tolist()
        self._values: list[int] = np.asarray(rows.values).tolist()
        self._attached: list[int] = arrays["att.starts"].tolist()
        self._held: list[int] = arrays["att.doc"].tolist()
        texts = self._estate.texts("resource.texts").all()
        self._everything = frozenset(code for code, text in enumerate(texts) if text == "*")
        self._moving = frozenset(code for code, text in enumerate(texts) if "${" in text)
        self._always = tuple(self._atom(Atom(deny, True, (-1,), -1, False)) for deny in (False, True))

    def permissions(self, number: int) -> BitMap:
        """The permissions of a user or role, all of whose policies were read; what they come to is not worked out."""
        said = [self._granted.said(document) for document in self._documents_of(number)]
        permissions = BitMap.union(BitMap(), *(allow for allow, _ in said))
        for _, deny in said:
            if deny:
                permissions -= deny
        for allow, deny in self._granted.limits(number):
            permissions &= allow
            permissions -= deny
        return permissions

    def of(self, number: int, permissions: BitMap | None = None) -> Effect:
        """The effect of a user or role, all of whose policies were read."""
        documents = self._documents_of(number)
        gathered = dict(self._said(documents[0])) if documents else {}
        for document in documents[1:]:
            for atom, actions in self._said(document).items():
                known = gathered.get(atom)
                gathered[atom] = actions if known is None else self._union(known, actions)
        own = self._plain(gathered)
        boundary = int(self._estate.arrays["principal.boundary"][number])
        bound = self._plain(self._said(boundary)) if boundary >= 0 else None
        return Effect(own, bound, self.permissions(number) if permissions is None else permissions)

    def _documents_of(self, number: int) -> list[int]:
        return sorted(set(self._held[self._attached[number] : self._attached[number + 1]]))

    def asks(self, effect: Effect) -> bool:
        """Whether some condition, or a variable, may ask who the principal is."""
        atoms = (self._atoms[atom] for form in (effect.own, effect.bound or ()) for atom, _ in form)
        return any(atom.condition >= 0 or atom.variables for atom in atoms)

    def reduced(self, effect: Effect) -> Hashable:
        """Equal for those who are allowed the same, of what neither limits nor denials take away everywhere."""
        there = effect.permissions
        found = ((atom, self._sets[actions] & there) for atom, actions in effect.own if not self._atoms[atom].deny)
        return frozenset((atom, self._set(actions)) for atom, actions in found if actions)

    def _said(self, document: int) -> Mapping[int, int]:
        known = self._documents.get(document)
        if known is None:
            known = self._documents[document] = {}
            for statement in range(self._first[document], self._first[document + 1]):
                actions = self._set(self._granted.listed(statement))
                for atom in self._about(statement):
                    there = known.get(atom)
                    known[atom] = actions if there is None else self._union(there, actions)
        return known

    def _about(self, statement: int) -> list[int]:
        """An atom for each resource of a statement; one for all that it is not about."""
        deny, condition, about = self._deny[statement], self._condition[statement], self._sign[statement] > 0
        codes = tuple(self._values[self._begins[statement] : self._begins[statement + 1]])
        if about and not self._everything.isdisjoint(codes):
            codes = (-1,)
        variables = self._variables[statement]

        def made(some: tuple[int, ...]) -> int:
            moving = variables and (condition >= 0 or not self._moving.isdisjoint(some))
            return self._atom(Atom(deny, about, some, condition, moving))

        return [made((code,)) for code in codes] if about else [made(tuple(sorted(codes)))]

    def _plain(self, atoms: Mapping[int, int]) -> Form:
        """Without what is said elsewhere of every resource, always."""
        allowed, denied = (atoms.get(one) for one in self._always)
        if allowed is None and denied is None:
            return frozenset(atoms.items())
        found: list[tuple[int, int]] = []
        for atom, actions in atoms.items():
            left, deny = actions, self._atoms[atom].deny
            without = denied if deny else allowed
            if without is not None and atom not in self._always:
                left = self._rest(left, without)
            if denied is not None and not deny:
                left = self._rest(left, denied)
            if left != self._empty:
                found.append((atom, left))
        return frozenset(found)

    # --- numbers

    def _atom(self, atom: Atom) -> int:
        known = self._atom_numbers.get(atom)
        if known is None:
            known = self._atom_numbers[atom] = len(self._atoms)
            self._atoms.append(atom)
        return known

    def _set(self, actions: BitMap) -> int:
        told = actions.to_array().tobytes()
        known = self._set_numbers.get(told)
        if known is None:
            known = self._set_numbers[told] = len(self._sets)
            self._sets.append(actions)
        return known

    def _union(self, one: int, other: int) -> int:
        known = self._unions.get((one, other))
        if known is None:
            known = self._unions[one, other] = self._set(self._sets[one] | self._sets[other])
        return known

    def _rest(self, one: int, without: int) -> int:
        known = self._rests.get((one, without))
        if known is None:
            known = self._rests[one, without] = self._set(self._sets[one] - self._sets[without])
        return known
