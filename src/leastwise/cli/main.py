"""The command `leastwise`: the outermost frame, where every error becomes one line and an exit code."""

from __future__ import annotations

import errno
import gc
import os
import sys
from copy import copy
from functools import cache
from typing import Any

import typer

from leastwise import __version__
from leastwise.app.absent import hide
from leastwise.errors import LeastwiseError

from .commands import (
    activity,
    aggregate,
    ask,
    bundles,
    catalog,
    check,
    choke,
    collect,
    compare,
    conform,
    demo,
    dormant,
    estate,
    events,
    external,
    findings,
    gap,
    history,
    iac,
    importing,
    inventory,
    likely,
    paths,
    plan,
    power,
    queries,
    reach,
    rightsize,
    serve,
    settings,
    snapshots,
    sql,
    top,
    toxic,
    users,
    whois,
)
from .render import printable

app = typer.Typer(
    name="leastwise",
    help="Who can do what in your clouds, what they use, and the smallest change that closes the gap.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)
demo.register(app)
importing.register(app)
collect.register(app)
inventory.register(app)
ask.register(app)
reach.register(app)
external.register(app)
paths.register(app)
choke.register(app)
power.register(app)
whois.register(app)
events.register(app)
activity.register(app)
aggregate.register(app)
history.register(app)
check.register(app)
compare.register(app)
gap.register(app)
rightsize.register(app)
likely.register(app)
bundles.register(app)
plan.register(app)
iac.register(app)
dormant.register(app)
findings.register(app)
top.register(app)
toxic.register(app)
sql.register(app)
queries.register(app)
snapshots.register(app)
conform.register(app)
estate.register(app)
settings.register(app)
catalog.register(app)
serve.register(app)
users.register(app)


def _version(asked: bool) -> None:
    if asked:
        typer.echo(f"leastwise {__version__}")
        raise typer.Exit


@app.callback()
def _main(
    version: bool = typer.Option(False, "--version", callback=_version, is_eager=True, help="Print the version."),
) -> None:
    """Who can do what in your clouds, what they use, and the smallest change that closes the gap."""


def main() -> None:
    """Run the command line: exit code 0, 1 when a check failed, 2 on usage and input errors, 130 when interrupted."""
    # Arrow imports pandas where it is installed, to know its values; here there are none, and it takes half a second.
    hide("pandas")
    code = run(sys.argv[1:])
    _leave()
    sys.exit(code)


def _leave() -> None:
    """Close what only the collector would, and spare the process its last walk through all that is left."""
    wiring = sys.modules.get("leastwise.app.wiring")
    if wiring is not None:
        wiring.disconnect()
    # DuckDB's binding takes what is not collected for leaks, and prints a page about them.
    if "duckdb" not in sys.modules:
        gc.freeze()


def run(arguments: list[str]) -> int:
    """Run one command and return its exit code; errors are printed as one line on standard error."""
    try:
        code = _command(_named(arguments))(arguments, prog_name="leastwise", standalone_mode=False)
        if sys.stdout is not None:
            sys.stdout.flush()
        return code if isinstance(code, int) else 0
    except typer.Exit as stop:
        return int(stop.exit_code)
    except (typer.Abort, KeyboardInterrupt):
        return _say("interrupted", 130)
    except SystemExit as stop:
        # Click's own answer to a reader that went away is exit code 1, which means "a check failed" here.
        cause = stop.__context__
        if isinstance(cause, OSError) and cause.errno == errno.EPIPE:
            return _reader_gone()
        raise
    except BrokenPipeError:
        return _reader_gone()
    except LeastwiseError as error:
        return _say(str(error), 2)
    except Exception as error:  # noqa: BLE001 - the outermost frame
        return _unexpected(error)


def _named(arguments: list[str]) -> str:
    """The command or group of commands that is asked for; empty where that is not its name, or there is none."""
    known = {*map(_name, app.registered_commands), *(one.name for one in app.registered_groups)}
    return arguments[0] if arguments and arguments[0] in known else ""


def _name(command: typer.models.CommandInfo) -> str:
    """How a command is called: by its function, where it has no name of its own."""
    return command.name or typer.main.get_command_name(getattr(command.callback, "__name__", ""))


@cache
def _command(name: str) -> Any:
    """The commands as they are run, or the named one alone: making them of their signatures takes a while."""
    if not name:
        return typer.main.get_command(app)
    alone = copy(app)
    alone.registered_commands = [one for one in app.registered_commands if _name(one) == name]
    alone.registered_groups = [one for one in app.registered_groups if one.name == name]
    return typer.main.get_command(alone)


def _reader_gone() -> int:
    """The reader went away (| head): that is no error, and Python must not complain when it closes the stream."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
    return 0


def _unexpected(error: Exception) -> int:
    message = getattr(error, "format_message", None)
    if message is not None:
        text = str(message()).strip()
        missing = getattr(error, "param", None)
        if missing is not None and missing.param_type_name == "argument":
            text = text.replace(f"'{missing.name}'", f"'{missing.name.upper()}'")
        # Its class is private to Typer; its message is the whole help.
        if type(error).__name__ == "NoArgsIsHelpError":
            print(text)
            return 0
        return _say(text, 2) if text else 2
    if os.environ.get("LEASTWISE_DEBUG"):
        raise error
    if isinstance(error, OSError) and not error.filename:
        return _say(f"the answer cannot be written: {error.strerror}", 2)
    return _say(f"internal error ({type(error).__name__}: {error}); set LEASTWISE_DEBUG=1 to see where", 2)


def _say(text: str, code: int) -> int:
    print(f"leastwise: {printable(' '.join(text.split()))}", file=sys.stderr)
    return code
