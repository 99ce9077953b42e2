"""Only the command that is asked for is made; it is the same as among all of them, and so is what is said of others."""

from __future__ import annotations

from typing import Any

import pytest

from leastwise.cli import main


def shape(command: Any) -> Any:
    """What a command takes, and those below it."""
    below = {name: shape(one) for name, one in getattr(command, "commands", {}).items()}
    return command.name, command.help, [(one.name, one.opts, one.required) for one in command.params], below


def test_every_command_alone_is_what_it_is_among_all() -> None:
    every = main._command("")
    assert len(every.commands) > 20
    for name, command in every.commands.items():
        assert main._named([name, "--help"]) == name
        alone = main._command(name)
        assert list(alone.commands) == [name]
        assert shape(alone.commands[name]) == shape(command)
        assert shape(alone)[:3] == shape(every)[:3]


@pytest.mark.parametrize("arguments", [[], ["--help"], ["--version"], ["nope"], ["", "import"]])
def test_where_no_command_is_named_all_are_made(arguments: list[str]) -> None:
    assert main._named(arguments) == ""
