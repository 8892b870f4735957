"""Device nodes, the links of /dev, and the terminal."""

from __future__ import annotations

import os
import stat
import termios
from typing import TYPE_CHECKING, Any

import pytest

from tests.kernel.runtime.rootfs.container import attempt, by_point, mount_lines
from tuicontainer.errors import FailedPrecondition, InvalidArgument

if TYPE_CHECKING:
    from tests.kernel.runtime.rootfs.container import Container
    from tuicontainer.runtime.rootfs.console import Console

pytestmark = pytest.mark.kernel

DEFAULT = {"null": 3, "zero": 5, "full": 7, "random": 8, "urandom": 9}


def device(path: str) -> list[int]:
    """Return type and permissions, major, minor, uid, gid."""
    status = os.lstat(path)
    rdev = status.st_rdev
    return [status.st_mode, os.major(rdev), os.minor(rdev), status.st_uid, status.st_gid]


@pytest.mark.parametrize("with_tmpfs", [True, False])
def test_default_devices_and_links(container: Container, *, with_tmpfs: bool) -> None:
    container.proc()
    if with_tmpfs:
        container.mount("/dev", "tmpfs", "mode=755")

    def look() -> list[Any]:
        names = [name for name in os.listdir("/dev") if os.path.islink(f"/dev/{name}")]
        return [
            {name: device(f"/dev/{name}") for name in DEFAULT} | {"tty": device("/dev/tty")},
            {name: os.readlink(f"/dev/{name}") for name in names},
            os.path.exists("/proc/kcore"),
        ]

    devices, links, kcore = container.run(look)
    expected = {name: [stat.S_IFCHR | 0o666, 1, minor, 0, 0] for name, minor in DEFAULT.items()}
    assert devices == expected | {"tty": [stat.S_IFCHR | 0o666, 5, 0, 0, 0]}
    assert links == {
        "ptmx": "pts/ptmx",
        "fd": "/proc/self/fd",
        "stdin": "/proc/self/fd/0",
        "stdout": "/proc/self/fd/1",
        "stderr": "/proc/self/fd/2",
    } | ({"core": "/proc/kcore"} if kcore else {})
    assert container.run(look)[0] == devices, "a second container on the same root works"


def test_without_proc_there_are_no_links_into_it(container: Container) -> None:
    assert "fd" not in container.run(lambda: os.listdir("/dev"))


def test_configured_devices(container: Container) -> None:
    container.linux["devices"] = [
        {"path": "/dev/x/loop", "type": "b", "major": 7, "minor": 9, "fileMode": 0o600},
        {"path": "/run/pipe", "type": "p", "uid": 3},
        {"path": "/dev/null", "type": "c", "major": 1, "minor": 3, "fileMode": 0o622, "gid": 7},
    ]
    seen = container.run(lambda: [device(p) for p in ("/dev/x/loop", "/run/pipe", "/dev/null")])
    assert seen[0] == [stat.S_IFBLK | 0o600, 7, 9, 0, 0]
    assert [seen[1][0], seen[1][3]] == [stat.S_IFIFO | 0o666, 3]
    assert seen[2] == [stat.S_IFCHR | 0o622, 1, 3, 0, 7]


@pytest.mark.parametrize("kind", ["file", "folder", "device", "link"])
def test_something_else_in_the_place_of_a_device(container: Container, kind: str) -> None:
    dev = container.root / "dev"
    dev.mkdir()
    if kind == "file":
        (dev / "zero").touch()
    elif kind == "folder":
        (dev / "zero").mkdir()
    elif kind == "link":
        (dev / "zero").symlink_to("null")
    else:
        os.mknod(dev / "zero", stat.S_IFCHR, os.makedev(1, 3))
    with pytest.raises(InvalidArgument, match="`/dev/zero` in the root filesystem isn't device"):
        container.run()


def test_the_mask_of_the_caller_changes_no_mode(container: Container) -> None:
    before = os.umask(0o077)
    try:
        assert container.run(lambda: device("/dev/null"))[0] == stat.S_IFCHR | 0o666
    finally:
        os.umask(before)


class TestConsole:
    @pytest.fixture(autouse=True)
    def terminal(self, container: Container) -> None:
        container.proc()
        container.mount("/dev", "tmpfs", "mode=755")
        container.mount("/dev/pts", "devpts", "ptmxmode=0666", "mode=0620")
        container.process = {"terminal": True, "consoleSize": {"height": 33, "width": 99}}

    def test_it_is_the_containers_own(self, container: Container) -> None:
        def look(console: Console | None) -> list[Any]:
            assert console is not None
            os.write(console.slave, b"from inside\n")
            shown = os.read(console.master, 100).decode()
            same = os.path.sameopenfile(console.slave, os.open("/dev/console", os.O_RDWR))
            size = termios.tcgetwinsize(console.slave)
            name = os.readlink(f"/proc/self/fd/{console.slave}")
            cloexec = [os.get_inheritable(fd) for fd in (console.master, console.slave)]
            return [shown, same, size, name, cloexec, mount_lines()]

        shown, same, size, name, cloexec, mounts = container.run_with_console(look)
        assert shown == "from inside\r\n"
        assert same
        assert size == [33, 99]
        assert name == "/dev/pts/0"
        assert cloexec == [False, False]
        assert by_point(mounts)["/dev/console"].type == "devpts"

    def test_without_devpts(self, container: Container) -> None:
        del container.mounts[-1]
        with pytest.raises(
            FailedPrecondition, match="needs a devpts mounted on `/dev/pts`"
        ) as error:
            container.run()
        assert "devpts" in error.value.hint

    def test_an_existing_file_is_kept(self, container: Container) -> None:
        del container.mounts[1]
        (container.root / "dev/pts").mkdir(parents=True)
        (container.root / "dev/console").write_text("image's")
        assert container.run(lambda: stat.S_ISCHR(os.stat("/dev/console").st_mode))
        assert (container.root / "dev/console").read_text() == "image's"


class TestUserNamespace:
    @pytest.fixture(autouse=True)
    def mapped(self, container: Container) -> None:
        container.user_namespace()
        container.proc()
        container.mount("/dev", "tmpfs", "mode=755")

    def test_devices_are_the_hosts(self, container: Container) -> None:
        def look() -> list[Any]:
            fd = os.open("/dev/zero", os.O_RDWR)
            return [
                device("/dev/null")[1:3],
                os.read(fd, 2).hex(),
                attempt(os.mknod, "/x", 0o20666, 259),
            ]

        assert container.run(look) == [[1, 3], "0000", "EPERM"]

    def test_a_device_that_the_host_does_not_have(self, container: Container) -> None:
        container.linux["devices"] = [{"path": "/dev/zero", "type": "c", "major": 1, "minor": 99}]
        with pytest.raises(Exception, match="on the host isn't device c 1:99"):
            container.run()
