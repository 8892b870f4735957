"""The scope that systemd keeps for a state root: made once, shared by spawners, gone at the end."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.cgroup_home import cgroup_home
from tests.kernel.supervise.ground import Ground, kill, until
from tuicontainer.runtime.cgroups.hierarchies import read_hierarchies
from tuicontainer.runtime.cgroups.systemd.manager import BOOTED

pytestmark = [
    pytest.mark.kernel,
    pytest.mark.skipif(
        not os.path.isdir(BOOTED) or read_hierarchies().mode != "v2",
        reason="this host has no systemd with pure cgroup v2",
    ),
]


def group_of(pid: int) -> str:
    return Path(f"/proc/{pid}/cgroup").read_text().strip().removeprefix("0::")


def show(ground: Ground, *names: str) -> list[str]:
    """Return properties of the state root's scope as systemd tells them."""
    options = [f"--property={','.join(names)}", os.path.basename(cgroup_home(ground.locations))]
    done = subprocess.run(["systemctl", "show", *options], capture_output=True, check=True)
    values = dict(line.split("=", 1) for line in done.stdout.decode().splitlines())
    return [values[name] for name in names]


def test_the_scope_is_delegated_and_unlimited(ground: Ground) -> None:
    view = ground.run()
    home = cgroup_home(ground.locations)
    assert group_of(ground.spawner) == f"{home}/engine"
    assert group_of(ground.monitor(view.id)) == f"{home}/engine"
    assert group_of(view.pid) == f"{home}/c/{view.id}"
    assert show(ground, "ActiveState", "Delegate", "TasksMax", "Slice") == [
        "active", "yes", "infinity", "system.slice",
    ]  # fmt: skip
    assert Path(f"/sys/fs/cgroup{home}/cgroup.procs").read_text() == ""


def test_it_goes_with_its_last_process(ground: Ground) -> None:
    view = ground.run()
    ground.client.delete(view.id, force=True)
    ground.ask_spawner("retire")
    home = Path(f"/sys/fs/cgroup{cgroup_home(ground.locations)}")
    assert until(lambda: not home.exists(), 20)
    assert until(lambda: show(ground, "LoadState") == ["not-found"], 20)


def test_a_new_spawner_joins_the_scope_of_its_dead_predecessor(ground: Ground) -> None:
    view = ground.run()
    old = ground.spawner
    groups = [group_of(pid) for pid in (view.pid, ground.monitor(view.id))]
    kill(old)
    assert ground.spawner != old
    assert group_of(ground.spawner) == f"{cgroup_home(ground.locations)}/engine"
    assert [group_of(pid) for pid in (view.pid, ground.monitor(view.id))] == groups
    other = ground.run(name="other")
    assert os.path.dirname(group_of(other.pid)) == os.path.dirname(group_of(view.pid))


def test_a_container_that_lost_all_supervisors_keeps_it(ground: Ground) -> None:
    view = ground.run()
    monitor, spawner = ground.monitor(view.id), ground.spawner
    kill(spawner)
    kill(monitor)
    assert show(ground, "ActiveState") == ["active"]
    assert group_of(ground.spawner) == f"{cgroup_home(ground.locations)}/engine"
    assert group_of(view.pid) == f"{cgroup_home(ground.locations)}/c/{view.id}"


def test_limits_survive_a_reload(ground: Ground) -> None:
    view = ground.run(memory_limit=64 << 20, pids_limit=44, cpu_shares=512)
    folder = Path(f"/sys/fs/cgroup{group_of(view.pid)}")
    files = [folder / name for name in ("pids.max", "memory.max", "cpu.weight")]
    before = [file.read_text() for file in files]
    assert before[:2] == ["44\n", f"{64 << 20}\n"]
    subprocess.run(["systemctl", "daemon-reload"], check=True)
    assert [file.read_text() for file in files] == before
    assert ground.view(view.id).status == "running"


def test_without_a_bus_plain_groups_do(ground: Ground) -> None:
    """Both sockets of systemd's are hidden in a mount namespace of the door's and the spawner's."""
    bundle = ground.bundle("cat /proc/self/cgroup")
    hide = (
        'mount -t tmpfs none /run/dbus && mount --bind /dev/null /run/systemd/private && exec "$@"'
    )
    script = (
        f"import sys; sys.path.append({os.getcwd()!r})\n"
        "from tuicontainer.cli.main import main\nsys.exit(main())"
    )
    roots = ["--root", ground.locations.state_root, "--data-root", ground.locations.data_root]
    command = [sys.executable, "-I", "-S", "-c", script, *roots, "run", "--rm", bundle]
    done = subprocess.run(
        ["unshare", "--mount", "sh", "-c", hide, "-", *command],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert f"/tuicontainer/{ground.locations.root_key}/c/" in done.stdout
    # A spawner in another mount namespace answers no door of ours.
    plain = Path(f"/sys/fs/cgroup/tuicontainer/{ground.locations.root_key}")
    assert until(lambda: not ground.helpers() and not plain.exists(), 20)
