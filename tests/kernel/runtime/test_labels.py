"""Security labels, by the module that the kernel has; without one they are refused by name."""

from __future__ import annotations

import os
import shutil
import subprocess
from typing import TYPE_CHECKING, Any

import pytest

from tests.kernel.runtime.conftest import ours_only
from tuicontainer.runtime.process.labels import apparmor_is_enabled, selinux_is_enabled

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from tests.kernel.runtime.door import Door

pytestmark = [pytest.mark.kernel, ours_only]

CURRENT = "cat /proc/self/attr/current"
_RULES = """
profile {name} flags=(attach_disconnected,mediate_deleted) {{
  file, capability, network, signal, ptrace, mount, umount, pivot_root, unix, dbus,
  deny /forbidden w,
}}
"""

without_apparmor = pytest.mark.skipif(apparmor_is_enabled(), reason="this kernel has AppArmor")
without_selinux = pytest.mark.skipif(selinux_is_enabled(), reason="this kernel has SELinux")


def process(**fields: Any) -> Callable[[dict[str, Any]], None]:
    return lambda document: document["process"].update(fields)


@pytest.fixture
def profile() -> Iterator[str]:
    """The name of a loaded AppArmor profile that forbids to write one file."""
    if not apparmor_is_enabled():
        pytest.skip("needs a kernel with AppArmor switched on")
    if not os.path.isdir("/sys/kernel/security/apparmor"):
        pytest.skip("needs securityfs mounted on /sys/kernel/security")
    parser = shutil.which("apparmor_parser") or shutil.which("/sbin/apparmor_parser")
    if parser is None:
        pytest.skip("needs apparmor_parser (Debian: apparmor)")
    name = f"tuicontainer-test-{os.getpid()}"
    rules = _RULES.format(name=name)
    subprocess.run([parser, "--replace", "--skip-cache"], input=rules, text=True, check=True)
    yield name
    subprocess.run([parser, "--remove"], input=rules, text=True, check=True)


@without_apparmor
def test_a_profile_without_apparmor_is_refused_by_name(door: Door) -> None:
    bundle = door.bundle("/bin/true", change=process(apparmorProfile="some"))
    said = door.fails("create", "--bundle", str(bundle), door.new_id())
    assert "`process.apparmorProfile` is `some`, but AppArmor isn't enabled" in said


@without_apparmor
def test_an_exec_with_a_profile_is_refused_too(door: Door) -> None:
    container_id = door.started(door.bundle("/bin/sleep", "60"))
    said = door.fails("exec", "--apparmor", "some", container_id, "/bin/true", status=255)
    assert "AppArmor isn't enabled" in said


@without_selinux
@pytest.mark.parametrize("field", ["process.selinuxLabel", "linux.mountLabel"])
def test_a_context_without_selinux_is_refused_with_runcs_text(door: Door, field: str) -> None:
    part, name = field.split(".")
    bundle = door.bundle("/bin/true", change=lambda document: document[part].update({name: "a:b"}))
    said = door.fails("create", "--bundle", str(bundle), door.new_id())
    assert f"`{field}` is `a:b`" in said
    assert "selinux is disabled or not supported" in said


@without_selinux
def test_an_exec_with_a_context_is_refused_too(door: Door) -> None:
    container_id = door.started(door.bundle("/bin/sleep", "60"))
    said = door.fails("exec", "--process-label", "a:b", container_id, "/bin/true", status=255)
    assert "selinux is disabled" in said


def test_the_program_runs_in_its_profile(door: Door, profile: str) -> None:
    script = f"{CURRENT}; touch /allowed; touch /forbidden || echo denied"

    def change(document: dict[str, Any]) -> None:
        document["process"]["apparmorProfile"] = profile
        document["root"]["readonly"] = False

    bundle = door.shell(script, change)
    assert door.run(bundle).splitlines()[:1] == [f"{profile} (enforce)"]
    root = bundle / "rootfs"
    assert (root / "allowed").exists()
    assert not (root / "forbidden").exists()


@pytest.mark.parametrize("new_privileges", [True, False])
def test_a_profile_beside_a_filter_and_another_user(
    door: Door, profile: str, new_privileges: bool
) -> None:
    def change(document: dict[str, Any]) -> None:
        document["process"] |= {
            "apparmorProfile": profile,
            "user": {"uid": 1000, "gid": 1000},
            "noNewPrivileges": not new_privileges,
        }
        # The filter denies what the labels are written by.
        names = ["openat2", "mkdir", "mkdirat"]
        document["linux"]["seccomp"] = {
            "defaultAction": "SCMP_ACT_ALLOW",
            "syscalls": [{"names": names, "action": "SCMP_ACT_ERRNO"}],
        }

    script = f"{CURRENT}; busybox mkdir /tmp/x || echo denied; cat /proc/self/status"
    said = door.ok("run", "--bundle", str(door.shell(script, change)), door.new_id())
    assert f"{profile} (enforce)" in said
    assert "denied" in said


def test_in_a_user_namespace_too(door: Door, profile: str) -> None:
    own = [{"containerID": 0, "hostID": 100_000, "size": 65536}]

    def change(document: dict[str, Any]) -> None:
        document["process"]["apparmorProfile"] = profile
        document["linux"]["namespaces"].append({"type": "user"})
        document["linux"] |= {"uidMappings": own, "gidMappings": own}

    assert f"{profile} (enforce)" in door.run(door.shell(CURRENT, change))


def test_no_proc_in_the_container_is_needed(door: Door, profile: str) -> None:
    """The labels are written by a procfs of the runtime's own."""

    def change(document: dict[str, Any]) -> None:
        document["process"]["apparmorProfile"] = profile
        document["mounts"] = [each for each in document["mounts"] if each["type"] != "proc"]
        document["linux"] |= {"maskedPaths": [], "readonlyPaths": []}
        document["root"]["readonly"] = False

    script = "touch /forbidden; touch /allowed; test ! -e /forbidden && test -e /allowed"
    door.run(door.shell(script, change))


def test_an_exec_runs_in_the_containers_profile(door: Door, profile: str) -> None:
    bundle = door.bundle("/bin/sleep", "60", change=process(apparmorProfile=profile))
    container_id = door.started(bundle)
    said = door.ok("exec", container_id, "/bin/sh", "-c", CURRENT)
    assert said.strip() == f"{profile} (enforce)"


def test_an_exec_may_have_another_profile(door: Door, profile: str) -> None:
    container_id = door.started(door.bundle("/bin/sleep", "60"))
    said = door.ok("exec", "--apparmor", profile, container_id, "/bin/sh", "-c", CURRENT)
    assert said.strip() == f"{profile} (enforce)"


def test_an_exec_goes_over_no_mount_in_the_containers_proc(door: Door, profile: str) -> None:
    """Whoever mounts over the attributes gets no process without its profile (CVE-2019-16884)."""

    def change(document: dict[str, Any]) -> None:
        capabilities = document["process"]["capabilities"]
        for names in capabilities.values():
            names.append("CAP_SYS_ADMIN")

    script = "mkdir /fake; cp /bin/busybox /fake/; busybox mount -t tmpfs t /proc; sleep 60"
    container_id = door.started(door.shell(script, change))
    flags = ("--apparmor", profile)
    for _ in range(50):
        done = door.call("exec", *flags, container_id, "/bin/sh", "-c", "true")
        if done.returncode == 255:
            break
    assert done.returncode == 255
    assert "needs a procfs on the container's `/proc`" in done.stderr


def test_a_profile_that_is_not_loaded_fails_create(door: Door, profile: str) -> None:
    change = process(apparmorProfile=f"{profile}-missing")
    bundle = door.bundle("/bin/true", change=change)
    said = door.fails("create", "--bundle", str(bundle), door.new_id())
    assert f"`process.apparmorProfile` is `{profile}-missing`" in said
    assert "the kernel knows no such profile" in said


def test_the_procfs_is_closed_before_the_program_runs(door: Door, profile: str) -> None:
    bundle = door.bundle("/bin/ls", "/proc/self/fd", change=process(apparmorProfile=profile))
    assert door.run(bundle).split() == ["0", "1", "2", "3"], "3 is what ls reads"
