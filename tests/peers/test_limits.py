"""Limits through Docker and Podman, what they tell of use, and what happens beyond."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.peers.engine import Engine

MIB = 1024**2
MEMORY = ("memory.limit_in_bytes", "memory.max")
PIDS = ("pids.max", "pids.max")
QUOTA = ("cpu.cfs_quota_us", "cpu.max")
SHARES = ("cpu.shares", "cpu.weight")
CPUS = ("cpuset.cpus", "cpuset.cpus")


@pytest.mark.parametrize(
    ("flag", "files", "values"),
    [
        ("--memory=64m", MEMORY, [str(64 * MIB)]),
        ("--memory-reservation=32m", ("memory.soft_limit_in_bytes", "memory.low"), [str(32 * MIB)]),
        ("--pids-limit=33", PIDS, ["33"]),
        ("--cpus=0.5", QUOTA, ["50000", "50000 100000"]),
        # On v2 the weight depends on the formula of the runtime's version.
        ("--cpu-shares=512", SHARES, ["512", "20", "59"]),
        ("--cpuset-cpus=0", CPUS, ["0"]),
    ],
)
def test_a_limit_is_set(
    engine: Engine, flag: str, files: tuple[str, str], values: list[str]
) -> None:
    name = engine.detached("sleep 1000", flag)
    assert engine.limit(name, *files) in values


def test_update_changes_limits(engine: Engine) -> None:
    name = engine.detached("sleep 1000", "--memory=64m", "--cpus=0.5", "--cpu-shares=512")
    engine.ok("update", "--memory=48m", "--cpus=0.25", "--cpu-shares=1024", name)
    assert engine.limit(name, *MEMORY) == str(48 * MIB)
    assert engine.limit(name, *QUOTA).split()[0] == "25000"
    assert engine.limit(name, *SHARES) in ("1024", "39", "100")


LITTLE = ("--memory=32m", "--memory-swap=32m")


def test_too_much_memory_ends_with_137(engine: Engine) -> None:
    # It keeps the last line, and of zeros the first never ends.
    assert engine.run(*LITTLE, command=("busybox", "tail", "/dev/zero")).returncode == 137


def test_too_many_processes_are_refused_to_the_program(engine: Engine) -> None:
    script = "for i in 1 2 3 4 5 6; do sleep 10 & done; :"
    done = engine.run("--pids-limit=4", command=("sh", "-c", script))
    assert "can't fork" in done.stderr


def test_stats(engine: Engine) -> None:
    name = engine.detached("sleep 1000 & wait")
    told = engine.ok("stats", "--no-stream", "--format={{.PIDs}} {{.MemUsage}}", name)
    processes, used, *_ = told.split()
    assert processes == "2"
    assert float(used.rstrip("kKMGiB")) > 0
