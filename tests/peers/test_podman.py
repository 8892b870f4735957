"""What only Podman does: root folders without an image, user namespaces, no control group."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.busybox import make_bundle
from tests.peers.ground import HOME

if TYPE_CHECKING:
    from pathlib import Path

    from tests.peers.podman import Podman


def test_a_folder_as_root(podman: Podman, tmp_path: Path) -> None:
    tmp_path.chmod(0o755)
    rootfs = make_bundle(tmp_path / "bundle", "unused") / "rootfs"
    words = podman.making("run", "--rm", "--rootfs")
    told = podman.ok(*words[:-1], str(rootfs), "sh", "-c", "echo here; touch /left")
    assert told == "here\n"
    assert (rootfs / "left").exists()


def test_a_user_namespace(podman: Podman) -> None:
    maps = ("--uidmap=0:100000:2000", "--gidmap=0:200000:3000")
    told = podman.shell("id -u; cat /proc/self/uid_map /proc/self/gid_map; touch /x", *maps)
    assert told.split() == ["0", "0", "100000", "2000", "0", "200000", "3000"]


def test_without_a_control_group(podman: Podman) -> None:
    ours = podman.ground.ok("cat", "/proc/self/cgroup")
    assert podman.shell("cat /proc/self/cgroup", "--cgroups=disabled") == ours


def test_a_health_check_on_demand(podman: Podman) -> None:
    name = podman.detached(
        "touch /tmp/well; sleep 1000", "--health-cmd=test -e /tmp/well", "--health-retries=1"
    )
    podman.ok("healthcheck", "run", name)
    podman.ok("exec", name, "busybox", "rm", "/tmp/well")
    assert podman.call("healthcheck", "run", name).returncode == 1


def test_init_makes_and_start_starts(podman: Podman) -> None:
    name = podman.new_name()
    podman.ok(*podman.making("create", f"--name={name}"), "sh", "-c", "echo begun")
    podman.ok("init", name)
    assert podman.status(name) in ("created", "initialized")
    assert podman.ok("logs", name) == ""
    podman.ok("start", name)
    podman.await_log(name, "begun")


def test_descriptors_are_passed_on(podman: Podman, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("passed\n")
    words = podman.line(*podman.making("run", "--rm", "--preserve-fds=1"))
    line = f'exec 3< {tmp_path}/file; exec "$@"'
    assert podman.ground.ok("sh", "-c", line, "sh", *words, "sh", "-c", "cat <&3") == "passed\n"


def test_conmon_hears_that_memory_was_the_reason(podman: Podman) -> None:
    # It lives on for a moment: conmon may miss what happens in the instant of the end.
    script = "busybox tail /dev/zero; status=$?; sleep 0.5; exit $status"
    name = podman.detached(script, "--memory=32m", "--memory-swap=32m")
    assert podman.ok("wait", name) == "137\n"
    # Podman before 5 doesn't look where conmon writes: into its own working folder.
    file = podman.ground.call("ls", f"{HOME}/oom")
    assert podman.inspect(name)["State"]["OOMKilled"] or file.returncode == 0
