"""Host and domain name of the UTS namespace: sethostname(2), setdomainname(2)."""

from __future__ import annotations

import os

from tuicontainer.syscalls.libc import check, libc


def sethostname(name: str) -> None:
    """Set the host name, at most 64 bytes.

    Raises:
        SyscallError: EINVAL, too long; EPERM, not ours to set.
    """
    encoded = os.fsencode(name)
    check("sethostname", libc.sethostname(encoded, len(encoded)), name)


def setdomainname(name: str) -> None:
    """Set the NIS domain name, at most 64 bytes.

    Raises:
        SyscallError: EINVAL, too long; EPERM, not ours to set.
    """
    encoded = os.fsencode(name)
    check("setdomainname", libc.setdomainname(encoded, len(encoded)), name)
