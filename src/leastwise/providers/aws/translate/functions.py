"""Lambda beside the functions themselves: their URLs and aliases, and layers.

A function's URL is open to the internet when it asks for no signature and the function's policy lets everyone use it.
https://docs.aws.amazon.com/lambda/latest/dg/urls-auth.html
"""

from __future__ import annotations

import msgspec

from .acting import describe
from .context import Context
from .registry import reads
from .saved import Saved

_INVOKE = ("lambda:invokefunctionurl", "lambda:*", "*")


class Urls:
    """The URLs of functions and aliases, until their policies are read."""

    def __init__(self) -> None:
        self.sign_in: dict[str, set[str]] = {}

    def join(self, context: Context) -> None:
        """Whether the internet can call each function by its URL."""
        for id, forms in self.sign_in.items():
            row = context.resources.rows[id]
            reached = "no"
            if "NONE" in forms:
                reached = "unknown" if not row["policy_known"] else "yes" if _opened(context, id) else "no"
            told = {"url_sign_in": ", ".join(sorted(forms)), "internet_direct": reached}
            row["details"] = [*row.get("details", ()), *told.items()]


def _opened(context: Context, id: str) -> bool:
    """Whether a policy lets everyone use the URL; conditions other than its sign-in are left to evaluation."""
    for body in context.resources.texts(id):
        try:
            policy = msgspec.json.decode(body)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
            continue
        found = policy.get("Statement", []) if isinstance(policy, dict) else []
        for one in found if isinstance(found, list) else [found]:
            if isinstance(one, dict) and one.get("Effect") == "Allow" and _everyone(one.get("Principal")):
                actions = one.get("Action", [])
                named = actions if isinstance(actions, list) else [actions]
                if any(isinstance(action, str) and action.lower() in _INVOKE for action in named):
                    return True
    return False


def _everyone(principal: object) -> bool:
    if isinstance(principal, dict):
        principal = principal.get("AWS")
    return principal == "*" or (isinstance(principal, list) and "*" in principal)


@reads("lambda.list-function-url-configs")
def _urls(saved: Saved, context: Context) -> None:
    """`FunctionArn` ends in the alias that the URL belongs to, where it belongs to one."""
    for one in saved.nodes("FunctionUrlConfigs"):
        id = one.text("FunctionArn")
        describe(context, saved, id, {"url": one.maybe("FunctionUrl")}, kind=_kind(id))
        context.joined(Urls).sign_in.setdefault(id, set()).add(one.maybe("AuthType") or "unknown")


def _kind(arn: str) -> str:
    return "lambda:alias" if arn.count(":") > 6 else "lambda:function"


@reads("lambda.list-aliases")
def _aliases(saved: Saved, context: Context) -> None:
    """An alias has a policy of its own, and leads to its function."""
    for one in saved.nodes("Aliases"):
        id = one.text("AliasArn")
        describe(
            context, saved, id, {"version": one.maybe("FunctionVersion")}, kind="lambda:alias", name=one.maybe("Name")
        )
        if _kind(id) == "lambda:alias":
            context.link(id, id.rpartition(":")[0], "invokes", saved.name)


@reads("lambda.list-layer-versions")
def _layers(saved: Saved, context: Context) -> None:
    for one in saved.nodes("LayerVersions"):
        context.resources.add(one.text("LayerVersionArn"), saved.name, created=one.time("CreatedDate"))


@reads("lambda.get-layer-version-policy", "lambda.get-layer-version-policy!ResourceNotFoundException")
def _layer_policy(saved: Saved, context: Context) -> None:
    id = f"{saved.subject()}:{saved.subject(1)}"
    context.resources.policy(id, saved.maybe("Policy"), saved.name, saved.call)
