"""`exec`: another program, its streams and its status."""

from __future__ import annotations

import signal

import pytest

from tests.kernel.cli.program import Cli, wait_until

pytestmark = pytest.mark.kernel


@pytest.fixture
def running(cli: Cli) -> str:
    cli.ok("run", "-d", "--name", "x", cli.steady())
    return "x"


def test_streams_and_status_are_the_programs(cli: Cli, running: str) -> None:
    done = cli("exec", running, "sh", "-c", "echo out; echo err >&2; exit 7")
    assert (done.stdout, done.stderr, done.returncode) == ("out\n", "err\n", 7)


def test_it_is_inside(cli: Cli, running: str) -> None:
    assert cli.ok("exec", running, "hostname") == "steady\n"
    out = cli.ok("exec", "-e", "A=b", "-w", "/tmp", "-u", "7:8", running,
                 "sh", "-c", "echo $A; pwd; id -u; id -g")  # fmt: skip
    assert out == "b\n/tmp\n7\n8\n"


def test_input_passes_with_i_only(cli: Cli, running: str) -> None:
    assert cli("exec", "-i", running, "cat", input="some\nlines\n").stdout == "some\nlines\n"
    assert cli("exec", running, "cat", input="some\nlines\n").stdout == ""


def test_much_passes_both_ways(cli: Cli, running: str) -> None:
    text = "".join(f"{number}\n" for number in range(100_000))
    assert cli("exec", "-i", running, "cat", input=text).stdout == text


def test_detached_it_goes_on(cli: Cli, running: str) -> None:
    assert cli.ok("exec", "-d", running, "sleep", "4242") == ""
    assert wait_until(lambda: "4242" in cli.ok("exec", running, "ps"))


def test_a_child_that_keeps_the_pipes_open_doesnt_hold_us(cli: Cli, running: str) -> None:
    assert cli.ok("exec", running, "sh", "-c", "sleep 60 & echo done") == "done\n"


def test_signals_reach_the_program(cli: Cli, running: str) -> None:
    script = "trap 'echo caught; exit 9' TERM; echo ready; while :; do sleep 0.05; done"
    program = cli.popen("exec", running, "sh", "-c", script)
    assert program.stdout is not None
    assert program.stdout.readline() == b"ready\n"
    program.send_signal(signal.SIGTERM)
    out, _ = program.communicate(timeout=20)
    assert (out, program.returncode) == (b"caught\n", 9)


@pytest.mark.parametrize(
    ("words", "status", "text"),
    [
        (("x", "no-such-program"), 127, "no-such-program"),
        (("x", "/tmp"), 126, "/tmp"),
        (("nobody", "true"), 125, "no container matches `nobody`"),
    ],
)
def test_failures(cli: Cli, running: str, words: tuple[str, str], status: int, text: str) -> None:
    done = cli("exec", *words)
    assert done.returncode == status, done.stderr
    assert done.stdout == ""
    assert text in done.stderr
    assert done.stderr.count("\n") == 1
