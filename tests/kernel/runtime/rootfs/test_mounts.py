"""Mounts as the configuration asks for them, seen from inside."""

from __future__ import annotations

import os
import stat
from typing import TYPE_CHECKING, Any

import pytest

from tests.kernel.runtime.rootfs.container import attempt, by_point, mount_lines, read, write
from tuicontainer.errors import (
    FailedPrecondition,
    InvalidArgument,
    NotFound,
    TuiContainerError,
    Unsupported,
)
from tuicontainer.runtime.rootfs.mountinfo import read_mounts

if TYPE_CHECKING:
    from pathlib import Path

    from tests.kernel.runtime.rootfs.container import Container

pytestmark = pytest.mark.kernel


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        ("", "rw relatime"),
        ("ro", "ro relatime"),
        ("nosuid nodev noexec", "rw nosuid nodev noexec relatime"),
        ("noatime nodiratime", "rw noatime nodiratime"),
        ("strictatime", "rw"),
        ("noatime relatime", "rw relatime"),
        ("nosymfollow", "rw relatime nosymfollow"),
        ("ro rw nosuid suid", "rw relatime"),
        ("rro rnosuid", "ro nosuid relatime"),
        ("silent iversion loud defaults", "rw relatime"),
    ],
)
@pytest.mark.parametrize("kind", ["tmpfs", "bind"])
def test_flags(
    container: Container, tmp_path: Path, kind: str, options: str, expected: str
) -> None:
    container.proc()
    if kind == "tmpfs":
        container.mount("/m", "tmpfs", *options.split())
    else:
        container.mount("/m", "", "bind", *options.split(), source=str(tmp_path))
    mounts = by_point(container.run(mount_lines))
    assert " ".join(mounts["/m"].options) == expected


def test_data_and_super_block_flags_reach_the_file_system(container: Container) -> None:
    container.proc()
    container.mount("/m", "tmpfs", "mode=1700", "size=64k", "sync", "lazytime", source="box")
    mounts = by_point(container.run(mount_lines))
    assert mounts["/m"].source == "box"
    assert {"sync", "lazytime", "size=64k", "mode=1700"} <= set(mounts["/m"].super_options)


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        ("private", []),
        ("shared", ["shared"]),
        ("rshared", ["shared"]),
        ("shared slave", []),  # a slave of nobody is private
        ("unbindable", ["unbindable"]),
    ],
)
def test_propagation(container: Container, options: str, expected: list[str]) -> None:
    container.proc()
    container.mount("/m", "tmpfs", *options.split())
    propagation = by_point(container.run(mount_lines))["/m"].propagation
    assert [field.split(":")[0] for field in propagation] == expected


def test_sources_are_the_hosts_whatever_was_mounted_before(container: Container) -> None:
    (container.root / "src").mkdir()
    (container.root / "src/mark").touch()
    container.mount("/src", "tmpfs")
    container.mount("/m", "", "bind", source="rootfs/src")
    assert container.run(lambda: [os.listdir("/src"), os.listdir("/m")]) == [[], ["mark"]]


def test_rbind_of_a_tree_and_its_recursive_flags(container: Container) -> None:
    container.proc()
    container.mount("/flat", "", "bind", source="/dev")
    container.mount("/plain", "", "rbind", "ro", source="/dev")
    container.mount("/whole", "", "rbind", "rro", "rnoexec", source="/dev")
    mounts = by_point(container.run(mount_lines))
    if "/plain/pts" not in mounts:
        pytest.skip("nothing is mounted below the host's /dev")
    assert "/flat/pts" not in mounts
    assert "ro" in mounts["/plain"].options
    assert "rw" in mounts["/plain/pts"].options
    assert {"ro", "noexec"} <= set(mounts["/whole"].options)
    assert {"ro", "noexec"} <= set(mounts["/whole/pts"].options)


def test_a_bind_keeps_the_flags_of_its_source(container: Container) -> None:
    container.proc()
    container.mount("/m", "", "bind", "noexec", source="/proc")
    mounts = by_point(container.run(mount_lines))
    assert set(mounts["/m"].options) == {*by_point(mount_lines())["/proc"].options, "noexec"}


def test_mount_points_are_made(container: Container, tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.write_text("content")
    container.mount("deep/er/folder", "tmpfs")
    container.mount("/other/place/file", "", "bind", "ro", source=str(file))
    assert container.run(lambda: read("/other/place/file")) == "content"
    root = container.root
    assert stat.S_IMODE((root / "deep/er").stat().st_mode) == 0o755
    assert (root / "other/place/file").read_text() == ""


def test_links_in_the_root_filesystem_lead_around_inside_it(
    container: Container, tmp_path: Path
) -> None:
    """Images have links such as /var/run and /etc/resolv.conf, some to what isn't there yet."""
    file = tmp_path / "file"
    file.write_text("content")
    root = container.root
    (root / "etc").mkdir()
    (root / "etc/resolv.conf").symlink_to("../run/systemd/resolv.conf")
    (root / "var").mkdir()
    (root / "var/run").symlink_to("/run")
    (root / "abs").symlink_to("/../../far/away")
    container.mount("/etc/resolv.conf", "", "bind", source=str(file))
    container.mount("/var/run/lock", "tmpfs")
    container.mount("/abs/x", "tmpfs")
    container.proc()
    seen = container.run(lambda: [mount_lines(), read("/run/systemd/resolv.conf")])
    assert {"/run/systemd/resolv.conf", "/run/lock", "/far/away/x"} <= set(by_point(seen[0]))
    assert seen[1] == "content"
    assert (root / "etc/resolv.conf").is_symlink()


def test_a_loop_of_links_is_an_error(container: Container) -> None:
    (container.root / "a").symlink_to("b")
    (container.root / "b").symlink_to("a")
    container.mount("/a/x", "tmpfs")
    with pytest.raises(TuiContainerError, match="mount tmpfs on `/a/x`"):
        container.run()


def test_later_mounts_lie_on_earlier_ones(container: Container) -> None:
    container.mount("/m", "tmpfs", "mode=700")
    container.mount("/m/inner", "tmpfs", "ro", "mode=710")
    container.mount("/m/inner/most", "tmpfs", "mode=711")
    modes = container.run(
        lambda: [os.stat(path).st_mode & 0o777 for path in ("/m", "/m/inner", "/m/inner/most")]
    )
    assert modes == [0o700, 0o710, 0o711]
    assert container.run(lambda: attempt(os.mkdir, "/m/inner/new")) == "EROFS"
    container.mount("/m", "tmpfs", "mode=777")
    assert container.run(lambda: os.listdir("/m")) == []


def test_remount(container: Container) -> None:
    container.proc()
    container.mount("/m", "tmpfs", "nosuid", "size=64k")
    container.mount("/m", "", "remount", "ro", "size=128k")
    container.mount("/b", "tmpfs")
    container.mount("/b", "", "remount", "bind", "ro", "noexec")
    mounts = by_point(container.run(mount_lines))
    assert {"ro", "nosuid"} <= set(mounts["/m"].options)
    assert {"ro", "size=128k"} <= set(mounts["/m"].super_options)
    assert {"ro", "noexec"} <= set(mounts["/b"].options)
    assert "rw" in mounts["/b"].super_options


def test_remount_of_what_is_no_mount(container: Container) -> None:
    (container.root / "m").mkdir()
    container.mount("/m", "", "remount", "ro")
    with pytest.raises(TuiContainerError, match="remount `/m`: ro"):
        container.run()


@pytest.mark.parametrize(
    ("entry", "kind", "text"),
    [
        ({"source": "/no/such", "options": ["bind"]}, NotFound, "bind `/no/such` on `/m`"),
        ({"type": "nosuchfs"}, Unsupported, "no file system `nosuchfs`"),
        ({"type": "tmpfs", "options": ["nosuch=1"]}, InvalidArgument, "nosuch"),
        ({"type": "tmpfs", "options": ["mode=abc"]}, InvalidArgument, "mode"),
        ({"type": "tmpfs", "options": ["size"]}, InvalidArgument, "mount tmpfs on `/m`"),
    ],
)
def test_errors_name_the_mount_and_the_reason(
    container: Container, entry: dict[str, Any], kind: type[TuiContainerError], text: str
) -> None:
    container.mounts.append({"destination": "/m"} | entry)
    with pytest.raises(kind, match=text):
        container.run()


def test_a_folder_on_a_file(container: Container, tmp_path: Path) -> None:
    (container.root / "m").touch()
    container.mount("/m", "", "bind", source=str(tmp_path))
    with pytest.raises(TuiContainerError, match="on `/m`"):
        container.run()


class TestRoot:
    def test_a_missing_root(self, container: Container) -> None:
        container.root.rmdir()
        with pytest.raises(NotFound, match="open the root filesystem"):
            container.run()

    def test_a_root_that_is_a_link(self, container: Container, tmp_path: Path) -> None:
        container.root.rmdir()
        container.root.symlink_to(tmp_path)
        with pytest.raises(FailedPrecondition, match="open the root filesystem"):
            container.run()

    @pytest.mark.parametrize("no_pivot", [False, True])
    def test_nothing_of_the_host_is_left(self, container: Container, *, no_pivot: bool) -> None:
        container.proc()
        container.no_pivot = no_pivot
        (container.root / "mark").touch()

        def look() -> list[Any]:
            return [mount_lines(), os.listdir("/"), os.getcwd(), os.stat("/..").st_ino]

        mounts, names, cwd, above = container.run(look)
        points = [mount.split(" ")[4] for mount in mounts.splitlines()]
        assert points == ["/", "/proc"]
        assert {"mark", "proc", "dev"} == set(names)
        assert cwd == "/"
        assert above == container.root.stat().st_ino

    def test_read_only(self, container: Container) -> None:
        container.mount("/w", "tmpfs")
        container.read_only = True
        (container.root / "file").touch()

        def look() -> list[Any]:
            return [attempt(os.mkdir, "/x"), attempt(write, "/file"), attempt(os.mkdir, "/w/x")]

        assert container.run(look) == ["EROFS", "EROFS", None]
        (container.root / "still-writable-on-the-host").touch()

    @pytest.mark.parametrize(
        ("word", "expected"),
        [
            (None, []),
            ("private", []),
            ("rprivate", []),
            ("unbindable", ["unbindable"]),
            ("shared", ["shared"]),
            ("rshared", ["shared"]),
        ],
    )
    def test_propagation(self, container: Container, word: str | None, expected: list[str]) -> None:
        container.proc()
        if word:
            container.linux["rootfsPropagation"] = word
        elif any(mount.shared for mount in read_mounts() if mount.point == "/"):
            # As systemd makes them: then mounts of the host's reach the container, never back.
            expected = ["master"]
        root = by_point(container.run(mount_lines))["/"]
        assert [field.split(":")[0] for field in root.propagation] == expected
