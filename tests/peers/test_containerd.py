"""containerd's shim calls the runtime as runc: `ctr` run, exec, kill, pause, metrics."""

from __future__ import annotations

import json
import time
from typing import TYPE_CHECKING

import pytest

from tests.peers.engine import await_true

if TYPE_CHECKING:
    from pathlib import Path

    from tests.peers.containerd import Containerd
    from tests.screen import Screen

MIB = 1024**2


def test_output_errors_and_status_come_back(containerd: Containerd) -> None:
    run = containerd.running(containerd.new_name(), "--rm")
    done = containerd.call(*run, "sh", "-c", "echo out; echo err >&2; exit 3")
    assert (done.stdout, done.stderr, done.returncode) == ("out\n", "err\n", 3)


def test_input_goes_in(containerd: Containerd) -> None:
    run = containerd.running(containerd.new_name(), "--rm")
    done = containerd.call(*run, "sh", "-c", "read word; echo got $word", input="it\n")
    assert done.stdout == "got it\n"


def test_why_a_container_cant_be_made_reaches_the_client(containerd: Containerd) -> None:
    done = containerd.call(*containerd.running(containerd.new_name(), "--rm"), "no-such-program")
    assert done.returncode != 0
    assert '"no-such-program": executable file not found in $PATH' in done.stderr


FLAGS = [
    (["--env=A=b c"], "echo $A", "b c\n"),
    (["--cwd=/tmp"], "pwd", "/tmp\n"),
    (["--read-only"], "touch /x 2>&1 || :", "touch: /x: Read-only file system\n"),
    (["--seccomp"], "sed -n 's/^Seccomp:.//p' /proc/self/status", "2\n"),
    (["--cap-drop=CAP_CHOWN"], "touch /x; busybox chown 1 /x 2>/dev/null || echo no", "no\n"),
    (["--allow-new-privs"], "sed -n 's/^NoNewPrivs:.//p' /proc/self/status", "0\n"),
    (["--privileged"], "busybox mount -t tmpfs none /tmp && echo mounted", "mounted\n"),
    (["--annotation=some.key=value"], "echo fine", "fine\n"),
    (["--device=/dev/full"], "ls /dev/full", "/dev/full\n"),
]


@pytest.mark.parametrize(("flags", "script", "output"), FLAGS, ids=[row[0][0] for row in FLAGS])
def test_a_flag_reaches_the_container(
    containerd: Containerd, flags: list[str], script: str, output: str
) -> None:
    assert containerd.shell(script, *flags) == output


def test_a_folder_of_the_host(containerd: Containerd, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("inside out\n")
    mount = f"--mount=type=bind,src={tmp_path},dst=/w,options=rbind:rw"
    assert containerd.shell("cat /w/file; echo back > /w/new", mount) == "inside out\n"
    assert (tmp_path / "new").read_text() == "back\n"


def test_run_in_a_terminal(containerd: Containerd, screens: list[Screen]) -> None:
    screen = containerd.screen(*containerd.running(containerd.new_name(), "--rm", "--tty"), "sh")
    screens.append(screen)
    screen.expect(b"# ")
    screen.type(b"tty; echo $((6*7))\r")
    screen.expect(b"/dev/pts/0")
    screen.expect(b"42")
    screen.await_size(30, 100)
    screen.type(b"exit 6\r")
    assert screen.end() == 6


def test_exec(containerd: Containerd) -> None:
    name = containerd.detached("sleep 1000", "--env=A=1")
    script = "echo $A; id -u; pwd; echo err >&2; exit 7"
    words = ("task", "exec", "--exec-id=e1", "--cwd=/tmp", "--user=guest", name, "sh", "-c", script)
    done = containerd.call(*words)
    assert (done.stdout, done.stderr, done.returncode) == ("1\n1000\n/tmp\n", "err\n", 7)


def test_exec_of_a_missing_program_says_why(containerd: Containerd) -> None:
    name = containerd.detached("sleep 1000")
    done = containerd.call("task", "exec", "--exec-id=e1", name, "no-such-program")
    assert done.returncode != 0
    assert "executable file not found in $PATH" in done.stderr
    assert containerd.status(name) == "running"


def test_exec_in_a_terminal(containerd: Containerd, screens: list[Screen]) -> None:
    name = containerd.detached("sleep 1000")
    screen = containerd.screen("task", "exec", "--tty", "--exec-id=e1", name, "sh")
    screens.append(screen)
    screen.expect(b"# ")
    screen.await_size(30, 100)
    screen.type(b"exit 5\r")
    assert screen.end() == 5


def test_kill_delivers_a_signal(containerd: Containerd, tmp_path: Path) -> None:
    script = "trap 'echo usr1; exit 9' USR1; echo ready; while :; do sleep 0.05; done"
    log = tmp_path / "log"
    name = containerd.detached(script, f"--log-uri=file://{log}")
    await_true(lambda: log.exists() and "ready" in log.read_text(), "ready")
    containerd.ok("task", "kill", "--signal=SIGUSR1", name)
    containerd.await_status(name, "stopped")
    await_true(lambda: "usr1" in log.read_text(), "the signal's trace")
    assert "exit code 9" in containerd.call("task", "delete", name).stderr


def test_killing_all_ends_what_shares_no_namespace_with_the_first(containerd: Containerd) -> None:
    name = containerd.detached("sleep 1000")
    containerd.ok("task", "exec", "--exec-id=e1", "--detach", name, "sleep", "1001")
    containerd.ok("task", "kill", "--all", "--signal=SIGKILL", name)
    containerd.await_status(name, "stopped")
    assert "exit code 137" in containerd.call("task", "delete", name).stderr


def test_pause_holds_every_process_until_resume(containerd: Containerd, tmp_path: Path) -> None:
    log = tmp_path / "log"
    name = containerd.detached("while :; do echo tick; sleep 0.05; done", f"--log-uri=file://{log}")
    await_true(lambda: log.exists() and "tick" in log.read_text(), "tick")
    containerd.ok("task", "pause", name)
    assert containerd.status(name) == "paused"
    time.sleep(0.2)
    before = log.read_text()
    time.sleep(0.3)
    assert log.read_text() == before
    containerd.ok("task", "resume", name)
    assert containerd.status(name) == "running"
    await_true(lambda: log.read_text() != before, "more ticks")


def test_limits_are_set_and_metrics_told(containerd: Containerd) -> None:
    name = containerd.detached("sleep 1000", f"--memory-limit={64 * MIB}", "--cpus=0.5")
    assert containerd.limit(name, "memory.limit_in_bytes", "memory.max") == str(64 * MIB)
    assert containerd.limit(name, "cpu.cfs_quota_us", "cpu.max").split()[0] == "50000"
    metrics = json.loads(containerd.ok("task", "metrics", "--format=json", name))
    assert str(64 * MIB) in json.dumps(metrics)


def test_processes_are_listed(containerd: Containerd) -> None:
    name = containerd.detached("sleep 1000 & wait")
    heading, shell, sleep = 1, 1, 1
    expected = heading + shell + sleep
    await_true(lambda: len(containerd.ok("task", "ps", name).splitlines()) == expected, "both")


def test_a_namespace_of_another_container(containerd: Containerd) -> None:
    show = "busybox readlink /proc/self/ns/net"
    name = containerd.detached("sleep 1000")
    theirs = containerd.ok("task", "exec", "--exec-id=e1", name, "sh", "-c", show)
    pid = containerd.ok("task", "list").splitlines()[1].split()[1]
    assert containerd.shell(show, f"--with-ns=network:/proc/{pid}/ns/net") == theirs


def test_a_user_namespace(containerd: Containerd) -> None:
    maps = ("--uidmap=0:100000:2000", "--gidmap=0:200000:3000", "--remap-labels=false")
    told = containerd.shell("id -u; cat /proc/self/uid_map /proc/self/gid_map", *maps)
    assert told.split() == ["0", "0", "100000", "2000", "0", "200000", "3000"]
