"""What a descriptor is on, and whose it is: fstatfs(2), statx(2), fchownat(2).

Sources: statfs(2), statx(2), fchownat(2), include/uapi/linux/magic.h.
"""

from __future__ import annotations

from tuicontainer.syscalls import native
from tuicontainer.syscalls.libc import buffer_type, check, libc
from tuicontainer.syscalls.native import c_char_p, c_int, c_uint, c_void_p

PROC_SUPER_MAGIC = 0x9FA0
SYSFS_MAGIC = 0x62656572
DEVPTS_SUPER_MAGIC = 0x1CD1
CGROUP_SUPER_MAGIC = 0x27E0EB
CGROUP2_SUPER_MAGIC = 0x63677270
SELINUX_MAGIC = 0xF97CFF8C

_AT_EMPTY_PATH = 0x1000
_STATX_MNT_ID = 0x1000
_Statx = buffer_type(256)
_STATX_MNT_ID_OFFSET = 0x90

_fstatfs = libc.fstatfs
_fstatfs.argtypes = (c_int, c_void_p)
_fchownat = libc.fchownat
_fchownat.argtypes = (c_int, c_char_p, c_uint, c_uint, c_int)
_statx = libc.statx
_statx.argtypes = (c_int, c_char_p, c_int, c_uint, c_void_p)


class _Statfs(native.Structure):
    # The rest of the structure differs between architectures; it is never longer than this.
    _fields_ = (("f_type", native.c_long), ("rest", native.c_byte * 248))


def file_system_type(fd: int) -> int:
    """Return the magic number of the file system that *fd* is on.

    Raises:
        SyscallError: the kernel refused.
    """
    buffer = _Statfs()
    check("fstatfs", _fstatfs(fd, native.addressof(buffer)))
    return int(buffer.f_type)


def mount_id(fd: int) -> int:
    """Return the number, as in /proc/self/mountinfo, of the mount that *fd* was opened through.

    Raises:
        SyscallError: the kernel refused.
    """
    buffer = _Statx()
    start = native.addressof(buffer)
    check("statx", _statx(fd, b"", _AT_EMPTY_PATH, _STATX_MNT_ID, start))
    return native.c_uint64.from_address(start + _STATX_MNT_ID_OFFSET).value


def chown_opened(fd: int, uid: int, gid: int) -> None:
    """Change the owner of exactly the file that *fd*, which may be O_PATH, has open.

    Raises:
        SyscallError: the kernel refused.
    """
    check("fchownat", _fchownat(fd, b"", uid, gid, _AT_EMPTY_PATH))
