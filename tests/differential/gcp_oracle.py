"""The vendor's own runtime of conditions, with the functions that Google Cloud adds to the language."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from cel_expr_python import cel  # type: ignore[import-not-found, import-untyped, unused-ignore]

from leastwise.providers.gcp.evaluate.values import EvaluationError, extract, parse_date
from leastwise.providers.gcp.language.cel import Constant, Stamp

STRING, BOOL = cel.Type.STRING, cel.Type.BOOL
VARIABLES = {
    "request.time": cel.Type.TIMESTAMP,
    "request.path": STRING,
    "request.host": STRING,
    "request.auth.access_levels": cel.Type.List(STRING),
    "resource.name": STRING,
    "resource.type": STRING,
    "resource.service": STRING,
    "destination.ip": STRING,
    "destination.port": cel.Type.INT,
    "principal.type": STRING,
    "principal.subject": STRING,
}


class Oracle:
    """Expressions evaluated where every attribute has a value or is absent.

    Args:
        tags: `key` and `key=value` texts that hold.
        api: attributes of APIs.
        creating: whether a forwarding rule is created.
    """

    def __init__(
        self, tags: frozenset[str] = frozenset(), api: Mapping[str, Any] | None = None, *, creating: bool = False
    ) -> None:
        def getting(name: str, default: Any) -> Any:
            return (api or {}).get(name, default)

        def decl(name: str, parameters: list[Any], result: Any, impl: Any, *, member: bool = False) -> Any:
            overload = cel.Overload(
                f"{name.replace('.', '_')}_{len(parameters)}",
                return_type=result,
                parameters=parameters,
                is_member=member,
                impl=impl,
            )
            return cel.FunctionDecl(name, [overload])

        functions = [
            decl("resource.matchTag", [STRING, STRING], BOOL, lambda key, value: f"{key}={value}" in tags),
            decl("resource.matchTagId", [STRING, STRING], BOOL, lambda key, value: f"{key}={value}" in tags),
            decl("resource.hasTagKey", [STRING], BOOL, lambda key: key in tags),
            decl("resource.hasTagKeyId", [STRING], BOOL, lambda key: key in tags),
            cel.FunctionDecl(
                "api.getAttribute",
                [
                    cel.Overload(f"get_{kind.name()}", return_type=kind, parameters=[STRING, kind], impl=getting)
                    for kind in (STRING, cel.Type.LIST)
                ],
            ),
            decl("compute.isForwardingRuleCreationOperation", [], BOOL, lambda: creating),
            decl("extract", [STRING, STRING], STRING, extract, member=True),
            decl(
                "hasOnly",
                [cel.Type.LIST, cel.Type.LIST],
                BOOL,
                lambda items, known: all(one in known for one in items),
                member=True,
            ),
            decl("date", [STRING], cel.Type.TIMESTAMP, lambda text: moment(parse_date(text))),
        ]
        self._env = cel.NewEnv(variables=VARIABLES, functions=functions)

    def compiles(self, text: str) -> bool:
        """Whether the expression is one, its types checked."""
        try:
            self._env.compile(text)
        except RuntimeError:
            return False
        return True

    def says(self, text: str, given: Mapping[str, Constant]) -> bool | None:
        """True, False, or None where the expression cannot be evaluated."""
        data = {name: plain(value) for name, value in given.items()}
        try:
            found = self._env.compile(text).eval(data=data)
        except EvaluationError:
            return None
        return found.plain_value() if found.type() == BOOL else None


def plain(value: Constant) -> Any:
    """A value as the runtime takes it."""
    if isinstance(value, Stamp):
        return moment(value)
    return list(value) if isinstance(value, tuple) else value


def moment(stamp: Stamp) -> datetime:
    return datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=stamp.nanos // 1000)
