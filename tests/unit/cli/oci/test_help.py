"""`--help` and `--version`: for people, and for programs that read them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tuicontainer import __version__
from tuicontainer.cli.oci.commands import COMMANDS
from tuicontainer.cli.oci.main import PROGRAM, main

if TYPE_CHECKING:
    from tuicontainer.cli.oci.flags import Command


@pytest.mark.parametrize("command", COMMANDS, ids=lambda command: command.name)
@pytest.mark.parametrize("form", ["-h", "--help", "-?", "help"])
def test_help_of_a_command(command: Command, form: str, capsys: pytest.CaptureFixture[str]) -> None:
    words = ["help", command.name] if form == "help" else [command.name, form]
    assert main(words) == 0
    heading, name, *rest = capsys.readouterr().out.splitlines()
    assert heading == "NAME:"
    assert name == f"   {PROGRAM} {command.name} - {command.help}"
    for flag in command.flags:
        assert any(line.strip().startswith(f"--{flag.names[0]}") for line in rest)


def test_help_lists_every_command(capsys: pytest.CaptureFixture[str]) -> None:
    for words in ([], ["help"], ["-h"]):
        assert main(words) == 0
        printed = capsys.readouterr().out
        assert {line.split()[0] for line in printed.splitlines() if line.strip()} >= {
            command.name for command in COMMANDS
        }


def test_version_as_other_engines_parse_it(capsys: pytest.CaptureFixture[str]) -> None:
    """dockerd wants `NAME version X` and `commit: Y`, go-runc a line `spec: Z`."""
    for words in (["--version"], ["-v"], ["state", "--version"]):
        assert main(words) == 0
        version, commit, spec, *_ = capsys.readouterr().out.splitlines()
        assert version == f"{PROGRAM} version {__version__}"
        assert commit.startswith("commit: ")
        assert spec == "spec: 1.3.0"


def test_wrong_usage_prints_the_commands_help(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["list", "--nosuch"]) == 1
    printed = capsys.readouterr().out
    assert printed.startswith("Incorrect Usage: flag provided but not defined: -nosuch\n")
    assert f"{PROGRAM} list" in printed
