"""Containers of a user who isn't root, and of root in a user namespace that he made."""

from __future__ import annotations

import json
import os
import platform
import shutil
import subprocess
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from tests.busybox import STEADY
from tests.kernel.runtime.conftest import left_as_found, ours_only
from tests.kernel.runtime.door import PROGRAM, Door, namespace_of
from tests.kernel.runtime.test_seccomp import MKDIR
from tests.kernel.runtime.test_seccomp_listener import Agent, notifying
from tests.nobody import NOBODY, needs_open_checkout
from tests.screen import Screen
from tuicontainer.runtime.cgroups.hierarchies import read_hierarchies
from tuicontainer.spec.default import rootless_document

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

pytestmark = pytest.mark.kernel

GRANTED = 300_000
_AS_USER = (
    'mount --bind "$0" /etc/subuid && mount --bind "$0" /etc/subgid && '
    f'exec setpriv --reuid {NOBODY} --regid {NOBODY} --clear-groups "$@"'
)


class UsersDoor(Door):
    """The runtime as started by `nobody`, whom only a private mount namespace grants ids."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        granted = folder / "granted"
        granted.write_text(f"nobody:{GRANTED}:65536\n")
        granted.chmod(0o644)
        unshare = ("unshare", "--mount", "--propagation", "private")
        self.launcher = (*unshare, "sh", "-c", _AS_USER, str(granted))
        self.root.mkdir()
        os.chown(self.root, NOBODY, NOBODY)

    def bundle(self, *args: str, change: Callable[[dict[str, Any]], None] | None = None) -> Path:
        made = super().bundle(*args)

        def edit(document: dict[str, Any]) -> None:
            mine = rootless_document(NOBODY, NOBODY)
            process = mine["process"] | {"args": list(args), "terminal": False}
            document |= mine | {"process": process}
            if change is not None:
                change(document)

        self.edit(made, edit)
        self.give(made)
        return made

    def give(self, folder: Path) -> None:
        for place, folders, files in os.walk(folder):
            for name in (".", *folders, *files):
                os.chown(os.path.join(place, name), NOBODY, NOBODY, follow_symlinks=False)


@pytest.fixture
def user() -> Iterator[UsersDoor]:
    needs_open_checkout()
    if not (os.path.exists("/etc/subuid") and os.path.exists("/etc/subgid")):
        pytest.skip("needs /etc/subuid and /etc/subgid to mount others over (Debian: passwd)")
    # Not below pytest's own folder, which is closed to others.
    with tempfile.TemporaryDirectory(prefix="tuicontainer-") as place:
        os.chmod(place, 0o711)
        door = UsersDoor(Path(place))
        with left_as_found(door):
            yield door


@pytest.fixture
def nested(user: UsersDoor) -> Iterator[UsersDoor]:
    """Root of a user namespace that `nobody` has made around himself, for all commands."""
    make = (*user.launcher, "unshare", "--user", "--map-root-user", "sleep", "600")
    with subprocess.Popen(make) as holder:
        deadline = time.monotonic() + 10
        while Path(f"/proc/{holder.pid}/uid_map").read_text().split() != ["0", str(NOBODY), "1"]:
            assert time.monotonic() < deadline
            time.sleep(0.02)
        user.launcher += ("nsenter", "--user", "--preserve-credentials", f"--target={holder.pid}")
        yield user
        user.close()
        holder.kill()


def ranges(document: dict[str, Any]) -> None:
    """Map a range of ids beside one's own, as Podman does."""
    if shutil.which("newuidmap") is None:
        pytest.skip("needs newuidmap (Debian: uidmap)")
    mappings = [
        {"containerID": 0, "hostID": NOBODY, "size": 1},
        {"containerID": 1, "hostID": GRANTED, "size": 65535},
    ]
    document["linux"] |= {"uidMappings": mappings, "gidMappings": mappings}


def without_user_namespace(document: dict[str, Any]) -> None:
    for name in ("uidMappings", "gidMappings"):
        del document["linux"][name]
    entries = document["linux"]["namespaces"]
    document["linux"]["namespaces"] = [each for each in entries if each["type"] != "user"]


def test_cve_2014_8989_ones_own_id_is_root_inside(user: UsersDoor) -> None:
    script = "id; cat /proc/self/uid_map /proc/self/setgroups; hostname; touch /tmp/mine"

    def change(document: dict[str, Any]) -> None:
        document["root"]["readonly"] = False

    bundle = user.shell(script, change)
    lines = user.run(bundle).splitlines()
    assert lines[0].startswith("uid=0")
    assert lines[1].split() == ["0", str(NOBODY), "1"]
    assert lines[2:] == ["deny", "runc"]
    assert (bundle / "rootfs/tmp/mine").stat().st_uid == NOBODY


def test_a_range_of_ids(user: UsersDoor) -> None:
    def change(document: dict[str, Any]) -> None:
        ranges(document)
        document["root"]["readonly"] = False
        document["process"]["user"] = {"uid": 7, "gid": 8}
        document["process"]["cwd"] = "/tmp"

    bundle = user.shell("id; cat /proc/self/setgroups; touch mine", change)
    (bundle / "rootfs/tmp").chmod(0o777)
    assert user.run(bundle).splitlines() == ["uid=7 gid=8", "allow"]
    made = (bundle / "rootfs/tmp/mine").stat()
    assert (made.st_uid, made.st_gid) == (GRANTED + 6, GRANTED + 7)


@ours_only
def test_more_groups_with_a_range(user: UsersDoor) -> None:
    """runc refuses these."""

    def change(document: dict[str, Any]) -> None:
        ranges(document)
        document["process"]["user"]["additionalGids"] = [5, 9]

    assert user.run(user.shell("id", change)).split() == ["uid=0", "gid=0", "groups=5,9"]


def test_the_whole_life(user: UsersDoor) -> None:
    def change(document: dict[str, Any]) -> None:
        document["process"]["oomScoreAdj"] = 700

    bundle = user.shell(STEADY, change)
    container = user.started(bundle, "--pid-file", str(user.root / "pid"))
    pid = user.state(container)["pid"]
    assert (user.root / "pid").read_text() == str(pid)
    (user.root / "pid").unlink()
    assert Path(f"/proc/{pid}/oom_score_adj").read_text() == "700\n"
    script = "cat /proc/self/oom_score_adj; ps; echo done"
    said = user.ok("exec", container, "/bin/sh", "-c", script).splitlines()
    assert [said[0], said[-1]] == ["700", "done"]
    assert "trap" in "".join(said)
    assert container in user.ok("list")
    user.ok("kill", container, "TERM")
    user.await_status(container, "stopped")
    user.ok("delete", container)


def test_devices_are_the_hosts(user: UsersDoor) -> None:
    said = user.run(user.shell("echo gone > /dev/null; head -c 3 /dev/zero | wc -c; ls /dev"))
    assert said.split()[0] == "3"
    assert {"null", "zero", "full", "random", "urandom", "tty", "fd", "pts"} <= set(said.split())


def test_cve_2023_25809_control_groups_are_read_only(user: UsersDoor) -> None:
    """Without a cgroup namespace, the user's own groups could be written to from inside."""
    script = "find /sys/fs/cgroup -name cgroup.procs -o -name tasks | while read f; do "
    script += 'echo $$ > "$f" && echo "wrote $f"; done; echo end'
    bundle = user.shell(script)
    os.symlink("busybox", bundle / "rootfs/bin/find")
    assert user.run(bundle).splitlines()[-1:] == ["end"]
    assert "wrote" not in user.run(bundle)


@ours_only
def test_limits_need_a_delegated_group(user: UsersDoor) -> None:
    if read_hierarchies().mode == "v2":
        pytest.skip("needs a host whose control groups aren't pure v2")

    def change(document: dict[str, Any]) -> None:
        document["linux"]["resources"] = {"pids": {"limit": 5}, "memory": {"limit": 1 << 30}}

    said = user.fails("create", "--bundle", str(user.shell("true", change)), user.new_id())
    assert "`linux.resources` has limits (memory, pids), which need a control group" in said
    assert os.listdir(user.root) == []


def test_without_a_user_namespace(user: UsersDoor) -> None:
    bundle = user.shell("true", without_user_namespace)
    said = user.fails("run", "--bundle", str(bundle), user.new_id())
    assert "rootless container requires user namespaces" in said


@ours_only
def test_more_groups_without_a_range(user: UsersDoor) -> None:
    def change(document: dict[str, Any]) -> None:
        document["linux"]["gidMappings"][0]["size"] = 1
        document["process"]["user"]["additionalGids"] = [0]

    said = user.fails("run", "--bundle", str(user.shell("true", change)), user.new_id())
    assert "cannot set any additional groups in a rootless container" in said


@ours_only
def test_a_range_that_nobody_granted(user: UsersDoor) -> None:
    def change(document: dict[str, Any]) -> None:
        ranges(document)
        document["linux"]["uidMappings"][1]["hostID"] = 900_000

    said = user.fails("run", "--bundle", str(user.shell("true", change)), user.new_id())
    assert "`newuidmap` refused to map `0 65534 1 1 900000 65535`" in said
    assert os.listdir(user.root) == []


@ours_only
def test_a_range_without_the_program_that_maps_it(user: UsersDoor) -> None:
    bundle = user.shell("true", ranges)
    user.launcher = (*user.launcher, "/usr/bin/env", "PATH=/nowhere")
    said = user.fails("run", "--bundle", str(bundle), user.new_id())
    assert "`linux.uidMappings` maps more than your own id, which takes `newuidmap`" in said
    assert os.listdir(user.root) == []


@ours_only
def test_the_default_root_outlives_a_clean_up(user: UsersDoor) -> None:
    bundle = user.shell("true")
    user.global_flags = ()
    environment = os.environ | {"XDG_RUNTIME_DIR": str(user.root)}
    user.ok("run", "--bundle", str(bundle), user.new_id(), env=environment)
    [made] = os.listdir(user.root)
    assert made == "tuicontainer-runtime"
    assert (user.root / made).stat().st_mode & 0o7777 == 0o1700
    os.rmdir(user.root / made)


@ours_only
def test_a_pod(user: UsersDoor) -> None:
    """What the user namespace of the first container owns can be joined by who joins that too."""

    def first(document: dict[str, Any]) -> None:
        document["linux"]["namespaces"].append({"type": "network"})

    init = user.state(user.started(user.shell(STEADY, first)))["pid"]

    def second(document: dict[str, Any]) -> None:
        without_user_namespace(document)
        joined = {"network": "net", "ipc": "ipc", "user": "user"}
        document["linux"]["namespaces"] = [{"type": "mount"}, {"type": "pid"}, {"type": "uts"}]
        document["linux"]["namespaces"] += [
            {"type": type_, "path": f"/proc/{init}/ns/{name}"} for type_, name in joined.items()
        ]

    other = user.state(user.started(user.shell(STEADY, second)))["pid"]
    for name in ("user", "net", "ipc"):
        assert namespace_of(other, name) == namespace_of(init, name)
    assert namespace_of(other, "pid") != namespace_of(init, "pid")


@pytest.mark.parametrize("new_privileges", [False, True])
def test_a_seccomp_filter(user: UsersDoor, new_privileges: bool) -> None:
    def change(document: dict[str, Any]) -> None:
        document["process"]["noNewPrivileges"] = not new_privileges
        rule = {"names": ["mkdir", "mkdirat"], "action": "SCMP_ACT_ERRNO", "errnoRet": 28}
        seccomp = {"defaultAction": "SCMP_ACT_ALLOW", "syscalls": [rule]}
        document["linux"]["seccomp"] = seccomp

    bundle = user.shell("mkdir /dev/shm/x 2>&1; true", change)
    os.symlink("busybox", bundle / "rootfs/bin/mkdir")
    assert "No space left on device" in user.run(bundle)


@ours_only
@pytest.mark.skipif(platform.machine() != "x86_64", reason="knows the ioctls of x86_64 only")
def test_a_seccomp_listener(user: UsersDoor) -> None:
    """The runtime takes it out of the process by tracing, for which that must let itself be."""
    agent = Agent(user.folder / "agent.sock")
    try:
        agent.path.chmod(0o777)
        bundle = user.shell(f"{{ {MKDIR}; }} 2>&1; true", notifying(agent, "mkdir"))
        assert "No space left on device" in user.run(bundle)
        container = user.started(user.shell(STEADY, notifying(agent, "mkdir")))
        said = user.ok("exec", container, "/bin/sh", "-c", f"{{ {MKDIR}; }} 2>&1; true")
        assert "No space left on device" in said
        user.ok("delete", "--force", container)
        assert len(agent.told(3)) == 3
    finally:
        agent.close()


@ours_only
def test_a_seccomp_listener_in_a_shared_pid_namespace(user: UsersDoor) -> None:
    def change(document: dict[str, Any]) -> None:
        entries = document["linux"]["namespaces"]
        document["linux"]["namespaces"] = [each for each in entries if each["type"] != "pid"]
        rule = {"names": ["mkdir"], "action": "SCMP_ACT_NOTIFY"}
        profile = {"defaultAction": "SCMP_ACT_ALLOW", "syscalls": [rule], "listenerPath": "/x"}
        document["linux"]["seccomp"] = profile

    said = user.fails("run", "--bundle", str(user.shell("true", change)), user.new_id())
    assert "`linux.seccomp.listenerPath` needs root, or a PID namespace" in said


@ours_only
def test_a_terminal(user: UsersDoor) -> None:
    def change(document: dict[str, Any]) -> None:
        document["process"]["terminal"] = True

    bundle = user.shell("tty; ls -ln /dev/console; echo fi''ne", change)
    words = [*user.launcher, *PROGRAM, *user.global_flags, "run", "-b", str(bundle)]
    screen = Screen([*words, user.new_id()], os.environ)
    try:
        said = screen.expect(b"fine").split()
        assert screen.end() == 0
    finally:
        screen.close()
    assert said[0] == b"/dev/pts/0"
    assert said[3] == b"0"


@ours_only
def test_sysfs_of_the_host_where_its_network_is_shared(user: UsersDoor) -> None:
    def change(document: dict[str, Any]) -> None:
        [mount] = [each for each in document["mounts"] if each["destination"] == "/sys"]
        mount |= {"type": "sysfs", "source": "sysfs", "options": ["nosuid", "ro"]}

    said = user.run(user.shell("cat /sys/class/net/lo/ifindex; touch /sys/x 2>&1 || true", change))
    assert said.startswith("1\n")
    assert "Read-only" in said


def test_root_of_a_users_namespace(nested: UsersDoor) -> None:
    container = nested.started(nested.shell(STEADY, without_user_namespace))
    pid = nested.state(container)["pid"]
    assert Path(f"/proc/{pid}/uid_map").read_text().split() == ["0", str(NOBODY), "1"]
    assert nested.ok("exec", container, "/bin/id").startswith("uid=0")
    nested.ok("delete", "--force", container)


@ours_only
def test_a_user_namespace_inside_a_users_namespace(nested: UsersDoor) -> None:
    def change(document: dict[str, Any]) -> None:
        mapping = [{"containerID": 0, "hostID": 0, "size": 1}]
        document["linux"] |= {"uidMappings": mapping, "gidMappings": mapping}

    container = nested.started(nested.shell(STEADY, change))
    pid = nested.state(container)["pid"]
    assert namespace_of(pid, "user") != namespace_of("self", "user")
    assert Path(f"/proc/{pid}/uid_map").read_text().split() == ["0", str(NOBODY), "1"]


@ours_only
def test_a_delegated_group_is_used(user: UsersDoor) -> None:
    hierarchies = read_hierarchies()
    if hierarchies.mode != "v2" or hierarchies.unified is None:
        pytest.skip("needs a host with pure cgroup v2")
    home = Path(hierarchies.unified.mountpoint, f"{user.prefix}-home")
    launch = home / "launch"
    (Path(hierarchies.unified.mountpoint) / "cgroup.subtree_control").write_text("+pids")
    launch.mkdir(parents=True)
    for path in (home, home / "cgroup.procs", home / "cgroup.subtree_control", launch,
                 launch / "cgroup.procs"):  # fmt: skip
        os.chown(path, NOBODY, NOBODY)
    enter = f'echo $$ > {launch}/cgroup.procs && exec "$0" "$@"'
    user.launcher = ("sh", "-c", enter, *user.launcher)

    def change(document: dict[str, Any]) -> None:
        document["linux"]["resources"] = {"pids": {"limit": 9}}

    container = user.started(user.shell(STEADY, change))
    pid = user.state(container)["pid"]
    group = Path(f"/proc/{pid}/cgroup").read_text().strip().removeprefix("0::")
    assert group.startswith(f"/{home.name}/tuicontainer-runtime.")
    limit = Path(hierarchies.unified.mountpoint + group, "pids.max")
    assert limit.read_text() == "9\n"
    user.ok("pause", container)
    user.ok("resume", container)
    user.ok("delete", "--force", container)
    remove_groups(home)


def remove_groups(top: Path) -> None:
    """Remove a group with all inside, when the launchers' processes have gone."""
    deadline = time.monotonic() + 5
    for folder, _, _ in os.walk(top, topdown=False):
        while True:
            try:
                os.rmdir(folder)
            except OSError:
                assert time.monotonic() < deadline
                time.sleep(0.02)
            else:
                break


def test_spec_rootless(user: UsersDoor) -> None:
    place = user.root / "new"
    place.mkdir()
    os.chown(place, NOBODY, NOBODY)
    user.ok("spec", "--rootless", cwd=place)
    written = json.loads((place / "config.json").read_text())
    shutil.rmtree(place)
    assert written["linux"]["uidMappings"] == [{"containerID": 0, "hostID": NOBODY, "size": 1}]
    assert {each["type"] for each in written["linux"]["namespaces"]} >= {"user", "mount", "pid"}
    assert "network" not in {each["type"] for each in written["linux"]["namespaces"]}
