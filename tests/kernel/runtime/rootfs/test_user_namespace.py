"""A root that is somebody else outside."""

from __future__ import annotations

import os
import stat
from typing import TYPE_CHECKING, Any

import pytest

from tests.kernel.runtime.rootfs.container import (
    FIRST_OUTSIDE_ID,
    attempt,
    by_point,
    mount_lines,
    read,
)
from tuicontainer.errors import FailedPrecondition, PermissionDenied

if TYPE_CHECKING:
    from pathlib import Path

    from tests.kernel.runtime.rootfs.container import Container

pytestmark = pytest.mark.kernel


@pytest.fixture(autouse=True)
def mapped(container: Container) -> None:
    container.user_namespace()


def test_the_whole_default_view(container: Container, tmp_path: Path) -> None:
    """With parents, of the root and of a source, that the container's root may not enter."""
    tmp_path.chmod(0o700)
    secret = tmp_path / "secret"
    secret.mkdir(mode=0o700)
    (secret / "file").write_text("content")
    container.proc()
    container.mount("/dev", "tmpfs", "nosuid", "mode=755")
    container.mount("/dev/pts", "devpts", "newinstance", "ptmxmode=0666", "mode=0620", "gid=5")
    container.mount("/dev/shm", "tmpfs", "nosuid", "noexec", "nodev", "mode=1777")
    container.mount("/dev/mqueue", "mqueue", "nosuid", "noexec", "nodev")
    container.mount("/sys", "sysfs", "nosuid", "noexec", "nodev", "ro")
    container.mount("/file", "", "bind", "ro", source=str(secret / "file"))
    container.process = {"terminal": True}
    container.linux |= {"maskedPaths": ["/proc/keys", "/sys/firmware"]}
    container.linux |= {"readonlyPaths": ["/proc/sys", "/proc/bus"]}
    container.read_only = True

    def look() -> list[Any]:
        owner = os.stat("/dev/shm").st_uid
        return [
            mount_lines(),
            owner,
            os.getuid(),
            read("/proc/keys"),
            read("/file"),
            attempt(os.mkdir, "/x"),
            stat.S_ISCHR(os.stat("/dev/console").st_mode),
        ]

    mounts, owner, uid, keys, content, made, terminal = container.run(look)
    points = by_point(mounts)
    types = {point: points[point].type for point in ("/proc", "/dev", "/dev/pts", "/sys")}
    assert types == {"/proc": "proc", "/dev": "tmpfs", "/dev/pts": "devpts", "/sys": "sysfs"}
    assert points["/dev/mqueue"].type == "mqueue"
    assert [owner, uid, keys, content, made, terminal] == [0, 0, "", "content", "EROFS", True]


def test_without_a_pivot(container: Container) -> None:
    container.proc()
    container.no_pivot = True
    container.linux["maskedPaths"] = ["/proc/keys"]
    mounts, names, made = container.run(
        lambda: [mount_lines(), os.listdir("/"), attempt(os.mkdir, "/x")]
    )
    points = {mount.split(" ")[4] for mount in mounts.splitlines()}
    assert points - {"/", "/proc", "/proc/keys"} == {
        f"/dev/{name}" for name in ("null", "zero", "full", "random", "urandom", "tty")
    }
    assert set(names) == {"proc", "dev"}
    assert made is None


def test_files_made_inside_belong_to_the_user_outside(container: Container) -> None:
    container.mount("/made", "tmpfs")
    container.run(lambda: os.mkdir("/by-the-container"))
    for name in ("made", "by-the-container"):
        assert (container.root / name).stat().st_uid == FIRST_OUTSIDE_ID


def test_mount_points_in_a_foreign_root(container: Container) -> None:
    os.chown(container.root, 0, 0)
    container.mount("/missing", "tmpfs")
    with pytest.raises(PermissionDenied, match="mount tmpfs on `/missing`"):
        container.run()
    (container.root / "missing").mkdir()
    (container.root / "dev").mkdir()
    os.chown(container.root / "dev", FIRST_OUTSIDE_ID, FIRST_OUTSIDE_ID)
    container.run()


@pytest.mark.parametrize(
    ("type_", "without", "text"),
    [
        ("mqueue", "ipc", "IPC namespace"),
        ("proc", "pid", "PID namespace"),
    ],
)
def test_a_file_system_of_a_namespace_that_is_the_hosts(
    container: Container, type_: str, without: str, text: str
) -> None:
    container.namespaces.remove(without)
    container.mount("/m", type_)
    with pytest.raises(PermissionDenied, match=f"mount {type_} on `/m`") as caught:
        container.run()
    assert text in caught.value.hint


def test_a_bind_that_would_uncover_what_the_host_mounted_over(container: Container) -> None:
    if "/dev/pts" not in by_point(mount_lines()):
        pytest.skip("nothing is mounted below the host's /dev")
    container.mount("/m", "", "bind", source="/dev")
    with pytest.raises(FailedPrecondition, match="bind `/dev` on `/m`") as caught:
        container.run()
    assert "rbind" in caught.value.hint
    container.mounts.clear()
    container.mount("/m", "", "rbind", source="/dev")
    container.run()
