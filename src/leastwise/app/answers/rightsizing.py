"""Smaller grants with their proofs, and guardrails."""

from __future__ import annotations

from collections.abc import Sequence

from leastwise.model.decision import Circumstances

from ..asking import Asking
from ..backtest import backtest_of, backtest_values, held_out, held_out_values
from ..gap import GapOf
from ..gaps import Gaps
from ..guarding import Guardrail, guardrail_of
from ..guardrail_values import guardrail_values
from ..patching import patched_values
from ..recommended import recommendation_values
from ..rightsizing import Made, Rightsizing, Wish, of_each
from ..splitting import Split, split_of, split_values
from ..wiring import Workspace
from .told import Told


def rightsized(
    workspace: Workspace, askings: Sequence[Asking], principals: Sequence[str], window: str | None, wish: Wish
) -> Told[Made]:
    """The smallest grants of some principals; of one alone its keys stand in the answer itself. Raises as `of_each`."""
    found = of_each(workspace, askings, principals, window, wish)
    each = [
        recommendation_values(one) | {"patch": patched_values(one, patch) if patch is not None else None}
        for one in found.made
        for patch in (found.patches.get((one.provider, one.principal)),)
    ]
    return Told(found.answer(each[0] if len(each) == 1 else {"items": each, "next": None}), found)


def split(gaps: Gaps, principal: str, wish: Wish, parts: int | None) -> Told[Split]:
    """The grant of a principal, split by the workloads that share it. Raises as `split_of`."""
    found = split_of(Rightsizing(gaps.of_principal(principal), wish), principal, parts)
    return Told(gaps.answer({**gaps.header(), **split_values(found)}), found)


def backtest(gaps: Gaps, principals: Sequence[str], wish: Wish) -> Told[GapOf]:
    """How grants by the time before would have done in the last days of a window. Raises as `backtest_of`."""
    found = gaps.of_principal(principals[0]) if principals else gaps.members[0]
    ids = [found.asking.access.held(one, Circumstances()).principal for one in principals]
    body = backtest_values(backtest_of(found, ids))
    replayed = [held_out_values(*one) for one in held_out(found, ids, wish)]
    return Told(gaps.answer({"provider": found.asking.provider, **gaps.header(), **body, "replayed": replayed}), found)


def guarded(workspace: Workspace, askings: Sequence[Asking], account: str, window: str | None) -> Told[Guardrail]:
    """A guardrail for an account. Raises as `guardrail_of`."""
    gaps, found = guardrail_of(workspace, askings, account, window)
    return Told(gaps.answer({**gaps.header(), **guardrail_values(found)}), found)
