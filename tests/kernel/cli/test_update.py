"""`update`: the kernel has the new limits, and so has the next instance."""

from __future__ import annotations

import pytest

from tests.kernel.cli.program import Cli

pytestmark = pytest.mark.kernel


def test_a_running_container_gets_them_at_once_and_keeps_them(cli: Cli) -> None:
    cli.ok("run", "-d", "--name", "x", "-m", "64m", "--pids-limit", "99", cli.steady())
    (said,) = cli.json("update", "-m", "32m", "--cpus", "0.5", "x")
    assert said == {
        "id": "x",
        "inForce": {
            "memory": 32 << 20,
            "swap": said["inForce"]["swap"],
            "cpuQuota": 50_000,
            "cpuPeriod": 100_000,
            "pids": 99,
        },
    }
    assert cli.ok("update", "--pids-limit", "-1", "x") == (
        "x: memory 32.0MiB, cpus 0.5, pids unlimited\n"
    )
    cli.ok("restart", "-t", "0", "x")
    (said,) = cli.json("update", "--cpus", "0", "x")
    assert said["inForce"]["memory"] == 32 << 20
    assert said["inForce"]["cpuQuota"] is None
    updates = [
        event for event in cli.json_lines("events", "--no-follow") if event["type"] == "updated"
    ]
    # The last one is announced within 100 ms, once it is on disk.
    assert [event["details"] for event in updates[:2]] == [
        {"memory_limit": 32 << 20, "cpus": 0.5},
        {"pids_limit": -1},
    ]


def test_a_refused_limit_changes_nothing(cli: Cli) -> None:
    cli.ok("run", "-d", "--name", "x", "-m", "64m", cli.steady())
    before = cli.json("inspect", "x")[0]["config"]
    done = cli("update", "--cpuset-cpus", "4095", "x")
    assert done.returncode == 1
    assert "4095" in done.stderr
    assert "Traceback" not in done.stderr
    assert cli.json("inspect", "x")[0]["config"] == before
    (said,) = cli.json("update", "--pids-limit", "77", "x")
    assert (said["inForce"]["memory"], said["inForce"]["pids"]) == (64 << 20, 77)


def test_a_stopped_container_has_them_from_its_next_start_on(cli: Cli) -> None:
    cli.ok("run", "--name", "x", cli.bundle("quick", "exit 0"))
    assert cli.ok("update", "-m", "40m", "x") == "x: from its next start on\n"
    config = cli.json("inspect", "x")[0]["config"]
    assert config["linux"]["resources"]["memory"]["limit"] == 40 << 20


def test_it_needs_something_to_change(cli: Cli) -> None:
    done = cli("update", "x")
    assert done.returncode == 2
    assert "needs a limit" in done.stderr
