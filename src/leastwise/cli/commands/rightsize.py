"""`leastwise rightsize`: the smallest grant that keeps what is used, with proof and replay."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from leastwise.errors import UsageError

from ..answers import opened_each
from ..options import Asked, Format, at_moment, spread, workspace
from ..render import emit, emit_json, estate_line, printable

if TYPE_CHECKING:
    from leastwise.app.code_index import Code
    from leastwise.app.rightsizing import Wish
    from leastwise.model.plan import Recommendation

_MOST = 10_000
_HELD_OUT = "120d"
"""The window of which the last month is held out."""
_LEVELS = {
    "level": "Grants", "principals": "Principals", "granted": "Granted", "used": "Used", "denied": "Denied",
    "under_privilege": "Under", "over_privilege": "Over", "principals_denied_share": "With a denial",
    "reduction": "Reduction",
}  # fmt: skip
_NAMES = (
    "principal", "provider", "account", "sentence", "ready", "blocked", "owner", "keeps", "drops", "calls",
    "would_break",
)  # fmt: skip


_Principals = Annotated[list[str] | None, typer.Argument(help="Principals, by id or unique name.")]
_Window = Annotated[
    str | None,
    typer.Option("--window", help="Days up to the estate's time, as in 90d (the default).", show_default=False),
]
_Young = Annotated[int, typer.Option(min=0, help="Days for which a grant is too young to be cut.")]
_Seasons = Annotated[
    bool, typer.Option("--seasons/--no-seasons", help="Keep what may come again by a rhythm or a schedule.")
]
_Unobservable = Annotated[
    bool, typer.Option("--unobservable/--no-unobservable", help="Keep what no log would have shown.")
]
_Level = Annotated[
    str,
    typer.Option(
        "--level",
        help="exact (actions and resources), service (all of a service at an access level), or bundle (the "
        "vendor's own where they do).",
    ),
]
_Code = Annotated[
    list[Path] | None,
    typer.Option(
        "--code",
        help="Code that the grants come from, to be changed in place; may be repeated.",
        show_default=False,
    ),
]
_State = Annotated[
    list[Path] | None,
    typer.Option("--state", help="State of Terraform; may be repeated.", show_default=False),
]
_Out = Annotated[
    Path | None, typer.Option("--out", help="Write the patch of the code to that file.", show_default=False)
]
_Guardrail = Annotated[
    str | None,
    typer.Option(
        "--guardrail",
        help="One guardrail on that account, unit, principal, resource, project or folder: "
        "sensitive permissions are denied to all but those who use them.",
        show_default=False,
    ),
]
_Add = Annotated[
    list[str] | None,
    typer.Option("--add", help="A permission to keep though it was not used; may be repeated."),
]
_Likely = Annotated[
    str | None,
    typer.Option(
        "--likely",
        help="Keep what is likely needed next too: so many permissions, or all that are worth it.",
        show_default=False,
    ),
]
_Split = Annotated[
    str | None,
    typer.Option(
        "--split",
        help="Split the grant by the workloads that share it: into so many, or into as many as the use shows (auto).",
        show_default=False,
    ),
]
_Backtest = Annotated[
    bool,
    typer.Option(
        "--backtest", help="Hold out the last 30 days: how would grants by the time before have done in them?"
    ),
]


def register(app: typer.Typer) -> None:
    """Add the command."""

    @app.command()
    @spread
    def rightsize(
        asked: Asked,
        principals: _Principals = None,
        window: _Window = None,
        young: _Young = 30,
        seasons: _Seasons = True,
        unobservable: _Unobservable = True,
        level: _Level = "exact",
        code: _Code = None,
        state: _State = None,
        out: _Out = None,
        guardrail: _Guardrail = None,
        add: _Add = None,
        likely: _Likely = None,
        split: _Split = None,
        backtest: _Backtest = False,
    ) -> None:
        """Find the smallest grant that keeps what is used, prove it, and replay the recorded calls under it."""
        from leastwise.app.rightsizing import Wish

        if asked.overlay is not None:
            raise UsageError("rightsize: --with is for questions; what is proposed stands in its answer")
        told = {"--guardrail": guardrail, "--split": split, "--likely": likely, "--code": code, "--out": out}
        if backtest and (more := next((name for name, value in told.items() if value), None)):
            raise UsageError(f"rightsize: --backtest is about grants, not about {more}")
        if backtest:
            _backtest(asked, principals or [], window, Wish(young, seasons, unobservable, frozenset(add or ()), level))
            return
        if (guardrail is None) == (not principals):
            raise UsageError("rightsize: name either principals, or an account by --guardrail")
        if guardrail is not None:
            _guard(asked, guardrail, window)
            return
        if out is not None and not code:
            raise UsageError("rightsize: --out writes the patch of code: name it by --code")
        wish = Wish(
            young,
            seasons,
            unobservable,
            frozenset(add or ()),
            level,
            _code(asked, code or [], state or []),
            _many(likely),
        )
        if split is not None:
            _split(
                asked, principals or [], window, wish, None if split == "auto" else _number("--split", split, "auto")
            )
            return
        _put(asked, principals or [], window, wish, out)


def _many(likely: str | None) -> int:
    """How many likely permissions are to be kept."""
    from leastwise.app.rightsizing import ALL

    if likely is None:
        return 0
    if likely == "all":
        return ALL
    return _number("--likely", likely, "all")


def _number(option: str, text: str, word: str) -> int:
    if not (text.isascii() and text.isdigit()) or not 0 < int(text) < _MOST:
        raise UsageError(f"{option}: {text!r} is neither a number nor {word}")
    return int(text)


def _split(asked: Asked, principals: list[str], window: str | None, wish: Wish, parts: int | None) -> None:
    from leastwise.app.answers.rightsizing import split
    from leastwise.app.gaps import Gaps

    if len(principals) != 1:
        raise UsageError("rightsize: --split is about one principal")
    here = workspace(asked.home, asked.database)
    gaps = Gaps.opened(here, opened_each(asked, at_moment(asked.at)), window)
    told = split(gaps, principals[0], wish, parts)
    found, whole = told.made_of, told.body
    rows = [
        {"part": at, "who": ", ".join(member or "(not told)" for member in one["members"]), **one,
         "gives": ", ".join(one["permissions"]), "proof": one["narrower"]["state"]}
        for at, one in enumerate(whole["items"], 1)
    ]  # fmt: skip
    text = found.blocked or (
        f"{len(rows)} grants instead of one; each gives nothing new where that is proved, and together they give what "
        f"stays: {whole['enough']['state']}. Documents: --format json."
    )
    columns = {"part": "Part", "who": "Workloads", "calls": "Calls", "gives": "Gives", "proof": "Nothing new"}
    closing = f"{found.whole.principal}: {text} {estate_line(whole['estate'], whole['coverage'])}"
    emit(asked.form, whole, rows, columns, closing, ("part", "members", "calls", "permissions", "proof"))


def _backtest(asked: Asked, principals: list[str], window: str | None, wish: Wish) -> None:
    from leastwise.app.answers.rightsizing import backtest
    from leastwise.app.gaps import Gaps

    here = workspace(asked.home, asked.database)
    gaps = Gaps.opened(here, opened_each(asked, at_moment(asked.at)), window or _HELD_OUT)
    told = backtest(gaps, principals, wish)
    whole = told.body
    names = (
        *tuple(_LEVELS)[:7], "principals_denied", "principals_denied_share", "calls", "calls_denied", "reduction",
    )  # fmt: skip
    closing = " ".join(_held_out_lines(told.made_of.title, whole))
    emit(asked.form, whole, whole["items"], _LEVELS, closing, names)


def _held_out_lines(title: str, whole: Mapping[str, Any]) -> Iterator[str]:
    yield (
        f"{title}: grants by the time before held against the last {whole['held_out_days']} days. Under: what of all "
        "that was used would have been denied; over: what of all that is granted was not used; reduction: against all "
        "of each service used."
    )
    for one in whole["replayed"]:
        replay = one["replay"]
        if replay is None:
            yield f"{one['principal']}: {one['blocked'] or 'nothing would be changed'}."
            continue
        broken = f"{replay['would_break']} of its {replay['calls']} calls of these days would have broken"
        yield f"{one['principal']}: {broken}."
    yield estate_line(whole["estate"], whole["coverage"])


def _code(asked: Asked, paths: list[Path], states: list[Path]) -> Code | None:
    from leastwise.app.code_index import codings, read_code

    if not paths:
        return None
    found = read_code(paths, codings(workspace(asked.home, asked.database).providers()), states)
    for fault in found.faults:
        print(f"leastwise: {printable(fault)}", file=sys.stderr)
    return found


def _guard(asked: Asked, account: str, window: str | None) -> None:
    from leastwise.app.answers.rightsizing import guarded

    here = workspace(asked.home, asked.database)
    answer = guarded(here, opened_each(asked, at_moment(asked.at)), account, window)
    found, whole = answer.made_of, answer.body
    if asked.form is Format.JSON:
        emit_json(whole)
        return
    told = estate_line(whole["estate"], whole["coverage"])
    rows = [{"permissions": ", ".join(one.permissions), "but": ", ".join(one.but)} for one in found.denied]
    columns = {"permissions": "Denied", "but": "To all but"}
    replay = whole["replay"]
    held = replay["holds_back"]
    shown = f"takes {held['permission']} from {held['principal']}, for one" if held else "takes nothing from anybody"
    doubt = f"{found.doubt[:1].upper()}{found.doubt[1:]}. " if found.doubt else ""
    closing = (
        f"{found.kind.capitalize()} on {found.target}: {found.blocked or 'ready'}. "
        f"{replay['would_break']} of {replay['calls']} recorded calls would break; it {shown}. "
        f"{found.length[0]} of {found.length[1]} {found.unit}; {len(found.left)} permissions more have no room, of "
        f"{len(found.unseen)} it is not known whether they are used. The document: --format json. {doubt}{told}"
    )
    emit(asked.form, whole, rows, columns, closing, tuple(columns))


def _put(asked: Asked, principals: list[str], window: str | None, wish: Wish, out: Path | None) -> None:
    from leastwise.app.answers.rightsizing import rightsized
    from leastwise.app.patching import patched_lines
    from leastwise.app.recommended import recommendation_lines

    here = workspace(asked.home, asked.database)
    answer = rightsized(here, opened_each(asked, at_moment(asked.at)), principals, window, wish)
    found, whole = answer.made_of, answer.body
    if out is not None:
        _write(out, "".join(one.patch for one in found.patches.values()))
    if asked.form is Format.JSON:
        emit_json(whole)
        return
    if asked.form is Format.CSV:
        emit(asked.form, {}, [_row(one) for one in found.made], {}, "", _NAMES)
        return
    for one in found.made:
        print("\n".join(printable(line) for line in recommendation_lines(one)))
        if (one.provider, one.principal) in found.patches:
            print("\n".join(printable(line) for line in patched_lines(found.patches[one.provider, one.principal])))
    print(printable(estate_line(whole["estate"], whole["coverage"])))


def _write(path: Path, text: str) -> None:
    from leastwise.errors import InputError

    try:
        path.write_bytes(text.encode())
    except OSError as error:
        raise InputError(path, error.strerror or str(error)) from None


def _row(one: Recommendation) -> dict[str, object]:
    replay = one.replay
    return {
        "principal": one.principal, "provider": one.provider, "account": one.account, "sentence": one.sentence,
        "ready": one.ready, "blocked": one.blocked, "owner": one.owner,
        "keeps": len({each.permission for each in one.kept}),
        "drops": len(one.dropped), "calls": 0 if replay is None else replay.calls,
        "would_break": 0 if replay is None else sum(each.calls for each in replay.broken),
    }  # fmt: skip
