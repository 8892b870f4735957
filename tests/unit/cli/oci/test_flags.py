"""Reading the command line as Go's flag package does."""

from __future__ import annotations

import json

import pytest

from tuicontainer.cli.oci.commands import COMMANDS, GLOBAL_FLAGS
from tuicontainer.cli.oci.flags import Flag, WrongUsage, parse_flags
from tuicontainer.cli.oci.main import main
from tuicontainer.cli.oci.messages import quote
from tuicontainer.cli.oci.ps import select_lines

FLAGS = (
    Flag(names=("bundle", "b"), help="", value="DIR"),
    Flag(names=("detach", "d"), help=""),
    Flag(names=("env", "e"), help="", value="X", repeated=True),
    Flag(names=("preserve-fds",), help="", value="N", number=True),
)


@pytest.mark.parametrize(
    ("line", "values", "words"),
    [
        ("", {}, ""),
        ("id", {}, "id"),
        ("--bundle /b id", {"bundle": "/b"}, "id"),
        ("-bundle /b id", {"bundle": "/b"}, "id"),
        ("-b=/b id", {"bundle": "/b"}, "id"),
        ("--b /b id", {"bundle": "/b"}, "id"),
        ("--bundle= id", {"bundle": ""}, "id"),
        ("-d id", {"detach": True}, "id"),
        ("--detach=false id", {"detach": False}, "id"),
        ("-e A=1 --env B=2", {"env": ["A=1", "B=2"]}, ""),
        ("id -d --bundle x", {}, "id -d --bundle x"),
        ("-d -- -d", {"detach": True}, "-d"),
        ("- id", {}, "- id"),
        ("--preserve-fds 3 id", {"preserve-fds": "3"}, "id"),
    ],
)
def test_reading(line: str, values: dict[str, object], words: str) -> None:
    parsed = parse_flags(FLAGS, line.split())
    assert parsed.values == values
    assert list(parsed.words) == words.split()


@pytest.mark.parametrize(
    ("line", "text"),
    [
        ("--moon id", "flag provided but not defined: -moon"),
        ("-x", "flag provided but not defined: -x"),
        ("-dx", "flag provided but not defined: -dx"),
        ("--bundle", "flag needs an argument: -bundle"),
        ("--detach=perhaps", 'invalid boolean value "perhaps" for -detach'),
        ("--preserve-fds x", 'invalid value "x" for flag -preserve-fds'),
        ("--preserve-fds=-1", 'invalid value "-1" for flag -preserve-fds'),
    ],
)
def test_refusing(line: str, text: str) -> None:
    with pytest.raises(WrongUsage, match=text):
        parse_flags(FLAGS, line.split())


def test_names_are_unique() -> None:
    for flags in (GLOBAL_FLAGS, *(command.flags for command in COMMANDS)):
        names = [name for flag in flags for name in flag.names]
        assert len(names) == len(set(names))
    names = [command.name for command in COMMANDS]
    assert len(names) == len(set(names))


@pytest.mark.parametrize(
    ("line", "status", "text"),
    [
        ("--moon", 1, "flag provided but not defined: -moon"),
        ("moon", 3, "No help topic for 'moon'"),
        ("start", 1, '\\"start\\" requires exactly 1 argument(s)'),
        ("start a b", 1, '\\"start\\" requires exactly 1 argument(s)'),
        ("kill", 1, '\\"kill\\" requires 1 to 2 argument(s)'),
        ("exec", 255, '\\"exec\\" requires a minimum of 1 argument(s)'),
        (
            "--cgroup-manager=upstart list",
            1,
            'invalid value \\"upstart\\" for flag -cgroup-manager',
        ),
        ("--rootless=moon list", 1, 'invalid value \\"moon\\" for flag -rootless'),
        ("--log-format xml list", 1, "invalid log-format"),
    ],
)
def test_wrong_usage(line: str, status: int, text: str, capfd: pytest.CaptureFixture[str]) -> None:
    assert main(line.split()) == status
    assert text in capfd.readouterr().err


def test_json_messages_go_to_the_file_and_plain_ones_to_standard_error(
    tmp_path: object, capfd: pytest.CaptureFixture[str]
) -> None:
    log = f"{tmp_path}/log"
    root = f"{tmp_path}/root"
    assert main(["--root", root, "--log", log, "--log-format", "json", "state", "c"]) == 1
    with open(log, encoding="utf-8") as file:
        message = json.loads(file.read())
    assert message["level"] == "error"
    assert message["msg"] == "container does not exist"
    assert message["time"].endswith("Z")
    assert capfd.readouterr().err == "container does not exist\n"


def test_text_messages_are_on_one_line() -> None:
    assert quote('a "b"\nc\\') == '"a \\"b\\"\\nc\\\\"'


def test_lines_of_ps() -> None:
    listing = "UID PID CMD\nroot 1 init 7\nroot 7 sh -c 1\nu 70 x\n\n"
    assert select_lines(listing, [7]) == ["UID PID CMD", "root 7 sh -c 1"]
