"""Root filesystems made to break out, each after the hole it went through in other runtimes."""

from __future__ import annotations

import ctypes
import os
import stat
from typing import TYPE_CHECKING, Any

import pytest

from tests.kernel.runtime.rootfs.container import (
    attempt,
    by_point,
    mount_lines,
    read,
    restless_rival,
    rival,
)
from tuicontainer.errors import FailedPrecondition, InvalidArgument, TuiContainerError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.kernel.runtime.rootfs.container import Container

pytestmark = pytest.mark.kernel

RENAME_EXCHANGE = 2
ROUNDS = 40


@pytest.fixture
def outside(tmp_path: Path) -> Iterator[Path]:
    """A folder of the host that must stay as it is."""
    folder = tmp_path / "outside"
    folder.mkdir()
    (folder / "file").write_text("untouched")
    before = folder.stat()
    yield folder
    assert [path.name for path in folder.iterdir()] == ["file"]
    assert (folder / "file").read_text() == "untouched"
    after = folder.stat()
    assert (after.st_mtime_ns, after.st_mode, after.st_uid) == (
        before.st_mtime_ns,
        before.st_mode,
        before.st_uid,
    )


class TestCve2019_16884:  # noqa: N801 - the hole's name
    """Something that isn't procfs at /proc, where labels would be written."""

    def test_a_link_as_destination(self, container: Container, tmp_path: Path) -> None:
        (container.root / "volume").symlink_to("/proc/self/attr")
        container.proc()
        container.mount("/volume", "", "bind", source=str(tmp_path))
        with pytest.raises(InvalidArgument, match="leads to a file of procfs"):
            container.run()

    def test_a_link_in_the_middle(self, container: Container) -> None:
        (container.root / "volume").symlink_to("/proc")
        container.proc()
        container.mount("/volume/sys", "tmpfs")
        with pytest.raises(InvalidArgument, match="leads to a file of procfs"):
            container.run()

    def test_a_folder_on_proc(self, container: Container, tmp_path: Path) -> None:
        container.mount("/proc", "", "bind", source=str(tmp_path))
        with pytest.raises(InvalidArgument, match="only procfs may be mounted on `/proc`"):
            container.run()

    def test_a_part_of_procfs_on_proc(self, container: Container) -> None:
        container.mount("/proc", "", "bind", source="/proc/sys")
        with pytest.raises(InvalidArgument, match="only procfs may be mounted on `/proc`"):
            container.run()

    def test_the_hosts_procfs_is_allowed(self, container: Container) -> None:
        container.namespaces.remove("pid")
        container.mount("/proc", "", "rbind", source="/proc")
        assert container.run(lambda: os.path.exists("/proc/self/attr"))

    def test_what_lxcfs_does_is_allowed(self, container: Container, tmp_path: Path) -> None:
        (tmp_path / "cpuinfo").write_text("fake")
        container.proc()
        container.mount("/proc/cpuinfo", "", "bind", source=str(tmp_path / "cpuinfo"))
        assert container.run(lambda: read("/proc/cpuinfo")) == "fake"


def test_cve_2019_18837_destination_is_an_absolute_link(
    container: Container, outside: Path
) -> None:
    (container.root / "a").symlink_to(outside)
    (container.root / "b").symlink_to("../../.." + str(outside))
    container.proc()
    container.mount("/a", "tmpfs")
    container.mount("/b/below", "tmpfs")
    points = by_point(container.run(mount_lines))
    assert {str(outside), f"{outside}/below"} <= set(points)
    assert (container.root / str(outside)[1:]).is_dir()


@pytest.mark.parametrize(("name", "type_"), [("proc", "proc"), ("sys", "sysfs")])
@pytest.mark.parametrize("inside", [True, False])
def test_cve_2019_19921_proc_is_a_link(
    container: Container, outside: Path, name: str, type_: str, *, inside: bool
) -> None:
    (container.root / "elsewhere").mkdir()
    (container.root / name).symlink_to("elsewhere" if inside else outside)
    container.mount(f"/{name}", type_)
    with pytest.raises(InvalidArgument, match="symbolic link"):
        container.run()


def exchange(one: str, other: str) -> None:
    libc = ctypes.CDLL(None)
    libc.renameat2(-100, one.encode(), -100, other.encode(), RENAME_EXCHANGE)


def test_cve_2021_30465_and_2024_45310_links_exchanged_while_mounting(
    container: Container, outside: Path, tmp_path: Path
) -> None:
    """Another container that shares a volume swaps a folder and a link in it all the time."""
    volume = tmp_path / "volume"
    (volume / "dir").mkdir(parents=True)
    (volume / "link").symlink_to(outside)
    container.proc()
    container.mount("/volume", "", "bind", source=str(volume))
    container.mount("/volume/dir", "tmpfs")
    container.mount("/volume/link/deep/new", "tmpfs")
    container.mount("/volume/dir/file", "", "bind", source=str(outside / "file"))
    done = 0
    with restless_rival(lambda: exchange(str(volume / "dir"), str(volume / "link"))):
        for _ in range(ROUNDS):
            try:
                points = set(by_point(container.run(mount_lines)))
            except TuiContainerError:
                continue  # noticed: fine as well
            done += 1
            assert {"/", "/proc", "/volume"} <= points
    assert mount_lines().count(str(outside)) == 0
    assert done > 0


def test_cve_2023_27561_proc_moved_away_before_it_is_masked(container: Container) -> None:
    container.proc()
    container.linux["maskedPaths"] = ["/proc/keys"]
    root = container.root

    def act() -> None:
        (root / "proc").rename(root / "proc2")
        (root / "proc").mkdir()

    with rival(act) as trigger:
        container.after_build = trigger
        with pytest.raises(FailedPrecondition, match="`/proc` was proc and isn't any more"):
            container.run()


@pytest.mark.parametrize("kind", ["link", "file", "other device", "folder", "nothing"])
def test_cve_2025_31133_masks_are_never_what_the_container_calls_null(
    container: Container, tmp_path: Path, kind: str
) -> None:
    dev = tmp_path / "dev"
    dev.mkdir()
    if kind == "link":
        (dev / "null").symlink_to("/proc/sys/kernel/core_pattern")
    elif kind == "file":
        (dev / "null").write_text("fake")
    elif kind == "folder":
        (dev / "null").mkdir()
    elif kind == "other device":
        os.mknod(dev / "null", stat.S_IFCHR | 0o666, os.makedev(1, 5))
    container.proc()
    container.mount("/dev", "", "bind", source=str(dev))
    (container.root / "secret").write_text("secret")
    container.linux["maskedPaths"] = ["/secret", "/proc/keys"]

    def look() -> list[Any]:
        status = os.stat("/secret")
        number = [os.major(status.st_rdev), os.minor(status.st_rdev)]
        return [read("/secret"), number, attempt(os.chmod, "/secret", 0o666), read("/proc/keys")]

    host = os.stat("/dev/null").st_mode
    assert container.run(look) == ["", [1, 3], "EROFS", ""]
    assert os.stat("/dev/null").st_mode == host


def test_cve_2025_31133_null_exchanged_while_masking(container: Container, tmp_path: Path) -> None:
    dev = tmp_path / "dev"
    dev.mkdir()
    os.mknod(dev / "null", stat.S_IFCHR | 0o666, os.makedev(1, 3))
    (dev / "link").symlink_to("/proc/sys/kernel/core_pattern")
    container.proc()
    container.mount("/dev", "", "bind", source=str(dev))
    (container.root / "secret").write_text("secret")
    container.linux["maskedPaths"] = ["/secret"]
    with restless_rival(lambda: exchange(str(dev / "null"), str(dev / "link"))):
        for _ in range(ROUNDS):
            assert container.run(lambda: os.stat("/secret").st_rdev) == os.makedev(1, 3)


class TestCve2025_52565:  # noqa: N801 - the hole's name
    """A terminal whose other end, by name, is something else."""

    def test_a_fake_devpts(self, container: Container, outside: Path) -> None:
        container.mount("/dev/pts", "", "bind", source=str(outside))
        container.process = {"terminal": True}
        with pytest.raises(FailedPrecondition, match="needs a devpts"):
            container.run()

    def test_pts_is_a_link_to_the_hosts(self, container: Container) -> None:
        (container.root / "dev").mkdir()
        (container.root / "dev/pts").symlink_to("/dev/../../../../dev/pts/../pts")
        container.process = {"terminal": True}
        with pytest.raises(FailedPrecondition, match="needs a devpts"):
            container.run()


def test_cve_2026_41579_dev_is_a_link(container: Container, outside: Path) -> None:
    (container.root / "dev").symlink_to(outside)
    container.proc()
    container.run()
    made = container.root / str(outside)[1:]
    assert (made / "null").is_char_device()
    assert (made / "fd").is_symlink()


@pytest.mark.parametrize("target", ["file", "new"])
def test_cve_2026_88264_console_is_a_link(container: Container, outside: Path, target: str) -> None:
    (container.root / "dev").mkdir()
    (container.root / "dev/console").symlink_to(outside / target)
    container.proc()
    container.mount("/dev/pts", "devpts")
    container.process = {"terminal": True}
    with pytest.raises(InvalidArgument, match="`console` in the root filesystem"):
        container.run()


@pytest.mark.parametrize("name", ["null", "tty"])
def test_cve_2026_88265_a_device_is_a_link(container: Container, outside: Path, name: str) -> None:
    (container.root / "dev").mkdir()
    (container.root / "dev" / name).symlink_to(outside / "file")
    container.linux["devices"] = [
        {"path": f"/dev/{name}", "type": "c", "major": 1, "minor": 3, "uid": 9, "fileMode": 0o777}
    ]
    with pytest.raises(InvalidArgument, match="in the root filesystem isn't device"):
        container.run()


def test_cve_2026_115521_read_only_without_a_proc_to_trust(container: Container) -> None:
    (container.root / "proc/self/fd").mkdir(parents=True)
    for number in range(32):
        (container.root / "proc/self/fd" / str(number)).symlink_to("/decoy")
    (container.root / "decoy").mkdir()
    container.mount("/dev", "tmpfs", "ro")
    container.read_only = True
    container.linux["readonlyPaths"] = ["/decoy"]

    def look() -> list[Any]:
        return [attempt(os.mkdir, path) for path in ("/x", "/dev/x", "/decoy/x")]

    assert container.run(look) == ["EROFS"] * 3


def test_magic_links_are_not_followed(container: Container) -> None:
    (container.root / "way").symlink_to("/proc/self/root")
    container.proc()
    container.linux["maskedPaths"] = ["/way/etc"]
    with pytest.raises(TuiContainerError, match="mask `/way/etc`"):
        container.run()


def test_a_fifo_in_the_place_of_a_file_blocks_nothing(container: Container, tmp_path: Path) -> None:
    os.mkfifo(container.root / "pipe")
    (tmp_path / "file").write_text("content")
    container.mount("/pipe", "", "bind", source=str(tmp_path / "file"))
    assert container.run(lambda: read("/pipe")) == "content"
