"""Restart policies on real containers: who starts again, who doesn't, and past which deaths."""

from __future__ import annotations

import json
import os
import signal
import time

import pytest

from tests.kernel.cli.program import Cli, wait_until

pytestmark = pytest.mark.kernel


def kinds(cli: Cli, container_id: str) -> list[str]:
    events = cli.json_lines("events", "--no-follow", container_id)
    return [event["type"] for event in events]


def instance(cli: Cli, container_id: str) -> int:
    return int(cli.json("inspect", container_id)[0]["instance"])


def test_a_failure_is_tried_so_often_with_growing_pauses(cli: Cli) -> None:
    cli.ok("run", "-d", "--name", "x", "--restart", "on-failure:3", cli.bundle("b", "exit 3"))
    assert wait_until(lambda: kinds(cli, "x").count("exited") == 4, 20)
    time.sleep(1.5)
    assert cli.status("x") == "stopped"
    assert instance(cli, "x") == 4
    pauses = [
        event["details"]["in_seconds"]
        for event in cli.json_lines("events", "--no-follow", "-F", "type=restarting")
    ]
    assert pauses == [0.1, 0.2, 0.4]


def test_success_ends_a_policy_for_failures(cli: Cli) -> None:
    cli.ok("run", "-d", "--name", "x", "--restart", "on-failure", cli.bundle("b", "exit 0"))
    assert wait_until(lambda: "exited" in kinds(cli, "x"), 10)
    time.sleep(0.5)
    assert instance(cli, "x") == 1


@pytest.mark.parametrize("how", [("stop", "-t", "1"), ("kill",)])
def test_what_a_person_ends_stays_ended(cli: Cli, how: tuple[str, ...]) -> None:
    cli.ok("run", "-d", "--name", "x", "--restart", "always", cli.steady())
    cli.ok(*how, "x")
    assert wait_until(lambda: "exited" in kinds(cli, "x"), 10)
    time.sleep(0.6)
    assert cli.status("x") == "stopped"
    assert instance(cli, "x") == 1
    cli.ok("start", "x")
    os.kill(cli.json("ps")[0]["pid"], signal.SIGKILL)
    assert wait_until(lambda: instance(cli, "x") == 3 and cli.status("x") == "running", 10)


def test_stop_ends_the_pause(cli: Cli) -> None:
    cli.ok("run", "-d", "--name", "x", "--restart", "always", cli.bundle("b", "exit 1"))
    assert wait_until(lambda: kinds(cli, "x").count("restarting") >= 4, 20)
    cli.ok("stop", "x")
    before = instance(cli, "x")
    time.sleep(2)
    assert (cli.status("x"), instance(cli, "x")) == ("stopped", before)


def test_stop_while_the_next_instance_is_made(cli: Cli) -> None:
    slow = {"createRuntime": [{"path": "/bin/sleep", "args": ["sleep", "2"]}]}
    bundle = cli.bundle("b", "exit 1", hooks=slow)
    cli.ok("run", "-d", "--name", "x", "--restart", "always", bundle)
    assert wait_until(lambda: "restarting" in kinds(cli, "x"), 20)
    time.sleep(0.5)
    cli.ok("stop", "x")
    before = instance(cli, "x")
    time.sleep(3)
    assert (cli.status("x"), instance(cli, "x")) == ("stopped", before)


def test_it_can_be_removed_while_it_waits(cli: Cli) -> None:
    cli.ok("run", "-d", "--name", "x", "--restart", "always", cli.bundle("b", "exit 1"))
    assert wait_until(lambda: kinds(cli, "x").count("restarting") >= 4, 20)
    cli.ok("rm", "-f", "x")
    time.sleep(1)
    assert cli.status("x") == "gone"


def test_it_is_started_again_though_all_of_ours_died(cli: Cli) -> None:
    cli.ok("run", "-d", "--name", "x", "--restart", "unless-stopped", cli.bundle("b", "exit 1"))
    assert wait_until(lambda: kinds(cli, "x").count("restarting") >= 5, 20)
    for pid in cli.helpers():
        os.kill(pid, signal.SIGKILL)
    before = instance(cli, "x")
    # Any request starts a spawner, which finds who waits for a restart.
    cli.ok("run", "--rm", cli.bundle("other", "exit 0"))
    assert wait_until(lambda: instance(cli, "x") > before, 20)


def test_a_monitor_that_dies_in_the_pause_is_replaced(cli: Cli) -> None:
    cli.ok("run", "-d", "--name", "x", "--restart", "always", cli.bundle("b", "exit 1"))
    assert wait_until(lambda: kinds(cli, "x").count("restarting") >= 5, 20)
    (monitor,) = [pid for pid in cli.helpers() if _name(pid).startswith("tuic:")]
    os.kill(monitor, signal.SIGKILL)
    before = instance(cli, "x")
    assert wait_until(lambda: instance(cli, "x") > before, 20)


def test_a_wrong_policy_and_a_contradiction_are_refused(cli: Cli) -> None:
    steady = cli.steady()
    done = cli("run", "-d", "--restart", "sometimes", steady)
    assert done.returncode == 125
    assert "isn't a restart policy" in done.stderr
    done = cli("run", "-d", "--rm", "--restart", "always", steady)
    assert done.returncode == 125
    assert "makes no sense" in done.stderr
    assert cli.json("ps", "-a") == []


def test_boot_starts_what_the_policies_want(cli: Cli) -> None:
    steady = cli.steady()
    for name in ("no", "always", "unless-stopped", "on-failure"):
        for suffix in ("", "-stopped"):
            cli.ok("run", "-d", "--name", name + suffix, "--restart", name, steady)
    cli.ok("stop", "-t", "0", *(f"{name}-stopped" for name in ("always", "unless-stopped")))
    assert cli.json("boot") == [], "nothing that has run since the host booted"
    every = [row["id"] for row in cli.json("ps", "-a")]
    pids = {row["id"]: row["pid"] for row in cli.json("ps")}
    for pid in cli.helpers():
        os.kill(pid, signal.SIGKILL)
    for pid in pids.values():
        os.kill(pid, signal.SIGKILL)
    assert wait_until(lambda: {cli.status(name) for name in every} == {"stopped"}, 10)
    # What a reboot leaves: the records, of another boot, and no state.
    for path in cli.data_root.glob("roots/*/containers/*/record.json"):
        record = json.loads(path.read_text())
        path.write_text(json.dumps(record | {"boot_id": "another"}))
    assert sorted(cli.ok("boot").split()) == [
        "always", "always-stopped", "on-failure", "on-failure-stopped", "unless-stopped"
    ]  # fmt: skip
    assert cli.json("boot") == []


def test_the_unit_names_these_roots(cli: Cli) -> None:
    unit = cli.ok("boot", "--unit")
    assert f"--root {cli.root} --data-root {cli.data_root} boot" in unit
    assert "WantedBy=multi-user.target" in unit


def _name(pid: int) -> str:
    with open(f"/proc/{pid}/comm") as file:
        return file.read().strip()
