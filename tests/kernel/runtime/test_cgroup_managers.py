"""Who makes the container's control group: ourselves, systemd, or nobody.

runc has no `--cgroup-manager`; its cases are skipped when RUNTIME names it.
"""

from __future__ import annotations

import os
import subprocess
from pathlib import Path
from typing import Any

import pytest

from tests.kernel.login_session import LoginSession
from tests.kernel.login_session import missing as no_sessions
from tests.kernel.runtime.door import OTHER, PROGRAM, Door, reap_orphans
from tuicontainer.runtime.cgroups.hierarchies import read_hierarchies
from tuicontainer.runtime.cgroups.systemd.manager import BOOTED

pytestmark = pytest.mark.kernel

SYSTEMD = os.path.isdir(BOOTED) and read_hierarchies().mode == "v2"
needs_systemd = pytest.mark.skipif(
    not SYSTEMD, reason="this host has no systemd with pure cgroup v2"
)
only_ours = pytest.mark.skipif("runc" in OTHER, reason="runc has no --cgroup-manager")


def groups_of(pid: int) -> str:
    return Path(f"/proc/{pid}/cgroup").read_text()


def unit_state(unit: str) -> str:
    command = ["systemctl", "show", "--property=LoadState", "--value", unit]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()


def place(path: str) -> Any:
    def change(document: dict[str, Any]) -> None:
        document["linux"]["cgroupsPath"] = path
        document["linux"]["resources"]["pids"] = {"limit": 33}

    return change


@only_ours
def test_without_a_manager_the_container_stays_in_the_callers_group(door: Door) -> None:
    def unlimited(document: dict[str, Any]) -> None:
        document["linux"]["resources"] = {}

    bundle = door.shell("sleep 100", change=unlimited)
    container = door.new_id()
    door.ok("--cgroup-manager=disabled", "create", "--bundle", str(bundle), container)
    assert groups_of(door.state(container)["pid"]) == groups_of(os.getpid())
    door.ok("start", container)
    door.ok("kill", container, "KILL")
    door.await_status(container, "stopped")
    door.ok("delete", container)


@pytest.mark.skipif(bool(OTHER), reason="our own rule")
def test_without_a_manager_limits_are_refused_by_name(door: Door) -> None:
    bundle = door.shell("true", change=place("/x"))
    said = door.fails("--cgroup-manager", "disabled", "run", "--bundle", str(bundle), "c")
    assert "limits (pids)" in said


@only_ours
def test_a_manager_that_is_named_wins(door: Door) -> None:
    bundle = door.shell("echo hello")
    words = ("--systemd-cgroup", "--cgroup-manager=cgroupfs", "run", "--bundle", str(bundle))
    assert door.ok(*words, door.new_id()) == "hello\n"


@pytest.mark.skipif(SYSTEMD or bool(OTHER), reason="systemd runs here, or another runtime")
def test_without_systemd_its_manager_says_so(door: Door) -> None:
    bundle = door.shell("true", change=place("a.slice:p:n"))
    said = door.fails("--systemd-cgroup", "run", "--bundle", str(bundle), "c")
    assert "systemd isn't running on this host" in said
    assert not os.listdir(door.root) if door.root.exists() else True


def test_systemd_wants_its_own_form_of_path(door: Door) -> None:
    bundle = door.shell("true", change=place("/machine/web"))
    said = door.fails("--systemd-cgroup", "run", "--bundle", str(bundle), "c")
    assert "slice:prefix:name" in said


@needs_systemd
def test_a_container_of_systemds_from_create_to_delete(door: Door) -> None:
    name = door.prefix
    bundle = door.shell("sleep 100", change=place(f"system.slice:tc:{name}"))
    container = door.new_id()
    door.ok("--systemd-cgroup", "create", "--bundle", str(bundle), container)
    unit = f"tc-{name}.scope"
    group = f"/sys/fs/cgroup/system.slice/{unit}"
    assert Path(f"{group}/pids.max").read_text() == "33\n"
    assert Path(f"{group}/cgroup.procs").read_text().split() == [str(door.state(container)["pid"])]
    door.ok("start", container)
    door.ok("exec", "--detach", container, "sleep", "50")
    assert len(Path(f"{group}/cgroup.procs").read_text().split()) == 2
    door.ok("pause", container)
    assert Path(f"{group}/cgroup.freeze").read_text() == "1\n"
    door.ok("resume", container)
    subprocess.run(["systemctl", "daemon-reload"], check=True)
    assert Path(f"{group}/pids.max").read_text() == "33\n"
    door.ok("kill", "--all", container, "KILL")
    # The first process of a PID namespace waits for those that others have put into it.
    reap_orphans()
    door.await_status(container, "stopped")
    door.ok("delete", container)
    assert not os.path.exists(group)
    assert unit_state(unit) == "not-found"


@needs_systemd
def test_a_create_that_fails_leaves_no_unit(door: Door) -> None:
    def broken(document: dict[str, Any]) -> None:
        place(f":tc:{door.prefix}")(document)
        document["process"]["args"] = ["/no/such/program"]

    bundle = door.bundle("x", change=broken)
    door.fails("--systemd-cgroup", "create", "--bundle", str(bundle), door.new_id())
    assert unit_state(f"tc-{door.prefix}.scope") == "not-found"


@needs_systemd
def test_the_default_unit_is_named_after_the_container(door: Door) -> None:
    def plain(document: dict[str, Any]) -> None:
        document["linux"].pop("cgroupsPath", None)

    container = door.new_id()
    bundle = door.shell("sleep 100", change=plain)
    door.ok("--systemd-cgroup", "create", "--bundle", str(bundle), container)
    assert f"0::/system.slice/{'crun' if 'crun' in OTHER else 'runc'}-{container}.scope" in (
        groups_of(door.state(container)["pid"])
    )
    door.ok("delete", "--force", container)


@pytest.mark.parametrize("manager", ["cgroupfs", pytest.param("systemd", marks=needs_systemd)])
@only_ours
def test_the_group_is_the_containers_users_if_it_can_write_to_it(door: Door, manager: str) -> None:
    if read_hierarchies().mode != "v2":
        pytest.skip("groups are handed over on pure cgroup v2 only")

    def writable(document: dict[str, Any]) -> None:
        document["process"]["user"] = {"uid": 1000, "gid": 1000}
        document["linux"].pop("cgroupsPath", None)
        document["linux"]["namespaces"].append({"type": "cgroup"})
        document["mounts"] = [
            mount for mount in document["mounts"] if mount["destination"] != "/sys/fs/cgroup"
        ] + [{"destination": "/sys/fs/cgroup", "type": "cgroup", "source": "cgroup",
              "options": ["rw", "nosuid", "nodev", "noexec"]}]  # fmt: skip

    script = (
        "cd /sys/fs/cgroup && mkdir inner && echo $$ > inner/cgroup.procs && cat /proc/self/cgroup;"
        " echo 5 2>/dev/null > pids.max || echo kept"
    )
    bundle = door.shell(script, change=writable)
    words = (f"--cgroup-manager={manager}", "run", "--bundle", str(bundle))
    assert door.ok(*words, door.new_id()) == "0::/inner\nkept\n"


@pytest.mark.skipif(bool(no_sessions()), reason=no_sessions())
@only_ours
@pytest.mark.parametrize("manager", ["cgroupfs", "systemd"])
def test_a_container_outlives_the_session_it_was_made_in(
    door: Door, manager: str, tmp_path: Path
) -> None:
    def limited(document: dict[str, Any]) -> None:
        document["linux"].pop("cgroupsPath", None)
        document["linux"]["resources"]["pids"] = {"limit": 44}

    bundle = door.shell("sleep 100", change=limited)
    container = door.new_id()
    words = [f"--cgroup-manager={manager}", "create", "--bundle", str(bundle), container]
    session = LoginSession(tmp_path, [*PROGRAM, "--root", str(door.root), *words], {})
    try:
        assert session.status == 0, session.output
        assert "session-" in session.group, "su has opened no session"
        door.ok("start", container)
        session.terminate()
    finally:
        session.close()
    subprocess.run(["systemctl", "daemon-reload"], check=True)
    state = door.state(container)
    assert state["status"] == "running"
    group = groups_of(state["pid"]).strip().removeprefix("0::")
    assert Path(f"/sys/fs/cgroup{group}/pids.max").read_text() == "44\n"
    door.ok("delete", "--force", container)
    assert not os.path.exists(f"/sys/fs/cgroup{group}")
