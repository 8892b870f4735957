"""Terminals in the pane, by keys: a shell, full-screen programs, other sizes, leaving, ending."""

from __future__ import annotations

import json
import os

import pytest

from tests.e2e.kernel_view import eventually
from tests.e2e.manager import Manager, Screen

pytestmark = [pytest.mark.e2e, pytest.mark.serial]


def open_shell(manager: Manager, size: tuple[int, int] = (120, 40)) -> Screen:
    screen = manager.open(size=size)
    screen.start("cpu", "cpu-1", "running")
    screen.choose_container("cpu-1")
    screen.press("e")
    screen.wait_for("cpu-1: sh", r"[#$] ")
    return screen


def enter(screen: Screen, line: str) -> None:
    screen.terminal.type(line)
    screen.press("Enter")


def test_a_shell_in_a_pane(manager: Manager) -> None:
    screen = open_shell(manager)
    assert eventually(lambda: len(manager.kernel.processes("cpu-1")) >= 2), "the shell is inside"
    enter(screen, "echo $TERM $((6*7)); tty")
    screen.wait_for("xterm-256color 42", "/dev/pts/")
    # Keys that mean something to us mean nothing here: they are the shell's.
    enter(screen, "echo qsdK; exit 3")
    screen.wait_for("^│qsdK", "it ended with status 3")
    assert manager.rows()["cpu-1"]["status"] == "running"
    screen.press("x")
    screen.terminal.wait_without("cpu-1: sh")
    screen.quit()


def test_it_goes_on_while_something_else_is_looked_at(manager: Manager) -> None:
    screen = open_shell(manager)
    enter(screen, "X=kept; stty size")
    screen.wait_for(r"│\d+ 118")
    screen.press("C-]")
    screen.wait_for("enter types")
    screen.press("4")
    screen.wait_for("4 Logs")
    screen.press("2", "`", "Enter")
    enter(screen, "echo still $X")
    screen.wait_for("still kept")
    # A second one beside it, as a tab; leaving the program hangs both up.
    screen.press("C-]", "2", "e")
    screen.wait_for("cpu-1: sh.*cpu-1: sh")
    enter(screen, "echo $X second")
    screen.wait_for("│second")
    screen.press("C-]", "[")
    screen.wait_for("still kept")
    screen.quit()
    assert eventually(lambda: len(manager.kernel.processes("cpu-1")) < 3), "both shells are gone"
    assert manager.rows()["cpu-1"]["status"] == "running"


def test_full_screen_programs_and_another_size(manager: Manager) -> None:
    screen = open_shell(manager)
    enter(screen, "seq 1 500 > /tmp/n; less /tmp/n")
    screen.wait_for("│1$|│1 ", "│15")
    screen.press("G")
    screen.wait_for("│500")
    screen.press("q")
    enter(screen, "vi /tmp/text")
    screen.wait_for("^│~ ")
    screen.press("i")
    screen.terminal.type("written in vi: qqq")
    screen.press("Escape")
    enter(screen, ":wq")
    # What is typed before vi has given the terminal back is lost with its settings.
    screen.terminal.wait_without("^│~ ")
    enter(screen, "clear; cat /tmp/text")
    screen.wait_for("^│written in vi: qqq")
    screen.press("C-]", "z")
    for columns, lines in ((100, 30), (70, 24)):
        screen.terminal.resize(columns, lines)
        screen.wait_for("cpu-1: sh")
        screen.press("Enter")
        enter(screen, "clear; stty size")
        screen.wait_for(rf"│{lines - 4} {columns - 2}\b")
        screen.press("C-]")
        screen.wait_for("enter types")


def test_a_flood_leaves_the_application_awake(manager: Manager) -> None:
    screen = open_shell(manager)
    enter(screen, "while :; do seq 1 20000; done")
    screen.wait_for(r"│\d{4,5}")
    screen.press("C-]")
    screen.wait_for("enter types")
    screen.choose_bundle("hello")
    screen.wait_for("1 of 8 match hello")
    screen.press("`", "Enter", "C-c")
    enter(screen, "echo on; echo top")
    screen.wait_for("^│on", "^│top")


def test_attached_to_its_own_program(manager: Manager) -> None:
    screen = manager.open()
    screen.start("shell", "shell-1", "running")
    screen.choose_container("shell-1")
    screen.press("a")
    screen.wait_for("` shell-1", "ctrl.] leaves")
    enter(screen, "echo $((40+2)) attached")
    screen.wait_for("42 attached")
    # Closing leaves the container running; attached again, what was written is there.
    screen.press("C-]", "x")
    screen.terminal.wait_without("42 attached")
    assert manager.rows()["shell-1"]["status"] == "running"
    screen.choose_container("shell-1")
    screen.press("a")
    screen.wait_for("42 attached")
    enter(screen, "exit 5")
    screen.wait_for("it ended with status 5")


def test_a_recording_has_what_was_shown(manager: Manager) -> None:
    path = os.path.join(manager.folder, "shell.cast")
    screen = open_shell(manager)
    enter(screen, "echo before")
    screen.wait_for("^│before")
    screen.press("C-]", "C-r")
    screen.wait_for("Record the terminal")
    screen.press("C-u")
    screen.terminal.type(path)
    screen.press("Enter")
    screen.wait_for("recording")
    screen.press("Enter")
    enter(screen, "echo during")
    screen.wait_for("^│during")
    screen.press("C-]", "C-r")
    screen.wait_for("complete")
    assert os.stat(path).st_mode & 0o777 == 0o600
    with open(path) as file:
        header, *events = map(json.loads, file)
    assert (header["version"], header["width"]) == (2, 118)
    shown = "".join(text for _, kind, text in events if kind == "o")
    assert "before" in shown
    assert "during\r\n" in shown


def test_read_only_opens_none(manager: Manager) -> None:
    assert manager.run("run", "-d", "--name", "kept", "cpu").returncode == 0
    screen = manager.open("--read-only")
    screen.choose_container("kept")
    for key in ("e", "a"):
        screen.press(key)
        screen.wait_for("read-only: start without")
    assert len(manager.kernel.processes("kept")) == 1
    screen.quit()


def test_the_whole_screen_is_there_too(manager: Manager) -> None:
    screen = manager.open()
    screen.start("cpu", "cpu-1", "running")
    screen.choose_container("cpu-1")
    screen.press("E")
    screen.wait_for("comes back")
    screen.terminal.wait_without("1 Bundles")
    enter(screen, "stty size")
    screen.wait_for("^40 120")
    enter(screen, "exit")
    screen.wait_for("1 Bundles", "cpu-1")
