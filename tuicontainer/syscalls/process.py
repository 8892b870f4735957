"""Attributes of the calling process: prctl(2). Sources: prctl(2) and the pages it names."""

from __future__ import annotations

from tuicontainer.syscalls import native
from tuicontainer.syscalls.libc import check, libc

_PR_SET_PDEATHSIG = 1
_PR_SET_DUMPABLE = 4
_PR_SET_KEEPCAPS = 8
_PR_SET_CHILD_SUBREAPER = 36
_PR_SET_NO_NEW_PRIVS = 38


def prctl(call: str, option: int, *words: int) -> int:
    """Do one prctl; *call* names it in the error.

    The kernel compares unused arguments with zero as full words, so all five are always passed.

    Raises:
        SyscallError: the kernel refused.
    """
    arguments = [native.c_ulong(word) for word in (*words, 0, 0, 0, 0)[:4]]
    return check(call, libc.prctl(option, *arguments))


def set_parent_death_signal(signal: int) -> None:
    """Ask for *signal* when the parent dies; 0 for none. A fork starts without."""
    prctl("prctl(PR_SET_PDEATHSIG)", _PR_SET_PDEATHSIG, signal)


def set_dumpable(dumpable: bool) -> None:
    """Say whether processes without CAP_SYS_PTRACE may look into this one (CVE-2016-9962)."""
    prctl("prctl(PR_SET_DUMPABLE)", _PR_SET_DUMPABLE, int(dumpable))


def set_keep_capabilities(keep: bool) -> None:
    """Say whether permitted capabilities survive leaving user id 0."""
    prctl("prctl(PR_SET_KEEPCAPS)", _PR_SET_KEEPCAPS, int(keep))


def set_child_subreaper(subreaper: bool) -> None:
    """Become the parent of orphaned descendants, or stop being it."""
    prctl("prctl(PR_SET_CHILD_SUBREAPER)", _PR_SET_CHILD_SUBREAPER, int(subreaper))


def set_no_new_privileges() -> None:
    """Give up, for ever and all descendants, what set-user-id programs would grant."""
    prctl("prctl(PR_SET_NO_NEW_PRIVS)", _PR_SET_NO_NEW_PRIVS, 1)
