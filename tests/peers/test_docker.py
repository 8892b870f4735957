"""What only dockerd does: health checks by its own clock, its view of the runtime."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.peers.engine import await_true

if TYPE_CHECKING:
    from tests.peers.docker import Docker


def test_the_daemon_knows_our_version(docker: Docker) -> None:
    told = docker.ground.ok(docker.runtime, "--version").splitlines()[0]
    version = told.rsplit(" ", 1)[-1]
    assert version in docker.ok("version")


def test_a_health_check_runs_by_itself(docker: Docker) -> None:
    name = docker.detached(
        "touch /tmp/well; sleep 1000",
        "--health-cmd=test -e /tmp/well",
        "--health-interval=200ms",
        "--health-retries=1",
    )

    def health() -> str:
        status: str = docker.inspect(name)["State"]["Health"]["Status"]
        return status

    await_true(lambda: health() == "healthy", "healthy")
    docker.ok("exec", name, "busybox", "rm", "/tmp/well")
    await_true(lambda: health() == "unhealthy", "unhealthy")


def test_the_daemon_hears_that_memory_was_the_reason(docker: Docker) -> None:
    limits = ("--memory=32m", "--memory-swap=32m")
    name = docker.detached("exec busybox tail /dev/zero", *limits)
    docker.await_status(name, "exited")
    state = docker.inspect(name)["State"]
    assert (state["OOMKilled"], state["ExitCode"]) == (True, 137)


def test_why_a_container_cant_be_made_reaches_the_client(docker: Docker) -> None:
    done = docker.run("--sysctl=kernel.no_such_thing=1", command=("true",))
    assert done.returncode != 0
    assert "no_such_thing" in done.stderr
