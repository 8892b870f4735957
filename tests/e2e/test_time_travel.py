"""A real container is recorded and replayed, and looked back at while the program runs."""

from __future__ import annotations

import json
import os
import signal
import stat
import subprocess

import pytest

from tests.e2e.kernel_view import eventually
from tests.e2e.manager import Manager
from tuicontainer.engine.recording_file import RecordingText

pytestmark = [pytest.mark.e2e, pytest.mark.serial]


def kinds(path: str) -> dict[str, int]:
    """Return how many lines of each kind a recording has."""
    found: dict[str, int] = {}
    for line in RecordingText(path).lines():
        for kind in json.loads(line):
            found[kind] = found.get(kind, 0) + 1
    return found


def test_a_recorded_session_is_replayed_without_its_machine(manager: Manager) -> None:
    path = os.path.join(manager.folder, "session.rec")
    screen = manager.open("--record", path)
    screen.wait_for("REC")
    screen.start("cpu", "cpu-1", "running")
    screen.wait_for(r"cpu-1\b.*\d%")
    screen.kill("cpu-1")
    screen.wait_for(r"cpu-1\b.*SIGKILL")
    screen.delete("cpu-1")
    screen.press("C-q")
    assert eventually(lambda: screen.terminal.ended == "0")

    assert stat.S_IMODE(os.stat(path).st_mode) == 0o600
    found = kinds(path)
    assert found["tick"] >= 2
    assert found["event"] >= 4
    assert "log" not in found
    text = b"".join(RecordingText(path).lines())
    assert b"PATH=\xe2\x80\xa6" in text, "names of variables are there"
    assert b"/usr/local/sbin" not in text, "their values aren't"

    replay = manager.open("--replay", path)
    replay.wait_for("RECORDING")
    replay.press("P", "{", "{", "{", "{", "F")
    replay.wait_for(r"paused", r"cpu-1\b.*\brunning\b")
    replay.press("2", "K", "d")
    replay.wait_for("this is a recording")
    replay.press("F")
    replay.wait_for(r"cpu-1\b.*SIGKILL")
    replay.press("b")
    replay.wait_for(r"cpu-1\b.*\brunning\b")
    replay.press("q")
    assert eventually(lambda: replay.terminal.ended == "0")


def test_a_recording_whose_program_was_killed_can_be_replayed(manager: Manager) -> None:
    path = os.path.join(manager.folder, "killed.rec")
    screen = manager.open("--record", path)
    screen.start("cpu", "cpu-1", "running")
    # What is flushed every two seconds is there whatever happens then.
    assert eventually(lambda: b'"running"' in b"".join(RecordingText(path).lines()))
    os.kill(screen.terminal.pid, signal.SIGKILL)
    assert eventually(lambda: screen.terminal.ended)
    replay = manager.open("--replay", path)
    replay.wait_for("its end is torn")
    replay.wait_for(r"cpu-1\b.*\brunning\b")


def test_the_last_seconds_are_looked_back_at(manager: Manager) -> None:
    screen = manager.open()
    screen.start("cpu", "cpu-1", "running")
    screen.wait_for(r"cpu-1\b.*\d%")
    screen.kill("cpu-1")
    screen.wait_for(r"cpu-1\b.*SIGKILL")
    screen.press("P", "b", "b")
    screen.wait_for("THE PAST.*paused", r"cpu-1\b.*\brunning\b", "R returns to now")
    screen.press("2", "s", "r", "d")
    screen.wait_for("this is the past")
    assert manager.rows()["cpu-1"]["status"] == "stopped"
    screen.press("R")
    screen.wait_for(r"cpu-1\b.*SIGKILL")
    screen.terminal.wait_without("THE PAST")
    screen.delete("cpu-1")


def test_recording_needs_no_window(manager: Manager) -> None:
    path = os.path.join(manager.folder, "verb.rec")
    assert manager.run("run", "-d", "--name", "writes", "logger").returncode == 0
    recording = subprocess.Popen(
        [manager.program, "record", "--logs", path],
        env=manager.environment, stdin=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip
    try:
        assert eventually(lambda: os.path.exists(path) and kinds(path).get("tick", 0) >= 2)
        recording.send_signal(signal.SIGINT)
        _, said = recording.communicate(timeout=30)
    finally:
        recording.kill()
    assert (recording.returncode, said) == (0, "")
    text = RecordingText(path)
    lines = list(text.lines())
    assert not text.torn
    assert any(b'"log"' in line for line in lines)
    assert manager.run("kill", "writes").returncode == 0


@pytest.mark.parametrize(
    ("words", "says", "status"),
    [
        (("--replay", "/etc/passwd"), "not a recording", 1),
        (("--replay", "/no/such/file"), "no file", 1),
        (("--record", "/etc/passwd"), "is there already", 1),
        (("--record", "/no/such/folder/x"), "can't write", 1),
        (("--record", "x", "--replay", "y"), "exclude each other", 2),
        (("--record", "x", "ps"), "no verb", 2),
        (("record",), "FILE", 2),
        (("record", "--for", "1", "/etc/passwd"), "is there already", 1),
    ],
)
def test_files_that_cant_be_used_are_told_in_a_line(
    manager: Manager, words: tuple[str, ...], says: str, status: int
) -> None:
    if "record" in words:
        done = manager.run(*words)
        assert (done.returncode, says in done.stderr) == (status, True), done.stderr
        return
    script = subprocess.run(
        ["script", "-qec", " ".join([manager.program, *words]), "/dev/null"],
        env=manager.environment, stdin=subprocess.DEVNULL, capture_output=True, text=True,
        timeout=60, check=False,
    )  # fmt: skip
    assert script.returncode == status, script.stdout
    assert says in script.stdout
    assert len(script.stdout.splitlines()) <= 2
