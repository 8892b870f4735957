"""`-it` of Docker and Podman: the runtime makes the terminal and sends it through a socket."""

from __future__ import annotations

import termios
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tests.peers.engine import Engine
    from tests.screen import Screen


def test_run_in_a_terminal(engine: Engine, screens: list[Screen]) -> None:
    screen = engine.screen(*engine.making("run", "--rm", "-it"), "sh")
    screens.append(screen)
    screen.expect(b"# ")
    screen.type(b"tty; echo $((6*7))\r")
    screen.expect(b"/dev/pts/0")
    screen.expect(b"42")
    screen.await_size(30, 100)
    screen.resize(41, 97)
    screen.await_size(41, 97)
    screen.type(b"exit 6\r")
    assert screen.end() == 6
    assert termios.tcgetattr(screen.slave) == screen.before


def test_control_c_is_a_key_for_the_program(engine: Engine, screens: list[Screen]) -> None:
    script = "trap 'echo caught; exit 3' INT; echo ready; while :; do sleep 0.1; done"
    screen = engine.screen(*engine.making("run", "--rm", "-it"), "sh", "-c", script)
    screens.append(screen)
    screen.expect(b"ready")
    screen.type(b"\x03")
    screen.expect(b"caught")
    assert screen.end() == 3


def test_exec_in_a_terminal(engine: Engine, screens: list[Screen]) -> None:
    name = engine.detached("sleep 1000")
    screen = engine.screen("exec", "-it", "--user=guest", name, "sh")
    screens.append(screen)
    screen.expect(b"$ ")
    screen.type(b"id -u; tty\r")
    screen.expect(b"1000")
    screen.expect(b"/dev/pts/")
    screen.await_size(30, 100)
    screen.type(b"exit 5\r")
    assert screen.end() == 5


def test_a_container_with_a_terminal_in_the_background(engine: Engine) -> None:
    name = engine.detached("tty; sleep 1000", "--tty")
    engine.await_log(name, "/dev/pts/0")
