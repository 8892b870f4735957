"""`-t`: raw keys, size, and a terminal that is as it was, whatever happens."""

from __future__ import annotations

import signal
import termios
import time
from collections.abc import Iterator

import pytest

from tests.kernel.cli.program import Cli, wait_until
from tests.screen import Screen

pytestmark = pytest.mark.kernel


@pytest.fixture
def screens(cli: Cli) -> Iterator[list[Screen]]:
    opened: list[Screen] = []
    yield opened
    for screen in opened:
        screen.close()


def test_a_shell_in_a_terminal(cli: Cli, screens: list[Screen]) -> None:
    name = cli.raw_bundle("shell", "/bin/sh")
    screen = Screen(cli.command("run", "--rm", "-it", name), cli.environment)
    screens.append(screen)
    screen.expect(b"# ")
    screen.type(b"stty size\r")
    screen.expect(b"30 100")
    screen.type(b"tty; echo $((6*7))\r")
    screen.expect(b"/dev/pts/0")
    screen.expect(b"42")
    assert termios.tcgetattr(screen.slave)[3] & termios.ICANON == 0
    screen.type(b"exit 6\r")
    assert screen.end() == 6
    assert termios.tcgetattr(screen.slave) == screen.before


def test_the_size_follows_our_window(cli: Cli, screens: list[Screen]) -> None:
    name = cli.bundle("b", "trap 'stty size' WINCH; echo ready; while :; do sleep 0.1; done")
    screen = Screen(cli.command("run", "--name", "x", "-it", name), cli.environment)
    screens.append(screen)
    screen.expect(b"ready")
    screen.resize(41, 97)
    screen.expect(b"41 97")


def test_control_c_is_a_key_for_the_program(cli: Cli, screens: list[Screen]) -> None:
    name = cli.bundle(
        "b", "trap 'echo caught; exit 3' INT; echo ready; while :; do sleep 0.1; done"
    )
    screen = Screen(cli.command("run", "--rm", "-it", name), cli.environment)
    screens.append(screen)
    screen.expect(b"ready")
    screen.type(b"\x03")
    screen.expect(b"caught")
    assert screen.end() == 3
    assert termios.tcgetattr(screen.slave) == screen.before


def test_a_bundle_that_wants_a_terminal_gets_ours_without_flags(
    cli: Cli, screens: list[Screen]
) -> None:
    cli.raw_bundle("shell", "/bin/sh", terminal=True)
    screen = Screen(cli.command("run", "--rm", "shell"), cli.environment)
    screens.append(screen)
    screen.expect(b"# ")
    screen.type(b"exit 2\r")
    assert screen.end() == 2


@pytest.mark.parametrize("how", ["kill", "rm -f", "TERM"])
def test_the_terminal_is_restored_however_it_ends(
    cli: Cli, screens: list[Screen], how: str
) -> None:
    screen = Screen(
        cli.command("run", "--name", "x", "-it", cli.bundle("b", "echo ready; sleep 60")),
        cli.environment,
    )
    screens.append(screen)
    screen.expect(b"ready")
    assert wait_until(lambda: not termios.tcgetattr(screen.slave)[3] & termios.ICANON)
    if how == "TERM":
        screen.program.send_signal(signal.SIGTERM)
        time.sleep(0.5)
        cli.ok("kill", "x")
    else:
        cli.ok(*how.split(), "x")
    assert screen.end() == 137
    assert termios.tcgetattr(screen.slave) == screen.before


def test_exec_with_a_terminal(cli: Cli, screens: list[Screen]) -> None:
    cli.ok("run", "-d", "--name", "x", cli.steady())
    screen = Screen(cli.command("exec", "-it", "x", "/bin/sh"), cli.environment)
    screens.append(screen)
    screen.expect(b"# ")
    screen.type(b"stty size\r")
    screen.expect(b"30 100")
    screen.resize(20, 90)
    time.sleep(0.3)
    screen.type(b"stty size\r")
    screen.expect(b"20 90")
    screen.type(b"exit 4\r")
    assert screen.end() == 4
    assert termios.tcgetattr(screen.slave) == screen.before


def test_it_needs_a_terminal_for_it(cli: Cli) -> None:
    done = cli("run", "-it", cli.steady(), input="")
    assert done.returncode == 125
    assert "needs a terminal" in done.stderr
    assert cli.json("ps", "-a") == []
