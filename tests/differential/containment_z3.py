"""Policy documents as z3 understands them: regular expressions over texts, written from AWS's pages alone.

Reads one value of a key at most, ARNs of six fields, and no variables. Nothing of the product is used.
"""

from __future__ import annotations

from ipaddress import ip_network
from typing import Any

import z3

_ANY = z3.AllChar(z3.ReSort(z3.StringSort()))
_WITHIN = z3.Union(z3.Range("\0", "9"), z3.Range(";", "\uffff"))


def outside(inner: dict[str, Any], outer: dict[str, Any], milliseconds: int) -> bool | None:
    """Whether some request is allowed by one document and not by the other; None where z3 does not know in time."""
    solver = z3.Solver()
    solver.set("timeout", milliseconds)
    asked = _Asked()
    solver.add(asked.possible(), asked.allowed(inner), z3.Not(asked.allowed(outer)))
    found = solver.check()
    return None if found == z3.unknown else bool(found == z3.sat)


class _Asked:
    """One request that is not known."""

    def __init__(self) -> None:
        self.action, self.resource = z3.String("action"), z3.String("resource")
        self.keys: dict[str, tuple[Any, Any]] = {}

    def possible(self) -> Any:
        lower = z3.Union(z3.Range("\0", "@"), z3.Range("[", "\uffff"))
        within = z3.Intersect(lower, _WITHIN)
        action = z3.Concat(z3.Plus(within), z3.Re(":"), z3.Plus(lower))
        star = z3.Star(_WITHIN)
        arn = [z3.Re("arn:"), z3.Plus(_WITHIN), z3.Re(":"), z3.Plus(_WITHIN), z3.Re(":"), star, z3.Re(":"), star]
        resource = z3.Union(z3.Re("*"), z3.Concat(*arn, z3.Re(":"), z3.Plus(_ANY)))
        return z3.And(z3.InRe(self.action, action), z3.InRe(self.resource, resource))

    def allowed(self, document: dict[str, Any]) -> Any:
        said = {"Allow": [z3.BoolVal(False)], "Deny": [z3.BoolVal(False)]}
        for one in document["Statement"]:
            said[one["Effect"]].append(self._applies(one))
        return z3.And(z3.Or(said["Allow"]), z3.Not(z3.Or(said["Deny"])))

    def _applies(self, one: dict[str, Any]) -> Any:
        parts = [
            self._element(one, "Action", lambda text: z3.InRe(self.action, _action(text))),
            self._element(one, "Resource", lambda text: z3.InRe(self.resource, _resource(text))),
        ]
        for operator, keys in one.get("Condition", {}).items():
            parts += [self._test(operator, key, _list(value)) for key, value in keys.items()]
        return z3.And(parts)

    def _element(self, one: dict[str, Any], name: str, read: Any) -> Any:
        if name in one:
            return z3.Or([read(text) for text in _list(one[name])])
        return z3.Not(z3.Or([read(text) for text in _list(one[f"Not{name}"])]))

    def _key(self, key: str, build: Any) -> tuple[Any, Any]:
        if key not in self.keys:
            self.keys[key] = z3.Bool(f"{key} present"), build(key)
        return self.keys[key]

    def _test(self, operator: str, key: str, values: list[str]) -> Any:
        plain = operator.removesuffix("IfExists")
        if plain == "Null":
            present, value = self._key(key, z3.String)
            # An empty value is none.
            present = z3.And(present, value != z3.StringVal(""))
            return z3.Or([z3.Not(present) if one == "true" else present for one in values])
        if plain.startswith("Numeric"):
            present, met = self._number(plain, key, values)
        elif plain == "Bool":
            present, value = self._key(key, z3.Int)  # 1 true, 0 false, others unreadable
            met = z3.Or([value == (1 if one == "true" else 0) for one in values])
        elif plain.endswith("IpAddress"):
            present, met = self._address(plain, key, values)
        else:
            present, value = self._key(key, z3.String)
            met = z3.Or([z3.InRe(value, _text(one, like="Like" in plain)) for one in values])
            met = z3.Not(met) if "Not" in plain else met
        absent = operator.endswith("IfExists") or "Not" in plain
        return z3.If(present, met, z3.BoolVal(absent))

    def _number(self, plain: str, key: str, values: list[str]) -> tuple[Any, Any]:
        present, value = self._key(key, z3.Real)
        readable = z3.Bool(f"{key} readable")
        compare = {
            "NumericLessThan": lambda one: value < one,
            "NumericLessThanEquals": lambda one: value <= one,
            "NumericGreaterThan": lambda one: value > one,
            "NumericEquals": lambda one: value == one,
            "NumericNotEquals": lambda one: value == one,
        }[plain]
        met = z3.Or([compare(z3.RealVal(one)) for one in values])
        return present, z3.And(readable, z3.Not(met) if "Not" in plain else met)

    def _address(self, plain: str, key: str, values: list[str]) -> tuple[Any, Any]:
        present, value = self._key(key, z3.Int)
        readable, fourth = z3.Bool(f"{key} readable"), z3.And(value >= 0, value < 2**32)
        ranges = [ip_network(one) for one in values]
        met = z3.And(
            fourth,
            z3.Or([z3.And(value >= int(one[0]), value <= int(one[-1])) for one in ranges]),
        )
        return present, z3.And(readable, z3.Not(met) if "Not" in plain else met)


def _list(value: Any) -> list[str]:
    return value if isinstance(value, list) else [value]


def _signs(text: str, letter: Any) -> Any:
    parts = [z3.Star(letter) if sign == "*" else letter if sign == "?" else z3.Re(sign) for sign in text]
    return z3.Concat(*parts) if len(parts) > 1 else parts[0] if parts else z3.Re("")


def _text(text: str, *, like: bool) -> Any:
    return _signs(text, _ANY) if like else z3.Re(text)


def _action(text: str) -> Any:
    return _signs("*" if text == "*:*" else text.lower(), _ANY)


def _resource(text: str) -> Any:
    if not text.startswith("arn:"):
        return _signs(text, _ANY)
    fields = text.split(":", 5)
    parts = [part for field in fields[:5] for part in (_signs(field, _WITHIN), z3.Re(":"))]
    return z3.Concat(*parts, _signs(fields[5], _ANY))
