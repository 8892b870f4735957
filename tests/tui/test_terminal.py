"""The real terminal: taken, given away, taken back, and left as it was found."""

from __future__ import annotations

import os
import pty
import select
import signal
import subprocess
import sys
import termios
import time
from collections.abc import Iterator

import pytest

from tuicontainer.engine.fake import FAKE_INFO
from tuicontainer.tui.attach import LeaveKeys
from tuicontainer.tui.handover import own_command

PROGRAM = """
import sys
sys.path[:0] = [{root!r}]
from textual.app import SuspendNotSupported
from tests.tui.harness import app_over, fake_engine
from tuicontainer.tui.handover import run_program
from tuicontainer.tui.screens.main import MainScreen

def enter(container_id, verb):
    words = ["/bin/sh", "-c", "stty -a; echo INSIDE; read line; echo got $line; exit 125"]
    status = run_program(app, words, "a title")
    app.main.notify(f"STATUS {{status}}")

app = app_over(fake_engine())
app.enter = enter
sys.exit(app.run() or 0)
"""
ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))


class Terminal:
    """The application in a pty."""

    def __init__(self) -> None:
        self.pid, self.fd = pty.fork()
        if self.pid == 0:
            os.environ |= {"TERM": "xterm-256color", "COLORTERM": "truecolor", "LANG": "C.UTF-8"}
            os.execv(sys.executable, [sys.executable, "-c", PROGRAM.format(root=ROOT)])
        termios.tcsetwinsize(self.fd, (30, 100))
        self.drawn = b""

    def wait_for(self, text: str, seconds: float = 30.0) -> None:
        """Read until *text* was drawn since the last wait."""
        end = time.monotonic() + seconds
        while text.encode() not in self.drawn:
            assert time.monotonic() < end, f"`{text}` wasn't drawn: {self.drawn[-2000:]!r}"
            self.read(0.2)
        self.drawn = self.drawn.partition(text.encode())[2]

    def read(self, seconds: float) -> bytes:
        """Read what is drawn within *seconds*; nothing once the application has ended."""
        if not select.select([self.fd], [], [], seconds)[0]:
            return b""
        try:
            data = os.read(self.fd, 65536)
        except OSError:
            return b""
        self.drawn += data
        return data

    def press(self, keys: str) -> None:
        """Type."""
        os.write(self.fd, keys.encode())

    def wait(self) -> int:
        """Return how it ended."""
        while self.read(0.5):
            pass
        _, status = os.waitpid(self.pid, 0)
        return os.waitstatus_to_exitcode(status)


@pytest.fixture
def terminal() -> Iterator[Terminal]:
    opened = Terminal()
    try:
        opened.wait_for("quick")
        yield opened
    finally:
        try:
            os.kill(opened.pid, signal.SIGKILL)
            os.waitpid(opened.pid, 0)
        except (ProcessLookupError, ChildProcessError):
            pass
        os.close(opened.fd)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP])
def test_signals_that_end_it_leave_the_terminal_as_it_was(
    terminal: Terminal, number: signal.Signals
) -> None:
    os.kill(terminal.pid, number)
    assert terminal.wait() == 0
    for sequence in (b"\x1b[?1049l", b"\x1b[?1000l", b"\x1b[?25h"):
        assert sequence in terminal.drawn, "alternate screen, mouse, cursor"


def test_q_ends_it_with_status_0(terminal: Terminal) -> None:
    terminal.press("q")
    assert terminal.wait() == 0
    assert b"\x1b[?1049l" in terminal.drawn


def test_another_program_gets_the_terminal_and_gives_it_back(terminal: Terminal) -> None:
    terminal.press("js")
    terminal.wait_for("steady-1")
    time.sleep(0.3)
    terminal.press("2E")
    terminal.wait_for("\x1b[?1049l")
    terminal.wait_for("a title")
    terminal.wait_for(" icanon")
    terminal.wait_for("INSIDE")
    terminal.press("hello\n")
    terminal.wait_for("got hello")
    # Its status says that it failed before it began: what it said stays readable.
    terminal.wait_for("press enter to go back")
    terminal.press("\n")
    terminal.wait_for("\x1b[?1049h")
    terminal.wait_for("STATUS 125")
    terminal.press("q")
    assert terminal.wait() == 0


def test_our_command_line_is_started_in_isolation_on_the_same_roots() -> None:
    command = own_command(FAKE_INFO)
    assert command[:3] == (sys.executable, "-I", "-S")
    assert command[-4:] == ("--root", FAKE_INFO.state_root, "--data-root", FAKE_INFO.data_root)
    done = subprocess.run([*command, "--version"], capture_output=True, text=True, check=True)
    assert done.stdout.startswith("tuicontainer ")


@pytest.mark.parametrize(("reads", "through", "left"), [
    ([b"ls\n"], b"ls\n", False),
    ([b"\x10\x11"], b"", True),
    ([b"a\x10", b"\x11b"], b"a", True),
    ([b"a\x10", b"b"], b"a\x10b", False),
    ([b"\x10", b"\x10", b"\x11"], b"\x10", True),
    ([b"x\x10\x11y"], b"x", True),
])  # fmt: skip
def test_the_way_out_of_an_attachment(reads: list[bytes], through: bytes, left: bool) -> None:
    keys = LeaveKeys()
    passed, gone = b"", False
    for typed in reads:
        data, gone = keys.feed(typed)
        passed += data
    assert (passed, gone) == (through, left)
