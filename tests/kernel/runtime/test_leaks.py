"""Nothing is left behind: neither on the host nor in the process that makes containers.

`make leaks` does a thousand lives, a thousand execs and a thousand failures, `make test` fifty.
"""

from __future__ import annotations

import gc
import json
import os
import signal
import time
from typing import TYPE_CHECKING

import pytest

from tests.kernel.runtime.conftest import ours_only
from tests.kernel.runtime.door import cgroup_folders, descendants, mounts
from tests.patience import patient
from tuicontainer.errors import TuiContainerError
from tuicontainer.runtime.create import create
from tuicontainer.runtime.delete import delete
from tuicontainer.runtime.exec import ExecRequest, exec_process, exec_template
from tuicontainer.runtime.kill import kill
from tuicontainer.runtime.process.stdio import Stdio
from tuicontainer.runtime.start import start
from tuicontainer.spec.decode import decode_config

if TYPE_CHECKING:
    from pathlib import Path

    from tests.kernel.runtime.door import Door

pytestmark = [pytest.mark.kernel, ours_only]

CYCLES = int(os.environ.get("LEAK_CYCLES") or 50)
WARM_UP = CYCLES // 2
"""Lives until what is kept has been made: caches, and the allocator's share for this process."""
GROWTH = 1 << 20
"""Bytes of resident memory that the allocator may keep, however many lives there were."""


def open_descriptors() -> set[str]:
    return {
        f"{name} {os.readlink(f'/proc/self/fd/{name}')}"
        for name in os.listdir("/proc/self/fd")
        if os.path.exists(f"/proc/self/fd/{name}")
    }


def keys() -> int:
    """Return how many keys root has (proc_key-users(5)): `uid: usage nkeys/nikeys …`."""
    with open("/proc/key-users", encoding="ascii") as file:
        rows = dict(line.strip().split(":", 1) for line in file)
    return int(rows[str(os.geteuid())].split()[1].partition("/")[0])


def resident() -> int:
    with open("/proc/self/statm", encoding="ascii") as file:
        return int(file.read().split()[1]) * os.sysconf("SC_PAGESIZE")


class World:
    """What a leak would show in."""

    def __init__(self) -> None:
        gc.collect()
        self.descriptors = open_descriptors()
        self.processes = descendants()
        self.mounts = mounts()
        self.keys = keys()
        self.resident = resident()

    def check(self, lives: int) -> None:
        """Expect nothing new after so many *lives*; the kernel takes its time to free keys."""
        gc.collect()
        deadline = time.monotonic() + patient(10)
        while keys() - self.keys > lives // 3 and time.monotonic() < deadline:
            time.sleep(0.1)
        assert keys() - self.keys <= lives // 3
        assert resident() - self.resident < GROWTH
        assert open_descriptors() == self.descriptors
        assert descendants() == self.processes
        assert mounts() == self.mounts


def make(door: Door, bundle: Path, container_id: str) -> tuple[int, int]:
    document = json.loads((bundle / "config.json").read_text())
    null = os.open("/dev/null", os.O_RDWR)
    try:
        created = create(
            str(door.root),
            container_id,
            bundle=str(bundle),
            config=decode_config(document),
            stdio=Stdio(stdin=null, stdout=null, stderr=null),
            cgroup_path=f"/{door.prefix}/{container_id}",
        )
    finally:
        os.close(null)
    if created.console is not None:
        os.close(created.console)
    return created.pid, created.pidfd


@pytest.mark.timeout(0)
def test_lives(door: Door) -> None:
    bundle = door.shell("exec sleep 600")
    world = None
    for number in range(CYCLES):
        container_id = door.new_id()
        pid, pidfd = make(door, bundle, container_id)
        start(str(door.root), container_id)
        kill(str(door.root), container_id, signal.SIGKILL)
        _, status = os.waitpid(pid, 0)
        os.close(pidfd)
        assert os.waitstatus_to_exitcode(status) == -signal.SIGKILL
        delete(str(door.root), container_id)
        if number == WARM_UP:
            world = World()
    assert world is not None
    world.check(CYCLES - WARM_UP)
    assert not cgroup_folders(door.prefix)
    assert os.listdir(door.root) == []


@pytest.mark.timeout(0)
def test_execs(door: Door) -> None:
    container_id = door.started(door.shell("exec sleep 60"))
    template = exec_template(str(door.root), container_id)
    world = None
    for number in range(CYCLES):
        request = ExecRequest(process=template.replace(args=("/bin/true",)))
        started = exec_process(str(door.root), container_id, request)
        os.waitpid(started.pid, 0)
        os.close(started.pidfd)
        bad = ExecRequest(process=template.replace(args=("nope",)))
        with pytest.raises(TuiContainerError):
            exec_process(str(door.root), container_id, bad)
        if number == WARM_UP:
            world = World()
    assert world is not None
    world.check(CYCLES - WARM_UP)


@pytest.mark.timeout(0)
@pytest.mark.parametrize(
    "change",
    [
        lambda d: d["process"].update(args=["nope"]),
        lambda d: d["process"].update(terminal=True) or d.update(mounts=d["mounts"][:1]),
        lambda d: d["root"].update(path="nope"),
        lambda d: d.update(hooks={"createRuntime": [{"path": "/bin/false"}]}),
        lambda d: d.update(hooks={"createContainer": [{"path": "/nope"}]}),
        lambda d: d["linux"]["namespaces"].append({"type": "user", "path": "/nope"}),
        lambda d: d["linux"]["resources"].update(pids={"limit": 2**62}),
        lambda d: d["process"].update(
            rlimits=[{"type": "RLIMIT_NOFILE", "soft": 9, "hard": 2**40}]
        ),
        lambda d: d["mounts"].append({"destination": "/x", "type": "nosuchfs", "source": "none"}),
        lambda d: d["process"].update(user={"uid": 2**31 - 1, "gid": 0})
        or d["linux"].update(
            namespaces=[{"type": "mount"}, {"type": "user"}, {"type": "uts"}],
            uidMappings=[{"containerID": 5, "hostID": 100_000, "size": 2**31 - 6}],
            gidMappings=[{"containerID": 0, "hostID": 100_000, "size": 1}],
        ),
    ],
    ids=[
        "program", "terminal", "rootfs", "hook outside", "hook inside", "namespace", "limit",
        "rlimit", "mount", "user",
    ],
)  # fmt: skip
def test_a_failing_create(door: Door, change: object) -> None:
    bundle = door.bundle("true")
    door.edit(bundle, change)  # type: ignore[arg-type]
    for _ in range(CYCLES // 10):
        with pytest.raises(TuiContainerError):
            make(door, bundle, door.new_id())
    world = World()
    failures = max(6, CYCLES // 10)
    for _ in range(failures):
        container_id = door.new_id()
        with pytest.raises(TuiContainerError):
            make(door, bundle, container_id)
        assert not cgroup_folders(container_id)
        assert os.listdir(door.root) == [] if door.root.exists() else True
    world.check(failures)
