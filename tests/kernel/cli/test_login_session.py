"""Containers started in a login session outlive it, with their supervisors, limits and logs."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

from tests.kernel.cli.program import Cli, wait_until
from tests.kernel.login_session import LoginSession, missing

pytestmark = [pytest.mark.kernel, pytest.mark.skipif(bool(missing()), reason=missing())]

TICKING = "trap 'exit 7' TERM; while :; do echo tick; sleep 0.2; done"
LIMITS = ("--memory", "96m", "--pids-limit", "44", "--cpus", "0.5", "--cpu-shares", "512")
LIMIT_FILES = ("memory.max", "memory.swap.max", "pids.max", "cpu.max", "cpu.weight")


def group_of(pid: int) -> str:
    return Path(f"/proc/{pid}/cgroup").read_text().strip().removeprefix("0::")


def test_a_container_its_monitor_and_its_limits_outlive_the_session(
    cli: Cli, tmp_path: Path
) -> None:
    cli.bundle("ticking", TICKING)
    run = cli.command("run", "--detach", "--name", "box", *LIMITS, "ticking")
    session = LoginSession(tmp_path, run, cli.environment)
    try:
        assert (session.status, session.output) == (0, "box\n")
        assert "session-" in session.group, "su has opened no session"
        pid = cli.json("inspect", "box")[0]["state"]["pid"]
        group = group_of(pid)
        helpers = cli.helpers()

        def limits() -> list[str]:
            return [Path(f"/sys/fs/cgroup{group}/{name}").read_text() for name in LIMIT_FILES]

        before = limits()
        assert before[0] == f"{96 << 20}\n"
        assert not [each for each in (pid, *helpers) if group_of(each).startswith("/user.slice")]
        session.terminate()
        subprocess.run(["systemctl", "daemon-reload"], check=True)
        assert cli.status("box") == "running"
        assert cli.helpers() == helpers
        assert group_of(pid) == group
        assert limits() == before
        lines = len(cli.ok("logs", "box").splitlines())
        assert wait_until(lambda: len(cli.ok("logs", "box").splitlines()) > lines, 20)
        assert cli.ok("exec", "box", "echo", "inside") == "inside\n"
        cli.ok("update", "--pids-limit", "55", "box")
        subprocess.run(["systemctl", "daemon-reload"], check=True)
        assert limits()[2] == "55\n"
        cli.ok("stop", "box")
        assert cli.ok("wait", "box").split()[-1] == "7"
        cli.ok("rm", "box")
        assert not os.path.exists(f"/sys/fs/cgroup{group}")
    finally:
        session.close()
