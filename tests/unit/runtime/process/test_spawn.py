"""Helper programs: what they get, what is kept of them, and how long they may take."""

from __future__ import annotations

import os
import time
from typing import TYPE_CHECKING

import pytest

from tuicontainer.runtime.process.spawn import Finished, Output, capture, run_program

if TYPE_CHECKING:
    from pathlib import Path


def shell(
    script: str, *, stdin: bytes = b"", timeout: float | None = None, cwd: str = "/"
) -> Finished:
    env = {"PATH": "/bin:/usr/bin", "A": "b"}
    args = ["sh", "-c", script]
    return run_program("/bin/sh", args, env, stdin=stdin, cwd=cwd, timeout=timeout)


def test_input_output_environment_and_folder() -> None:
    finished = shell("cat; echo $A; pwd; echo aside >&2", stdin=b"in\n", cwd="/tmp")
    assert finished == Finished(status=0, stdout="in\nb\n/tmp\n", stderr="aside\n")


@pytest.mark.parametrize(("script", "status"), [("exit 3", 3), ("kill -TERM $$", -15)])
def test_status(script: str, status: int) -> None:
    assert shell(script).status == status


def test_a_program_that_reads_nothing_is_no_obstacle() -> None:
    assert shell("exit 0", stdin=b"x" * 10**6).status == 0


def test_much_input_and_much_output_at_once() -> None:
    finished = shell("cat", stdin=b"x" * 10**6)
    assert finished.status == 0
    assert finished.stdout == "x" * 4096


def test_what_stays_in_the_background_is_not_waited_for() -> None:
    begin = time.monotonic()
    assert shell("sleep 5 & echo done").stdout == "done\n"
    assert time.monotonic() - begin < 3


def test_a_program_that_takes_too_long_is_killed_with_its_children() -> None:
    begin = time.monotonic()
    finished = shell("sleep 5; true", timeout=0.2)
    assert finished.timed_out
    assert finished.status == -9
    assert time.monotonic() - begin < 3


def test_a_program_that_is_not_there() -> None:
    before = os.listdir("/proc/self/fd")
    with pytest.raises(FileNotFoundError):
        run_program("/nope", [], {}, stdin=b"", cwd="/", timeout=None)
    with pytest.raises(PermissionError):
        run_program("/etc/passwd", [], {}, stdin=b"", cwd="/", timeout=None)
    assert os.listdir("/proc/self/fd") == before


def test_it_inherits_nothing() -> None:
    reader, writer = os.pipe()
    os.set_inheritable(reader, True)
    listing = shell("for fd in /proc/self/fd/*; do [ -e $fd ] && echo ${fd##*/}; done; true")
    assert set(listing.stdout.split()) <= {"0", "1", "2", "3"}
    os.close(reader)
    os.close(writer)


def test_output_to_a_file_is_not_kept(tmp_path: Path) -> None:
    file = os.open(tmp_path / "out", os.O_WRONLY | os.O_CREAT)
    finished = run_program(
        "/bin/sh",
        ["sh", "-c", "echo one; echo two >&2"],
        {},
        stdin=b"",
        cwd="/",
        timeout=None,
        outputs=(Output(write_end=file, read_end=None), capture()),
    )
    assert (tmp_path / "out").read_text() == "one\n"
    assert (finished.stdout, finished.stderr) == ("", "two\n")
