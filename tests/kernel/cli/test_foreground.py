"""`run` in the foreground: streams, signals and exit statuses are the program's."""

from __future__ import annotations

import os
import signal
import subprocess
import time
from pathlib import Path

import pytest

from tests.kernel.cli.program import Cli, wait_until

pytestmark = pytest.mark.kernel


@pytest.mark.parametrize(
    ("script", "status"),
    [("exit 0", 0), ("exit 1", 1), ("exit 125", 125), ("exit 255", 255), ("kill -KILL $$", None)],
)
def test_the_status_is_the_programs(cli: Cli, script: str, status: int | None) -> None:
    # A PID namespace's first process can't be killed from inside (pid_namespaces(7)), so the last
    # script goes on and ends well.
    assert cli("run", "--rm", cli.bundle("b", script)).returncode == (status or 0)


def test_a_killed_program_gives_128_and_the_signal(cli: Cli) -> None:
    running = cli.popen(
        "run", "--name", "x", cli.bundle("b", "echo ready; while :; do sleep 1; done")
    )
    assert running.stdout is not None
    assert running.stdout.readline() == b"ready\n"
    cli.ok("kill", "-s", "KILL", "x")
    running.communicate(timeout=20)
    assert running.returncode == 128 + signal.SIGKILL


def test_nothing_is_lost_of_what_a_quick_program_writes(cli: Cli) -> None:
    name = cli.bundle("b", "seq 1 20000; seq 1 2000 >&2")
    done = cli("run", "--rm", name)
    assert done.stdout == "".join(f"{number}\n" for number in range(1, 20001))
    assert done.stderr == "".join(f"{number}\n" for number in range(1, 2001))


def test_bytes_pass_as_they_are(cli: Cli) -> None:
    name = cli.bundle("b", r"printf 'a\000\377\r\nno newline'")
    done = subprocess.run(
        cli.command("run", "--rm", name),
        env=cli.environment,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        timeout=40,
        check=True,
    )
    assert done.stdout == b"a\x00\xff\r\nno newline"


def test_without_i_standard_input_is_empty(cli: Cli) -> None:
    done = cli("run", "--rm", cli.bundle("b", "cat; echo end"), input="secret\n")
    assert done.stdout == "end\n"


def test_with_i_our_input_is_the_programs_and_it_sees_its_end(cli: Cli) -> None:
    name = cli.bundle("b", "cat; echo end")
    assert cli("run", "--rm", "-i", name, input="one\ntwo\n").stdout == "one\ntwo\nend\n"


def test_a_large_input_passes_through_without_standing_still(cli: Cli, tmp_path: Path) -> None:
    data = os.urandom(1 << 20) * 3
    (tmp_path / "input").write_bytes(data)
    with (tmp_path / "input").open("rb") as stdin:
        done = subprocess.run(
            cli.command("run", "--rm", "-i", cli.raw_bundle("b", "/bin/cat")),
            env=cli.environment,
            stdin=stdin,
            capture_output=True,
            timeout=90,
            check=True,
        )
    assert len(done.stdout) == len(data)
    assert done.stdout == data


def test_a_program_that_doesnt_read_its_input_ends_all_the_same(cli: Cli) -> None:
    done = cli("run", "--rm", "-i", cli.bundle("b", "exit 4"), input="x" * 300_000)
    assert done.returncode == 4


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGHUP, signal.SIGUSR1])
def test_signals_reach_the_program(cli: Cli, number: signal.Signals) -> None:
    word = number.name.removeprefix("SIG")
    script = f"trap 'echo got {word}; exit 9' {word}; echo ready; while :; do sleep 0.05; done"
    running = cli.popen("run", "--rm", cli.bundle("b", script))
    assert running.stdout is not None
    assert running.stdout.readline() == b"ready\n"
    running.send_signal(number)
    out, _ = running.communicate(timeout=20)
    assert out == f"got {word}\n".encode()
    assert running.returncode == 9


def test_the_third_interrupt_leaves_a_program_that_doesnt_listen(cli: Cli) -> None:
    name = cli.bundle("b", "trap '' INT; echo ready; while :; do sleep 1; done")
    running = cli.popen("run", "--name", "x", name)
    assert running.stdout is not None
    assert running.stdout.readline() == b"ready\n"
    for _ in range(3):
        running.send_signal(signal.SIGINT)
        time.sleep(0.3)
    _, err = running.communicate(timeout=20)
    assert running.returncode == 130
    assert b"`x` goes on" in err
    assert cli.status("x") == "running"


def test_a_reader_that_leaves_ends_us_but_not_the_container(cli: Cli) -> None:
    running = cli.popen(
        "run", "--name", "x", cli.bundle("b", "while :; do echo line; sleep 0.05; done")
    )
    assert running.stdout is not None
    assert running.stdout.readline() == b"line\n"
    running.stdout.close()
    assert running.wait(timeout=20) == 141
    close(running)
    assert cli.status("x") == "running"


def test_our_death_isnt_the_containers(cli: Cli) -> None:
    running = cli.popen(
        "run", "--name", "x", cli.bundle("b", "echo ready; while :; do sleep 1; done")
    )
    assert running.stdout is not None
    assert running.stdout.readline() == b"ready\n"
    running.kill()
    running.communicate()
    assert cli.status("x") == "running"
    assert cli.ok("logs", "x") == "ready\n"


def test_the_monitors_death_isnt_ours(cli: Cli) -> None:
    script = "echo before; until [ -e /tmp/go ]; do sleep 0.05; done; echo after; exit 5"
    mounts = [{"destination": "/tmp", "type": "tmpfs", "source": "tmpfs"}]
    from tuicontainer.spec.default import default_document

    name = cli.bundle("b", script, mounts=[*default_document()["mounts"], *mounts])
    running = cli.popen("run", "--name", "x", name)
    assert running.stdout is not None
    assert running.stdout.readline() == b"before\n"
    monitor = monitor_of(cli.json("ps")[0]["pid"])
    os.kill(monitor, signal.SIGKILL)
    assert wait_until(lambda: monitor_of(cli.json("ps")[0]["pid"]) != monitor)
    time.sleep(0.5)
    cli.ok("exec", "x", "touch", "/tmp/go")
    out, err = running.communicate(timeout=20)
    assert running.returncode == 5, err
    assert b"after\n" in out + cli.ok("logs", "x").encode()


def close(program: subprocess.Popen[bytes]) -> None:
    """Close what is left of a program's pipes."""
    for stream in (program.stdin, program.stdout, program.stderr):
        assert stream is not None
        stream.close()


def monitor_of(pid: int) -> int:
    """Return the parent of a container's first process."""
    text = Path(f"/proc/{pid}/stat").read_text()
    return int(text.rpartition(")")[2].split()[1])
