"""bpf(2), as far as device filters of control groups need it.

Sources: bpf(2), include/uapi/linux/bpf.h (union bpf_attr).
"""

from __future__ import annotations

import errno
import os
import struct

from tuicontainer.errors import SyscallError, Unsupported
from tuicontainer.syscalls import native
from tuicontainer.syscalls.libc import address, machine, syscall

PROG_LOAD = 5
PROG_ATTACH = 8
PROG_DETACH = 9
PROG_GET_FD_BY_ID = 13
PROG_QUERY = 16

PROG_TYPE_CGROUP_DEVICE = 15
CGROUP_DEVICE = 6
F_ALLOW_MULTI = 2
F_REPLACE = 4

# Larger than any union bpf_attr that a known kernel writes into: from 6.17 on PROG_QUERY stores a
# revision at offset 56 whatever size it was told, which corrupts the heap behind a shorter buffer.
ATTRIBUTE_SIZE = 256
LOG_SIZE = 64 * 1024
LOAD_ATTEMPTS = 30
MAX_PROGRAMS = 64

NUMBERS = {
    "x86_64": 321,
    "i686": 357,
    "armv7l": 386,
    "aarch64": 280,
    "riscv64": 280,
    "loongarch64": 280,
    "ppc64le": 361,
    "s390x": 351,
}


def load_device_program(instructions: bytes) -> int:
    """Load a program of type CGROUP_DEVICE and return its descriptor.

    Raises:
        SyscallError: the kernel refused; if its verifier did, the last lines of its log are added
            as a note.
    """
    code = native.create_string_buffer(instructions, len(instructions))
    license_ = native.create_string_buffer(b"Apache")
    words = (PROG_TYPE_CGROUP_DEVICE, len(instructions) // 8, address(code), address(license_))
    attribute = struct.pack("=IIQQ", *words)
    for attempt in range(LOAD_ATTEMPTS):
        try:
            # The kernel makes descriptors of programs close-on-exec by itself.
            return _bpf("load", PROG_LOAD, attribute)
        except SyscallError as error:
            # EAGAIN: a signal arrived while the verifier worked.
            if error.errno == errno.EAGAIN and attempt < LOAD_ATTEMPTS - 1:
                continue
            if error.errno in (errno.EINVAL, errno.EACCES):
                error.add_note(_verifier_log(attribute))
            raise
    raise AssertionError("the last attempt returns or raises")


def attach_device_program(group: int, program: int, *, replace: int | None = None) -> None:
    """Attach *program* to the control group open as *group*, beside its ancestors' programs.

    Args:
        group: descriptor of the group's folder.
        program: descriptor of the program.
        replace: descriptor of an attached program that it takes the place of in one step.

    Raises:
        SyscallError: the kernel refused.
    """
    flags = F_ALLOW_MULTI if replace is None else F_ALLOW_MULTI | F_REPLACE
    words = (group, program, CGROUP_DEVICE, flags, replace or 0)
    _bpf("attach", PROG_ATTACH, struct.pack("=IIIII", *words))


def detach_device_program(group: int, program: int) -> None:
    """Take *program* away from the group.

    Raises:
        SyscallError: the kernel refused.
    """
    _bpf("detach", PROG_DETACH, struct.pack("=III", group, program, CGROUP_DEVICE))


def attached_device_programs(group: int) -> list[int]:
    """Return descriptors of the programs attached to this group itself; the caller closes them.

    Raises:
        SyscallError: the kernel refused.
    """
    identities = (native.c_uint32 * MAX_PROGRAMS)()
    request = struct.pack("=IIIIQI", group, CGROUP_DEVICE, 0, 0, address(identities), MAX_PROGRAMS)
    buffer = native.create_string_buffer(request, ATTRIBUTE_SIZE)
    syscall("bpf query", _number(), PROG_QUERY, address(buffer), ATTRIBUTE_SIZE)
    (count,) = struct.unpack_from("=I", buffer.raw, 24)
    descriptors: list[int] = []
    try:
        for identity in identities[:count]:
            descriptor = _bpf("get", PROG_GET_FD_BY_ID, struct.pack("=I", identity))
            descriptors += [descriptor]
    except SyscallError:
        for descriptor in descriptors:
            os.close(descriptor)
        raise
    return descriptors


def _bpf(verb: str, command: int, attribute: bytes) -> int:
    buffer = native.create_string_buffer(attribute, ATTRIBUTE_SIZE)
    return syscall(f"bpf {verb}", _number(), command, address(buffer), ATTRIBUTE_SIZE)


def _verifier_log(attribute: bytes) -> str:
    """Load once more with a log, which makes loading slow and is therefore not done at first."""
    log = native.create_string_buffer(b"", LOG_SIZE)
    with_log = attribute + struct.pack("=IIQ", 1, LOG_SIZE, address(log))
    try:
        os.close(_bpf("load", PROG_LOAD, with_log))
    except SyscallError:
        text = log.value.decode(errors="replace").strip()
        return "\n".join(text.splitlines()[-5:])
    return "loaded at the second attempt"


def _number() -> int:
    number = NUMBERS.get(machine())
    if number is None:
        raise Unsupported(f"bpf isn't known for the architecture `{machine()}`")
    return number
