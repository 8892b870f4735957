"""`tmpcopyup`: a tmpfs that begins with what it covers, from a root filesystem nobody trusts."""

from __future__ import annotations

import os
import socket
import stat
from typing import TYPE_CHECKING, Any

import pytest

from tests.kernel.runtime.rootfs.container import (
    attempt,
    by_point,
    mount_lines,
    read,
    restless_rival,
)
from tuicontainer.errors import FailedPrecondition, TuiContainerError

if TYPE_CHECKING:
    from pathlib import Path

    from tests.kernel.runtime.rootfs.container import Container

pytestmark = pytest.mark.kernel


@pytest.fixture
def covered(container: Container) -> Path:
    folder = container.root / "data"
    folder.mkdir()
    return folder


def look_at(path: str) -> list[int]:
    status = os.lstat(path)
    return [stat.S_IMODE(status.st_mode), status.st_uid, status.st_gid, status.st_mtime_ns]


def test_content_owners_permissions_and_times(container: Container, covered: Path) -> None:
    (covered / "sub").mkdir()
    (covered / "sub" / "file").write_text("content")
    (covered / "set-user").touch()
    os.chown(covered / "set-user", 5, 6)
    (covered / "set-user").chmod(0o6755)
    os.chown(covered, 7, 8)
    covered.chmod(0o2750)
    for path, time in ((covered / "sub" / "file", 3), (covered / "sub", 4), (covered, 5)):
        os.utime(path, ns=(time, time))
    container.proc()
    container.mount("/data", "tmpfs", "tmpcopyup", "nosuid")

    def look() -> list[Any]:
        names = ("/data", "/data/sub", "/data/sub/file", "/data/set-user")
        return [read("/data/sub/file"), mount_lines(), *map(look_at, names)]

    content, lines, folder, sub, file, set_user = container.run(look)
    assert content == "content"
    assert by_point(lines)["/data"].type == "tmpfs"
    assert folder == [0o2750, 7, 8, 5]
    assert (sub[3], file[3]) == (4, 3)
    assert set_user[:3] == [0o6755, 5, 6]


def test_the_folder_on_disk_is_left_alone(container: Container, covered: Path) -> None:
    (covered / "file").write_text("before")
    container.mount("/data", "tmpfs", "tmpcopyup")

    def change() -> None:
        with open("/data/file", "w", encoding="utf-8") as file:
            file.write("after")

    container.run(change)
    assert (covered / "file").read_text() == "before"


def test_special_files_links_and_hard_links(container: Container, covered: Path) -> None:
    (covered / "first").write_text("x")
    os.link(covered / "first", covered / "second")
    os.symlink("/nowhere", covered / "link")
    os.lchown(covered / "link", 9, 9)
    os.mkfifo(covered / "fifo", 0o640)
    os.mknod(covered / "null", stat.S_IFCHR | 0o666, os.makedev(1, 3))
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(covered / "socket"))
    container.mount("/data", "tmpfs", "tmpcopyup")

    def look() -> list[Any]:
        os.chdir("/data")
        status = os.lstat("null")
        return [
            os.path.samefile("first", "second"),
            os.readlink("link"),
            os.lstat("link").st_uid,
            stat.filemode(os.lstat("fifo").st_mode),
            [stat.filemode(status.st_mode)[0], status.st_rdev],
            stat.filemode(os.lstat("socket").st_mode)[0],
        ]

    assert container.run(look) == [
        True, "/nowhere", 9, "prw-r-----", ["c", os.makedev(1, 3)], "s",
    ]  # fmt: skip


def test_extended_attributes_and_holes(container: Container, covered: Path) -> None:
    big = 64 << 20
    with (covered / "sparse").open("wb") as file:
        file.truncate(big)
        file.seek(big // 2)
        file.write(b"in the middle")
    os.setxattr(covered / "sparse", "trusted.mark", b"1")
    # The copy has room for the data, and not for the holes.
    container.mount("/data", "tmpfs", "tmpcopyup", "size=4m")

    def look() -> list[Any]:
        with open("/data/sparse", "rb") as file:
            file.seek(big // 2)
            middle = file.read(13).decode()
        mark = os.getxattr("/data/sparse", "trusted.mark").decode()
        return [os.stat("/data/sparse").st_size, middle, mark]

    assert container.run(look) == [big, "in the middle", "1"]


def test_deep_folders_cost_neither_stack_nor_descriptors(
    container: Container, covered: Path
) -> None:
    levels = ["/".join(["d"] * count) for count in range(1, 1041)]
    for level in levels:
        (covered / level).mkdir()
    container.mount("/data", "tmpfs", "tmpcopyup")
    try:
        assert container.run(lambda: os.path.isdir(f"/data/{levels[-1]}")) is True
    finally:
        # Deeper than pytest, which tidies up, can go.
        for level in reversed(levels):
            (covered / level).rmdir()


def test_a_missing_folder_is_made_and_empty(container: Container) -> None:
    container.mount("/new", "tmpfs", "tmpcopyup")
    assert container.run(lambda: os.listdir("/new")) == []


def test_what_is_mounted_in_it_is_not_copied(container: Container, covered: Path) -> None:
    (covered / "inner").mkdir()
    (covered / "kept").touch()
    container.mount("/data/inner", "tmpfs")
    container.mount("/data", "tmpfs", "tmpcopyup")
    assert container.run(lambda: sorted(os.listdir("/data"))) == ["kept"]


def test_read_only_comes_after_the_copy(container: Container, covered: Path) -> None:
    (covered / "file").write_text("content")
    container.mount("/data", "tmpfs", "tmpcopyup", "ro")
    look = container.run(lambda: [read("/data/file"), attempt(os.mkdir, "/data/x")])
    assert look == ["content", "EROFS"]


def test_a_given_mode_wins_over_the_folders(container: Container, covered: Path) -> None:
    covered.chmod(0o711)
    container.mount("/data", "tmpfs", "tmpcopyup", "mode=1777")
    assert container.run(lambda: look_at("/data")[0]) == 0o1777


def test_too_much_content_is_said(container: Container, covered: Path) -> None:
    (covered / "file").write_bytes(b"x" * (2 << 20))
    container.mount("/data", "tmpfs", "tmpcopyup", "size=1m")
    with pytest.raises(FailedPrecondition, match="doesn't fit into the tmpfs") as caught:
        container.run()
    assert "size=" in caught.value.hint


def test_in_a_user_namespace_too(container: Container, covered: Path) -> None:
    container.user_namespace()
    (covered / "ours").write_text("content")
    os.chown(covered / "ours", 100_005, 100_006)
    (covered / "nobodys").touch()
    container.mount("/data", "tmpfs", "tmpcopyup")
    look = container.run(lambda: [look_at("/data/ours")[1:3], read("/data/ours")])
    assert look == [[5, 6], "content"]


def test_a_link_leads_nowhere_outside(container: Container, tmp_path: Path) -> None:
    """The destination is a link to a folder of the host by its path there."""
    secret = tmp_path / "secret"
    secret.mkdir()
    (secret / "key").write_text("host's")
    os.symlink(secret, container.root / "data")
    container.mount("/data", "tmpfs", "tmpcopyup")
    assert container.run(lambda: os.listdir("/data")) == []
    assert os.listdir(secret) == ["key"]


def test_folders_that_become_links_meanwhile_are_not_followed(
    container: Container, covered: Path, tmp_path: Path
) -> None:
    """Another container exchanges a folder and a link to the host's secret (CVE-2021-30465)."""
    secret = tmp_path / "secret"
    secret.mkdir()
    (secret / "key").write_text("the host's")
    (covered / "sub").mkdir()
    for number in range(50):
        (covered / f"file{number}").touch()
    os.symlink(secret, tmp_path / "link")

    def exchange() -> None:
        os.rename(covered / "sub", tmp_path / "away")
        os.rename(tmp_path / "link", covered / "sub")
        os.rename(covered / "sub", tmp_path / "link")
        os.rename(tmp_path / "away", covered / "sub")

    container.mount("/data", "tmpfs", "tmpcopyup")

    def look() -> list[str]:
        inner = "/data/sub"
        is_folder = os.path.isdir(inner) and not os.path.islink(inner)
        return os.listdir(inner) if is_folder else []

    with restless_rival(exchange):
        for _ in range(30):
            try:
                found = container.run(look)
            except TuiContainerError:
                # It may notice that the folder changes; what counts is what it never copies.
                continue
            assert found == []
