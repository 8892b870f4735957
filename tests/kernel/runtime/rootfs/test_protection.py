"""What the container may neither change nor see."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

import pytest

from tests.kernel.runtime.rootfs.container import attempt, by_point, mount_lines, read, write

if TYPE_CHECKING:
    from tests.kernel.runtime.rootfs.container import Container

pytestmark = pytest.mark.kernel


@pytest.fixture(autouse=True)
def basic(container: Container) -> None:
    container.proc()
    container.mount("/dev", "tmpfs", "mode=755")


def test_masked_files_and_folders_are_empty_and_cannot_be_changed(container: Container) -> None:
    (container.root / "secrets").mkdir()
    (container.root / "secrets/key").write_text("secret")
    (container.root / "file").write_text("secret")
    (container.root / "link").symlink_to("another")
    (container.root / "another").write_text("secret")
    container.linux["maskedPaths"] = [
        "/secrets",
        "/file",
        "/proc/keys",
        "/proc/fs",
        "/link",
        "/missing",
        "/file/below",
    ]

    def look() -> list[Any]:
        return [
            os.listdir("/secrets"),
            attempt(os.mkdir, "/secrets/x"),
            os.listdir("/proc/fs"),
            read("/file"),
            read("/proc/keys"),
            read("/another"),
            attempt(os.chmod, "/file", 0o666),
            attempt(os.chown, "/proc/keys", 0, 0),
            attempt(write, "/file"),
            read("/file"),
        ]

    assert container.run(look) == [
        [],
        "EROFS",
        [],
        "",
        "",
        "",
        "EROFS",
        "EROFS",
        None,
        "",
    ]
    assert (container.root / "file").read_text() == "secret"


def test_readonly_paths(container: Container) -> None:
    (container.root / "etc").mkdir()
    container.mount("/etc/volume", "tmpfs")
    container.linux["readonlyPaths"] = ["/proc/sys", "/etc", "/missing", "/dev/null"]

    def look() -> list[Any]:
        return [
            attempt(write, "/proc/sys/kernel/hostname", "x"),
            attempt(os.mkdir, "/etc/x"),
            attempt(os.mkdir, "/etc/volume/x"),
            attempt(os.mkdir, "/x"),
            attempt(os.chmod, "/dev/null", 0o666),
        ]

    assert container.run(look) == ["EROFS", "EROFS", None, None, "EROFS"]


def test_a_path_may_be_read_only_and_masked(container: Container) -> None:
    container.linux |= {"readonlyPaths": ["/proc/sys"], "maskedPaths": ["/proc/sys/kernel"]}
    assert container.run(lambda: os.listdir("/proc/sys/kernel")) == []


def test_read_only_dev_and_tmpfs_are_filled_first(container: Container) -> None:
    del container.mounts[-1]
    container.mount("/dev", "tmpfs", "ro", "mode=755")
    container.mount("/t", "tmpfs", "ro")
    container.mount("/t/sub", "tmpfs")

    def look() -> list[Any]:
        return [
            attempt(os.mkdir, "/dev/x"),
            attempt(os.mkdir, "/t/x"),
            attempt(os.mkdir, "/t/sub/x"),
            attempt(write, "/dev/null"),
            mount_lines(),
        ]

    *answers, mounts = container.run(look)
    assert answers == ["EROFS", "EROFS", None, None]
    assert "rw" in by_point(mounts)["/dev"].super_options


def test_without_masks_and_paths_nothing_more_is_mounted(container: Container) -> None:
    mounts = by_point(container.run(mount_lines))
    assert set(mounts) == {"/", "/proc", "/dev"}
