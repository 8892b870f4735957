"""`run` and `exec` in the foreground: status, signals, streams, terminal."""

from __future__ import annotations

import os
import pty
import select
import signal
import socket
import subprocess
import termios
import time
from typing import TYPE_CHECKING

import pytest

from tests.busybox import STEADY, make_bundle
from tests.kernel.runtime.conftest import ours_only
from tests.kernel.runtime.door import OTHER, PROGRAM, reap_orphans

if TYPE_CHECKING:
    from tests.kernel.runtime.door import Door

pytestmark = pytest.mark.kernel


@pytest.mark.parametrize(
    ("script", "status"),
    [("exit 0", 0), ("exit 1", 1), ("exit 42", 42), ("sh -c 'kill -SEGV $$'; exit $?", 139)],
)
def test_the_programs_status_is_passed_on(door: Door, script: str, status: int) -> None:
    done = door.call("run", "--bundle", str(door.shell(script)), door.new_id())
    assert done.returncode == status


def test_status_of_a_program_that_a_signal_ends(door: Door) -> None:
    container_id = door.new_id()
    bundle = door.shell("echo up; exec sleep 60")
    with spawn(door, "run", "--bundle", str(bundle), container_id) as process:
        read_line(process)
        door.ok("kill", container_id, "KILL")
        assert process.wait(10) == 137


def test_the_container_is_gone_after_run(door: Door) -> None:
    container_id = door.new_id()
    door.ok("run", "--bundle", str(door.shell("true")), container_id)
    assert "does not exist" in door.fails("state", container_id)


@ours_only
def test_keep(door: Door) -> None:
    container_id = door.new_id()
    door.ok("run", "--keep", "--bundle", str(door.shell("true")), container_id)
    assert door.state(container_id)["status"] == "stopped"


def test_detached(door: Door) -> None:
    container_id = door.new_id()
    door.ok("run", "--detach", "--bundle", str(door.shell(STEADY)), container_id)
    state = door.state(container_id)
    assert state["status"] == "running"
    with open(f"/proc/{state['pid']}/stat", encoding="ascii") as file:
        assert file.read().split()[3] == str(os.getpid())


def test_streams_are_the_callers(door: Door) -> None:
    bundle = door.shell("cat; echo aside >&2")
    container_id = door.new_id()
    with spawn(door, "run", "--bundle", str(bundle), container_id) as process:
        out, err = process.communicate(b"through\n", 20)
    assert (out, err) == (b"through\n", b"aside\n")


@pytest.mark.parametrize("name", ["TERM", "HUP", "USR1", "INT"])
def test_signals_are_forwarded(door: Door, name: str) -> None:
    script = f"trap 'echo got; exit 3' {name}; echo up; while :; do sleep 0.05; done"
    container_id = door.new_id()
    with spawn(door, "run", "--bundle", str(door.shell(script)), container_id) as process:
        assert read_line(process) == b"up\n"
        process.send_signal(signal.Signals[f"SIG{name}"])
        assert read_line(process) == b"got\n"
        assert process.wait(10) == 3


def test_a_reader_that_goes_away_ends_the_program_not_us(door: Door) -> None:
    bundle = door.shell("while echo line; do :; done 2>/dev/null; exit 5")
    container_id = door.new_id()
    with spawn(door, "run", "--bundle", str(bundle), container_id) as process:
        read_line(process)
        assert process.stdout is not None
        process.stdout.close()
        assert process.wait(10) in (5, 141)


def test_run_with_a_terminal(door: Door) -> None:
    bundle = make_bundle(door.folder / "b", "/bin/sh", "-c", "tty; stty size; cat", terminal=True)
    master, slave = pty.openpty()
    termios.tcsetwinsize(master, (33, 77))
    container_id = door.new_id()
    with subprocess.Popen(
        [*PROGRAM, "--root", str(door.root), "run", "--bundle", str(bundle), container_id],
        stdin=slave,
        stdout=slave,
        stderr=slave,
    ) as process:
        os.close(slave)
        said = expect(master, b"77")
        assert b"/dev/console" in said or b"/dev/pts/0" in said
        assert b"33 77" in said
        os.write(master, b"typed\r")
        assert b"typed\r\ntyped" in expect(master, b"typed\r\ntyped")
        os.write(master, b"\x04")
        assert process.wait(10) == 0
        flags = termios.tcgetattr(master)[3]
        assert flags & termios.ECHO, "the terminal's mode must be as it was"
    os.close(master)


def test_the_terminals_keys_become_signals_inside(door: Door) -> None:
    script = "trap 'echo interrupted; exit 4' INT; echo up; while :; do sleep 0.05; done"
    bundle = make_bundle(door.folder / "b", "/bin/sh", "-c", script, terminal=True)
    master, slave = pty.openpty()
    with subprocess.Popen(
        [*PROGRAM, "--root", str(door.root), "run", "--bundle", str(bundle), door.new_id()],
        stdin=slave,
        stdout=slave,
        stderr=slave,
    ) as process:
        os.close(slave)
        expect(master, b"up")
        os.write(master, b"\x03")
        expect(master, b"interrupted")
        assert process.wait(10) == 4
    os.close(master)


def test_the_console_goes_through_the_socket(door: Door) -> None:
    script = "tty; stty size; read line; echo got $line"
    bundle = make_bundle(door.folder / "b", "/bin/sh", "-c", script, terminal=True)
    door.edit(
        bundle,
        lambda document: document["process"].update(consoleSize={"height": 20, "width": 50}),
    )
    master, container_id = create_with_console(door, "create", "--bundle", str(bundle))
    door.ok("start", container_id)
    assert b"20 50" in expect(master, b"20 50")
    os.write(master, b"hello\n")
    assert b"got hello" in expect(master, b"got hello")
    os.close(master)


def test_exec_with_a_terminal(door: Door) -> None:
    container_id = door.started(door.shell(STEADY))
    words = ("exec", "--detach", "--tty")
    master, _ = create_with_console(
        door, *words, after=(container_id, "/bin/sh", "-c", "tty; echo done; sleep 60")
    )
    assert b"/dev/pts/0" in expect(master, b"done")
    os.close(master)


def test_exec_in_the_foreground_with_a_terminal(door: Door) -> None:
    container_id = door.started(door.shell(STEADY))
    master, slave = pty.openpty()
    with subprocess.Popen(
        [*PROGRAM, "--root", str(door.root), "exec", "--tty", container_id, "/bin/sh"],
        stdin=slave,
        stdout=slave,
        stderr=slave,
    ) as process:
        os.close(slave)
        expect(master, b"#")
        os.write(master, b"tty; exit 9\r")
        expect(master, b"/dev/pts/")
        assert process.wait(10) == 9
    os.close(master)


def test_a_terminal_without_a_devpts_is_refused(door: Door) -> None:
    bundle = make_bundle(door.folder / "b", "/bin/sh", terminal=True)

    def change(document: dict[str, list[dict[str, str]]]) -> None:
        document["mounts"] = [each for each in document["mounts"] if each["type"] != "devpts"]

    door.edit(bundle, change)
    text = door.fails("run", "--bundle", str(bundle), door.new_id())
    assert "/dev/pts" in text or OTHER


def test_terminal_flags_that_contradict(door: Door) -> None:
    bundle = make_bundle(door.folder / "with", "/bin/sh", terminal=True)
    plain = make_bundle(door.folder / "without", "/bin/sh")
    text = door.fails("create", "--bundle", str(bundle), door.new_id())
    assert "without setting console socket" in text
    text = door.fails("create", "--bundle", str(plain), "--console-socket", "/nope", door.new_id())
    assert "cannot use console socket" in text


def test_a_console_socket_where_nobody_listens(door: Door) -> None:
    bundle = make_bundle(door.folder / "b", "/bin/sh", terminal=True)
    container_id = door.new_id()
    door.fails("create", "--bundle", str(bundle), "--console-socket", "/nope", container_id)
    assert "does not exist" in door.fails("state", container_id)


def spawn(door: Door, *words: str) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        [*PROGRAM, "--root", str(door.root), *words],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )


def read_line(process: subprocess.Popen[bytes]) -> bytes:
    assert process.stdout is not None
    return process.stdout.readline()


def expect(fd: int, text: bytes) -> bytes:
    """Read from a terminal until it has shown *text*; return all that was read."""
    said = b""
    deadline = time.monotonic() + 15
    while text not in said:
        ready, _, _ = select.select([fd], [], [], max(0.0, deadline - time.monotonic()))
        assert ready, f"{text!r} isn't in {said!r}"
        said += os.read(fd, 4096)
    return said


def create_with_console(door: Door, *words: str, after: tuple[str, ...] = ()) -> tuple[int, str]:
    """Run a command with a console socket; return the master it sends and the container's id."""
    path = str(door.folder / "console.sock")
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(path)
        listener.listen()
        container_id = door.new_id()
        door.ok(*words, "--console-socket", path, *(after or (container_id,)))
        connection, _ = listener.accept()
        with connection:
            _, fds, _, _ = socket.recv_fds(connection, 4096, 1)
    reap_orphans()
    assert os.isatty(fds[0])
    return fds[0], container_id
