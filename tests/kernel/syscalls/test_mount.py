"""The mount calls themselves: descriptors, errors, and what the kernel says about options."""

from __future__ import annotations

import os
from errno import EINVAL, ENODEV, ENOENT
from typing import TYPE_CHECKING

import pytest

from tuicontainer.errors import SyscallError
from tuicontainer.syscalls import mount as kernel
from tuicontainer.syscalls.filesystem import PROC_SUPER_MAGIC, file_system_type, mount_id

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.kernel

TMPFS_MAGIC = 0x01021994


def test_a_file_system_without_a_place() -> None:
    context = kernel.fsopen("tmpfs")
    kernel.fsconfig_string(context, "mode", "700")
    kernel.fsconfig_create(context)
    mount = kernel.fsmount(context, kernel.MOUNT_ATTR_NOEXEC)
    try:
        assert not os.get_inheritable(context)
        assert not os.get_inheritable(mount)
        assert file_system_type(mount) == TMPFS_MAGIC
        assert os.fstat(mount).st_mode & 0o777 == 0o700
        assert os.statvfs(mount).f_flag & os.ST_NOEXEC
        kernel.mount_setattr(mount, set_=kernel.MOUNT_ATTR_RDONLY, clear=kernel.MOUNT_ATTR_NOEXEC)
        flags = os.statvfs(mount).f_flag
        assert flags & os.ST_RDONLY
        assert not flags & os.ST_NOEXEC
    finally:
        os.close(mount)
        os.close(context)


def test_the_file_system_says_what_it_does_not_like() -> None:
    context = kernel.fsopen("tmpfs")
    try:
        with pytest.raises(SyscallError) as caught:
            kernel.fsconfig_string(context, "nosuch", "1")
        assert (caught.value.errno, caught.value.call) == (EINVAL, "fsconfig")
        assert caught.value.path == "nosuch=1"
        assert "nosuch" in kernel.read_log(context)
        assert kernel.read_log(context) == ""
    finally:
        os.close(context)


def test_errors_name_the_call_and_the_path(tmp_path: Path) -> None:
    with pytest.raises(SyscallError, match="fsopen `nosuchfs`: no such device") as caught:
        kernel.fsopen("nosuchfs")
    assert caught.value.errno == ENODEV
    with pytest.raises(SyscallError, match="open_tree `/no/such`") as caught:
        kernel.open_tree_clone(kernel.AT_FDCWD, "/no/such")
    assert caught.value.errno == ENOENT
    folder = os.open(tmp_path, os.O_PATH)
    try:
        with pytest.raises(SyscallError, match="mount_setattr: invalid argument"):
            kernel.mount_setattr(folder, set_=kernel.MOUNT_ATTR_RDONLY)
        with pytest.raises(SyscallError, match="fspick: invalid argument"):
            kernel.fspick(folder)
    finally:
        os.close(folder)
    with pytest.raises(SyscallError, match=f"umount2 `{tmp_path}`"):
        kernel.umount2(str(tmp_path))


def test_a_clone_has_a_number_of_its_own() -> None:
    proc = os.open("/proc", os.O_PATH)
    clone = kernel.open_tree_clone(proc)
    try:
        assert file_system_type(clone) == PROC_SUPER_MAGIC
        assert mount_id(clone) != mount_id(proc)
        with open("/proc/self/mountinfo", encoding="utf-8") as file:
            assert str(mount_id(proc)) in {line.split(" ")[0] for line in file}
    finally:
        os.close(clone)
        os.close(proc)
