"""clone3(2) from a single-threaded interpreter.

fork(3) can't make namespaces, and a raw clone goes past the interpreter's own preparations: the
import lock and the thread state would stay as the parent had them. CPython exports the three
functions that os.fork calls around its fork; we call them around clone3. The C library's own
handlers are skipped, which is safe while no other thread can hold one of its locks.

Sources: clone(2), kernel/fork.c clone3_args_valid(), CPython C API "PyOS_BeforeFork".
"""

from __future__ import annotations

import struct

from tuicontainer.errors import SyscallError
from tuicontainer.syscalls import native
from tuicontainer.syscalls.libc import address, buffer_type, libc_holding_lock
from tuicontainer.syscalls.signals import SIGCHLD

CLONE_PIDFD = 0x00001000
CLONE_PARENT = 0x00008000

_CLONE_INTO_CGROUP = 0x200000000
_SYS_CLONE3 = 435
_CLONE_ARGS = struct.Struct("=11Q")
_CloneArgs = buffer_type(_CLONE_ARGS.size)


def clone3(flags: int, into_cgroup: int | None = None) -> tuple[int, int]:
    """Make a child that is a copy of this process, in the new namespaces that *flags* ask for.

    CLONE_PIDFD is implied; the descriptor is close-on-exec. With CLONE_PARENT the child becomes a
    sibling: the kernel then forbids an exit signal and uses the one of this process.

    Args:
        flags: CLONE_… bits.
        into_cgroup: descriptor of the folder of a v2 control group to be born in.

    Returns:
        In the parent `(pid, pidfd)`, in the child `(0, -1)`.

    Raises:
        SyscallError: the kernel refused, in the parent.
    """
    pidfd = native.c_int(-1)
    exit_signal = 0 if flags & CLONE_PARENT else SIGCHLD
    # flags pidfd child_tid parent_tid exit_signal stack stack_size tls set_tid set_tid_size cgroup
    group = 0
    if into_cgroup is not None:
        flags, group = flags | _CLONE_INTO_CGROUP, into_cgroup
    words = (flags | CLONE_PIDFD, address(pidfd), 0, 0, exit_signal, 0, 0, 0, 0, 0, group)
    arguments = _CloneArgs.from_buffer_copy(_CLONE_ARGS.pack(*words))
    call = (
        native.c_long(_SYS_CLONE3),
        native.c_long(address(arguments)),
        native.c_long(_CLONE_ARGS.size),
    )
    libc_holding_lock.PyOS_BeforeFork()
    pid = libc_holding_lock.syscall(*call)
    if pid == 0:
        libc_holding_lock.PyOS_AfterFork_Child()
        return 0, -1
    error = native.get_errno()
    libc_holding_lock.PyOS_AfterFork_Parent()
    if pid < 0:
        raise SyscallError("clone3", error)
    return pid, pidfd.value
