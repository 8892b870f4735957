"""`top`: processes as the kernel sees them, from outside and inside."""

from __future__ import annotations

import os

import pytest

from tests.kernel.cli.program import Cli, wait_until

pytestmark = pytest.mark.kernel


def test_a_tree_with_both_pids(cli: Cli) -> None:
    name = cli.bundle("b", "sleep 600 & wait")
    cli.ok("run", "-d", "--name", "x", name)
    assert wait_until(lambda: len(cli.json("top", "x")) == 2, 10)
    shell, sleep = cli.json("top", "x")
    assert (shell["innerPid"], sleep["innerPid"]) == (1, 2)
    assert sleep["parent"] == shell["pid"]
    assert sleep["args"] == ["sleep", "600"]
    assert os.path.isdir(f"/proc/{sleep['pid']}")
    assert shell["uid"] == 0
    assert "CAP_SYS_ADMIN" not in shell["capabilities"]["effective"]
    assert shell["noNewPrivileges"] is True
    lines = cli.ok("top", "x").splitlines()
    assert lines[0].split()[:3] == ["PID", "INSIDE", "USER"]
    assert lines[2].endswith("    sleep 600"), "a child is set in"


def test_what_has_ended_has_none(cli: Cli) -> None:
    cli.ok("run", "--name", "x", cli.bundle("b", "exit 0"))
    done = cli("top", "x")
    assert done.returncode == 1
    assert "not running" in done.stderr
