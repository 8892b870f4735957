"""How a command ends."""

from __future__ import annotations

import subprocess
import sys


def leave(script: str, stdout: int | None = subprocess.PIPE) -> subprocess.CompletedProcess[bytes]:
    script = f"from tuicontainer.cli.leaving import leave\n{script}"
    return subprocess.run(
        [sys.executable, "-Ic", script], stdout=stdout, stderr=subprocess.PIPE, check=False
    )


def test_what_was_printed_comes_out_and_the_status_is_the_commands() -> None:
    done = leave("print('said')\nleave(7)")
    assert (done.returncode, done.stdout, done.stderr) == (7, b"said\n", b"")


def test_output_that_cant_be_written_is_a_failure() -> None:
    with open("/dev/full", "wb") as full:
        done = leave("print('said')\nleave(0)", full.fileno())
    assert done.returncode == 1
    assert done.stderr == b"standard output: No space left on device\n"


def test_threads_get_their_usual_end() -> None:
    script = "import threading, time\nthreading.Timer(0.1, lambda: print('late')).start()\nleave(3)"
    done = leave(script)
    assert (done.returncode, done.stdout) == (3, b"late\n")
