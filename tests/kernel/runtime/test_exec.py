"""Other processes in a running container."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.busybox import STEADY
from tests.kernel.runtime.conftest import ours_only
from tests.kernel.runtime.door import namespace_of
from tests.kernel.runtime.test_namespaces import PROC_NAMES, SHOW, with_namespaces

if TYPE_CHECKING:
    from tests.kernel.runtime.door import Door

pytestmark = pytest.mark.kernel


@pytest.fixture
def container(door: Door) -> str:
    return door.started(door.shell(STEADY))


def inside(door: Door, container: str, script: str, *flags: str) -> str:
    return door.ok("exec", *flags, container, "/bin/sh", "-c", script)


def test_it_is_in_all_namespaces_of_the_container(door: Door, container: str) -> None:
    pid = door.state(container)["pid"]
    outside = [namespace_of(pid, proc_name) for proc_name in PROC_NAMES.values()]
    assert inside(door, container, SHOW).split() == outside


@ours_only
def test_a_user_namespace_is_joined_too(door: Door) -> None:
    bundle = door.shell(STEADY, with_namespaces(*(name for name in PROC_NAMES if name != "time")))
    os.chown(bundle / "rootfs", 100_000, 100_000)
    container = door.started(bundle)
    pid = door.state(container)["pid"]
    outside = [namespace_of(pid, proc_name) for proc_name in PROC_NAMES.values()]
    assert inside(door, container, SHOW).split() == outside
    assert inside(door, container, "id -u; cat /proc/self/uid_map").split()[:3] == [
        "0", "0", "100000"
    ]  # fmt: skip


def test_it_is_in_the_control_group(door: Door, container: str) -> None:
    pid = door.state(container)["pid"]
    groups = inside(door, container, "cat /proc/self/cgroup")
    assert sorted(groups.splitlines()) == sorted(
        Path(f"/proc/{pid}/cgroup").read_text().splitlines()
    )


def test_status_is_passed_on(door: Door, container: str) -> None:
    done = door.call("exec", container, "/bin/sh", "-c", "exit 7")
    assert done.returncode == 7
    assert door.call("exec", container, "/bin/sh", "-c", "kill -KILL $$").returncode == 137


@pytest.mark.parametrize(
    ("words", "text"),
    [
        (("nope",), "executable file not found in $PATH"),
        (("/nope",), "no such file or directory"),
        (("/etc/plain",), "permission denied"),
        (("/bin/strange",), "/bin/strange"),
    ],
)
def test_programs_that_cannot_run(door: Door, words: tuple[str, ...], text: str) -> None:
    bundle = door.shell(STEADY)
    (bundle / "rootfs/etc/plain").write_text("x")
    strange = bundle / "rootfs/bin/strange"
    strange.write_text("#!/nope\n")
    strange.chmod(0o755)
    container = door.started(bundle)
    assert text in door.fails("exec", container, *words, status=255)
    assert door.state(container)["status"] == "running"


def test_flags(door: Door, container: str) -> None:
    flags = ("--env", "A=1", "-e", "B=2", "--cwd", "/tmp", "--user", "1000:2000")
    flags += (
        "--additional-gids",
        "30",
    )
    output = inside(door, container, "echo $A$B; pwd; id -u; id -g; id -G; echo $HOME", *flags)
    assert output.split() == ["12", "/tmp", "1000", "2000", "2000", "30", "/"]


@pytest.mark.parametrize(
    "user", ["", "root", "-1", "1:", "1:x", " 1", "4294967295", "2147483648", "1.0", "0x1"]
)
@ours_only
def test_cve_2026_30892_a_user_is_read_strictly(door: Door, container: str, user: str) -> None:
    """`-u 1` once became 0:0 in another runtime."""
    if user:
        door.fails("exec", f"--user={user}", container, "/bin/id", status=255)


def test_cve_2022_29162_inheritable_capabilities_are_never_set(door: Door) -> None:
    """Nor CVE-2022-27650, the same in crun, and youki's GHSA-f3fp-gc8g-vw66."""
    kinds = ("bounding", "effective", "permitted", "inheritable")
    bundle = door.shell(
        STEADY,
        lambda document: document["process"].update(
            capabilities={kind: ["CAP_KILL"] for kind in kinds}
        ),
    )
    container = door.started(bundle)
    output = inside(door, container, "cat /proc/self/status", "--cap", "CAP_CHOWN")
    status = dict(line.split(":\t", 1) for line in output.splitlines())
    assert int(status["CapInh"], 16) == 0
    assert int(status["CapEff"], 16) == 1 << 5 | 1 << 0


def test_process_file(door: Door, container: str) -> None:
    path = door.folder / "process.json"
    document = {
        "args": ["/bin/sh", "-c", "echo $X; pwd; id -u"],
        "cwd": "/etc",
        "env": ["X=y", "PATH=/bin"],
        "user": {"uid": 5, "gid": 5},
    }
    path.write_text(json.dumps(document))
    output = door.ok("exec", "--process", str(path), container)
    assert output.split() == ["y", "/etc", "5"]


def test_detached(door: Door, container: str) -> None:
    pid_file = door.folder / "pid"
    door.ok("exec", "--detach", "--pid-file", str(pid_file), container, "/bin/sleep", "60")
    pid = int(pid_file.read_text())
    assert Path(f"/proc/{pid}/cmdline").read_bytes() == b"/bin/sleep\x0060\x00"
    # Inherited by the subreaper, which is this test's process.
    assert Path(f"/proc/{pid}/stat").read_text().split()[3] == str(os.getpid())


def test_only_the_standard_streams_are_open(door: Door, container: str) -> None:
    script = "for fd in /proc/self/fd/*; do [ -e $fd ] && echo ${fd##*/}; done; true"
    assert set(inside(door, container, script).split()) <= {"0", "1", "2", "3"}


@ours_only
def test_the_working_folder_cannot_lead_outside(door: Door, container: str) -> None:
    """CVE-2024-21626: no descriptor of the host's is there to be followed."""
    for number in range(3, 20):
        door.fails("exec", "--cwd", f"/proc/self/fd/{number}", container, "/bin/pwd", status=255)


@ours_only
def test_it_works_before_start(door: Door) -> None:
    container = door.create(door.shell(STEADY))
    assert "memfd:tuicontai" in inside(door, container, "ps")
    assert door.state(container)["status"] == "created"


@ours_only
def test_it_fits_into_little_memory(door: Door) -> None:
    """The interpreter's memory isn't charged to the container."""

    def change(document: dict[str, object]) -> None:
        document["linux"]["resources"]["memory"] = {"limit": 4 << 20}  # type: ignore[index]

    container = door.started(door.shell(STEADY, change))
    for _ in range(3):
        assert inside(door, container, "echo fine") == "fine\n"
    assert door.state(container)["status"] == "running"
