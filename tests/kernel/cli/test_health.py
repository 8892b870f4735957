"""Health checks in real containers: status, history, and what is done with the unhealthy."""

from __future__ import annotations

import os
import signal

import pytest

from tests.kernel.cli.program import Cli, wait_until

pytestmark = pytest.mark.kernel

EASY = ("--health-interval", "0.2", "--health-retries", "2")


def run(cli: Cli, command: str, *words: str) -> None:
    """Start a container `x` that can write to its /tmp."""
    root = {"path": "rootfs", "readonly": False}
    cli.bundle("b", "trap 'exit 0' TERM; while :; do sleep 0.05; done", root=root)
    cli.ok("run", "-d", "--name", "x", "--health-cmd", command, *EASY, *words, "b")


def health(cli: Cli) -> str:
    return str(cli.json("inspect", "x")[0]["health_status"])


def checks(cli: Cli) -> list[dict[str, object]]:
    found = cli.json("inspect", "x")[0]["health"]
    return list(found["checks"]) if found else []


def told(cli: Cli) -> list[str]:
    """The statuses that the journal has."""
    events = cli.json_lines("events", "--no-follow", "-F", "type=health")
    return [event["details"]["status"] for event in events]


def test_it_turns_healthy_and_unhealthy_and_healthy_again(cli: Cli) -> None:
    run(cli, "echo looked; test ! -e /tmp/ill")
    assert wait_until(lambda: health(cli) == "healthy", 20)
    assert checks(cli)[-1]["status"] == 0
    assert checks(cli)[-1]["output"] == "looked\n"
    cli.ok("exec", "x", "touch", "/tmp/ill")
    assert wait_until(lambda: health(cli) == "unhealthy", 20)
    assert checks(cli)[-1]["status"] == 1
    cli.ok("exec", "x", "/bin/busybox", "rm", "/tmp/ill")
    assert wait_until(lambda: health(cli) == "healthy", 20)
    # The journal is put on disk, and so shown, up to 100 ms after the record.
    assert wait_until(lambda: told(cli)[:3] == ["healthy", "unhealthy", "healthy"], 5), told(cli)
    assert len(checks(cli)) <= 5
    cli.ok("stop", "x")
    assert health(cli) == ""


def test_a_check_that_takes_too_long_is_killed(cli: Cli) -> None:
    run(cli, "sleep 600", "--health-timeout", "0.3")
    assert wait_until(lambda: health(cli) == "unhealthy", 20)
    assert checks(cli)[-1]["status"] is None
    sleeping = [row for row in cli.json("top", "x") if row["args"] == ["sleep", "600"]]
    assert len(sleeping) <= 1, "those before are gone"


def test_a_program_that_is_not_there_is_a_failure_that_says_so(cli: Cli) -> None:
    run(cli, '["/nope"]')
    assert wait_until(lambda: health(cli) == "unhealthy", 20)
    assert "/nope" in str(checks(cli)[-1]["output"])


def test_the_unhealthy_is_restarted(cli: Cli) -> None:
    run(cli, "test -e /tmp/well", "--health-on-failure", "restart")
    assert wait_until(lambda: cli.json("inspect", "x")[0]["instance"] >= 2, 30)


def test_the_unhealthy_is_killed_and_its_policy_applies(cli: Cli) -> None:
    run(cli, "false", "--health-on-failure", "kill", "--restart", "on-failure:1")
    assert wait_until(lambda: cli.json("inspect", "x")[0]["instance"] == 2, 30)
    assert wait_until(lambda: cli.status("x") == "stopped", 30)


def test_a_paused_container_is_left_alone(cli: Cli) -> None:
    run(cli, "true")
    assert wait_until(lambda: health(cli) == "healthy", 20)
    cli.ok("pause", "x")
    before = checks(cli)
    assert (
        not wait_until(lambda: checks(cli)[-1:] != before[-1:], 1.5)
        or checks(cli)[-1]["status"] == 0
    )
    cli.ok("resume", "x")
    assert wait_until(lambda: checks(cli)[-1]["start_ns"] > before[-1]["start_ns"], 20)  # type: ignore[operator]
    assert health(cli) == "healthy"


def test_checks_go_on_after_the_monitors_death(cli: Cli) -> None:
    run(cli, "true")
    assert wait_until(lambda: health(cli) == "healthy", 20)
    before = checks(cli)[-1]["start_ns"]
    for pid in cli.helpers():
        with open(f"/proc/{pid}/comm") as file:
            if file.read().startswith("tuic:"):
                os.kill(pid, signal.SIGKILL)
    assert wait_until(lambda: checks(cli)[-1]["start_ns"] > before, 20)  # type: ignore[operator]


def test_a_wrong_annotation_is_refused_at_create(cli: Cli) -> None:
    cli.bundle("b", "exit 0")
    done = cli("run", "--annotation", "io.tuicontainer.health.retries=none", "b")
    assert done.returncode == 125
    assert "`io.tuicontainer.health.retries` is `none`" in done.stderr
