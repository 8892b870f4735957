"""`attach`: several at once, what came before, and leaving while the container goes on."""

from __future__ import annotations

import signal
import subprocess
import termios
from collections.abc import Iterator

import pytest

from tests.kernel.cli.program import Cli, wait_until
from tests.screen import Screen

pytestmark = pytest.mark.kernel

LEAVE = b"\x10\x11"


@pytest.fixture
def screens(cli: Cli) -> Iterator[list[Screen]]:
    opened: list[Screen] = []
    yield opened
    for screen in opened:
        screen.close()


def opened(cli: Cli, screens: list[Screen], *words: str) -> Screen:
    screens.append(Screen(cli.command(*words), cli.environment))
    return screens[-1]


def test_the_keys_leave_a_terminal_and_it_can_be_had_again(cli: Cli, screens: list[Screen]) -> None:
    shell = cli.raw_bundle("shell", "/bin/sh")
    first = opened(cli, screens, "run", "--name", "x", "-it", shell)
    first.expect(b"# ")
    first.type(b"MARK=before\r")
    first.expect(b"# ")
    first.type(LEAVE)
    first.expect(b"left `x`, which goes on")
    assert first.end() == 0
    assert termios.tcgetattr(first.slave) == first.before
    assert cli.status("x") == "running"
    again = opened(cli, screens, "attach", "--detach-keys", "ctrl-a,d", "x")
    again.type(b"\recho $MARK-after\r")
    again.expect(b"before-after")
    again.type(LEAVE + b"\r")
    again.type(b"\x01d")
    again.expect(b"left `x`")
    assert again.end() == 0
    last = opened(cli, screens, "attach", "x")
    last.type(b"\rexit 5\r")
    assert last.end() == 5


def test_several_see_the_same(cli: Cli, screens: list[Screen]) -> None:
    shell = cli.raw_bundle("shell", "/bin/sh")
    one = opened(cli, screens, "run", "--name", "x", "-it", shell)
    one.expect(b"# ")
    other = opened(cli, screens, "attach", "--no-stdin", "--replay", "x")
    other.expect(b"# ")
    one.type(b"echo $((6*7))\r")
    one.expect(b"42")
    other.expect(b"42")


def test_pipes_and_what_was_written_before(cli: Cli) -> None:
    script = "echo one; echo two >&2; read line; echo got $line; exit 4"
    cli.ok("run", "-d", "-i", "--name", "x", cli.bundle("b", script))
    assert wait_until(lambda: "one" in cli.ok("logs", "x"), 10)
    done = cli("attach", "--replay", "x", input="three\n")
    assert (done.returncode, done.stdout, done.stderr) == (4, "one\ngot three\n", "two\n")


def test_an_interrupt_leaves_when_signals_are_ours(cli: Cli) -> None:
    cli.ok("run", "-d", "--name", "x", cli.steady())
    watching = cli.popen("attach", "--no-stdin", "--no-signals", "--replay", "x")
    assert wait_until(lambda: _handles(watching, signal.SIGINT), 10)
    watching.send_signal(signal.SIGINT)
    _, said = watching.communicate(timeout=20)
    assert watching.returncode == 130
    assert b"`x` goes on" in said
    assert cli.status("x") == "running"


def test_a_signal_goes_to_the_program(cli: Cli) -> None:
    cli.ok(
        "run",
        "-d",
        "--name",
        "x",
        cli.bundle("b", "trap 'exit 9' TERM; while :; do sleep 0.05; done"),
    )
    watching = cli.popen("attach", "--no-stdin", "x")
    assert wait_until(lambda: _handles(watching, signal.SIGTERM), 10)
    watching.send_signal(signal.SIGTERM)
    watching.communicate(timeout=20)
    assert watching.returncode == 9


def test_what_has_ended_cannot_be_attached_to(cli: Cli) -> None:
    cli.ok("run", "--name", "x", cli.bundle("b", "exit 0"))
    done = cli("attach", "x")
    assert done.returncode == 125
    assert "not running" in done.stderr


def _handles(process: subprocess.Popen[bytes], number: int) -> bool:
    """Tell whether a process has a handler for a signal (proc(5), SigCgt)."""
    with open(f"/proc/{process.pid}/status") as status:
        caught = next(line for line in status if line.startswith("SigCgt:"))
    # Python itself handles INT from its beginning on; WINCH only our relay does.
    mask = int(caught.split()[1], 16)
    return all(mask >> (wanted - 1) & 1 for wanted in (number, signal.SIGWINCH))
