"""The calling thread's capability sets, as bit masks: bit n is capability number n.

Sources: capabilities(7), capget(2), prctl(2) for the bounding and ambient sets,
include/uapi/linux/capability.h.
"""

from __future__ import annotations

import struct

from tuicontainer.errors import SyscallError
from tuicontainer.syscalls.libc import buffer_type, check, libc
from tuicontainer.syscalls.process import prctl

_VERSION_3 = 0x20080522
_HEADER = struct.Struct("=Ii")
_DATA = struct.Struct("=6I")
_Header, _Data = buffer_type(_HEADER.size), buffer_type(_DATA.size)
_EINVAL = 22
_PR_CAPBSET_READ = 23
_PR_CAPBSET_DROP = 24
_PR_CAP_AMBIENT = 47
_PR_CAP_AMBIENT_RAISE = 2
_PR_CAP_AMBIENT_CLEAR_ALL = 4


def pack_capabilities(effective: int, permitted: int, inheritable: int) -> bytes:
    """Return the two kernel structures with the low and the high 32 bits of each set."""
    sets = (effective, permitted, inheritable)
    return _DATA.pack(*(mask & 0xFFFFFFFF for mask in sets), *(mask >> 32 for mask in sets))


def pack_capability_header() -> bytes:
    """Return the kernel's header structure for the calling thread."""
    return _HEADER.pack(_VERSION_3, 0)


def unpack_capabilities(data: bytes) -> tuple[int, int, int]:
    """Return effective, permitted and inheritable set from the two kernel structures."""
    words = _DATA.unpack(data)
    return words[0] | words[3] << 32, words[1] | words[4] << 32, words[2] | words[5] << 32


def get_capabilities() -> tuple[int, int, int]:
    """Return the effective, permitted and inheritable set.

    Raises:
        SyscallError: the kernel refused.
    """
    header, data = _Header.from_buffer_copy(pack_capability_header()), _Data()
    check("capget", libc.capget(header, data))
    return unpack_capabilities(data.raw)


def set_capabilities(effective: int, permitted: int, inheritable: int) -> None:
    """Replace the three sets at once.

    Raises:
        SyscallError: EPERM, a bit that the rules of capabilities(7) don't allow.
    """
    header = _Header.from_buffer_copy(pack_capability_header())
    data = _Data.from_buffer_copy(pack_capabilities(effective, permitted, inheritable))
    check("capset", libc.capset(header, data))


def in_bounding_set(capability: int) -> bool:
    """Return whether a capability number is in the bounding set; False if the kernel lacks it."""
    try:
        return prctl("prctl(PR_CAPBSET_READ)", _PR_CAPBSET_READ, capability) == 1
    except SyscallError as error:
        if error.errno == _EINVAL:
            return False
        raise


def drop_from_bounding_set(capability: int) -> None:
    """Take a capability number out of the bounding set, for ever.

    Raises:
        SyscallError: EPERM without CAP_SETPCAP, EINVAL if the kernel has no such capability.
    """
    prctl("prctl(PR_CAPBSET_DROP)", _PR_CAPBSET_DROP, capability)


def clear_ambient_set() -> None:
    """Empty the ambient set."""
    prctl("prctl(PR_CAP_AMBIENT_CLEAR_ALL)", _PR_CAP_AMBIENT, _PR_CAP_AMBIENT_CLEAR_ALL)


def raise_ambient(capability: int) -> None:
    """Add a capability number, which must be permitted and inheritable, to the ambient set.

    Raises:
        SyscallError: EPERM, it isn't.
    """
    prctl("prctl(PR_CAP_AMBIENT_RAISE)", _PR_CAP_AMBIENT, _PR_CAP_AMBIENT_RAISE, capability)
