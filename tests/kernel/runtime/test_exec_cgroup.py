"""`exec` into control groups inside the container's own, and into a paused container."""

from __future__ import annotations

import subprocess
from typing import TYPE_CHECKING, Any

import pytest

from tests.kernel.runtime.conftest import ours_only
from tests.kernel.runtime.door import OTHER, PROGRAM

if TYPE_CHECKING:
    from tests.kernel.runtime.door import Door

pytestmark = [
    pytest.mark.kernel,
    pytest.mark.skipif("crun" in OTHER, reason="crun takes one path for all hierarchies"),
]

MAKE_INNER = """
for each in $(busybox find /sys/fs/cgroup -maxdepth 2 -name cgroup.procs); do
    folder=${each%/*}
    busybox mkdir $folder/inner
    for file in cpuset.cpus cpuset.mems; do
        # A new v1 group has no CPUs yet, and so can't hold a process.
        [ ! -e $folder/inner/$file ] || cat $folder/$file > $folder/inner/$file
    done
done
"""


def manageable(door: Door) -> str:
    """Start a container that may make groups inside its own; return its id."""

    def change(document: dict[str, Any]) -> None:
        for mount in document["mounts"]:
            if mount["type"] == "cgroup":
                mount["options"].remove("ro")
        document["linux"]["namespaces"].append({"type": "cgroup"})

    return door.started(door.shell("exec sleep 100", change))


def places(door: Door, container_id: str, *flags: str) -> dict[str, str]:
    """Return where a new process is: path by controllers."""
    told = door.ok("exec", *flags, container_id, "/bin/cat", "/proc/self/cgroup")
    return {line.split(":")[1]: line.split(":")[2] for line in told.splitlines()}


def test_a_group_inside_in_every_hierarchy(door: Door) -> None:
    container_id = manageable(door)
    assert set(places(door, container_id).values()) == {"/"}
    assert set(places(door, container_id, "--cgroup", "/").values()) == {"/"}
    door.ok("exec", container_id, "/bin/sh", "-c", MAKE_INNER)
    inner = places(door, container_id, "--cgroup", "inner")
    if len(inner) > 1:
        # Beside v1's the unified tree isn't seen inside, so there is no such group in it.
        inner.pop("", None)
    assert set(inner.values()) == {"/inner"}


def test_a_group_inside_in_one_hierarchy(door: Door) -> None:
    container_id = manageable(door)
    before = places(door, container_id)
    if "memory" not in before:
        pytest.skip("needs a v1 memory controller")
    folder = "/sys/fs/cgroup/memory/inner"
    door.ok("exec", container_id, "/bin/busybox", "mkdir", folder)
    after = places(door, container_id, "--cgroup", "memory:inner")
    assert after == before | {"memory": "/inner"}


@pytest.mark.parametrize(
    ("flags", "text"),
    [
        (["nonexistent"], " adding pid "),
        (["a", "b"], "missing <controller>: prefix"),
        (["one:two:three"], "invalid --cgroup argument"),
        (["nosuch:/"], "unknown controller "),
        ([".."], "sub cgroup path"),
        (["/inner/../../other"], "sub cgroup path"),
    ],
)
def test_groups_that_are_not_inside(door: Door, flags: list[str], text: str) -> None:
    container_id = manageable(door)
    words = [word for flag in flags for word in ("--cgroup", flag)]
    assert text in door.fails("exec", *words, container_id, "/bin/true", status=255)


@ours_only
def test_a_container_without_a_group_has_none_inside(door: Door) -> None:
    flags = ("--cgroup-manager", "disabled")
    container_id, bundle = door.new_id(), door.shell("exec sleep 100")
    door.ok(*flags, "run", "-d", "-b", str(bundle), container_id)
    door.ok("exec", container_id, "/bin/true")
    said = door.fails("exec", "--cgroup", "inner", container_id, "/bin/true", status=255)
    assert "no control group" in said


def test_a_program_for_a_paused_container_waits_until_it_is_resumed(door: Door) -> None:
    container_id = door.started(door.shell("exec sleep 100"))
    door.ok("pause", container_id)
    assert "paused" in door.fails("exec", container_id, "/bin/true", status=255)
    words = ["exec", "--ignore-paused", container_id, "/bin/echo", "ran"]
    with subprocess.Popen(
        [*PROGRAM, "--root", str(door.root), *words], stdout=subprocess.PIPE
    ) as process:
        try:
            with pytest.raises(subprocess.TimeoutExpired):
                process.wait(1)
        finally:
            door.ok("resume", container_id)
        assert process.communicate(timeout=20)[0] == b"ran\n"
    assert process.returncode == 0
