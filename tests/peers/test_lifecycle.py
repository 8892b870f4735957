"""What Docker and Podman do with a container: start, stop, kill, pause, exec, restart."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import pytest

from tests.busybox import STEADY
from tests.peers.engine import await_true

if TYPE_CHECKING:
    from tests.peers.engine import Engine


def test_stop_asks_first(engine: Engine) -> None:
    name = engine.detached(STEADY)
    engine.ok("stop", name)
    assert engine.inspect(name)["State"]["ExitCode"] == 0


def test_stop_kills_what_does_not_listen(engine: Engine) -> None:
    name = engine.detached("trap '' TERM; echo ready; while :; do sleep 0.1; done")
    engine.await_log(name, "ready")
    engine.ok("stop", "--time=1", name)
    assert engine.inspect(name)["State"]["ExitCode"] == 137


def test_kill_delivers_a_signal(engine: Engine) -> None:
    name = engine.detached("trap 'echo usr1; exit 9' USR1; echo ready; while :; do sleep 0.1; done")
    engine.await_log(name, "ready")
    engine.ok("kill", "--signal=USR1", name)
    assert engine.ok("wait", name) == "9\n"
    assert engine.ok("logs", name) == "ready\nusr1\n"


def test_killing_what_has_ended_is_refused(engine: Engine) -> None:
    name = engine.detached("exit 0")
    engine.await_status(name, "exited")
    assert engine.call("kill", name).returncode != 0


def test_create_start_and_start_again(engine: Engine) -> None:
    name = engine.new_name()
    engine.ok(*engine.making("create", f"--name={name}"), "sh", "-c", "echo once; exit 4")
    for times in (1, 2):
        engine.ok("start", name)
        engine.await_status(name, "exited")
        assert engine.ok("logs", name) == "once\n" * times
    assert engine.inspect(name)["State"]["ExitCode"] == 4


def test_restart(engine: Engine) -> None:
    name = engine.detached(f"echo begun; {STEADY}")
    engine.await_log(name, "begun")
    engine.ok("restart", name)
    engine.await_log(name, "begun\nbegun\n")
    assert engine.status(name) == "running"


def test_the_restart_policy_starts_what_failed(engine: Engine) -> None:
    name = engine.detached("echo tried; exit 3", "--restart=on-failure:2")
    await_true(lambda: engine.inspect(name)["RestartCount"] == 2, "two restarts")
    engine.await_status(name, "exited")
    assert engine.ok("logs", name) == "tried\n" * 3
    assert engine.inspect(name)["State"]["ExitCode"] == 3


def test_pause_holds_every_process_until_unpause(engine: Engine) -> None:
    name = engine.detached("while :; do echo tick; sleep 0.05; done")
    engine.await_log(name, "tick")
    engine.ok("pause", name)
    assert engine.status(name) == "paused"
    # The engines read the output through pipes: what was written before may come a moment later.
    time.sleep(0.2)
    before = engine.ok("logs", name)
    time.sleep(0.3)
    assert engine.ok("logs", name) == before
    engine.ok("unpause", name)
    assert engine.status(name) == "running"
    engine.await_log(name, before + "tick")


def test_a_paused_container_can_be_removed(engine: Engine) -> None:
    name = engine.detached("sleep 1000")
    engine.ok("pause", name)
    engine.ok("rm", "--force", name)
    assert engine.call("container", "inspect", name).returncode != 0


def test_exec(engine: Engine) -> None:
    name = engine.detached("sleep 1000", "--env=A=1")
    done = engine.call(
        "exec", "--user=guest", "--workdir=/tmp", "--env=B=2", name,
        "sh", "-c", "echo $A $B; id -u; pwd; echo err >&2; exit 7",
    )  # fmt: skip
    assert (done.stdout, done.stderr, done.returncode) == ("1 2\n1000\n/tmp\n", "err\n", 7)
    assert engine.ok("exec", "--interactive", name, "sed", "s/a/b/", input="a\n") == "b\n"


@pytest.mark.parametrize("program", ["no-such-program", "/etc"])
def test_exec_of_what_cant_start_has_its_status(engine: Engine, program: str) -> None:
    name = engine.detached("sleep 1000")
    done = engine.call("exec", name, program)
    # Docker before 23 says 126 of a missing program too.
    missing = 126 if engine.program == "docker" and done.returncode == 126 else 127
    assert done.returncode == (126 if program == "/etc" else missing), done.stderr
    assert engine.status(name) == "running"


def test_exec_detached(engine: Engine) -> None:
    name = engine.detached("while [ ! -e /tmp/done ]; do sleep 0.05; done; echo seen")
    engine.ok("exec", "--detach", name, "touch", "/tmp/done")
    engine.await_log(name, "seen")


def test_what_others_write_to_the_first_process_is_logged(engine: Engine) -> None:
    """Images whose programs log to files lead those to /proc/1/fd/1."""
    name = engine.detached("sleep 1000")
    engine.ok("exec", name, "sh", "-c", "echo from outside > /proc/1/fd/1")
    engine.await_log(name, "from outside")


def test_top_lists_the_processes(engine: Engine) -> None:
    name = engine.detached("sleep 1000 & sleep 1001")
    listed = engine.ok("top", name)
    assert "sleep 1000" in listed
    assert "sleep 1001" in listed


def test_many_at_once(engine: Engine) -> None:
    with ThreadPoolExecutor(4) as pool:
        names = list(pool.map(lambda number: engine.detached(f"exit {number}"), range(4)))
        statuses = list(pool.map(lambda name: engine.ok("wait", name), names))
    assert statuses == [f"{number}\n" for number in range(4)]
