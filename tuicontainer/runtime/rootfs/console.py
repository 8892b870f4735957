"""The container's terminal, made from its own devpts.

Sources: config.md#process (terminal, consoleSize), config-linux.md#default-devices,
ioctl_tty(2), pts(4).
"""

from __future__ import annotations

import fcntl
import os
import struct
import termios

from tuicontainer.errors import FailedPrecondition, SyscallError
from tuicontainer.record import Record
from tuicontainer.runtime.rootfs.inside import file_in, open_inside
from tuicontainer.runtime.rootfs.tree import Tree
from tuicontainer.syscalls import mount as kernel
from tuicontainer.syscalls.filesystem import DEVPTS_SUPER_MAGIC, file_system_type
from tuicontainer.syscalls.paths import (
    RESOLVE_BENEATH,
    RESOLVE_NO_SYMLINKS,
    RESOLVE_NO_XDEV,
    openat2,
)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from tuicontainer.spec.config import ConsoleSize

# Not in the termios module; equal on all architectures we run on (asm-generic/ioctls.h).
_TIOCSPTLCK = 0x40045431
_TIOCGPTPEER = 0x5441


class Console(Record):
    """A pseudo-terminal pair of the container; both descriptors are close-on-exec.

    The caller owns both: the master goes to whoever shows the terminal, the slave becomes standard
    input, output and error and, after setsid, the controlling terminal.
    """

    master: int
    slave: int


class OpenConsole(Record):
    """Make the terminal and show it as /dev/console."""

    size: ConsoleSize | None = None

    def describe(self) -> str:
        """Return the step in words."""
        size = f" of {self.size.width}x{self.size.height}" if self.size is not None else ""
        return f"open a terminal{size} and bind it on `/dev/console`"

    def apply(self, tree: Tree) -> Console:
        """Do it and return the pair.

        Raises:
            FailedPrecondition: the container has no devpts at /dev/pts.
            OSError, TuiContainerError: /dev/console can't be made.
        """
        console = open_terminal(tree.root, self.size)
        try:
            _bind_console(tree, console.slave)
        except BaseException:
            os.close(console.master)
            os.close(console.slave)
            raise
        return console


def open_terminal(root: int, size: ConsoleSize | None = None) -> Console:
    """Make a pair of the devpts at /dev/pts below *root*, for `create` and for `exec`.

    Raises:
        FailedPrecondition: the container has no devpts at /dev/pts.
        OSError: it has no more terminals to give.
    """
    master = _open_master(root)
    try:
        fcntl.ioctl(master, _TIOCSPTLCK, struct.pack("i", 0))
        if size is not None:
            termios.tcsetwinsize(master, (size.height, size.width))
        # The other end without its name: /dev/pts/N may be a link by now (CVE-2025-52565).
        flags = os.O_RDWR | os.O_NOCTTY | os.O_CLOEXEC
        return Console(master=master, slave=fcntl.ioctl(master, _TIOCGPTPEER, flags))
    except BaseException:
        os.close(master)
        raise


def _open_master(root: int) -> int:
    """Open ptmx of what is verified to be a devpts, so that no other device is ever opened."""
    try:
        folder = open_inside(root, "/dev/pts", os.O_PATH | os.O_DIRECTORY)
    except SyscallError as error:
        raise _no_devpts(str(error)) from None
    try:
        if file_system_type(folder) != DEVPTS_SUPER_MAGIC:
            raise _no_devpts("another file system is there")
        resolve = RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS | RESOLVE_NO_XDEV
        return openat2(folder, "ptmx", os.O_RDWR | os.O_NOCTTY, resolve=resolve)
    finally:
        os.close(folder)


def _no_devpts(reason: str) -> FailedPrecondition:
    return FailedPrecondition(
        f"a terminal needs a devpts mounted on `/dev/pts`: {reason}",
        hint='add {"destination": "/dev/pts", "type": "devpts"} to `mounts`',
    )


def _bind_console(tree: Tree, slave: int) -> None:
    terminal = kernel.open_tree_clone(slave)
    try:
        # Never through a link: it would make a file of the link's choice (CVE-2026-88264).
        place = file_in(tree.folder("/dev"), "console")
        try:
            kernel.move_mount(terminal, place)
        finally:
            os.close(place)
    finally:
        os.close(terminal)
